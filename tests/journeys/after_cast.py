"""A desk with its other services, whose back office, outbox, camera for faces and A4 printer answer from a script."""

import io
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import anyio
from PIL import Image

from drivers.kinds import PageJob, PagePrinterStatus
from kiosk.desk.afterwards_parts import Afterwards
from kiosk.desk.journey import serve_one
from kiosk.desk.session import SessionOver
from kiosk.view.screen import Intent, State
from kiosk.vision.id_photo_result import IdPhoto, PhotoProblem
from kiosk.vision.observation import CodeSeen, PaperPage, SightLost
from kiosk.wire.appointments import Appointment, AppointmentStatus
from kiosk.wire.catalogue import Handling
from kiosk.wire.digest import person_digest
from kiosk.wire.events import Opinion, Supplement
from kiosk.wire.progress import Asked, Mine, MyAppointment, MyOpinion, Part, Progress, Standing, StepShown, WhoAsks
from kiosk.wire.requests import (
    Appointed,
    Book,
    Cancel,
    Changed,
    LineDown,
    MoreTime,
    Move,
    NotDone,
    Numbered,
    Reply,
    Request,
    SlotFree,
    Slots,
    TakeNumber,
    Withdraw,
)
from tests.journeys.cast import Scripted, ScriptedClock, SightScript, card
from tests.journeys.test_desk_journey import Hall

START = ScriptedClock().start
FUND = "housing-fund-withdrawal"
NUMBER, OTHER = "31012600000421", "31012600000439"
PERSON = person_digest("110101199003070011", b"h" * 32)
Step = tuple[type, Intent | None]


def jpeg(side: int = 60) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (side, side * 4 // 3), "#dddddd").save(out, "JPEG")
    return out.getvalue()


def submission(number: str = NUMBER, **changes: Any) -> Progress:
    given: dict[str, Any] = {
        "number": number, "item": FUND, "item_version": 1, "hall": "weinan", "accepts": "weinan", "decides": "weinan",
        "handling": Handling.HERE, "submitted": START - timedelta(days=3), "standing": Standing.ACCEPTED,
        "since": START - timedelta(days=1), "due": date(2026, 11, 30), "may_withdraw": True,
        "steps": (
            StepShown(what="receive", standing=Standing.RECEIVED, at=START - timedelta(days=3), hall="weinan"),
            StepShown(what="accept", standing=Standing.ACCEPTED, at=START - timedelta(days=1), hall="weinan"),
        ),
    }  # fmt: skip
    return Progress(**{**given, **changes})


def returned(**changes: Any) -> Progress:
    asked = (
        Asked(part=Part.PAPER, key="contract", words="第 2 页看不清"),
        Asked(part=Part.ANSWER, key="amount", words="金额和合同不一致"),
    )
    given = {"standing": Standing.CORRECTING, "asked": asked, "asked_due": date(2026, 11, 27)}
    return submission(may_have_more_time=True, **{**given, **changes})


def booked(code: str = "AAAABBBB", **changes: Any) -> MyAppointment:
    begins = START.replace(hour=2) + timedelta(days=1)
    given = {"code_id": code, "person": PERSON, "begins": begins, "ends": begins + timedelta(hours=1)}
    return MyAppointment(appointment=Appointment(**{**given, **changes}), change=7, code=f"K1.{code}")


class DeskOffice:
    """The back office: what it holds, and each request once."""

    def __init__(self) -> None:
        self.submissions: list[Progress] = []
        self.appointments: list[MyAppointment] = []
        self.opinions: list[MyOpinion] = []
        self.free = {START.replace(hour=hour) + timedelta(days=day): 3 for day in (1, 2) for hour in (1, 2, 6)}
        self.down = 0
        """So many questions are not answered yet."""
        self.lost = 0
        """So many answers get lost after it was done."""
        self.full: set[datetime] = set()
        self.requests: list[Request] = []
        self.done: dict[UUID, Reply] = {}
        self.pdf = b"%PDF-1.7 result"

    async def _reached(self) -> bool:
        await anyio.sleep(0.2)
        self.down -= 1
        return self.down < 0

    async def mine(self, who: WhoAsks, number: str = "") -> Mine | NotDone | LineDown:
        if not await self._reached():
            return LineDown(detail="no route")
        assert who.person == PERSON
        found = [one for one in self.submissions if number in {"", one.number}]
        if number and not found:
            return NotDone(kind="no_such_submission", detail="none")
        return Mine(
            made=START,
            submissions=tuple(found),
            appointments=tuple(self.appointments),
            opinions=tuple(self.opinions),
        )

    async def slots(self, department: str, first: date, days: int = 7) -> Slots | NotDone | LineDown:
        if not await self._reached():
            return LineDown()
        assert days <= 31
        slots = () if department == "tax" else tuple(SlotFree(begins=at, free=n) for at, n in self.free.items())
        return Slots(department=department, slots=slots)

    async def result(self, who: WhoAsks, number: str, place: int = 0) -> bytes | NotDone | LineDown:
        return self.pdf if await self._reached() else LineDown()

    async def request(self, request: Request) -> Any:
        if not await self._reached():
            return LineDown()
        if request.id not in self.done:
            self.requests.append(request)
            answer = self._do(request)
            if isinstance(answer, NotDone):
                return answer
            self.done[request.id] = answer
        self.lost -= 1
        return LineDown() if self.lost >= 0 else self.done[request.id]

    def _do(self, request: Request) -> Reply | NotDone:  # noqa: PLR0911  one answer a wish
        match request.ask:
            case Withdraw(number=number):
                if not any(one.number == number and one.may_withdraw for one in self.submissions):
                    return NotDone(kind="not_possible", detail="decided")
                self._put(number, standing=Standing.WITHDRAWN, may_withdraw=False)
                return Changed(number=number, standing=Standing.WITHDRAWN)
            case MoreTime(number=number):
                self._put(number, may_have_more_time=False)
                return Changed(number=number, standing=Standing.CORRECTING, due=date(2026, 12, 4))
            case TakeNumber(department=department):
                return Numbered(text="A012", department=department, ahead=4, made=START)
            case Book(begins=begins, department=department):
                if begins in self.full:
                    return NotDone(kind="full", detail="0 seats are left")
                made = booked("NEWCODE1", begins=begins, ends=begins + timedelta(hours=1), department=department)
                self.appointments.append(made)
                return Appointed(appointment=made.appointment, change=made.change, code=made.code)
            case Move(code_id=code, seen=seen, begins=begins):
                if seen != 7:
                    return NotDone(kind="changed", detail="somebody else was first")
                made = booked(code, begins=begins, ends=begins + timedelta(hours=1))
                self.appointments = [made]
                return Appointed(appointment=made.appointment, change=8, code=made.code)
            case Cancel(code_id=code):
                gone = next(one for one in self.appointments if one.appointment.code_id == code)
                self.appointments.remove(gone)
                cancelled = Appointment(
                    code_id=code, begins=gone.appointment.begins, ends=gone.appointment.ends,
                    status=AppointmentStatus.CANCELLED,
                )  # fmt: skip
                return Appointed(appointment=cancelled, change=9)
        raise AssertionError(request.ask)

    def _put(self, number: str, **changes: Any) -> None:
        import msgspec

        self.submissions = [
            msgspec.structs.replace(one, **changes) if one.number == number else one for one in self.submissions
        ]


@dataclass
class OutTray:
    supplements: list[Supplement] = field(default_factory=list)
    opinions: list[Opinion] = field(default_factory=list)

    async def supplement(self, made: Supplement) -> None:
        self.supplements.append(made)

    async def opinion(self, made: Opinion) -> None:
        self.opinions.append(made)


@dataclass
class Faces:
    """What the camera finds wrong, picture by picture; then nothing."""

    found: list[tuple[PhotoProblem, ...] | None] = field(default_factory=list)
    wanted: list[str] = field(default_factory=list)

    async def take_id_photo(self, after: int, wanted: str = "id_card") -> IdPhoto:
        await anyio.sleep(0.3)
        self.wanted.append(wanted)
        problems = self.found.pop(0) if self.found else ()
        if problems is None:
            raise SightLost("camera")
        return IdPhoto(after + 1, problems, jpeg() if not problems else None)


@dataclass
class PagesOut:
    fault: Exception | None = None
    jobs: list[PageJob] = field(default_factory=list)

    def status(self) -> PagePrinterStatus:
        return PagePrinterStatus(ready=self.fault is None)

    def print(self, job: PageJob) -> int:
        if self.fault is not None:
            raise self.fault
        self.jobs.append(job)
        return 1


class Papers(SightScript):
    """Codes from a list, and pages that are pictures."""

    codes: tuple[str, ...] = ()

    async def look_for_code(self, after: int) -> CodeSeen:
        await anyio.sleep(0.2)
        if self.lost is not None:
            raise SightLost(self.lost)
        text = self.codes[min(after, len(self.codes) - 1)] if self.codes else None
        return CodeSeen(after + 1, (text or "").encode(), text)

    async def take_page(self) -> PaperPage:
        return PaperPage(1, jpeg(), jpeg())


class After(Hall):
    """The desk."""

    def __init__(self, *, pages: bool = True) -> None:
        super().__init__()
        self.office, self.tray, self.faces = DeskOffice(), OutTray(), Faces()
        self.camera = self.sight = Papers()
        self.pages = Scripted(PagesOut())
        self.line = True
        self.reader.driver.queue = []
        self.desk = replace(
            self.desk,
            sight=self.sight,
            offline=lambda: not self.line,
            after=Afterwards(self.office, self.tray, self.faces, self.pages if pages else None),
        )

    def lay_card(self) -> None:
        self.reader.driver.queue.append(card())

    async def visit(self, citizen: Callable[[], Awaitable[None]], *, leaves: bool = False) -> str:
        """Serve one person; says how it ended. Unless they `leave`, they have to come to the end of their list."""
        over: list[str] = []
        finished = False
        # A thread at work (sealing, drawing a page) lets virtual time run on.
        with anyio.fail_after(5_000_000):
            async with anyio.create_task_group() as group:

                async def serve() -> None:
                    try:
                        await serve_one(self.desk)
                    except SessionOver as ended:
                        over.append(str(ended))
                    group.cancel_scope.cancel()

                group.start_soon(serve)
                await citizen()
                finished = True
                await anyio.sleep(200)
        assert finished or leaves, (over, self.person.kinds()[-8:])
        return over[0] if over else "served"

    async def seen(self, kind: type[State], *, but: State | None = None) -> State:
        """Wait until a state of a kind is shown, other than one; polls, because threads may be at work."""
        for _ in range(100_000):
            state = self.person.screen.state if self.person.screen is not None else None
            if isinstance(state, kind) and state != but:
                return state
            await anyio.sleep(0.02)
        raise AssertionError(f"{kind.__name__} was not shown: {self.person.kinds()[-6:]}")

    async def follow(self, *steps: Step, each: Callable[[], None] = lambda: None) -> None:
        """See a state, answer it, see the next; `each` happens before every answer."""
        before: State | None = None
        for kind, intent in steps:
            before = await self.seen(kind, but=before)
            while getattr(before, "slip", "") == "printing":
                before = await self.seen(kind, but=before)
            if intent is None:
                continue
            each()
            number = self.person.screen.number if self.person.screen is not None else 0
            self.person.touch(intent)
            for _ in range(100_000):
                await anyio.sleep(0.02)
                screen = self.person.screen
                if screen is None or screen.state != before or screen.number != number:
                    break
