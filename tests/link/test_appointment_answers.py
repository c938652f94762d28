"""Each answer to an appointment, from the terminal's own book: to the second, and with a clock that jumps."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from uuid6 import uuid7

from kiosk.gate.appointments import listed, shown
from kiosk.store.database import Database
from kiosk.store.gate_book import GateBook, note_crossing
from kiosk.wire.appointments import Appointment, AppointmentChanges, AppointmentStatus
from kiosk.wire.codes import CodeClaims, issue
from kiosk.wire.events import Crossed, Passage
from kiosk.wire.evidence import CodeChecked, CodeStatus, Evidence, NotMeasured, Why
from kiosk.wire.rules import Decision, Level, Reason, Rules, Verdict

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
KEY = Ed25519PrivateKey.generate()
PERSON = "a" * 64
RULES = Rules(version=1, hall="weinan", level=Level.IV, valid_from=NOW)
HOUR, YEAR = timedelta(hours=1), timedelta(days=365)


class Clock:
    def now(self) -> datetime:
        return NOW


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(tmp_path / "terminal.db")
    yield opened
    await opened.close()


@pytest.fixture
def book(database: Database) -> GateBook:
    return GateBook(database, "weinan", Clock())


def booked(begins: datetime = NOW, **change: object) -> Appointment:
    fields: dict[str, object] = {"code_id": "A", "person": PERSON, "begins": begins, "ends": begins + HOUR}
    return msgspec.convert(fields | change, Appointment)


async def have(book: GateBook, *appointments: Appointment, made: datetime = NOW) -> None:
    upto = await book.upto()
    assert await book.apply(
        AppointmentChanges(hall="weinan", since=upto, upto=upto + 1, complete=True, made=made, changes=appointments)
    )


def code(**change: object) -> bytes:
    fields: dict[str, object] = {
        "code_id": "A", "hall": "weinan", "person": PERSON, "not_before": NOW, "expires": NOW + HOUR, "companions": 0,
    }  # fmt: skip
    return issue(msgspec.convert(fields | change, CodeClaims), KEY).encode()


async def answer(book: GateBook, payload: bytes, now: datetime = NOW, person: str = PERSON) -> CodeChecked:
    found = await shown(
        payload,
        book,
        RULES,
        public_key=KEY.public_key().public_bytes_raw(),
        hall="weinan",
        person=person,
        now=now,
        device="code_scanner",
    )
    assert isinstance(found, CodeChecked)
    return found


@pytest.mark.parametrize(
    ("now", "status"),
    [
        (NOW - timedelta(minutes=30, seconds=1), CodeStatus.NOT_YET),
        (NOW - timedelta(minutes=30), CodeStatus.VALID),
        (NOW + HOUR + timedelta(minutes=30) - timedelta(seconds=1), CodeStatus.VALID),
        (NOW + HOUR + timedelta(minutes=30), CodeStatus.EXPIRED),
        (NOW + YEAR, CodeStatus.EXPIRED),
        (NOW - YEAR, CodeStatus.NOT_YET),
    ],
)
async def test_early_and_late_to_the_second(book: GateBook, now: datetime, status: CodeStatus) -> None:
    assert (await answer(book, code(), now)).status is status  # without a list
    await have(book, booked())
    assert (await answer(book, code(), now)).status is status  # and with one


@pytest.mark.parametrize(
    ("given", "status"),
    [
        (AppointmentStatus.BOOKED, CodeStatus.VALID),
        (AppointmentStatus.CANCELLED, CodeStatus.CANCELLED),
        (AppointmentStatus.USED, CodeStatus.USED),
        (AppointmentStatus.REVOKED, CodeStatus.REVOKED),
    ],
)
async def test_the_list_knows_what_a_code_cannot(book: GateBook, given: AppointmentStatus, status: CodeStatus) -> None:
    await have(book, booked(status=given, companions=2))
    assert (await answer(book, code())).status is status
    found = await listed(PERSON, book, RULES, now=NOW)
    assert found is not None
    assert (found.status, found.companions, found.listed, found.list_made) == (status, 2, True, NOW)


async def test_moved_to_tomorrow_and_back(book: GateBook) -> None:
    await have(book, booked())
    await have(book, booked(NOW + timedelta(days=1)))
    assert (await answer(book, code())).status is CodeStatus.NOT_YET
    await have(book, booked(NOW))
    assert (await answer(book, code())).status is CodeStatus.VALID


@pytest.mark.parametrize(
    ("payload", "person", "status"),
    [
        (code(hall="daye"), PERSON, CodeStatus.WRONG_HALL),
        (code(person="b" * 64), PERSON, CodeStatus.OTHER_PERSON),
        (code(), "", CodeStatus.OTHER_PERSON),
        (issue(
            CodeClaims(code_id="A", hall="weinan", not_before=NOW, expires=NOW + HOUR), Ed25519PrivateKey.generate()
        ).encode(), PERSON, CodeStatus.FORGED),
        (b"https://example.org", PERSON, CodeStatus.NOT_A_CODE),
        (b"A" * 10_240, PERSON, CodeStatus.NOT_A_CODE),
        ("预约码".encode("gbk"), PERSON, CodeStatus.NOT_A_CODE),
    ],
    ids=["wrong hall", "another's", "nobody's card", "forged", "no code", "10 kB", "GBK"],
)  # fmt: skip
async def test_no_list_makes_these_good(book: GateBook, payload: bytes, person: str, status: CodeStatus) -> None:
    await have(book, booked())
    assert (await answer(book, payload, person=person)).status is status


def passage(found: CodeChecked, verdict: Verdict) -> Passage:
    nothing = NotMeasured(why=Why.NOT_REQUIRED)
    return Passage(
        id=uuid7(),
        lane="1",
        began=NOW,
        decided=NOW,
        evidence=Evidence(identity=nothing, face=nothing, temperature=nothing, code=found, occupancy=nothing),
        decision=Decision(verdict=verdict, reasons=(Reason.ALL_IN_ORDER,), rules_version=1),
    )


@pytest.mark.parametrize(
    ("verdict", "crossed", "status"),
    [
        (Verdict.ADMIT, Crossed.PASSED, CodeStatus.USED),
        (Verdict.ADMIT, Crossed.TAILGATED, CodeStatus.USED),
        (Verdict.ADMIT, Crossed.TURNED_BACK, CodeStatus.VALID),
        (Verdict.ADMIT, Crossed.NOBODY, CodeStatus.VALID),
        (Verdict.REFUSE, Crossed.PASSED, CodeStatus.VALID),
    ],
)
@pytest.mark.parametrize("in_the_list", [True, False])
async def test_a_code_is_used_up_by_coming_in(
    database: Database, book: GateBook, verdict: Verdict, crossed: Crossed, status: CodeStatus, in_the_list: bool
) -> None:
    """Replayed, the code is answered with `used`; who turned back may try again."""
    if in_the_list:
        await have(book, booked())
    first = await answer(book, code())
    assert first.status is CodeStatus.VALID
    heads = int(crossed in {Crossed.PASSED, Crossed.TAILGATED})
    await database.write(lambda c: note_crossing(c, passage(first, verdict), crossed, heads, NOW))
    assert (await answer(book, code())).status is status


async def test_a_code_is_used_up_when_one_of_a_party_came_in(database: Database, book: GateBook) -> None:
    first = await answer(book, code())
    await database.write(lambda c: note_crossing(c, passage(first, Verdict.ADMIT), Crossed.TURNED_BACK, 1, NOW))
    assert (await answer(book, code())).status is CodeStatus.USED


async def test_a_list_from_the_future_has_no_age(book: GateBook) -> None:
    await have(book, booked(), made=NOW + YEAR)
    assert (await answer(book, code())).list_made is None
    await have(book, booked(), made=NOW + timedelta(minutes=4))  # clocks differ a little
    assert (await answer(book, code())).list_made == NOW + timedelta(minutes=4)


async def test_no_list_is_told_by_its_age(book: GateBook) -> None:
    found = await answer(book, code())
    assert (found.status, found.list_made) == (CodeStatus.VALID, None)
    assert await listed(PERSON, book, RULES, now=NOW) is None


async def test_the_one_that_is_good_now_is_told_first(book: GateBook) -> None:
    await have(
        book,
        booked(NOW - 5 * HOUR, code_id="B", status="used"),
        booked(code_id="C", status="cancelled"),
        booked(NOW + 5 * HOUR, code_id="D"),
    )
    found = await listed(PERSON, book, RULES, now=NOW)
    assert found is not None
    assert (found.code_id, found.status) == ("B", CodeStatus.USED)
    await have(book, booked(code_id="E"))
    found = await listed(PERSON, book, RULES, now=NOW)
    assert found is not None
    assert (found.code_id, found.status) == ("E", CodeStatus.VALID)
