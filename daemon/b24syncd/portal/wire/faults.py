"""What an error of the portal means for the caller (docs: _includes/system-errors.md, limits.md).

Codes come in upper and lower case, as numbers, or empty. What is not known to be passing ends its command; whether it
tells anything of what the command was about is another matter (`is_final`).
"""

from __future__ import annotations

from enum import Enum, auto

from b24syncd.errors import CredentialsRefused, PortalBlocked, Rejected, RetryLater

_SCOPE = "INSUFFICIENT_SCOPE"
_WRONG_CALLER = "WRONG_AUTH_TYPE"
_EXPIRED = "EXPIRED_TOKEN"
_UNJUDGED = "CONNECTION_ERROR"
_UNKNOWN_TOKENS = frozenset({"INVALID_TOKEN", "NO_AUTH_FOUND"})
_CREDENTIALS = frozenset(
    {
        "NO_AUTH_FOUND",
        "INVALID_CREDENTIALS",
        _SCOPE,
        "USER_ACCESS_ERROR",
        _EXPIRED,
        "INVALID_TOKEN",
        "APPLICATION_NOT_FOUND",
        "AUTHORIZATION_ERROR",
        _WRONG_CALLER,
        "INVALID_GRANT",
        "INVALID_CLIENT",
        "ALLOWED_ONLY_INTRANET_USER",
    }
)
_ONLY_OF_APPLICATIONS = frozenset({_EXPIRED, "INVALID_TOKEN", "APPLICATION_NOT_FOUND", "USER_ACCESS_ERROR"})
"""What the portal never answers to a webhook (php: modules/rest/lib/oauth/auth.php)."""
_BLOCKED = {
    "OVERLOAD_LIMIT": "the portal has blocked its REST API because of overload; Bitrix24's support can lift the block",
    "PORTAL_DELETED": "the portal was deleted or is closed",
    "PAYMENT_REQUIRED": "the portal's plan is not paid for",
    "INVALID_REQUEST": "the portal accepts webhooks over https:// only",
}
_OF_THE_PLAN = ("commercial plan", "by subscription")
"""What a plain ACCESS_DENIED says when the plan has no REST: it is available only on commercial plans, and lately to
webhooks only by subscription (php: modules/rest/lib/apauth/auth.php, docs: _includes/system-errors.md)."""

_UNCERTAIN = frozenset({"INTERNAL_SERVER_ERROR", "INTERNAL_ERROR", "ERROR_UNEXPECTED_ANSWER", "WRONG_ENCODING"})

_SAYS_NOTHING = frozenset({"", "0", "ERROR_CORE"})
"""What the portal puts where an error has no code of its own, be it a refusal or an accident."""

_NO_TYPE = "ENTITY_TYPE_NOT_SUPPORTED"
_FINAL = frozenset(
    {
        "ACCESS_DENIED",
        "OWNER_NOT_FOUND",
        "NOT_FOUND",
        "ERROR_NOT_FOUND",
        _NO_TYPE,
        "ACTIVITY_IS_ALREADY_BOUND",
        "BINDING_NOT_FOUND",
        "LAST_BINDING_CANNOT_BE_DELETED",
        "SOURCE_AND_TARGET_ENTITY_TYPES_ARE_NOT_EQUAL_ERROR",
        "SOURCE_AND_TARGET_ENTITY_ID_ARE_EQUAL_ERROR",
        "INVALID_ARG_VALUE",
        "UPDATE_DYNAMIC_ITEM_RESTRICTED",  # by the plan (docs: crm-item-update.md)
        "CRM_ITEM_UPDATE_ACCESS_DENIED",  # of what it would be (php: modules/crm/lib/Service/Operation/Update.php)
        "ERROR_METHOD_NOT_FOUND",
        "ERROR_BATCH_METHOD_NOT_ALLOWED",
    }
)
_GONE = frozenset({"NOT_FOUND", "ERROR_NOT_FOUND"})
_OF_A_FIELD = "CRM_FIELD_ERROR"
"""Begins the codes of values that a field refuses, or wants (docs: api-reference/crm/universal/crm-item-update.md)."""

_TOO_MANY_STATUS = 429
_SERVER_ERROR_STATUS = 500
_AUTH_STATUSES = frozenset({401})


_OF_APPLICATIONS = "event."
_OF_OTHER_SCOPES = ("tasks.", "sale.", "im.", "user.")


class Reaction(Enum):
    """What follows from an error."""

    REFUSED = auto()
    """Final for this command; nothing was done."""
    TOO_FAST = auto()
    """Not executed: the request limit."""
    TOO_MUCH = auto()
    """Not executed: the operating limit of the method."""
    UNCERTAIN = auto()
    """It may or may not have been executed."""


def react_to_command(code: str) -> Reaction:
    """Return what an error of one command inside a batch means."""
    code = code.upper()
    if code == "QUERY_LIMIT_EXCEEDED":
        return Reaction.TOO_FAST
    if code == "OPERATION_TIME_LIMIT":
        return Reaction.TOO_MUCH
    return Reaction.UNCERTAIN if code in _UNCERTAIN else Reaction.REFUSED


def says_nothing(code: str) -> bool:
    """Tell whether a code is none, so that a reading is worth another try."""
    return code.upper() in _SAYS_NOTHING


def is_told_by_text(description: str) -> bool:
    """Tell whether an error without a code gives a reason all the same: that of the classic methods, always in English.

    Php: modules/crm/classes/general/restservice.php `innerGet`, `innerUpdate`.
    """
    told = description.lower().rstrip(". ")
    return told == "access denied" or told.endswith("not found")


def is_of_credentials(code: str) -> bool:
    """Tell whether what lets us in is refused, before the method is looked at: no other item fares better."""
    return code.upper() in _CREDENTIALS


def is_expired(code: str) -> bool:
    """Tell whether an access token is refused for its age (php: modules/rest/lib/oauth/auth.php)."""
    return code.upper() == _EXPIRED


def is_unknown_token(code: str) -> bool:
    """Tell whether an access token is none that the portal, or the authorisation server, knows (docs: error-codes.md).

    So it is where its age is not told any more, or the application was installed anew; the refresh token may count.
    """
    return code.upper() in _UNKNOWN_TOKENS


def is_unjudged(code: str) -> bool:
    """Tell whether the portal could not ask the authorisation server about a token: it says nothing against it.

    It asks once for each token, before the method is looked at (php: modules/rest/lib/oauth/auth.php `check`).
    """
    return code.upper() == _UNJUDGED


def lacks_own_scope(code: str, method: str) -> bool:
    """Tell whether a method is refused for want of a scope that is not that of the CRM: all other work goes on.

    So it does where a webhook asks for events, which only applications may (php: modules/rest/lib/api/event.php).
    Each command of a batch is checked by itself, and a batch needs no scope (php: modules/rest/classes/general/rest.php
    `checkAuth`, lib/apauth/auth.php).
    """
    if code.upper() == _WRONG_CALLER:
        return method.startswith(_OF_APPLICATIONS)
    return code.upper() == _SCOPE and method.startswith(_OF_OTHER_SCOPES)


def is_denied(code: str, description: str) -> bool:
    """Tell whether the portal refuses for want of rights; the classic methods say so without a code."""
    name = code.upper()
    return name == "ACCESS_DENIED" or (says_nothing(code) and description.lower().startswith("access denied"))


def is_gone(code: str) -> bool:
    """Tell whether a refusal means that the item does not exist (php: modules/crm/lib/controller/item.php)."""
    return code.upper() in _GONE


def is_of_no_type(code: str) -> bool:
    """Tell whether a list is refused because the portal has no such type: never there, deleted, or not supported.

    Leads and invoices that were only switched off in the portal's settings answer as ever (php:
    modules/crm/lib/controller/item.php `getFactory`, modules/crm/lib/settings/leadsettings.php `isEnabled`).
    """
    return is_gone(code) or code.upper() == _NO_TYPE


def is_final(code: str) -> bool:
    """Tell whether a code is documented to be about what the command asked for, and not about the portal's state.

    Others may be of a moment, or of another command of the batch: the errors of `CCrmActivity` are static, and a
    failed update leaves its own to every later `crm.activity.binding.*` of the request (php:
    modules/crm/lib/controller/activity/binding.php `getExistingBindings`, classes/general/crm_activity.php).
    """
    name = code.upper()
    return name in _FINAL or name in _CREDENTIALS or name.startswith(_OF_A_FIELD)


def raise_if_undocumented(rejected: Rejected) -> None:
    """Raise `RetryLater` for a code that no document knows: it tells neither of rights nor of the configuration."""
    if not is_final(rejected.code) and not says_nothing(rejected.code):
        message = f"the portal gives no known reason for its refusal ({rejected}); it may be of the moment"
        raise RetryLater(message)


def react_to_request(status: int, code: str, description: str, called: str = "webhook") -> Reaction:
    """Return what the error of a whole request means; raise when no request can succeed by what is `called` so."""
    name = code.upper()
    if name in _BLOCKED:
        raise PortalBlocked(_BLOCKED[name])
    if name == "ACCESS_DENIED" and any(words in description.lower() for words in _OF_THE_PLAN):
        message = "the portal's plan does not include the REST API"
        raise PortalBlocked(message)
    if name in _CREDENTIALS or status in _AUTH_STATUSES:
        raise credentials_refused(code, description, called)
    reaction = react_to_command(code)
    if reaction is not Reaction.REFUSED:
        return reaction
    if status == _TOO_MANY_STATUS:
        return Reaction.TOO_FAST
    return Reaction.UNCERTAIN if status >= _SERVER_ERROR_STATUS else Reaction.REFUSED


def credentials_refused(code: str, description: str, called: str) -> CredentialsRefused:
    """Return what to raise for such an error of a webhook or an application, as it is called."""
    said = f"{code}: {description}" if description else code or "HTTP 401"
    if code.upper() == _SCOPE:
        told = f"the {called} lacks a permission ({said}); grant it in the portal under Developer resources"
    elif called == "application" or code.upper() in _ONLY_OF_APPLICATIONS:
        told = (
            f"the portal refused the application ({said}); check that it is installed and open to its user, then call "
            "`b24syncd auth login`"
        )
    else:
        told = f"the portal refused the webhook ({said}); check that it exists, is active and belongs to this portal"
    return CredentialsRefused(told)
