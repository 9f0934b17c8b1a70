"""Answers that are errors.

Sources: docs error-codes.md and _includes/system-errors.md, php modules/rest/lib/restexception.php,
modules/rest/lib/apauth/auth.php (credentials and scopes), modules/rest/lib/oauthexception.php (their status, 401).
"""

from __future__ import annotations

INVALID_ARGUMENT = "INVALID_ARG_VALUE"
CORE = "ERROR_CORE"
MISSING = "ERROR_NOT_FOUND"
ZERO = "0"
"""What the controllers put where an error has no code of its own."""
BINDER = "100"
"""What the controllers answer for parameters that do not fit."""
SCOPE = "insufficient_scope"
NO_CODE = ""
"""What the classic methods put where a code belongs."""


_RUSSIAN = {
    "Access denied": "Доступ запрещен",
    "Element not found": "Элемент не найден",
    "Smart process not found": "Смарт-процесс не найден",
}


def said_in(language: str, description: str) -> str:
    """Return what a controller says in the portal's language; much is said in English everywhere.

    php: modules/crm/lib/Service/Localization.php - the classic methods do not use it.
    """
    return _RUSSIAN.get(description, description) if language == "ru" else description


class RestError(Exception):
    """An error as the portal answers it: a code, a description, an HTTP status, and the argument that it is about.

    The code is text, as newer servers have it, digits or nothing (php: modules/rest/lib/restexception.php, where
    `$error_code` is a string); older ones answered numbers as well. One that `stays` with the application (php:
    `CMain::ThrowException`) is told in place of every later one of its request.
    """

    def __init__(
        self, code: str, description: str, status: int = 400, *, argument: str | None = None, stays: bool = False
    ) -> None:
        """Keep them; controller errors and classic errors alike answer 400."""
        super().__init__(description)
        self.code = code
        self.description = description
        self.status = status
        self.argument = argument
        self.stays = stays

    def told(self, description: str) -> RestError:
        """Return the same error in other words."""
        return RestError(self.code, description, self.status, argument=self.argument, stays=self.stays)

    def behind(self, older: RestError) -> RestError:
        """Return what is told of this error in a request in which an `older` one stayed.

        php: modules/rest/classes/general/rest.php `processException`; oauthexception.php keeps its own code.
        """
        code = self.code if self.code == SCOPE else older.code
        return RestError(code, older.description, self.status, argument=self.argument)

    def body(self) -> dict[str, str]:
        """Return the JSON body."""
        told = {"error": self.code, "error_description": self.description}
        return told if self.argument is None else told | {"argument": self.argument}


def method_not_found() -> RestError:
    """Return the error for a method that does not exist."""
    return RestError("ERROR_METHOD_NOT_FOUND", "Method not found!", 404)


def not_found(what: str) -> RestError:
    """Return a controller's NOT_FOUND (docs: api-reference/crm/universal/crm-item-get.md; its status is 400)."""
    return RestError("NOT_FOUND", what)


def type_not_supported(name: str = "") -> RestError:
    """Return the error for a type whose items, or whose pipelines, the universal methods do not know.

    Its text is in the portal's language, and names the type where it has a name (php: modules/crm/lib/controller/
    errorcode.php `getEntityTypeNotSupportedError`, docs: crm-category-list.md).
    """
    return RestError("ENTITY_TYPE_NOT_SUPPORTED", f"Entity type `{name}` is not supported")


def access_denied() -> RestError:
    """Return a controller's ACCESS_DENIED (docs: api-reference/crm/universal/crm-item-update.md; its status is 400)."""
    return RestError("ACCESS_DENIED", "Access denied")


def missing_parameter(name: str) -> RestError:
    """Return what the controllers' binder says about an absent parameter."""
    return RestError(BINDER, f"Could not find value for parameter {{{name}}}")


def unmatched_parameter(name: str, value: str, kind: str) -> RestError:
    """Return what the controllers' binder says about a parameter of a wrong type (docs: tasks-task-get.md)."""
    return RestError(
        BINDER, f"Invalid value {{{value}}} to match with parameter {{{name}}}. Should be value of type {kind}."
    )


def invalid_credentials() -> RestError:
    """Return the error for a wrong user or secret in the webhook."""
    return RestError("INVALID_CREDENTIALS", "Invalid request credentials", 401)


def no_auth_found() -> RestError:
    """Return the error for a call that names neither a webhook nor a token."""
    return RestError("NO_AUTH_FOUND", "Wrong authorization data", 401)


def connection_error() -> RestError:
    """Return the error of a portal that cannot ask the authorisation server (php: modules/rest/lib/oauth/auth.php)."""
    return RestError("CONNECTION_ERROR", "Error connecting to authorization server", 401)


def invalid_token() -> RestError:
    """Return the error for a token that the authorisation server does not know (b24pysdk errors/__init__.py)."""
    return RestError("invalid_token", "Unable to get application by token", 401)


def application_not_found() -> RestError:
    """Return the error for the token of an application that is not installed (php: modules/rest/lib/oauth/auth.php)."""
    return RestError("APPLICATION_NOT_FOUND", "Application not found", 401)


def expired_token() -> RestError:
    """Return the error for a token whose hour is over (php: modules/rest/lib/oauth/auth.php)."""
    return RestError("expired_token", "The access token provided has expired", 401)


def insufficient_scope(by: str) -> RestError:
    """Return the error for a method outside the scopes of what identified the caller."""
    return RestError(SCOPE, f"The request requires higher privileges than provided by the {by}", 401)


def query_limit_exceeded() -> RestError:
    """Return the error of the request rate limit."""
    return RestError("QUERY_LIMIT_EXCEEDED", "Too many requests", 503)


def operation_time_limit() -> RestError:
    """Return the error of a method's operating limit."""
    return RestError("OPERATION_TIME_LIMIT", "Method is blocked due to operation time limit.", 429)


def wrong_license(what: str) -> RestError:
    """Return the error for a feature that the plan lacks (php: modules/rest/lib/licenseexception.php)."""
    return RestError("WRONG_LICENSE", f"This feature is not enabled for the current license: {what}", 403)
