"""What is waited for, in the words of pages."""

from __future__ import annotations

from typing import Final

from b24syncd.web.console.language import gettext as _
from b24syncd.web.console.language import marked

_WHOLE: Final = {
    "changes": marked("changes at the portal"),
    "commands": marked("somebody to ask for something"),
    "request limit": marked("the portal's request limit"),
    "the first answers": marked("the portal's first answers"),
    "lost answers, to be judged": marked("what became of requests that were not answered"),
}
_BEGINNINGS: Final = {
    "operating time of ": marked("the operating time of %(what)s"),
    "the portal (": marked("the portal: %(what)s"),
    "a person (": marked("a person who looks at it: %(what)s"),
}


def waited_for(what: str) -> str:
    """Return what is waited for as people read it; as it is where it is not known."""
    if what in _WHOLE:
        return _(_WHOLE[what])
    for beginning, told in _BEGINNINGS.items():
        if what.startswith(beginning):
            rest = what.removeprefix(beginning)
            return _(told) % {"what": rest.removesuffix(")") if beginning.endswith("(") else rest}
    return what
