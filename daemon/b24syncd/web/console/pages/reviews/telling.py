"""What became of decisions, in words for the people who made them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from b24syncd.domain.decisions import Kept
from b24syncd.web.console.decision_board import Became
from b24syncd.web.console.language import gettext as _
from b24syncd.web.console.language import marked
from b24syncd.web.console.sentences.telling import told

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from b24syncd.web.console.decision_board import Told

CHANGED: Final = marked("There is another value or suggestion by now: load the page again.")
"""What is told of a decision about what does not stand there any more."""

_BECAME: Final[Mapping[Became, tuple[str, str]]] = {
    Became.WRITING: (marked("is being written …"), marked("%(name)s decided; it is being written …")),
    Became.WRITTEN: (marked("Written."), marked("Written, as %(name)s decided.")),
    Became.DISMISSED: (marked("Dismissed."), marked("Dismissed by %(name)s.")),
    Became.REOPENED: (marked("Open again."), marked("Opened again by %(name)s.")),
    Became.RELEASED: (marked("Will be corrected again."), marked("Released by %(name)s.")),
    Became.OVER: (marked("Is not open any more."), marked("Is not open any more.")),
    Became.CHANGED: (CHANGED, CHANGED),
}
"""What is told of one's own decision, and of somebody else's."""

LEFT: Final[Mapping[Kept, str]] = {
    Kept.CHANGED: marked("Not written: another value stands there by now."),
    Kept.GONE: marked("Not written: the entry or the card is gone."),
    Kept.STALE: marked("Not written: by today's rules the value is read otherwise."),
    Kept.EXCLUDED: marked("Not written: the card is excluded."),
    Kept.NOT_CONFIGURED: marked("Not written: the job is off, or not for cards of this type."),
    Kept.REFUSED: marked("Not written: the portal refused it, or does not show the card."),
    Kept.NOT_WRITTEN: marked("Not written: it was cut short. The review is open as before."),
}


@dataclass(frozen=True, slots=True)
class Decided:
    """What a page tells of a decision; it `stands` unless the review is open as before."""

    number: int
    review_id: int
    became: str
    text: str
    stands: bool
    is_over: bool

    def to_json(self) -> dict[str, object]:
        """Return it for the scripts of pages."""
        return asdict(self)


def decided(told: Iterable[Told], name: str) -> list[Decided]:
    """Return what is told of decisions to the person of this name."""
    return [
        Decided(
            one.number,
            one.review_id,
            one.became.value,
            _text(one, name),
            stands=one.became not in {Became.LEFT, Became.FAILED, Became.REOPENED, Became.CHANGED},
            is_over=one.became is not Became.WRITING,
        )
        for one in told
    ]


def _text(one: Told, name: str) -> str:
    match one.became:
        case Became.LEFT:
            return _(LEFT[Kept(one.why)]) if one.why in set(Kept) else told(one.why)
        case Became.FAILED:
            return _("Not written: %(why)s") % {"why": told(one.why)}
    own, others = _BECAME[one.became]
    return _(own) if one.by == name or "%" not in others else _(others) % {"name": one.by}
