"""Who calls: a webhook's user, or an application in the name of the user who authorised it, by an access token.

Sources: php modules/rest/lib/oauth/auth.php (`getAuthKey`: the header `Authorization: Bearer` goes before the
parameters `auth` and `access_token`; the order of `onRestCheckAuth`'s refusals), modules/rest/lib/apauth/auth.php,
modules/rest/classes/general/rest.php `checkAuth` (what identified the caller is no parameter of the method).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from b24syncd.simulator import php
from b24syncd.simulator.errors import (
    RestError,
    application_not_found,
    connection_error,
    expired_token,
    insufficient_scope,
    invalid_credentials,
    invalid_token,
    no_auth_found,
    wrong_license,
)
from b24syncd.simulator.tables.offline_events import CONNECTOR

if TYPE_CHECKING:
    from b24syncd.simulator.tables.state import PortalState

_BEARER = re.compile(r"Bearer\s+", re.IGNORECASE)
_TOKENS = ("auth", "access_token")
_CONNECTOR = "auth_connector"


@dataclass(frozen=True, slots=True)
class Caller:
    """By whom a call comes: a user, through an application with this client id or, with None, through a webhook.

    `scopes` are what it may call, and `counted_as` is whom operating time is counted for. `connector` is what the
    caller gave as `auth_connector`, which only an application can (php: modules/rest/lib/oauth/auth.php).
    """

    user_id: int
    application: str | None
    scopes: tuple[str, ...]
    counted_as: str
    connector: str | None = None

    def out_of_scope(self) -> RestError:
        """Return the error for a method outside of the scopes."""
        return insufficient_scope("webhook token" if self.application is None else "access token")


def of_webhook(portal: PortalState) -> Caller:
    """Return the caller that the portal's webhook stands for."""
    options = portal.options
    return Caller(options.user_id, None, tuple(portal.access.scopes), options.secret)


def by_webhook(portal: PortalState, user: str, secret: str, parameters: php.Array) -> Caller:
    """Return who calls an address with a user and a secret; raise what the portal answers to others.

    Where the webhook passes for an application, it is one in all but its tokens.
    """
    options = portal.options
    if portal.access.revoked or (user, secret) != (str(options.user_id), options.secret):
        raise invalid_credentials()
    caller = of_webhook(portal)
    if not options.webhook_is_application:
        return caller
    return _connected(portal, replace(caller, application="simulated.application"), parameters)


def by_token(portal: PortalState, authorization: str | None, parameters: php.Array) -> Caller:
    """Return who calls with an access token, and take it out of the parameters; raise what the portal answers."""
    token = _token(authorization, parameters)
    if not token:
        raise no_auth_found()
    caller = _known(portal, token)
    for name in _TOKENS:
        parameters.pop(name, None)
    return _connected(portal, caller, parameters)


def _connected(portal: PortalState, caller: Caller, parameters: php.Array) -> Caller:
    """Return an application's call with its connector; php: rest.php `checkAuth`, the plan may know none."""
    if _CONNECTOR not in parameters:
        return caller
    if CONNECTOR in portal.offline_events.without:
        raise wrong_license(_CONNECTOR)
    return replace(caller, connector=php.string(parameters.pop(_CONNECTOR)))


def _token(authorization: str | None, parameters: php.Array) -> str | None:
    if authorization is not None and (found := _BEARER.match(authorization)):
        return authorization[found.end() :]
    given = (parameters[name] for name in _TOKENS if name in parameters and not isinstance(parameters[name], dict))
    return next((php.string(value) for value in given), None)


def _known(portal: PortalState, token: str) -> Caller:
    if portal.applications.unjudged:
        portal.applications.unjudged -= 1
        raise connection_error()
    access = portal.applications.tokens.get(token)
    if access is None:
        raise invalid_token()
    if access.client_id not in portal.applications.installed:
        raise application_not_found()
    if access.expires <= portal.clock():
        raise expired_token()
    return Caller(access.user_id, access.client_id, access.scopes, access.client_id)
