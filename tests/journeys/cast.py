"""Journeys without wires and on virtual time: devices that answer from a script, people that are a list of steps."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Generic, TypeVar
from uuid import UUID

import anyio
import msgspec

from drivers.errors import DriverError, NotPresent
from drivers.kinds import DocumentKind, IdCard
from kiosk.desk.desk import Interrupted
from kiosk.session import Stage
from kiosk.view.common import Language
from kiosk.view.screen import Intent, Screen, State, Touch
from kiosk.vision.observation import (
    ChallengeState,
    CodeSeen,
    FaceBand,
    FaceProblem,
    FaceSeen,
    FaceVerdict,
    Liveness,
    Mask,
    Observation,
    PaperPage,
    PaperProblem,
    PaperSeen,
    Reference,
    SightLost,
)
from kiosk.wire.appointments import Appointment
from kiosk.wire.events import Crossed, Passage, Submission
from kiosk.wire.evidence import Inside, NotMeasured, Occupancy, Why

D = TypeVar("D")
T = TypeVar("T")


class ScriptedClock:
    """Wall time that moves with the virtual clock."""

    def __init__(self) -> None:
        self.start = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.start + timedelta(seconds=anyio.current_time() % 10_000_000)


class Scripted(Generic[D]):
    """A device whose driver is an object of the test."""

    def __init__(self, driver: D, seconds: float = 0.05) -> None:
        self.driver, self.seconds = driver, seconds
        self.plugged = True
        self._changed = anyio.Event()
        self.calls = 0

    def plug(self, plugged: bool) -> None:
        self.plugged = plugged
        self._changed.set()
        self._changed = anyio.Event()

    @property
    def ready(self) -> bool:
        return self.plugged

    async def until_ready(self) -> None:
        while not self.plugged:
            await self._changed.wait()

    async def until_away(self) -> None:
        while self.plugged:
            await self._changed.wait()

    async def call(self, work: Callable[[D], T], within: float) -> T:
        if not self.plugged:
            raise NotPresent("unplugged")
        self.calls += 1
        await anyio.sleep(min(self.seconds, within))
        if not self.plugged:
            raise NotPresent("unplugged in the middle")
        return work(self.driver)


def facts(part: msgspec.Struct) -> dict[str, object]:
    """A piece of evidence as it travels, but for the moment."""
    told = {**msgspec.to_builtins(part)}
    told.pop("at", None)
    return told


def card(number: str = "110101199003070011", **change: object) -> IdCard:
    fields: dict[str, object] = {
        "document": DocumentKind.RESIDENT,
        "name": "王小明",
        "number": number,
        "sex": "1",
        "nation": "01",
        "birth": date(1990, 3, 7),
        "address": "北京市东城区示例胡同1号",
        "issuer": "北京市公安局东城分局",
        "valid_from": date(2020, 1, 1),
        "valid_to": date(2040, 1, 1),
        "photo": b"WL",
    }
    return IdCard(**(fields | change))  # type: ignore[arg-type]  # a test's keyword arguments


@dataclass
class Reader:
    """Offers what is laid on it, once."""

    queue: list[IdCard | DriverError | None] = field(default_factory=list)

    def read(self) -> IdCard | None:
        if not self.queue:
            return None
        found = self.queue.pop(0)
        if isinstance(found, DriverError):
            raise found
        return found


class SightScript:
    """A camera and a vision process that see what the test says."""

    def __init__(self) -> None:
        self.similarity: float | None = 0.8
        self.problem = FaceProblem.NONE
        self.reference = Reference.READY
        self.lost: str | None = None
        self.paper = PaperProblem.NONE
        self.wander = 0.0
        """How far the page's outline hops from one picture to the next, as a share of the picture."""
        self.mask = Mask.NOT_MEASURED
        self.liveness = Liveness.NOT_AVAILABLE
        self.movements: list[ChallengeState] = []
        """How the challenge stands, picture by picture; the last stays."""
        self.challenges = 0
        self.remembered = 0
        self.forgotten = 0
        self._frame = 0

    async def remember(self, photo: bytes) -> Reference:
        self.remembered += 1
        if self.lost == "vision":
            raise SightLost("vision")
        return self.reference

    async def observe(self, after: int) -> Observation:
        await anyio.sleep(0.1)
        if self.lost is not None:
            raise SightLost(self.lost)
        self._frame = after + 1
        faces = {FaceProblem.NO_FACE: 0, FaceProblem.SEVERAL_FACES: 2}.get(self.problem, 1)
        seen = tuple(FaceSeen((0, 0, 100, 100), 80.0, 0.9) for _ in range(faces))
        similarity = self.similarity if self.problem is FaceProblem.NONE else None
        state = self.movements[0] if self.movements and self.challenges else None
        if state is not None and len(self.movements) > 1:
            self.movements.pop(0)
        now = anyio.current_time()
        return Observation(self._frame, now, seen, self.problem, similarity, self.mask, self.liveness, state)

    async def challenge(self) -> None:
        self.challenges += 1
        if self.lost == "vision":
            raise SightLost("vision")

    def judge(self, similarities: tuple[float, ...]) -> FaceVerdict:
        best = sum(sorted(similarities)[-3:]) / len(sorted(similarities)[-3:])
        band = FaceBand.ACCEPT if best >= 0.4 else FaceBand.STAFF if best >= 0.33 else FaceBand.REJECT
        return FaceVerdict(band, "scripted", "0" * 64, len(similarities))

    def rejects(self, similarity: float) -> bool:
        return similarity < 0.33

    async def forget(self) -> None:
        self.forgotten += 1

    async def look_for_paper(self, after: int) -> PaperSeen:
        await anyio.sleep(0.2)
        if self.lost is not None:
            raise SightLost(self.lost)
        good = self.paper is PaperProblem.NONE
        left = 0.1 + (self.wander if after % 2 else 0.0)
        outline = ((left, 0.1), (0.9, 0.1), (0.9, 0.9), (left, 0.9)) if good else None
        return PaperSeen(after + 1, anyio.current_time(), outline, self.paper, 0.9 if good else 0.0)

    async def look_for_code(self, after: int) -> CodeSeen:
        await anyio.sleep(0.2)
        return CodeSeen(after + 1)

    async def take_page(self) -> PaperPage:
        return PaperPage(1, b"jpeg", b"preview")


class Book:
    """A list of appointments in memory."""

    def __init__(self, *appointments: Appointment, made: datetime | None = None) -> None:
        self.appointments = list(appointments)
        self.used_codes: set[str] = set()
        self._made = made

    async def by_code(self, code_id: str) -> Appointment | None:
        return next((one for one in self.appointments if one.code_id == code_id), None)

    async def by_person(self, person: str, begins_after: datetime, begins_before: datetime) -> list[Appointment]:
        return [
            one for one in self.appointments if one.person == person and begins_after <= one.begins <= begins_before
        ]

    async def used(self, code_id: str) -> bool:
        return code_id in self.used_codes

    async def made(self) -> datetime | None:
        return self._made


class Heads:
    """A head count."""

    def __init__(self) -> None:
        self.count: int | None = None
        self.last: datetime | None = None

    def inside(self) -> int | None:
        return self.count

    async def evidence(self, person: str) -> Inside:
        if self.count is None:
            return NotMeasured(why=Why.NOT_INSTALLED)
        return Occupancy(inside=self.count, last_entered=self.last if person else None, at=ScriptedClock().start)

    async def refresh(self) -> None:
        return None


class Notes:
    """A ledger in memory."""

    def __init__(self) -> None:
        self.passages: list[Passage] = []
        self.ends: list[tuple[UUID, Crossed, str]] = []
        self.heads: list[int] = []
        self.submissions: list[Submission] = []
        self.papers: list[bytes] = []
        self.receipts: list[tuple[UUID, bool, str]] = []
        self.earlier: Interrupted | None = None
        self.kept_receipts: dict[UUID, bytes] = {}

    async def keep_passage(self, passage: Passage) -> None:
        self.passages.append(passage)

    async def end_passage(self, passage: UUID, crossed: Crossed, fault: str = "", people: int = 0) -> None:
        self.heads.append(people)
        self.ends.append((passage, crossed, fault))

    async def keep_paper(self, sealed: bytes) -> str:
        self.papers.append(sealed)
        return "b" * 64

    async def submit(
        self, draft: Submission, receipt_range: int, receipts_from: int, receipt: bytes = b""
    ) -> Submission:
        made = msgspec.structs.replace(draft, number=f"{receipt_range:06d}00000017")
        self.submissions.append(made)
        self.kept_receipts[made.id] = receipt
        return made

    async def keep_receipt(self, submission: UUID, receipt: bytes) -> None:
        self.kept_receipts[submission] = receipt

    async def give_receipt(self, submission: UUID, *, printed: bool, fault: str = "") -> None:
        self.receipts.append((submission, printed, fault))

    async def without_receipt(self, person: str) -> Interrupted | None:
        return self.earlier


class Onlooker:
    """Watches the screen, and touches it."""

    def __init__(self) -> None:
        self.seen: list[State] = []
        self.screen: Screen | None = None
        self._changed = anyio.Event()
        self.stage = Stage("test", self._draw, Language.ZH_HANS)

    def _draw(self, screen: Screen) -> None:
        self.screen = screen
        self.seen.append(screen.state)
        self._changed.set()
        self._changed = anyio.Event()

    async def see(self, kind: type[T]) -> T:
        """Wait until a state of this kind is on the screen."""
        while self.screen is None or not isinstance(self.screen.state, kind):
            await self._changed.wait()
        return self.screen.state

    def touch(self, intent: Intent) -> None:
        assert self.screen is not None
        self.stage.touch(Touch(intent, self.screen.number))

    def kinds(self) -> list[str]:
        """Names of the states seen, each run of the same once."""
        names: list[str] = []
        for state in self.seen:
            name = type(state).__name__
            if not names or names[-1] != name:
                names.append(name)
        return names
