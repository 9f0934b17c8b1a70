"""Names of time zones, as they are written in the configuration."""

from __future__ import annotations

from difflib import get_close_matches
from zoneinfo import available_timezones

from .sections import refuse


def zone_name(name: str) -> str:
    """Return the name of a zone as the database of zones spells it; an empty one stays so."""
    name = name.strip()
    if not name:
        return name
    names = available_timezones()
    spelt = next((one for one in names if one.casefold() == name.casefold()), None)
    if spelt is None:
        near = get_close_matches(name, names, n=1)
        cure = f'; did you mean "{near[0]}"?' if near else ' such as "Europe/Berlin"'
        refuse("this is no time zone", f"write an IANA name{cure}")
    if spelt != name:
        refuse("this is no time zone", f'did you mean "{spelt}"?')
    return name
