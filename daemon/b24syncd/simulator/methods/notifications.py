"""The methods `im.notify.personal.add`, a notification for one person from the webhook's user, and `im.user.get`.

Sources: docs api-reference/chats/notifications/im-notify-personal-add.md and users/im-user-get.md; php
modules/im/classes/general/im_rest.php `notifyAdd` (anybody may notify anybody; parameters in any case; a `TAG` only
counts for an application, whose name a webhook cannot give: nothing that a webhook sends takes the place of what it
sent before) and `userGet`, modules/im/classes/general/im_messenger.php `Add` (who is not there, or no longer works
there, is answered `false`) and modules/im/classes/general/im_message_param.php `GetAttachByJson`, `GetJSON`.
"""

from __future__ import annotations

import json
from typing import Any

from b24syncd.simulator import php
from b24syncd.simulator.errors import RestError
from b24syncd.simulator.tables.history import Notification

from .calls import Answer, Call, Method
from .users import people

_MOST_OF_AN_ATTACHMENT = 60_000
_NOBODY = RestError("USER_ID_EMPTY", "User ID can't be empty")
_NOTHING = RestError("MESSAGE_EMPTY", "Message can't be empty")
_NO_ATTACHMENT = RestError("ATTACH_ERROR", "Incorrect attach params")
_TOO_LONG = RestError("ATTACH_OVERSIZE", "You have exceeded the maximum allowable size of attach")
_NO_USER = ("ID_EMPTY", "User ID can't be empty")
_UNKNOWN_USER = ("USER_NOT_EXISTS", "User is not exists")
_BLOCKS = ("USER", "LINK", "RICH_LINK", "MESSAGE", "GRID", "IMAGE", "FILE", "DELIMITER")


def _add(call: Call) -> Answer:
    to = php.integer(_given(call, "to", "user_id"))
    if to <= 0:
        raise _NOBODY
    message, outside = _text(call, "message"), _text(call, "message_out")
    if not message:
        raise _NOTHING
    _check_attachment(call.parameter("attach"))
    if str(to) not in {person["ID"] for person in people(call.portal)}:
        return Answer(result=False)
    sent = call.portal.notifications
    sent.append(Notification(len(sent) + 1, to, call.caller.user_id, message, outside, call.portal.clock()))
    return Answer(sent[-1].id)


def _given(call: Call, *names: str) -> Any:  # noqa: ANN401 - whatever was sent
    return next((value for name in names if (value := call.parameter(name)) is not None), None)


def _text(call: Call, name: str) -> str:
    """php: what is no text, such as a number in JSON, is none."""
    value = call.parameter(name)
    return value.strip() if isinstance(value, str) else ""


def _check_attachment(sent: object) -> None:
    """Refuse an attachment without a block that is known, and one that is too long."""
    read = sent
    if isinstance(sent, str):
        try:
            read = php.array(json.loads(sent))
        except ValueError:
            read = None
    if not php.truthy(sent):
        return
    blocks = read.get("BLOCKS", read) if isinstance(read, dict) else {}
    known = [one for one in blocks.values() if isinstance(one, dict) and not one.keys().isdisjoint(_BLOCKS)]
    if not known:
        raise _NO_ATTACHMENT
    if len(json.dumps(read, ensure_ascii=False)) >= _MOST_OF_AN_ATTACHMENT:
        raise _TOO_LONG


def _user(call: Call) -> Answer:
    portal, sent = call.portal, call.parameter("id")
    number = portal.options.user_id if sent is None else php.integer(sent)
    if number <= 0:
        raise RestError(*_NO_USER)
    person = next((one for one in people(portal) if one["ID"] == str(number)), None)
    if person is None:
        raise RestError(*_UNKNOWN_USER)
    name = {"first_name": person["NAME"], "last_name": person["LAST_NAME"]}
    return Answer({"id": number, "active": True, "name": " ".join(name.values()), **name, "bot": False})


METHODS = {
    "im.notify.personal.add": Method(("im",), _add),
    "im.user.get": Method(("im",), _user),
}
