"""The regions of the world that have telephone numbers: what reads these takes long to import only to name them."""

from typing import Annotated, Final

from pydantic import AfterValidator

from .sections import refuse

_NAMES: Final = """
AC AD AE AF AG AI AL AM AO AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BW BY BZ CA
CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR
GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GT GU GW GY HK HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP
KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR
MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PR PS PT PW PY QA RE RO
RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TA TC TD TG TH TJ TK TL TM TN TO TR TT
TV TW TZ UA UG US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW
"""

REGIONS: Final = frozenset(_NAMES.split())
"""Those that phonenumbers knows, most of them by ISO 3166-1; a test holds it."""


def region_code(text: str) -> str:
    """Return a region in capitals; refuse what is none."""
    region = text.upper()
    if region not in REGIONS:
        refuse("no such region", "write the two letters of ISO 3166-1, for example RU, DE or GB")
    return region


Region = Annotated[str, AfterValidator(region_code)]
