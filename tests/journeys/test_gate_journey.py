from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

import anyio
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from drivers.errors import BadFrame, DeviceFault, Effect, LinkError, NoAnswer, Remedy
from drivers.kinds import Crossing, IdCard, Scan, Temperature
from kiosk.gate.evidence import Pace, Trust
from kiosk.gate.journey import serve_one
from kiosk.gate.lane import Lane
from kiosk.view import gate as view
from kiosk.view.common import CallStaff, ChangeLanguage, Language, OutOfService
from kiosk.vision.observation import FaceProblem, Reference
from kiosk.wire import codes
from kiosk.wire.digest import person_digest
from kiosk.wire.events import Crossed, Passage, Person
from kiosk.wire.evidence import NotMeasured, TemperatureTaken, Why
from kiosk.wire.rules import Level, Reason, Rules, Verdict
from kiosk.wire.sealing import new_identity, unseal
from tests.journeys.cast import Book, Heads, Notes, Onlooker, Reader, Scripted, ScriptedClock, SightScript, card

pytestmark = pytest.mark.anyio

KEY = Ed25519PrivateKey.generate()
HALL_KEY = b"h" * 32
SECRET, RECIPIENT = new_identity()
TRUST = Trust("weinan", HALL_KEY, KEY.public_key().public_bytes_raw(), RECIPIENT)
RULES = Rules(version=1, hall="weinan", level=Level.III, valid_from=datetime(2026, 1, 1, tzinfo=UTC))


def good_code(**change: object) -> bytes:
    now = ScriptedClock().start
    claims = {
        "code_id": "A-1",
        "hall": "weinan",
        "person": person_digest(card().number, HALL_KEY),
        "not_before": now - timedelta(hours=1),
        "expires": now + timedelta(hours=8),
        "companions": 0,
    }
    return codes.issue(codes.CodeClaims(**(claims | change)), KEY).encode()


@dataclass
class Thermo:
    readings: list[float | Exception] = field(default_factory=lambda: [36.4])
    ambient_c: float = 22.0

    def measure(self) -> Temperature:
        value = self.readings.pop(0) if len(self.readings) > 1 else self.readings[0]
        if isinstance(value, Exception):
            raise value
        return Temperature(value, self.ambient_c, 0.98, 16 <= self.ambient_c <= 32)


@dataclass
class Scanner:
    shown: list[bytes | None] = field(default_factory=lambda: [good_code()])

    def scan(self, within: float) -> Scan | None:
        payload = self.shown.pop(0) if len(self.shown) > 1 else self.shown[0]
        return None if payload is None else Scan(payload)


@dataclass
class Turnstile:
    crossing: Crossing | Exception = Crossing.PASSED
    released: int = 0
    seen_by_ledger: list[int] = field(default_factory=list)
    notes: Notes | None = None

    def let_one_pass(self, within: float) -> Crossing:
        self.released += 1
        if self.notes is not None:
            self.seen_by_ledger.append(len(self.notes.passages))
        if isinstance(self.crossing, Exception):
            raise self.crossing
        return self.crossing


class Hall:
    """A lane with everything scripted."""

    def __init__(self) -> None:
        self.person = Onlooker()
        self.reader = Scripted(Reader([card()]))
        self.thermometer = Scripted(Thermo())
        self.scanner = Scripted(Scanner())
        self.notes = Notes()
        self.barrier = Scripted(Turnstile(notes=self.notes))
        self.sight = SightScript()
        self.rules = RULES
        self.book = Book()
        self.count = Heads()
        self.lane = Lane(
            name="东门1",
            hall_name="示例市政务服务中心",
            stage=self.person.stage,
            reader=self.reader,
            thermometer=self.thermometer,
            scanner=self.scanner,
            barrier=self.barrier,
            sight=self.sight,
            ledger=self.notes,
            book=self.book,
            count=self.count,
            trust=TRUST,
            rules=lambda: self.rules,
            offline=lambda: False,
            pace=Pace(),
            clock=ScriptedClock(),
        )

    async def one(self, *others: Callable[[], Awaitable[None]]) -> Passage:
        passage: list[Passage] = []
        with anyio.fail_after(600):
            async with anyio.create_task_group() as group:
                for other in others:
                    group.start_soon(other)
                passage.append(await serve_one(self.lane))
                group.cancel_scope.cancel()
        return passage[0]


async def test_somebody_in_order_walks_through() -> None:
    hall = Hall()
    passage = await hall.one()
    assert passage.decision.verdict is Verdict.ADMIT
    assert hall.barrier.driver.released == 1
    assert hall.notes.ends == [(passage.id, Crossed.PASSED, "")]
    assert hall.person.kinds() == ["Welcome", "LookAtCamera", "TakingTemperature", "ShowCode", "Deciding", "Admitted"]
    assert passage.name_masked == "王*明"
    assert passage.number_masked == "110101********0011"
    assert {timing.phase for timing in passage.timings} == {"card", "face", "temperature", "code", "total"}


async def test_the_passage_is_stored_before_anything_moves() -> None:
    hall = Hall()
    await hall.one()
    assert hall.barrier.driver.seen_by_ledger == [1]


async def test_who_it_was_travels_sealed_and_only_sealed() -> None:
    hall = Hall()
    passage = await hall.one()
    encoded = msgspec.json.encode(passage)
    assert b"110101199003070011" not in encoded
    assert "王小明".encode() not in encoded
    person = msgspec.json.decode(unseal(passage.person_sealed, SECRET), type=Person)
    assert (person.name, person.number) == ("王小明", "110101199003070011")


async def test_the_face_is_forgotten_after_each_person() -> None:
    hall = Hall()
    await hall.one()
    assert (hall.sight.remembered, hall.sight.forgotten) == (1, 1)


@dataclass(frozen=True)
class Case:
    name: str
    arrange: Callable[[Hall], object]
    verdict: Verdict
    reasons: set[Reason]
    crossed: Crossed = Crossed.NOT_RELEASED


def _cards(*cards: IdCard | Exception) -> Callable[[Hall], object]:
    return lambda hall: setattr(hall.reader.driver, "queue", list(cards))


CASES = [
    Case("expired card", _cards(card(valid_to=date(2024, 1, 1))), Verdict.REFUSE, {Reason.DOCUMENT_EXPIRED}),
    Case("wrong check character", _cards(card("110101199003070012")), Verdict.REFER, {Reason.NUMBER_INVALID}),
    Case("another face", lambda h: setattr(h.sight, "similarity", 0.1), Verdict.REFER, {Reason.FACE_DIFFERS}),
    Case("a doubtful face", lambda h: setattr(h.sight, "similarity", 0.36), Verdict.REFER, {Reason.FACE_UNSURE}),
    Case("no face", lambda h: setattr(h.sight, "problem", FaceProblem.NO_FACE), Verdict.REFER, {Reason.NO_FACE}),
    Case(
        "two faces",
        lambda h: setattr(h.sight, "problem", FaceProblem.SEVERAL_FACES),
        Verdict.REFER,
        {Reason.SEVERAL_FACES},
    ),
    Case("camera gone", lambda h: setattr(h.sight, "lost", "camera"), Verdict.REFER, {Reason.DEVICE_FAULT}),
    Case("vision gone for good", lambda h: setattr(h.sight, "lost", "vision"), Verdict.REFER, {Reason.DEVICE_FAULT}),
    Case(
        "no photo decoder",
        lambda h: setattr(h.sight, "reference", Reference.NO_DECODER),
        Verdict.REFER,
        {Reason.NO_FACE},
    ),
    Case(
        "fever", lambda h: setattr(h.thermometer.driver, "readings", [38.6]), Verdict.REFER, {Reason.TEMPERATURE_HIGH}
    ),
    Case(
        "at the limit twice",
        lambda h: setattr(h.thermometer.driver, "readings", [37.2]),
        Verdict.REFER,
        {Reason.TEMPERATURE_UNSURE},
    ),
    Case(
        "no forehead",
        lambda h: setattr(h.thermometer.driver, "readings", [24.0]),
        Verdict.REFER,
        {Reason.NO_TEMPERATURE},
    ),
    Case(
        "too cold in the hall",
        lambda h: setattr(h.thermometer.driver, "ambient_c", 5.0),
        Verdict.REFER,
        {Reason.NO_TEMPERATURE},
    ),
    Case("thermometer away", lambda h: h.thermometer.plug(False), Verdict.REFER, {Reason.DEVICE_FAULT}),
    Case("no code", lambda h: setattr(h.scanner.driver, "shown", [None]), Verdict.REFER, {Reason.NO_CODE}),
    Case(
        "something else",
        lambda h: setattr(h.scanner.driver, "shown", [b"https://x"]),
        Verdict.REFUSE,
        {Reason.CODE_NOT_KNOWN},
    ),
    Case(
        "half a code",
        lambda h: setattr(h.scanner.driver, "shown", [good_code()[:60]]),
        Verdict.REFER,
        {Reason.CODE_UNREADABLE},
    ),
    Case(
        "forged",
        lambda h: setattr(
            h.scanner.driver,
            "shown",
            [
                codes.issue(
                    codes.CodeClaims(
                        code_id="A",
                        hall="weinan",
                        not_before=ScriptedClock().start,
                        expires=ScriptedClock().start + timedelta(days=1),
                    ),
                    Ed25519PrivateKey.generate(),
                ).encode()
            ],
        ),
        Verdict.REFUSE,
        {Reason.CODE_FORGED},
    ),
    Case(
        "another hall",
        lambda h: setattr(h.scanner.driver, "shown", [good_code(hall="daye")]),
        Verdict.REFUSE,
        {Reason.CODE_WRONG_HALL},
    ),
    Case(
        "somebody else's code",
        lambda h: setattr(h.scanner.driver, "shown", [good_code(person="f" * 64)]),
        Verdict.REFUSE,
        {Reason.CODE_OTHER_PERSON},
    ),
    Case(
        "yesterday's code",
        lambda h: setattr(h.scanner.driver, "shown", [good_code(expires=ScriptedClock().start - timedelta(hours=1))]),
        Verdict.REFUSE,
        {Reason.CODE_EXPIRED},
    ),
    Case(
        "tomorrow's code",
        lambda h: setattr(
            h.scanner.driver, "shown", [good_code(not_before=ScriptedClock().start + timedelta(hours=5))]
        ),
        Verdict.REFUSE,
        {Reason.CODE_NOT_YET},
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_who_is_not_admitted(case: Case) -> None:
    hall = Hall()
    case.arrange(hall)
    passage = await hall.one()
    assert (passage.decision.verdict, set(passage.decision.reasons)) == (case.verdict, case.reasons)
    assert hall.barrier.driver.released == 0
    assert hall.notes.passages == [passage]


async def test_the_first_disturbance_costs_nobody_the_way_in() -> None:
    hall = Hall()
    hall.thermometer.driver.readings = [BadFrame("noise", b"x"), LinkError("gone"), 36.5]
    hall.scanner.driver.shown = [good_code()[:50], good_code()]
    passage = await hall.one()
    assert passage.decision.verdict is Verdict.ADMIT


async def test_a_limit_value_is_taken_again_and_the_second_counts() -> None:
    hall = Hall()
    hall.thermometer.driver.readings = [37.2, 37.2, 37.2, 36.8]
    passage = await hall.one()
    assert passage.decision.verdict is Verdict.ADMIT
    assert isinstance(passage.evidence.temperature, TemperatureTaken)
    assert passage.evidence.temperature.object_c == 36.8


async def test_readings_that_do_not_settle_are_no_measurement() -> None:
    hall = Hall()
    hall.thermometer.driver.readings = [35.0, 36.0, 37.0, 38.0] * 200
    passage = await hall.one()
    assert passage.evidence.temperature == NotMeasured(why=Why.UNSTABLE, device="thermometer")


@pytest.mark.parametrize(
    ("crossing", "crossed"),
    [
        (Crossing.TURNED_BACK, Crossed.TURNED_BACK),
        (Crossing.TAILGATED, Crossed.TAILGATED),
        (Crossing.NOBODY, Crossed.NOBODY),
        (Crossing.HELD_OPEN, Crossed.HELD_OPEN),
    ],
)
async def test_what_the_beams_saw_is_told_and_shown(crossing: Crossing, crossed: Crossed) -> None:
    hall = Hall()
    hall.barrier.driver.crossing = crossing
    passage = await hall.one()
    assert hall.notes.ends == [(passage.id, crossed, "")]
    assert hall.person.kinds()[-1] == "PassageNotice"


@pytest.mark.parametrize(
    ("error", "crossed"),
    [
        (NoAnswer("silent", effect=Effect.UNKNOWN), Crossed.UNKNOWN),
        (LinkError("gone"), Crossed.NOT_RELEASED),
    ],
)
async def test_a_barrier_that_fails_is_not_a_passage(error: Exception, crossed: Crossed) -> None:
    hall = Hall()
    hall.barrier.driver.crossing = error
    passage = await hall.one()
    assert [(end[1], end[2]) for end in hall.notes.ends] == [(crossed, error.code)]  # type: ignore[attr-defined]
    assert passage.decision.verdict is Verdict.ADMIT


@pytest.mark.parametrize("where", [view.Welcome, view.LookAtCamera, view.TakingTemperature, view.ShowCode])
async def test_there_is_always_a_way_without_the_machine(where: type) -> None:
    hall = Hall()
    hall.reader.driver.queue = [] if where is view.Welcome else [card()]
    hall.sight.similarity = None if where is view.LookAtCamera else 0.8
    hall.thermometer.driver.readings = [20.0] if where is view.TakingTemperature else [36.4]
    hall.scanner.driver.shown = [None]

    async def ask() -> None:
        await hall.person.see(where)
        hall.person.touch(CallStaff())
        await anyio.sleep_forever()

    passage = await hall.one(ask)
    assert passage.decision.verdict is Verdict.REFER
    assert Reason.ASKED_FOR_STAFF in passage.decision.reasons


async def test_a_card_taken_away_too_soon_is_asked_for_again() -> None:
    hall = Hall()
    hall.reader.driver.queue = [DeviceFault("card_moved", remedy=Remedy.WAIT), None, card()]
    passage = await hall.one()
    assert passage.decision.verdict is Verdict.ADMIT
    assert any(isinstance(s, view.Welcome) and s.problem.value == "moved" for s in hall.person.seen)


async def test_a_reader_that_goes_while_it_reads_sends_the_person_to_staff() -> None:
    hall = Hall()
    hall.reader.seconds = 1.0

    async def unplug() -> None:
        await hall.person.see(view.ReadingCard)
        hall.reader.plug(False)

    passage = await hall.one(unplug)
    assert (passage.decision.verdict, passage.decision.reasons) == (Verdict.REFER, (Reason.DEVICE_FAULT,))


async def test_a_loose_plug_in_the_middle_of_a_card_is_sat_out() -> None:
    hall = Hall()
    hall.reader.seconds = 1.0

    async def unplug() -> None:
        await hall.person.see(view.ReadingCard)
        hall.reader.plug(False)
        await anyio.sleep(1.2)
        hall.reader.plug(True)
        await anyio.sleep_forever()

    passage = await hall.one(unplug)
    assert passage.decision.verdict is Verdict.ADMIT


async def test_without_reader_or_barrier_the_gate_says_so_and_comes_back() -> None:
    hall = Hall()
    hall.barrier.plug(False)

    async def mend() -> None:
        shown = await hall.person.see(OutOfService)
        assert shown.device == "barrier"
        await anyio.sleep(60)
        assert hall.notes.passages == []
        hall.barrier.plug(True)

    passage = await hall.one(mend)
    assert passage.decision.verdict is Verdict.ADMIT


async def test_the_language_can_change_in_the_middle() -> None:
    hall = Hall()

    async def change() -> None:
        await hall.person.see(view.TakingTemperature)
        hall.person.touch(ChangeLanguage(Language.EN))

    passage = await hall.one(change)
    assert passage.decision.verdict is Verdict.ADMIT
    assert hall.person.screen is not None
    assert hall.person.screen.language is Language.EN


async def test_what_the_rules_do_not_ask_for_is_not_asked_for() -> None:
    hall = Hall()
    hall.rules = replace_rules(face_required=False, temperature_required=False, code_required=False)
    passage = await hall.one()
    assert passage.decision.verdict is Verdict.ADMIT
    assert hall.person.kinds() == ["Welcome", "Deciding", "Admitted"]
    assert passage.evidence.face == NotMeasured(why=Why.NOT_REQUIRED)


def replace_rules(**change: bool) -> Rules:
    return msgspec.structs.replace(RULES, **change)


async def test_two_faces_start_the_comparison_again() -> None:
    hall = Hall()
    hall.sight.problem = FaceProblem.SEVERAL_FACES

    async def friend_leaves() -> None:
        while not any(
            isinstance(s, view.LookAtCamera) and s.hint is view.FaceHint.ONE_AT_A_TIME for s in hall.person.seen
        ):
            await anyio.sleep(0.1)
        hall.sight.problem = FaceProblem.NONE

    passage = await hall.one(friend_leaves)
    assert passage.decision.verdict is Verdict.ADMIT
    assert replace(hall.lane).name == "东门1"
