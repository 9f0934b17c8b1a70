"""`to` of a rule of the job `bindings`: how it is written, and where each type of item can lead."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from b24syncd.domain.entities import EntityType
from b24syncd.domain.rules import LinkedItem, LinkField, SharedContactPoint

from .sections import refuse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from b24syncd.domain.rules import Destination

# docs: api-reference/crm/deals/user-defined-fields/crm-deal-userfield-add.md, "FIELD_NAME"
_FIELD_NAME: Final = re.compile(r"UF_CRM_[A-Z0-9_]{1,43}", re.ASCII)
_SHARING: Final = {entity_type.value: entity_type for entity_type in (EntityType.COMPANY, EntityType.CONTACT)}
_FORMS: Final = 'write "deal", "contact", "company", "field:UF_CRM_…" or "same_contact_point:company"'

LINKS: Final[Mapping[EntityType, tuple[EntityType, ...]]] = {
    EntityType.LEAD: (EntityType.DEAL, EntityType.CONTACT, EntityType.COMPANY),
    EntityType.DEAL: (EntityType.CONTACT, EntityType.COMPANY),
    EntityType.CONTACT: (EntityType.COMPANY,),
    EntityType.COMPANY: (),
}
"""What items of each type can be converted into or linked with."""

_LINKED: Final = {entity_type.value: entity_type for entity_type in LINKS}


def parse_destination(text: str) -> Destination:
    """Return where `to` leads; raise pydantic's error for what it cannot mean."""
    kind, colon, name = text.partition(":")
    if colon and kind == "field":
        if _FIELD_NAME.fullmatch(name) is None:
            refuse("this is no custom field", 'write its name in capital letters, for example "field:UF_CRM_CARD"')
        return LinkField(name)
    if colon and kind == "same_contact_point":
        if name not in _SHARING:
            refuse(
                "a contact point is shared with a company or a contact", f'write "{kind}:company" or "{kind}:contact"'
            )
        return SharedContactPoint(_SHARING[name])
    if text not in _LINKED:
        refuse("this is no target", _FORMS)
    return LinkedItem(_LINKED[text])


def impossible(source: EntityType, target: Destination) -> tuple[str, str] | None:
    """Return why no item of this type leads there, and what to do about it; None where items do."""
    match target:
        case SharedContactPoint() if source is EntityType.DEAL:
            return "a deal has no phones or e-mails of its own to share", _cure(source)
        case SharedContactPoint(type=shared) if shared is source:
            message = "the target is the source: of two that share a contact point, each would send to the other"
            return message, "name the pairs in a list: b24syncd rebind --map FILE"
        case LinkedItem(type=linked) if linked is source:
            return "the target is the source", _cure(source)
        case LinkedItem(type=linked) if linked not in LINKS[source]:
            return f"a {source.value} has no link to a {linked.value}", _cure(source)
        case _:
            return None


def _cure(source: EntityType) -> str:
    possible = [entity_type.value for entity_type in LINKS[source]]
    if not possible:
        return f'from a {source.value} write "field:UF_CRM_…" or "same_contact_point:contact"'
    return f'from a {source.value} write {", ".join(possible)}, or "field:UF_CRM_…"'
