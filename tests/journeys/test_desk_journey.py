from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import date

import anyio
import msgspec
import pytest

from drivers.errors import DeviceFault, Effect, NoAnswer
from drivers.kinds import Paper, PrinterStatus, PrintJob
from hub.catalogue.folder import SHIPPED, compiled
from kiosk.desk.desk import Desk, DeskPace, DeskTrust
from kiosk.desk.handover import promised
from kiosk.desk.journey import serve_one
from kiosk.desk.session import SessionOver
from kiosk.store.ledger import Handed
from kiosk.view import desk as view
from kiosk.view.common import Back, CallStaff, Cancel, Next, Stay
from kiosk.view.screen import Intent, State
from kiosk.vision.observation import PaperProblem
from kiosk.wire.events import Content
from kiosk.wire.holidays import Calendar, Due, Year
from kiosk.wire.sealing import new_identity, unseal
from tests.journeys.cast import Notes, Onlooker, Reader, Scripted, ScriptedClock, SightScript, card

pytestmark = pytest.mark.anyio

SECRET, RECIPIENT = new_identity()
CATALOGUE = compiled(SHIPPED)


@dataclass
class Printer:
    fault: Exception | None = None
    jobs: list[PrintJob] = field(default_factory=list)

    def status(self) -> PrinterStatus:
        return PrinterStatus(Paper.OK, cover_open=False, offline=False)

    def print(self, job: PrintJob) -> None:
        if self.fault is not None:
            raise self.fault
        self.jobs.append(job)


class Hall:
    def __init__(self) -> None:
        self.person = Onlooker()
        self.reader = Scripted(Reader([card()]))
        self.printer = Scripted(Printer())
        self.sight = SightScript()
        self.notes = Notes()
        self.desk = Desk(
            hall_name="示例市政务服务中心",
            hotline="0913-1234567",
            stage=self.person.stage,
            reader=self.reader,
            printer=self.printer,
            printing=lambda: True,
            sight=self.sight,
            ledger=self.notes,
            trust=DeskTrust(b"h" * 32, RECIPIENT, 42),
            catalogue=lambda: CATALOGUE,
            offline=lambda: False,
            pace=DeskPace(),
            clock=ScriptedClock(),
        )

    async def serve(self, citizen: Callable[[], Coroutine[object, object, None]]) -> None:
        with anyio.fail_after(3000):
            async with anyio.create_task_group() as group:
                group.start_soon(citizen)
                await serve_one(self.desk)
                group.cancel_scope.cancel()

    async def walk(self, *steps: tuple[type[State], Intent | None]) -> None:
        """See a state, answer it, see the next."""
        for kind, intent in steps:
            shown = await self.person.see(kind)
            if intent is None:
                continue
            self.person.touch(intent)
            while self.person.screen is not None and self.person.screen.state == shown:
                await anyio.sleep(0.01)


CHOOSE = (view.ChooseItem, view.Choose("housing-fund-withdrawal"))
ELIGIBLE = ((view.Question, view.Answer("months", "yes")), (view.Question, view.Answer("owner", "none")))
TOLD = (*ELIGIBLE, (view.BeforeYouStart, Next()))
ANSWERS = (
    (view.Question, view.Answer("purpose", "rent")),
    (view.Question, view.Answer("amount", "12000")),
    (view.Question, view.Answer("since", "2025-03-01")),
    (view.Question, view.Answer("until", "2027-02-28")),
    (view.Question, view.Answer("bank_account", "6222020000000000000")),
    (view.Question, view.Answer("phone", "13800138000")),
)
PAPER = (view.CheckPaper, Next())
LATER = (view.CapturePaper, view.BringLater())
HAND_IN = (view.Review, Next())
DONE = (view.Done, None)
LEAVE = (view.Done, Next())


SIGNED = view.Signed((((0.1, 0.5), (0.6, 0.2), (0.9, 0.8)), ((1.1, 0.4), (1.8, 0.6))))


async def finish(hall: Hall) -> None:
    await hall.walk((view.Sign, SIGNED))
    while not (
        hall.person.screen
        and isinstance(hall.person.screen.state, view.Done)
        and hall.person.screen.state.receipt is not view.Receipt.PRINTING
    ):
        await anyio.sleep(0.05)
    hall.person.touch(Next())


async def test_a_whole_application() -> None:
    hall = Hall()

    async def citizen() -> None:
        await hall.walk(CHOOSE, *TOLD, *ANSWERS, PAPER, LATER, HAND_IN)
        await finish(hall)

    await hall.serve(citizen)
    (made,) = hall.notes.submissions
    assert made.number == "00004200000017"
    assert made.item == "housing-fund-withdrawal"
    content = msgspec.json.decode(unseal(made.content_sealed, SECRET), type=Content)
    assert content.answers == {
        "purpose": "rent",
        "amount": "12000",
        "since": "2025-03-01",
        "until": "2027-02-28",
        "bank_account": "6222020000000000000",
        "phone": "13800138000",
    }
    assert content.person.name == "王小明"
    assert b"13800138000" not in msgspec.json.encode(made)
    assert [unseal(paper, SECRET) for paper in hall.notes.papers] == [b"jpeg"]
    assert [receipt[1] for receipt in hall.notes.receipts] == [True]
    (job,) = hall.printer.driver.jobs
    assert "0000 4200 0000 17" in str(job)
    assert "110101199003070011" not in str(job)
    assert hall.person.kinds() == [
        "Start", "ChooseItem", "Question", "BeforeYouStart", "Question", "CapturePaper", "CheckPaper", "CapturePaper",
        "Review", "Sign", "Submitting", "Done", "TakeYourThings",
    ]  # fmt: skip


async def test_back_works_everywhere_and_loses_nothing() -> None:
    hall = Hall()

    async def citizen() -> None:
        await hall.walk(CHOOSE, *TOLD, *ANSWERS, PAPER, LATER)
        await hall.person.see(view.Review)
        questions = ["Question"] * len(ANSWERS)
        before_form = ["BeforeYouStart", "Question", "Question", "ChooseItem"]
        for expected in ("CapturePaper", "CheckPaper", *questions, *before_form):
            before = hall.person.screen
            hall.person.touch(Back())
            assert before is not None
            while hall.person.screen is None or hall.person.screen.number == before.number:
                await anyio.sleep(0.01)
            assert type(hall.person.screen.state).__name__ == expected
        await hall.walk(CHOOSE, *TOLD)
        # Another application of the same item begins empty; what was typed belonged to the one that was left.
        first = await hall.person.see(view.Question)
        assert first.value == ""
        await hall.walk(*ANSWERS, PAPER, LATER, HAND_IN)
        await finish(hall)

    await hall.serve(citizen)
    assert len(hall.notes.submissions) == 1


async def test_back_to_a_question_shows_what_was_answered() -> None:
    hall = Hall()

    async def citizen() -> None:
        await hall.walk(CHOOSE, *TOLD, ANSWERS[0], ANSWERS[1], (view.Question, Back()))
        shown = await hall.person.see(view.Question)
        assert (shown.key, shown.value) == ("amount", "12000")
        await hall.walk(*ANSWERS[1:], PAPER, LATER, HAND_IN)
        await finish(hall)

    await hall.serve(citizen)


async def test_changing_an_answer_returns_to_the_check_page() -> None:
    hall = Hall()

    async def citizen() -> None:
        await hall.walk(CHOOSE, *TOLD, *ANSWERS, PAPER, LATER, (view.Review, view.Edit("amount")))
        await hall.walk((view.Question, view.Answer("amount", "900")))
        review = await hall.person.see(view.Review)
        assert any(row.key == "amount" and row.value.zh_hans == "900 元" for row in review.rows)
        hall.person.touch(Next())
        await finish(hall)

    await hall.serve(citizen)
    assert "900" in unseal(hall.notes.submissions[0].content_sealed, SECRET).decode()


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        (view.Answer("purpose", ""), view.AnswerProblem.EMPTY),
        (view.Answer("purpose", "holiday"), view.AnswerProblem.EMPTY),
        (view.Answer("amount", "99"), view.AnswerProblem.OUT_OF_RANGE),
        (view.Answer("amount", "1,200"), view.AnswerProblem.OUT_OF_RANGE),
        (view.Answer("amount", "1e9"), view.AnswerProblem.OUT_OF_RANGE),
        (view.Answer("since", "2025-02-30"), view.AnswerProblem.NOT_A_DATE),
        (view.Answer("since", "2030-01-01"), view.AnswerProblem.IN_THE_FUTURE),
        (view.Answer("phone", "12345678901"), view.AnswerProblem.NOT_A_PHONE),
    ],
)
async def test_a_wrong_answer_is_asked_again_with_what_is_wrong(
    wrong: view.Answer, problem: view.AnswerProblem
) -> None:
    hall = Hall()

    async def citizen() -> None:
        await hall.walk(CHOOSE, *TOLD)
        for step in ANSWERS:
            right = step[1]
            if right.key == wrong.key:
                await hall.person.see(view.Question)
                hall.person.touch(wrong)
                while not (
                    hall.person.screen
                    and isinstance(hall.person.screen.state, view.Question)
                    and hall.person.screen.state.problem is problem
                ):
                    await anyio.sleep(0.01)
                assert hall.person.screen.state.value == wrong.value.strip()
            await hall.walk((view.Question, right))
        await hall.walk(PAPER, LATER, HAND_IN)
        await finish(hall)

    await hall.serve(citizen)
    assert len(hall.notes.submissions) == 1


async def test_who_leaves_is_warned_and_then_forgotten() -> None:
    hall = Hall()

    async def citizen() -> None:
        await hall.walk(CHOOSE, *TOLD)

    with pytest.raises((SessionOver, ExceptionGroup)) as over:
        await hall.serve(citizen)
    assert over.group_contains(SessionOver) if isinstance(over.value, ExceptionGroup) else True
    seconds = [s.seconds for s in hall.person.seen if isinstance(s, view.StillThere)]
    assert seconds == list(range(20, 0, -1))
    assert hall.notes.submissions == []


async def test_the_warning_can_be_answered_ten_times() -> None:
    hall = Hall()

    async def citizen() -> None:
        await hall.walk(CHOOSE)
        for _ in range(10):
            await hall.person.see(view.StillThere)
            hall.person.touch(Stay())
            await hall.person.see(view.Question)
        await hall.walk(*TOLD, *ANSWERS, PAPER, LATER, HAND_IN)
        await finish(hall)

    await hall.serve(citizen)
    assert len(hall.notes.submissions) == 1


async def test_cancelling_forgets() -> None:
    hall = Hall()

    async def citizen() -> None:
        await hall.walk(CHOOSE, *TOLD, ANSWERS[0])
        await hall.person.see(view.Question)
        hall.person.touch(Cancel())
        await anyio.sleep_forever()

    with pytest.raises((SessionOver, ExceptionGroup)):
        await hall.serve(citizen)
    assert hall.notes.submissions == []


async def test_calling_staff_returns_to_the_same_place() -> None:
    hall = Hall()

    async def citizen() -> None:
        await hall.walk(CHOOSE, *TOLD, ANSWERS[0])
        await hall.walk((view.Question, CallStaff()), (view.StaffCalled, Back()))
        shown = await hall.person.see(view.Question)
        assert shown.key == "amount"
        await hall.walk(*ANSWERS[1:])
        await hall.person.see(view.CapturePaper)
        hall.person.touch(CallStaff())
        await hall.walk((view.StaffCalled, Back()), PAPER, LATER, HAND_IN)
        await finish(hall)

    await hall.serve(citizen)


async def test_no_paper_is_waited_for_and_can_be_left() -> None:
    hall = Hall()
    hall.sight.paper = PaperProblem.NO_PAPER

    async def citizen() -> None:
        await hall.walk(CHOOSE, *TOLD, *ANSWERS)
        await hall.person.see(view.CapturePaper)
        await anyio.sleep(5)
        hall.person.touch(Back())
        await hall.person.see(view.Question)
        hall.sight.paper = PaperProblem.NONE
        await hall.walk(ANSWERS[-1], (view.CheckPaper, view.Retake()), PAPER, LATER, HAND_IN)
        await finish(hall)

    await hall.serve(citizen)


@pytest.mark.parametrize(("wander", "pictures"), [(0.015, 3), (0.2, 24)])
async def test_nobody_stands_for_ever_before_a_page_that_seems_to_move(wander: float, pictures: int) -> None:
    hall = Hall()
    hall.sight.wander = wander

    async def citizen() -> None:
        await hall.walk(CHOOSE, *TOLD, *ANSWERS, PAPER, LATER, HAND_IN)
        await finish(hall)

    await hall.serve(citizen)
    assert (
        sum(isinstance(shown, view.CapturePaper) and shown.outline is not None for shown in hall.person.seen)
        == pictures
    )


async def test_a_camera_that_goes_is_waited_for() -> None:
    hall = Hall()
    hall.sight.lost = "camera"

    async def citizen() -> None:
        await hall.walk(CHOOSE, *TOLD, *ANSWERS)
        while not any(
            isinstance(s, view.CapturePaper) and s.hint is view.PaperHint.CAMERA_AWAY for s in hall.person.seen
        ):
            await anyio.sleep(0.1)
        hall.sight.lost = None
        await hall.walk(PAPER, LATER, HAND_IN)
        await finish(hall)

    await hall.serve(citizen)


@pytest.mark.parametrize(
    ("fault", "receipt", "problem"),
    [
        (DeviceFault("paper_out"), view.Receipt.ON_SCREEN, view.PrinterProblem.PAPER_OUT),
        (DeviceFault("cover_open"), view.Receipt.ON_SCREEN, view.PrinterProblem.COVER_OPEN),
        (NoAnswer("silent"), view.Receipt.ON_SCREEN, view.PrinterProblem.AWAY),
        (DeviceFault("paper_out", effect=Effect.UNKNOWN), view.Receipt.PRINT_UNSURE, view.PrinterProblem.PAPER_OUT),
    ],
)
async def test_without_a_printer_the_receipt_is_shown_and_printed_later(
    fault: Exception, receipt: view.Receipt, problem: view.PrinterProblem
) -> None:
    hall = Hall()
    hall.printer.driver.fault = fault

    async def citizen() -> None:
        await hall.walk(CHOOSE, *TOLD, *ANSWERS, PAPER, LATER, HAND_IN, (view.Sign, SIGNED))
        while not (
            hall.person.screen
            and isinstance(hall.person.screen.state, view.Done)
            and hall.person.screen.state.receipt is receipt
        ):
            await anyio.sleep(0.05)
        assert hall.person.screen.state.problem is problem
        assert hall.person.screen.state.qr == "KR1:00004200000017"
        hall.printer.driver.fault = None
        hall.person.touch(view.Reprint())
        while hall.person.screen.state.receipt is not view.Receipt.PRINTED:
            await anyio.sleep(0.05)
        hall.person.touch(Next())

    await hall.serve(citizen)
    assert len(hall.printer.driver.jobs) == 1
    assert [receipt[1] for receipt in hall.notes.receipts] == [False, True]


async def test_who_was_interrupted_finds_the_receipt_again_and_does_not_hand_in_twice() -> None:
    hall = Hall()

    async def citizen() -> None:
        await hall.walk(CHOOSE, *TOLD, *ANSWERS, PAPER, LATER, HAND_IN)
        await finish(hall)

    await hall.serve(citizen)
    made = hall.notes.submissions[0]
    receipt = hall.notes.kept_receipts[made.id]
    hall.notes.earlier = Handed(made.id, made.number, made.item, made.submitted, made.promised, receipt)
    hall.reader.driver.queue = [card()]
    hall.person.seen.clear()

    async def again() -> None:
        done = await hall.person.see(view.Done)
        assert done.earlier
        assert [paper.title.zh_hans for paper in done.owed] == ["家庭住房情况证明"]
        assert len(hall.printer.driver.jobs) == 1  # the slip may have come out: it is printed only when asked for
        hall.person.touch(view.Reprint())
        while len(hall.printer.driver.jobs) < 2:
            await anyio.sleep(0.05)
        await hall.walk((view.Done, Next()))

    await hall.serve(again)
    assert len(hall.notes.submissions) == 1
    first, reprinted = hall.printer.driver.jobs
    assert first == reprinted  # what follows, the fee, the days: all as on the first
    assert "ChooseItem" not in hall.person.kinds()


def test_promised_days_skip_the_weekend_and_the_holidays() -> None:
    item = CATALOGUE.items[0]
    friday = ScriptedClock().start.replace(day=20)
    known = Calendar([Year(year=2026, off=(date(2026, 11, 23),), work=(date(2026, 11, 21),))])
    for days, plain, moved in ((1, "2026-11-23", "2026-11-21"), (5, "2026-11-27", "2026-11-27")):
        item = msgspec.structs.replace(item, working_days=days)
        assert promised(friday, item, Calendar()) == Due(day=date.fromisoformat(plain), provisional=True)
        assert promised(friday, item, known) == Due(day=date.fromisoformat(moved), provisional=False)
    assert promised(friday, msgspec.structs.replace(item, working_days=0), known) is None
