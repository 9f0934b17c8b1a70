"""ReadBack: answers that do not tell what was done, and refusals that do not tell why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24syncd.domain.corrections import units_of
from b24syncd.domain.judging import Verdict
from b24syncd.errors import Rejected
from b24syncd.portal.wire.commands import Refused, Unknown
from b24syncd.portal.wire.faults import is_gone, is_of_credentials
from b24syncd.portal.words.universal import UniversalWords
from b24syncd.portal.writes import NotApplicable, Read, RefusedBeside, Written

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from b24syncd.domain.corrections import Correction
    from b24syncd.domain.entities import EntityRef
    from b24syncd.domain.states import AnySnapshot
    from b24syncd.engine.context import RunContext
    from b24syncd.engine.updates import SentBatch, Update
    from b24syncd.portal.wire.commands import Priority
    from b24syncd.portal.writes import WriteOutcome

    from .failures import Failures
    from .hindrances import Hindrances

_ACCESS_DENIED = "ACCESS_DENIED"
_OWNER_NOT_FOUND = "OWNER_NOT_FOUND"


class ReadBack:
    """Tells which answers have to be looked into, for one run."""

    def __init__(self, run: RunContext, failures: Failures, hindrances: Hindrances) -> None:
        """Judge as the kind of `run` does; suspects are noted in `failures`, what explains a refusal is learnt."""
        self._run = run
        self._failures = failures
        self._hindrances = hindrances

    def is_doubtful(self, update: Update, outcome: WriteOutcome) -> bool:
        """Tell whether only reading shows what was written: answers may be incomplete, errors come after the effect."""
        if isinstance(outcome, Written):
            return not self._run.kind.judge.is_effective(update.corrections, outcome.after.state)
        if isinstance(outcome, RefusedBeside):
            return True
        if isinstance(outcome, Refused):
            is_certain = (
                is_gone(outcome.code) or is_of_credentials(outcome.code) or self._precedes_effect(update, outcome)
            )
            return not is_certain
        return isinstance(outcome, NotApplicable)

    def _precedes_effect(self, update: Update, refused: Refused) -> bool:
        """Tell whether a refusal comes before any effect (php: modules/crm/lib/controller/{item,activity/binding}.php).

        The classic methods deny access to what is gone as well.
        """
        code = refused.code.upper()
        looks_first = isinstance(self._run.kind.vocabulary.of(update.ref.type), UniversalWords)
        return code == _OWNER_NOT_FOUND or (code == _ACCESS_DENIED and looks_first)

    def shows(self, update: Update, now: AnySnapshot) -> bool:
        """Tell whether an item shows now what was to be written."""
        verdicts = self._run.kind.judge.verdicts(update.snapshot.state, update.corrections, now.state)
        return all(verdict is Verdict.DONE for verdict, _ in verdicts)

    def made(self, update: Update, now: AnySnapshot) -> tuple[Correction, ...]:
        """Return what of a failed update shows now, and did not before.

        Fields are saved first, and contact points after them: an error may be told of these only
        (php: modules/crm/lib/item.php `save`).
        """
        base, visible = update.snapshot.state, self._run.kind.judge.visible
        before = visible(base, update.corrections, base)
        return tuple(each for each in visible(base, update.corrections, now.state) if each not in before)

    def parted(self, update: Update, after: AnySnapshot) -> tuple[tuple[Correction, ...], tuple[Correction, ...]]:
        """Return what of an executed update the item shows, and what it does not."""
        shows = self._run.kind.judge.is_effective
        if shows(update.corrections, after.state):
            return update.corrections, ()
        shown = tuple(each for each in update.corrections if shows((each,), after.state))
        return shown, tuple(each for each in update.corrections if each not in shown)

    async def read(
        self, doubtful: Sequence[tuple[Update, WriteOutcome]], priority: Priority
    ) -> tuple[list[tuple[Update, WriteOutcome]], Mapping[EntityRef, AnySnapshot]]:
        """Read doubtful items back; one that is not shown now is judged later, like a lost answer."""
        try:
            read = await self._run.kind.subjects.read({update.ref for update, _ in doubtful}, priority=priority)
        except Rejected as error:
            read = Read({}, {update.ref: error for update, _ in doubtful})
        return [(update, _known_now(update, outcome, read)) for update, outcome in doubtful], read.found

    def unproved(
        self,
        batch: SentBatch,
        answers: Sequence[tuple[Update, WriteOutcome]],
        read_back: Mapping[EntityRef, AnySnapshot],
    ) -> set[EntityRef]:
        """Return whose refusal proves nothing: what is gone, or done in spite of it, is known.

        One of the second family of methods never does.
        """
        beside = {
            update.ref
            for update, outcome in answers
            if isinstance(outcome, RefusedBeside)
            and (now := read_back.get(update.ref)) is not None
            and not self.shows(update, now)
        }
        refused = [
            (update, outcome)
            for update, outcome in answers
            if isinstance(outcome, Refused)
            and not isinstance(outcome, RefusedBeside)
            and (now := read_back.get(update.ref)) is not None
            and not self.shows(update, now)
            and not (now.state == update.snapshot.state and self._hindrances.explains(update, outcome))
        ]
        alone = len(batch.updates) == 1
        doubted = self._failures.doubted([(update.ref, outcome) for update, outcome in refused], alone=alone)
        for update, outcome in refused:
            if update.ref not in doubted and len(units_of(update.corrections)) == 1:  # of several one may be why
                self._hindrances.learn(update, outcome)
        return doubted | beside


def _known_now(update: Update, outcome: WriteOutcome, read: Read) -> WriteOutcome:
    """Return what became of a write, after its item was looked for: what is gone was not denied."""
    rejected = read.refused.get(update.ref)
    if isinstance(outcome, Refused) and outcome.code.upper() == _ACCESS_DENIED:
        if rejected is not None:
            return Refused(rejected.code, rejected.description)
        return outcome if update.ref in read.found else Refused("NOT_FOUND", outcome.description)
    return outcome if rejected is None else Unknown(str(rejected))
