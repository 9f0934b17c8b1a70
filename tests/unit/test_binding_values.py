from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.rebinding import CALL, COMPANY, LEAD

from b24syncd.domain.activities import Bound
from b24syncd.domain.binding_states import link_set, relinked, same_links, same_state
from b24syncd.domain.bindings import Binding
from b24syncd.domain.corrections import SetTaskLinks
from b24syncd.domain.entities import EntityRef, EntityType

BINDINGS = st.builds(Binding, st.integers(1, 16**7 - 1), st.integers(1, 10**18 - 1))


@given(BINDINGS)
def test_both_written_forms_come_back(binding: Binding) -> None:
    assert Binding.parse(str(binding)) == binding
    assert Binding.from_short_code(binding.short_code) == binding


@pytest.mark.parametrize(
    ("binding", "text", "code"),
    [
        (Binding(1, 7), "lead:7", "L_7"),
        (Binding(4, 7), "company:7", "CO_7"),
        (Binding(31, 7), "smart_invoice:7", "SI_7"),
        (Binding(128, 6), "type128:6", "T80_6"),
        (Binding(138, 6), "type138:6", "T8a_6"),
    ],
)
def test_how_a_binding_is_written(binding: Binding, text: str, code: str) -> None:
    assert (str(binding), binding.short_code) == (text, code)
    assert Binding.from_short_code(code.replace("a", "A")) == binding
    assert Binding.parse(f" {text.upper()} ") == binding


@pytest.mark.parametrize("text", ["", "company", "company:0", "company:-1", "company:1,5", "type0:3", "firm:3", "4:3"])
def test_what_is_no_item_is_told_with_an_example(text: str) -> None:
    with pytest.raises(
        ValueError, match=r"is not an item; write TYPE:ID with TYPE one of lead, .*, for example company:173"
    ):
        Binding.parse(text)


@pytest.mark.parametrize("code", ["", "7", "X_7", "l_7", "CO7", "CO_0", "CO_x", "T_7", "T0_7", "TZZ_7"])
def test_what_is_no_code(code: str) -> None:
    assert Binding.from_short_code(code) is None


def test_a_binding_to_an_item_of_ours_knows_it() -> None:
    ref = EntityRef(EntityType.COMPANY, 5)
    assert Binding.of(ref) == COMPANY
    assert COMPANY.ref == ref
    assert Binding(128, 6).ref == EntityRef(EntityType("type128"), 6)


def test_links_are_compared_by_what_they_name() -> None:
    assert link_set(("L_1", "T8A_1", "T8a_1", "what")) == {LEAD, Binding(138, 1), "what"}
    assert same_links(("L_1", "T8A_1"), ("T8a_1", "L_1"))
    assert same_links(None, None)
    assert not same_links((), None)
    assert not same_links(None, ())
    assert same_state(Bound((LEAD, COMPANY), ("L_1",)), Bound((COMPANY, LEAD), ("L_1", "L_1")))


def test_the_same_change_of_other_links() -> None:
    change = SetTaskLinks(CALL, "bindings", 77, ("L_1", "C_7"), ("CO_5", "C_7"))
    assert relinked(change, ("C_7", "L_1")) == SetTaskLinks(CALL, "bindings", 77, ("C_7", "L_1"), ("CO_5", "C_7"))
    assert relinked(change, ("L_1", "D_6", "CO_5")) == SetTaskLinks(
        CALL, "bindings", 77, ("L_1", "D_6", "CO_5"), ("D_6", "CO_5")
    )
    assert relinked(change.inverse(), ("CO_5", "what")).after == ("what", "L_1")
