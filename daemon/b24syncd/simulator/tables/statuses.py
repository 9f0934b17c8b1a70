"""The reference lists of the CRM: stages, sources, types.

Sources: php modules/crm/classes/general/crm_status.php `GetEntityTypes`, `Add`, `Update`, `GetList`,
`getDynamicEntityStatusPrefix`, lib/Service/Scenario/DefaultStages.php (the stages of a new smart process).
"""

from __future__ import annotations

from dataclasses import dataclass

from .fields import DEAL, LEAD, SMART_INVOICE

_SYSTEM = (
    "NEW SUCCESS FAIL N P D CONVERTED JUNK WON LOSE CALL EMAIL WEB CLIENT SUPPLIER CUSTOMER OTHER SALE DRAFT APPROVED"
)
_LISTS = """
STATUS: NEW Unassigned, IN_PROCESS In progress, PROCESSED Processed, CONVERTED Good lead/S, JUNK Junk/F
SOURCE: CALL Call, EMAIL E-mail, WEB Website, ADVERTISING Advertising, PARTNER Existing client, OTHER Other
CONTACT_TYPE: CLIENT Client, SUPPLIER Supplier, PARTNER Partner, OTHER Other
COMPANY_TYPE: CUSTOMER Client, SUPPLIER Supplier, COMPETITOR Competitor, PARTNER Partner, OTHER Other
EMPLOYEES: EMPLOYEES_1 fewer than 50, EMPLOYEES_2 50-250, EMPLOYEES_3 250-500, EMPLOYEES_4 over 500
INDUSTRY: IT Information technology, TELECOM Telecommunication, MANUFACTURING Manufacturing, OTHER Other
DEAL_TYPE: SALE Sales, COMPLEX Integrated sales, GOODS Goods, SERVICES Services, SERVICE Service
DEAL_STAGE: NEW New, PREPARATION Prepare documents, EXECUTING In progress, WON Deal won/S, LOSE Deal lost/F
QUOTE_STATUS: DRAFT Draft, SENT Sent, APPROVED Approved/S, DECLAINED Declined/F
HONORIFIC: HNR_RU_1 Mr., HNR_RU_2 Mrs.
CALL_LIST: IN_WORK In work, SUCCESS Success, WRONG_NUMBER Wrong number
"""
_SMART_STAGES = "NEW Start, PREPARATION Preparation, CLIENT Agreement, SUCCESS Success/S, FAIL Failed/F"
_INVOICE_STAGES = "N New, S Sent to customer, P Paid/S, D Unpaid/F"
_NAMES = {
    "STATUS": "Lead statuses",
    "SOURCE": "Sources",
    "CONTACT_TYPE": "Contact types",
    "COMPANY_TYPE": "Company types",
    "EMPLOYEES": "Employees",
    "INDUSTRY": "Industries",
    "DEAL_TYPE": "Deal types",
    "DEAL_STAGE": "Deal stages",
    "QUOTE_STATUS": "Quote statuses",
    "HONORIFIC": "Salutations",
    "CALL_LIST": "Call list statuses",
}
PROCESS = "P"


def stages_name(entity_type_id: int, category_id: int) -> str:
    """Return which list of statuses the stages of a pipeline are."""
    if entity_type_id == LEAD:
        return "STATUS"
    if entity_type_id == DEAL:
        return f"DEAL_STAGE_{category_id}" if category_id else "DEAL_STAGE"
    name = "SMART_INVOICE" if entity_type_id == SMART_INVOICE else f"DYNAMIC_{entity_type_id}"
    return f"{name}_STAGE_{category_id}"


@dataclass(slots=True)
class Status:
    """One entry of a list; `semantics` tells of stages whether they are in progress, won or lost."""

    id: int
    entity_id: str
    status_id: str
    name: str
    sort: int
    system: bool
    semantics: str = PROCESS
    category_id: int = 0
    color: str | None = None
    name_init: str = ""


class Statuses:
    """All lists of one portal; `pipelines` of deals there are besides the default one."""

    def __init__(self, pipelines: int = 0) -> None:
        """Begin with the lists that a new portal has."""
        self.rows: dict[int, Status] = {}
        self.names = dict(_NAMES)
        self._last_id = 0
        for line in _LISTS.strip().splitlines():
            entity, _, entries = line.partition(": ")
            self._fill(entity, entries)
        stages = [(one.status_id, one.name, one.semantics) for one in self.of("DEAL_STAGE")]
        for number in range(1, pipelines + 1):
            entity = f"DEAL_STAGE_{number}"
            self.names[entity] = f"Deal stages, pipeline {number}"
            for code, name, semantics in stages:
                self.add(entity, f"C{number}:{code}", name, semantics=semantics, category_id=number, system=True)

    def add_stages(self, entity: str, prefix: str, category_id: int, title: str, entries: str | None = None) -> None:
        """Give a pipeline its stages, those of a new smart process unless others are told.

        An entry is `CODE name`, with `/S` behind it where the stage is a success and `/F` where it is a failure.
        """
        self.names[entity] = title
        usual = _INVOICE_STAGES if entity.startswith("SMART_INVOICE") else _SMART_STAGES
        self._fill(entity, entries or usual, prefix=f"{prefix}:", category_id=category_id)

    def _fill(self, entity: str, entries: str, *, prefix: str = "", category_id: int = 0) -> None:
        for entry in entries.split(", "):
            code, _, rest = entry.partition(" ")
            name, _, semantics = rest.partition("/")
            system = code in _SYSTEM.split()
            kind = semantics or PROCESS
            self.add(entity, prefix + code, name, semantics=kind, category_id=category_id, system=system)

    def add(  # noqa: PLR0913 - so many columns has a row
        self,
        entity_id: str,
        status_id: str,
        name: str,
        *,
        sort: int = 0,
        semantics: str = PROCESS,
        category_id: int = 0,
        color: str | None = None,
        system: bool = False,
    ) -> Status:
        """Add an entry at the end of its list, or where `sort` puts it."""
        self._last_id += 1
        last = max((one.sort for one in self.of(entity_id)), default=0)
        initial = name if system else ""
        row = Status(
            self._last_id, entity_id, status_id, name, sort or last + 10, system, semantics, category_id, color, initial
        )
        self.rows[row.id] = row
        return row

    def of(self, entity_id: str) -> list[Status]:
        """Return a list in its order."""
        return sorted((one for one in self.rows.values() if one.entity_id == entity_id), key=lambda one: one.sort)

    def semantics_of(self, stage: object) -> str:
        """Return the semantics of a stage of any pipeline; what is unknown is in progress."""
        return next((one.semantics for one in self.rows.values() if one.status_id == stage), PROCESS)
