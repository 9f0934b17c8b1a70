"""The zone of the webhook's user: where the portal's methods take it into account, and where they do not.

In the database lie times of the server's wall. Sources: php modules/main/classes/general/time.php `GetOffset` (how far
the user is ahead of the server, at present or at some time; a webhook sends no cookie, so a user without a zone has the
server's), database.php `CharToDateFunction` (a text in a filter is the user's time of the present offset), `DateToChar`
(which the classic lists undo: crm/classes/general/restservice.php passes the flag of `unConvertDateTime`),
modules/main/lib/type/datetime.php `toString` (the offset of the time itself) and modules/rest/classes/general/
rest_util.php `ConvertDateTime` (which takes away that of the present), modules/sale/lib/rest/entity/base.php
`externalizeFields` (the user's time is read as if it were the server's).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from .fields import Field, FieldType

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import tzinfo

    from .values import Value


@dataclass(frozen=True, slots=True)
class UserZone:
    """How times of one server pass through the hands of a user in a `zone`; None is the server's."""

    server: tzinfo
    zone: tzinfo | None
    clock: Callable[[], float]

    def ahead(self, second: float | None = None) -> int:
        """Return the seconds by which the user's wall is ahead of the server's, at present or at some time."""
        if self.zone is None:
            return 0
        moment = datetime.fromtimestamp(self.clock() if second is None else second, UTC)
        users, servers = (moment.astimezone(zone).utcoffset() or timedelta() for zone in (self.zone, self.server))
        return int((users - servers).total_seconds())

    def of_text(self, second: int) -> int:
        """Return what a list compares with that hands over the server's time where the user's is expected.

        php: modules/crm/lib/controller/base.php `prepareDateTimeFieldsForFilter`.
        """
        return self._moved(second, -self.ahead())

    def of_object(self, second: int) -> int:
        """Return what a list compares with that makes an object of it first: only the season may differ.

        php: modules/main/classes/general/sqlwhere.php `addDateFilter`.
        """
        return self._moved(second, self.ahead(second) - self.ahead())

    def told(self, field: Field, value: Value) -> Value:
        """Return a time as the controllers tell it: one of another season may be off by what the clocks were set.

        Custom fields are told as they are (php: main/classes/general/usertypemanager.php `getEntityField`: without the
        setting USE_TIMEZONE, which none has that is made by the REST API).
        """
        if field.custom:
            return value
        return _each(field, value, lambda second: self._moved(second, self.ahead(second) - self.ahead()))

    def told_by_shop(self, field: Field, value: Value) -> Value:
        """Return a time as the shop tells it: the user's wall with the server's offset."""

        def told(second: int) -> int:
            users = self._moved(second, self.ahead(second))
            return self._moved(users, self.ahead(users) - self.ahead())

        return _each(field, value, told)

    def _moved(self, second: int, seconds: int) -> int:
        """Return a time moved on the server's wall, as the database reckons."""
        if not seconds:
            return second
        wall = datetime.fromtimestamp(second, self.server).replace(tzinfo=None) + timedelta(seconds=seconds)
        moved = int(wall.replace(tzinfo=self.server).timestamp())
        if datetime.fromtimestamp(moved, self.server).replace(tzinfo=None) == wall:
            return moved
        # the wall never shows it, for its clock is set forward: the database compares it like that moment
        low, high = int(wall.replace(tzinfo=self.server, fold=1).timestamp()), moved
        before = datetime.fromtimestamp(low, self.server).utcoffset()
        while high - low > 1:
            middle = (low + high) // 2
            is_before = datetime.fromtimestamp(middle, self.server).utcoffset() == before
            low, high = (middle, high) if is_before else (low, middle)
        return high


def _each(field: Field, value: Value, told: Callable[[int], int]) -> Value:
    if field.type is not FieldType.DATETIME or value is None:
        return value
    if field.multiple:
        return "\n".join(str(told(int(one))) for one in str(value).split("\n"))
    return told(int(value))
