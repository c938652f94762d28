"""Codes of the EU DCC's value sets (eHealth Network, Value Sets for Digital COVID Certificates), as known here.

The sets grow; the trust list can replace each (`TrustListBody.value_sets`). Test devices (`ma` of a test) have a list
of the Joint Research Centre with hundreds of entries, which is not shipped: it comes with the trust list or is not
checked.
"""

from collections.abc import Mapping, Sequence
from typing import Final


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


DISEASES: Final = frozenset({"840539006"})
"""SNOMED CT: COVID-19."""
TEST_TYPES: Final = frozenset({"LP6464-4", "LP217198-3"})
"""LOINC: nucleic acid amplification with probe detection, rapid immunoassay."""
DETECTED, NOT_DETECTED = "260373001", "260415000"
TEST_RESULTS: Final = frozenset({DETECTED, NOT_DETECTED})
PROPHYLAXES: Final = frozenset({"1119305005", "1119349007", "J07BX03", "1162643001", "1157024006", "29061000087103"})
PRODUCTS: Final = _codes(
    "EU/1/20/1528 EU/1/20/1507 EU/1/21/1529 EU/1/20/1525 EU/1/21/1618 EU/1/21/1624 EU/1/21/1580 CVnCoV Sputnik-V"
    " Convidecia EpiVacCorona BBIBP-CorV Inactivated-SARS-CoV-2-Vero-Cell CoronaVac Covaxin Soberana-02 Abdala"
    " Covishield Covid-19-recombinant R-COVI CoviVac Sputnik-Light Hayat-Vax WIBP-CorV MVC-COV1901"
)
MANUFACTURERS: Final = _codes(
    "ORG-100001699 ORG-100030215 ORG-100001417 ORG-100031184 ORG-100006270 ORG-100013793 ORG-100020693 ORG-100010771"
    " ORG-100024420 ORG-100032020 ORG-100036422 ORG-100000788 ORG-100001981 ORG-100007893 ORG-100023050"
    " Gamaleya-Research-Institute Vector-Institute Sinovac-Biotech Bharat-Biotech CIGB IFV Fiocruz"
    " Chumakov-Federal-Scientific-Center Sinopharm-WIBP R-Pharm-CJSC"
)
COUNTRIES: Final = _codes(
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA"
    " CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA"
    " GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP"
    " KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS"
    " MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS"
    " RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW"
    " TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW"
)
"""ISO 3166-1, two letters."""

SETS: Final[Mapping[str, frozenset[str]]] = {
    "tg": DISEASES,
    "tt": TEST_TYPES,
    "tr": TEST_RESULTS,
    "vp": PROPHYLAXES,
    "mp": PRODUCTS,
    "ma": MANUFACTURERS,
    "co": COUNTRIES,
}
TEST_DEVICE: Final = "test_ma"
"""Name of the set of test devices in a trust list."""


def known(field: str, code: str, current: Mapping[str, Sequence[str]]) -> bool:
    """Whether a code is in the value set of its field; a field without a set takes any.

    Args:
        field: `tg`, `tt`, `tr`, `vp`, `mp`, `ma` (of a vaccination), `co` or `test_ma`.
        code: as in the certificate.
        current: the sets of the trust list, which replace those shipped.
    """
    codes = current[field] if field in current else SETS.get(field)
    return codes is None or code in codes
