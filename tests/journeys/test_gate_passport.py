"""A passport at the door: its machine-readable zone on the scanner, whole or line by line. On virtual time."""

from dataclasses import replace
from datetime import date

import msgspec
import pytest

from kiosk.view import gate as view
from kiosk.view.common import CardProblem
from kiosk.vision.mrz_forms import check_digit
from kiosk.wire.digest import person_digest
from kiosk.wire.evidence import DocumentKind, IdentityRead, NotMeasured
from kiosk.wire.rules import Reason, Verdict
from tests.journeys.test_gate_appointments import ONLY_CODE
from tests.journeys.test_gate_journey import HALL_KEY, Hall

pytestmark = pytest.mark.anyio

NUMBER = "E12345678"
OPEN = msgspec.structs.replace(ONLY_CODE, code_required=False)


def zone(number: str = NUMBER, expiry: str = "310101", *, wrong: bool = False) -> tuple[str, str]:
    """Two lines of an invented passport (ICAO 9303-4)."""
    first = "P<UTOINVENTED<<PERSON<OF<NOWHERE".ljust(44, "<")
    head = f"{number}{check_digit(number)}UTO800101{check_digit('800101')}F{expiry}{check_digit(expiry)}"
    rest = "<" * 14 + "<"
    counted = head[:10] + head[13:20] + head[21:] + rest
    total = check_digit(counted)
    return first, head + rest + (str((int(total) + 5) % 10) if wrong else total)


def hall_with(*scans: bytes, **rules: object) -> Hall:
    hall = Hall()
    hall.rules = msgspec.structs.replace(OPEN, **rules)
    hall.lane = replace(hall.lane, passports=True)
    hall.reader.driver.cards = []
    hall.scanner.driver.shown = list(scans)
    return hall


@pytest.mark.parametrize("between", ["", "\r", "\r\n", "\n", "\t", " "], ids=repr)
async def test_a_passport_in_one_go(between: str) -> None:
    hall = hall_with(between.join(zone()).encode())
    passage = await hall.one()
    read = passage.evidence.identity
    assert isinstance(read, IdentityRead)
    assert (read.document, read.valid_to) == (DocumentKind.PASSPORT, date(2031, 1, 1))
    assert read.person == person_digest(NUMBER, HALL_KEY)
    assert passage.decision.verdict is Verdict.ADMIT
    assert (passage.name_masked, passage.number_masked) == ("I********E", "E1*****78")


async def test_a_passport_line_by_line() -> None:
    passage = await hall_with(*(line.encode() for line in zone())).one()
    assert passage.decision.verdict is Verdict.ADMIT


async def test_a_wrong_check_digit_asks_for_it_once_more() -> None:
    hall = hall_with("\n".join(zone(wrong=True)).encode(), "\n".join(zone()).encode())
    passage = await hall.one()
    told = [state.problem for state in hall.person.seen if isinstance(state, view.Welcome)]
    assert CardProblem.PASSPORT in told
    assert passage.decision.verdict is Verdict.ADMIT


async def test_a_passport_that_has_run_out_is_refused() -> None:
    passage = await hall_with("\n".join(zone(expiry="200101")).encode()).one()
    assert passage.decision.reasons == (Reason.DOCUMENT_EXPIRED,)


async def test_where_the_face_is_asked_for_staff_look_at_the_passport() -> None:
    passage = await hall_with("\n".join(zone()).encode(), face_required=True).one()
    assert passage.decision.verdict is Verdict.REFER
    assert passage.decision.reasons == (Reason.NO_FACE,)
    assert isinstance(passage.evidence.face, NotMeasured)
    assert passage.evidence.face.code == "no_photo"


async def test_a_lane_whose_scanner_reads_no_zones_asks_for_no_passport() -> None:
    hall = Hall()
    hall.scanner.driver.shown = ["\n".join(zone()).encode()]
    passage = await hall.one()
    assert isinstance(passage.evidence.identity, IdentityRead)
    assert passage.evidence.identity.document is DocumentKind.RESIDENT
