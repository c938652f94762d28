"""The desk's other services as lists of steps: each with back, idle and another language at every step."""

from dataclasses import replace
from datetime import timedelta

import anyio
import msgspec
import pytest

from drivers.errors import DeviceFault, Effect, NotPresent
from drivers.kinds import QrCode
from kiosk.desk.draft import Draft
from kiosk.desk.keeping import expiry, sealed
from kiosk.store.shelf import StoredDraft
from kiosk.view import afterwards as view
from kiosk.view import desk
from kiosk.view.afterwards import Act, Do, News, Open, OpenServices, Service, Slip
from kiosk.view.common import Back, Cancel, ChangeLanguage, Language, Next
from kiosk.view.desk import Answer, Choose
from kiosk.vision.id_photo_result import PhotoProblem
from kiosk.wire.events import Answers, Deferred, OpinionKind, OpinionWords, Person
from kiosk.wire.progress import Asked, MyOpinion, Part, ResultFile, Standing
from kiosk.wire.requests import Book, MoreTime, Move, TakeNumber, Withdraw
from kiosk.wire.requests import Cancel as CancelWish
from kiosk.wire.sealing import unseal
from tests.journeys.after_cast import FUND, NUMBER, OTHER, PERSON, START, After, Step, booked, returned, submission
from tests.journeys.cast import card
from tests.journeys.test_desk_drafts import Shelf
from tests.journeys.test_desk_journey import CATALOGUE, SECRET

pytestmark = pytest.mark.anyio

BEGIN: tuple[Step, ...] = ((desk.Start, OpenServices()),)
LEAVE: tuple[Step, ...] = ((view.Menu, Back()), (view.Menu, Back()))


def through(part: Service, service: Service) -> tuple[Step, ...]:
    return (*BEGIN, (view.Menu, Open(part)), (view.Menu, Open(service)))


CARD: Step = (desk.LayCard, None)
PROGRESS = (*through(Service.MINE, Service.PROGRESS), CARD, (view.Submissions, Choose(NUMBER)))
CORRECT = (
    *PROGRESS,
    (view.ProgressShown, Do(Act.CORRECT)),
    (view.Correction, Next()),
    (desk.CheckPaper, Next()),
    (desk.Question, Answer("amount", "900")),
    (view.Correction, Next()),
    (view.Told, Next()),
)
WITHDRAW = (*PROGRESS, (view.ProgressShown, Do(Act.WITHDRAW)), (view.Sure, Next()), (view.Told, Next()))
BOOK = (
    *through(Service.WINDOW, Service.APPOINTMENT),
    CARD,
    (view.Appointments, Do(Act.BOOK)),
    (desk.ChooseGroup, Choose("housing")),
    (view.PickDay, Choose("2026-11-24")),
    (view.PickHour, Choose("10:00")),
    (view.OneAppointment, Next()),
)
QUEUE = (*through(Service.WINDOW, Service.NUMBER), (desk.ChooseGroup, Choose("-")), (view.QueueNumber, Next()))
COMPLAIN = (
    *through(Service.SAY, Service.COMPLAINT),
    (desk.Question, Answer("who", "unnamed")),
    (desk.Question, Answer("reasons", "waiting,manner")),
    (desk.Question, Answer("words", "等了两个小时")),
    (desk.Question, Answer("phone", "13800138000")),
    (view.Told, Next()),
)
RATE = (
    *through(Service.SAY, Service.RATING),
    (view.RateService, view.Rate(2)),
    (desk.Question, Answer("reasons", "")),
    (desk.Question, Answer("words", "")),
    (view.Told, Next()),
)
PHOTO = (
    *through(Service.TOOLS, Service.PHOTO),
    (desk.Question, Answer("photo", "passport")),
    (view.CheckPhoto, Do(Act.PRINT)),
    (view.Told, Next()),
)
COPY = (
    *through(Service.TOOLS, Service.COPY),
    (view.Copies, Do(Act.ADD)),
    (view.Copies, Do(Act.PRINT)),
    (view.Told, Next()),
)
GUIDE = (*BEGIN, (view.Menu, Open(Service.GUIDE)), (view.Menu, Open(Service.FIRST_TIME)), (view.GuidePage, Next()))
JOURNEYS = {
    "correct": CORRECT, "withdraw": WITHDRAW, "book": BOOK, "queue": QUEUE, "complain": COMPLAIN, "rate": RATE,
    "photo": PHOTO, "copy": COPY, "guide": GUIDE,
}  # fmt: skip


def hall_for(name: str) -> After:
    hall = After()
    hall.office.submissions = [returned() if name == "correct" else submission()]
    return hall


async def walk(hall: After, steps: tuple[Step, ...]) -> None:
    """Follow steps; the card is laid down when it is asked for."""
    for place, step in enumerate(steps):
        if step[0] is desk.LayCard:
            await hall.follow(*steps[:place])
            await hall.seen(desk.LayCard)
            hall.lay_card()
            await hall.follow(*steps[place + 1 :])
            return
    await hall.follow(*steps)


# Every journey ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", JOURNEYS)
async def test_from_the_start_to_the_end_and_out(name: str) -> None:
    hall = hall_for(name)

    async def citizen() -> None:
        await walk(hall, JOURNEYS[name])
        for _ in range(6):  # back from wherever it led, up to the start
            if hall.person.screen is not None and isinstance(hall.person.screen.state, desk.TakeYourThings):
                break
            hall.person.touch(Back())
            await anyio.sleep(1)

    ended = await hall.visit(citizen, leaves=True)
    assert ended == "went back from the other services"


@pytest.mark.parametrize("name", JOURNEYS)
async def test_who_walks_away_at_any_step_leaves_nothing_half_done(name: str) -> None:
    steps = JOURNEYS[name]
    whole = len(steps) - 1
    for stop in range(2, whole):
        hall = hall_for(name)
        if steps[stop - 1][0] is desk.LayCard:
            continue

        async def citizen(hall: After = hall, stop: int = stop) -> None:
            await walk(hall, steps[:stop])
            await anyio.sleep(120)

        assert await hall.visit(citizen, leaves=True) == "idle", (name, stop)
        seconds = [state.seconds for state in hall.person.seen if isinstance(state, desk.StillThere)]
        assert seconds[-1] == 1
        # The last answer is what does it; before it nothing was done, and after it everything was.
        done = bool(hall.tray.supplements or hall.tray.opinions or hall.office.requests or hall.pages.driver.jobs)
        assert done == (stop >= whole), (name, stop)


@pytest.mark.parametrize("name", JOURNEYS)
async def test_another_language_at_each_step_changes_nothing_else(name: str) -> None:
    hall = hall_for(name)
    languages = [Language.EN, Language.ZH_HANT]

    def turn() -> None:
        before = hall.person.screen
        languages.append(languages.pop(0))
        hall.person.touch(ChangeLanguage(languages[0]))
        assert before is not None
        assert hall.person.screen is not None
        assert hall.person.screen.state == before.state
        assert hall.person.screen.number == before.number

    async def citizen() -> None:
        steps = JOURNEYS[name]
        place = next((at for at, step in enumerate(steps) if step[0] is desk.LayCard), len(steps))
        await hall.follow(*steps[:place], each=turn)
        if place < len(steps):
            await hall.seen(desk.LayCard)
            hall.lay_card()
            await hall.follow(*steps[place + 1 :], each=turn)
        await anyio.sleep(1)  # the hub is being asked
        hall.person.touch(Cancel())

    assert await hall.visit(citizen) == "cancelled"


# Progress -----------------------------------------------------------------------------------------------------------


async def test_all_of_ones_own_what_waits_first_and_masked() -> None:
    hall = After()
    hall.office.submissions = [submission(OTHER), returned()]

    async def citizen() -> None:
        await walk(hall, (*through(Service.MINE, Service.PROGRESS), CARD))
        shown = await hall.seen(view.Submissions)
        assert isinstance(shown, view.Submissions)
        assert shown.name_masked == "王*明"
        assert [(line.number, line.wants) for line in shown.lines] == [(NUMBER, True), (OTHER, False)]
        await hall.follow((view.Submissions, Choose(OTHER)))
        one = await hall.seen(view.ProgressShown)
        assert isinstance(one, view.ProgressShown)
        assert one.title.zh_hans == "住房公积金提取"
        assert [step.what for step in one.steps] == ["receive", "accept"]
        assert (one.asked, one.may_withdraw) == ((), True)
        hall.person.touch(Do(Act.CORRECT))  # nothing is asked for: nothing happens
        await anyio.sleep(1)
        assert await hall.seen(view.ProgressShown) == one
        hall.person.touch(Cancel())

    assert await hall.visit(citizen) == "cancelled"


async def test_withdrawing_is_asked_for_twice_and_done_once_over_a_bad_line() -> None:
    hall = After()
    hall.office.submissions = [submission()]

    async def citizen() -> None:
        await walk(hall, (*PROGRESS, (view.ProgressShown, Do(Act.WITHDRAW)), (view.Sure, Back())))
        assert not hall.office.requests
        hall.office.lost = 1
        await hall.follow((view.ProgressShown, Do(Act.WITHDRAW)), (view.Sure, Next()))
        told = await hall.seen(view.Told)
        assert (told.what, told.again) == (News.LINE_DOWN, True)  # type: ignore[union-attr]
        await hall.follow((view.Told, Next()))
        told = await hall.seen(view.Told, but=told)
        assert told.what is News.WITHDRAWN  # type: ignore[union-attr]
        await hall.follow((view.Told, Next()))
        shown = await hall.seen(view.Submissions)
        assert shown.lines[0].standing == Standing.WITHDRAWN  # type: ignore[union-attr]
        hall.person.touch(Cancel())

    await hall.visit(citizen)
    (request,) = hall.office.requests
    assert isinstance(request.ask, Withdraw)
    assert request.ask.number == NUMBER


async def test_what_the_office_refuses_is_said_and_nothing_changes() -> None:
    hall = After()
    hall.office.submissions = [submission()]

    async def citizen() -> None:
        await walk(hall, (*PROGRESS, (view.ProgressShown, Do(Act.WITHDRAW))))
        hall.office.submissions = [submission(may_withdraw=False)]  # decided in the meantime
        await hall.follow((view.Sure, Next()))
        assert (await hall.seen(view.Told)).what is News.NOT_POSSIBLE  # type: ignore[union-attr]
        hall.person.touch(Cancel())

    await hall.visit(citizen)


async def test_more_time_says_until_when() -> None:
    hall = After()
    hall.office.submissions = [returned()]

    async def citizen() -> None:
        await walk(hall, (*PROGRESS, (view.ProgressShown, Do(Act.MORE_TIME)), (view.Sure, Next())))
        told = await hall.seen(view.Told)
        assert isinstance(told, view.Told)
        assert (told.what, str(told.day)) == (News.MORE_TIME, "2026-12-04")
        hall.person.touch(Cancel())

    await hall.visit(citizen)
    assert [type(request.ask) for request in hall.office.requests] == [MoreTime]


async def test_by_receipt_scanned_or_typed_and_only_ones_own() -> None:
    hall = After()
    hall.office.submissions = [submission()]
    hall.camera.codes = ("https://example.invalid/", "KR1:99999999999999")

    async def citizen() -> None:
        await walk(hall, (*through(Service.MINE, Service.RECEIPT), CARD))
        assert any(isinstance(s, view.ScanReceipt) and s.hint is view.ScanHint.NOT_A_RECEIPT for s in hall.person.seen)
        assert (await hall.seen(view.Told)).what is News.NOT_YOURS  # type: ignore[union-attr]
        hall.camera.lost = "camera"
        await hall.follow(
            (view.Told, Next()), (view.ScanReceipt, Do(Act.TYPE)), (desk.Question, Answer("number", "42"))
        )
        question = await hall.seen(desk.Question)
        assert question.problem is desk.AnswerProblem.TOO_SHORT  # type: ignore[union-attr]
        await hall.follow((desk.Question, Answer("number", NUMBER)))
        assert (await hall.seen(view.ProgressShown)).number == NUMBER  # type: ignore[union-attr]
        hall.person.touch(Cancel())

    await hall.visit(citizen)


async def test_a_result_is_printed_where_there_is_a_printer() -> None:
    hall = After()
    result = ResultFile(place=1, title="准予决定书", bytes=10, uploaded=START)
    hall.office.submissions = [submission(standing=Standing.RESULT, results=(result,))]

    async def citizen() -> None:
        await walk(hall, (*PROGRESS, (view.ProgressShown, Do(Act.FETCH))))
        assert (await hall.seen(view.Told)).what is News.PRINTED  # type: ignore[union-attr]
        hall.person.touch(Cancel())

    await hall.visit(citizen)
    assert [job.pdf for job in hall.pages.driver.jobs] == [b"%PDF-1.7 result"]


# Correction ---------------------------------------------------------------------------------------------------------


async def test_a_correction_is_only_what_was_asked_for_and_handed_in_once() -> None:
    hall = After()
    hall.office.submissions = [returned()]

    async def citizen() -> None:
        await walk(hall, CORRECT)
        await hall.follow((view.Submissions, Choose(NUMBER)))
        again = await hall.seen(view.ProgressShown)
        assert again.asked == ()  # type: ignore[union-attr]  # handed in already, the hub only does not know it yet
        hall.person.touch(Cancel())

    await hall.visit(citizen)
    (made,) = hall.tray.supplements
    assert made.number == NUMBER
    assert [paper.kind for paper in made.papers] == ["contract"]
    assert msgspec.json.decode(unseal(made.answers_sealed, SECRET), type=Answers).answers == {"amount": "900"}
    assert msgspec.json.decode(unseal(made.person_sealed, SECRET), type=Person).number == "110101199003070011"
    assert len(hall.notes.papers) == 1
    questions = {state.key for state in hall.person.seen if isinstance(state, desk.Question)}
    assert questions == {"amount"}
    slip = str(hall.printer.driver.jobs[-1])
    assert "3101 2600 0004 21" in slip
    assert "110101199003070011" not in slip


async def test_a_correction_can_be_looked_over_changed_and_left() -> None:
    hall = After()
    hall.office.submissions = [returned()]

    async def citizen() -> None:
        await walk(hall, (*PROGRESS, (view.ProgressShown, Do(Act.CORRECT))))
        first = await hall.seen(view.Correction)
        assert isinstance(first, view.Correction)
        assert [row.words for row in first.rows] == ["第 2 页看不清", "金额和合同不一致"]
        assert not first.ready
        await hall.follow(
            (view.Correction, Choose(first.rows[1].key)),
            (desk.Question, Answer("amount", "1")),  # too little
            (desk.Question, Answer("amount", "950")),
        )
        half = await hall.seen(view.Correction)
        assert [row.done for row in half.rows] == [False, True]  # type: ignore[union-attr]
        await hall.follow((view.Correction, Choose(first.rows[1].key)))
        assert (await hall.seen(desk.Question)).value == "950"  # type: ignore[union-attr]
        await hall.follow((desk.Question, Back()), (view.Correction, Back()))
        await hall.seen(view.ProgressShown)
        hall.person.touch(Cancel())

    await hall.visit(citizen)
    assert not hall.tray.supplements
    assert not hall.notes.papers


async def test_free_words_are_answered_with_a_paper_and_an_unknown_question_at_a_window() -> None:
    hall = After()
    asked = (Asked(part=Part.OTHER, words="请补盖单位公章的说明"), Asked(part=Part.ANSWER, key="gone", words="改了"))
    hall.office.submissions = [returned(asked=asked)]

    async def citizen() -> None:
        await walk(hall, (*PROGRESS, (view.ProgressShown, Do(Act.CORRECT))))
        shown = await hall.seen(view.Correction)
        assert isinstance(shown, view.Correction)
        assert [bool(row.key) for row in shown.rows] == [True, False]
        assert shown.window
        await hall.follow((view.Correction, Next()), (desk.CheckPaper, Next()), (view.Correction, Next()))
        await hall.seen(view.Told)
        hall.person.touch(Cancel())

    await hall.visit(citizen)
    assert [paper.kind for paper in hall.tray.supplements[0].papers] == ["other"]


async def test_a_paper_that_was_to_follow_is_brought() -> None:
    hall = After()
    owed = Deferred(kind="household", due=START.date() + timedelta(days=9))
    hall.office.submissions = [submission(deferred=(owed,))]

    async def citizen() -> None:
        await walk(hall, (*PROGRESS, (view.ProgressShown, Do(Act.BRING)), (view.Correction, Next())))
        await hall.follow((desk.CheckPaper, Next()), (view.Correction, Next()), (view.Told, Next()))
        hall.person.touch(Cancel())

    await hall.visit(citizen)
    assert [paper.kind for paper in hall.tray.supplements[0].papers] == ["household"]


# Appointments and numbers ---------------------------------------------------------------------------------------------


async def test_booking_an_hour_that_was_just_filled_leads_to_another() -> None:
    hall = After()
    taken = START.replace(hour=1) + timedelta(days=1)
    hall.office.full = {taken}

    async def citizen() -> None:
        await walk(hall, (*BOOK[:-2], (view.PickHour, Choose("09:00"))))
        assert (await hall.seen(view.Told)).what is News.FULL  # type: ignore[union-attr]
        await hall.follow((view.Told, Next()), *BOOK[-4:-1])
        one = await hall.seen(view.OneAppointment)
        assert one.qr == "K1.NEWCODE1"  # type: ignore[union-attr]
        await hall.follow((view.OneAppointment, Next()))
        assert len((await hall.seen(view.Appointments)).lines) == 1  # type: ignore[union-attr]
        hall.person.touch(Cancel())

    await hall.visit(citizen)
    wishes = [request.ask for request in hall.office.requests]
    assert all(isinstance(wish, Book) and wish.department == "housing" for wish in wishes)
    assert "K1.NEWCODE1" in [block.payload for block in hall.printer.driver.jobs[0].blocks if isinstance(block, QrCode)]


async def test_a_department_without_hours_says_so() -> None:
    hall = After()

    async def citizen() -> None:
        await walk(hall, (*BOOK[:5], (desk.ChooseGroup, Choose("tax"))))
        assert (await hall.seen(view.Told)).what is News.NO_SLOTS  # type: ignore[union-attr]
        await hall.follow((view.Told, Next()), (desk.ChooseGroup, Back()))
        await hall.seen(view.Appointments)
        hall.person.touch(Cancel())

    await hall.visit(citizen)


async def test_an_appointment_is_moved_and_cancelled() -> None:
    hall = After()
    hall.office.appointments = [booked()]

    async def citizen() -> None:
        await walk(hall, (*through(Service.WINDOW, Service.APPOINTMENT), CARD, (view.Appointments, Choose("AAAABBBB"))))
        await hall.follow(
            (view.OneAppointment, Do(Act.MOVE)), (view.PickDay, Back()), (view.OneAppointment, Do(Act.MOVE))
        )
        await hall.follow((view.PickDay, Choose("2026-11-25")), (view.PickHour, Choose("14:00")))
        moved = await hall.seen(view.OneAppointment)
        assert moved.fresh  # type: ignore[union-attr]
        await hall.follow((view.OneAppointment, Do(Act.CANCEL)), (view.Sure, Back()))
        assert len(hall.office.requests) == 1
        await hall.follow((view.OneAppointment, Do(Act.CANCEL)), (view.Sure, Next()), (view.Told, Next()))
        assert not (await hall.seen(view.Appointments)).lines  # type: ignore[union-attr]
        hall.person.touch(Cancel())

    await hall.visit(citizen)
    move, cancel = (request.ask for request in hall.office.requests)
    assert isinstance(move, Move)
    assert move.seen == 7
    assert isinstance(cancel, CancelWish)
    assert cancel.seen == 8


@pytest.mark.parametrize(
    ("fault", "slip"),
    [(DeviceFault("paper_out"), Slip.ON_SCREEN), (DeviceFault("cutter", effect=Effect.UNKNOWN), Slip.UNSURE)],
)
async def test_a_number_is_shown_when_the_slip_cannot_be_printed(fault: Exception, slip: Slip) -> None:
    hall = After()
    hall.printer.driver.fault = fault

    async def citizen() -> None:
        await hall.follow(*QUEUE[:-1])
        while (shown := await hall.seen(view.QueueNumber)).slip is Slip.PRINTING:  # type: ignore[union-attr]
            await anyio.sleep(0.1)
        assert (shown.text, shown.ahead, shown.slip) == ("A012", 4, slip)  # type: ignore[union-attr]
        hall.printer.driver.fault = None
        await hall.follow((view.QueueNumber, Do(Act.PRINT)))
        while (await hall.seen(view.QueueNumber)).slip is not Slip.PRINTED:  # type: ignore[union-attr]
            await anyio.sleep(0.1)
        hall.person.touch(Cancel())

    await hall.visit(citizen)
    (request,) = hall.office.requests
    assert isinstance(request.ask, TakeNumber)
    assert request.ask.who is None
    assert "A012" in str(hall.printer.driver.jobs[0])


# Opinions -----------------------------------------------------------------------------------------------------------


async def test_a_complaint_without_a_name_offline() -> None:
    hall = After()
    hall.line = False

    async def citizen() -> None:
        await hall.follow(*COMPLAIN[:-1])
        told = await hall.seen(view.Told)
        assert isinstance(told, view.Told)
        assert told.what is News.THANKS
        assert len(told.code) == 8
        hall.person.touch(Cancel())

    await hall.visit(citizen)
    (made,) = hall.tray.opinions
    assert (made.kind, made.person, made.name_masked, made.number) == (OpinionKind.COMPLAINT, None, "", "")
    assert made.reasons == ("waiting", "manner")
    spoken = msgspec.json.decode(unseal(made.words_sealed, SECRET), type=OpinionWords)
    assert spoken == OpinionWords(text="等了两个小时", phone="13800138000")
    slip = str(hall.printer.driver.jobs[0])
    assert f"{made.code[:4]} {made.code[4:]}" in slip
    assert "两个小时" not in slip


async def test_a_complaint_with_a_name_about_a_submission_and_back_through_all_of_it() -> None:
    hall = After()
    hall.office.submissions = [submission()]
    named = (*through(Service.SAY, Service.COMPLAINT), (desk.Question, Answer("who", "named")), CARD)

    async def citizen() -> None:
        await walk(hall, named)
        await hall.follow(
            (desk.Question, Answer("about", NUMBER)),
            (desk.Question, Answer("reasons", "runs")),
            (desk.Question, Answer("words", "")),  # it has to be said
        )
        assert (await hall.seen(desk.Question)).problem is desk.AnswerProblem.EMPTY  # type: ignore[union-attr]
        await hall.follow((desk.Question, Back()))
        assert (await hall.seen(desk.Question)).value == "runs"  # type: ignore[union-attr]
        await hall.follow((desk.Question, Back()), (desk.Question, Back()))
        assert (await hall.seen(desk.Question)).key == "who"  # type: ignore[union-attr]
        await hall.follow(
            (desk.Question, Answer("who", "named")),
            (desk.Question, Answer("about", NUMBER)),
            (desk.Question, Answer("reasons", "runs")),
            (desk.Question, Answer("words", "跑了三趟")),
            (desk.Question, Answer("phone", "")),
        )
        await hall.seen(view.Told)
        hall.person.touch(Cancel())

    await hall.visit(citizen)
    (made,) = hall.tray.opinions
    assert (made.person, made.name_masked, made.number, made.item) == (PERSON, "王*明", NUMBER, FUND)
    assert made.department == "housing"


@pytest.mark.parametrize(("stars", "asked"), [(5, False), (4, False), (3, True), (1, True)])
async def test_a_rating_is_nobodys_and_only_a_low_one_is_asked_why(stars: int, asked: bool) -> None:
    hall = After()
    why: tuple[Step, ...] = ((desk.Question, Answer("reasons", "place")), (desk.Question, Answer("words", "")))

    async def citizen() -> None:
        await hall.follow(
            *through(Service.SAY, Service.RATING), (view.RateService, view.Rate(stars)), *(why if asked else ())
        )
        await hall.seen(view.Told)
        hall.person.touch(Cancel())

    await hall.visit(citizen)
    (made,) = hall.tray.opinions
    assert (made.kind, made.stars, made.person) == (OpinionKind.RATING, stars, None)
    assert made.reasons == (("place",) if asked else ())
    assert not made.words_sealed


async def test_replies_are_read_with_the_card() -> None:
    hall = After()
    hall.office.opinions = [MyOpinion(code="K7QM2VTR", kind=OpinionKind.SUGGESTION, at=START, reply="已经改了。")]

    async def citizen() -> None:
        await walk(hall, (*through(Service.SAY, Service.REPLIES), CARD))
        shown = await hall.seen(view.Opinions)
        assert [line.reply for line in shown.lines] == ["已经改了。"]  # type: ignore[union-attr]
        await hall.follow((view.Opinions, Next()))
        await hall.seen(view.Menu)
        hall.person.touch(Cancel())

    await hall.visit(citizen)


# Camera and A4 printer ----------------------------------------------------------------------------------------------


async def test_an_id_photo_says_what_is_wrong_is_taken_again_and_printed_at_its_size() -> None:
    hall = After()
    hall.faces.found = [(PhotoProblem.TILTED,), None, (PhotoProblem.BACKGROUND_NOT_WHITE,), (), (), ()]

    async def citizen() -> None:
        await hall.follow(*PHOTO[:-2], (view.CheckPhoto, desk.Retake()))
        await hall.seen(view.TakePhoto)
        await hall.follow((view.CheckPhoto, Do(Act.PRINT)))
        assert (await hall.seen(view.Told)).what is News.PRINTED  # type: ignore[union-attr]
        hall.person.touch(Cancel())

    await hall.visit(citizen)
    hints = [state.hint for state in hall.person.seen if isinstance(state, view.TakePhoto)]
    wrong = [view.PhotoHint.HEAD_UPRIGHT, view.PhotoHint.CAMERA_AWAY, view.PhotoHint.BACKGROUND]
    assert [hint for hint in hints if hint in wrong] == wrong
    assert set(hall.faces.wanted) == {"passport"}
    (job,) = hall.pages.driver.jobs
    assert job.pdf.startswith(b"%PDF-")


async def test_a_desk_that_cannot_cut_photos_says_so() -> None:
    hall = After()
    hall.faces.found = [(PhotoProblem.NOT_AVAILABLE,)]

    async def citizen() -> None:
        await hall.follow(*PHOTO[:-2])
        assert (await hall.seen(view.Told)).what is News.NO_PHOTO  # type: ignore[union-attr]
        hall.person.touch(Cancel())

    await hall.visit(citizen)


@pytest.mark.parametrize(
    ("fault", "news"),
    [
        (NotPresent("away"), News.NOT_PRINTED),
        (DeviceFault("media-jam-error", effect=Effect.UNKNOWN), News.PRINT_UNSURE),
    ],
)
async def test_a_copy_that_does_not_come_out_is_still_there(fault: Exception, news: News) -> None:
    hall = After()
    hall.pages.driver.fault = fault

    async def citizen() -> None:
        await hall.follow(*COPY[:-1])
        assert (await hall.seen(view.Told)).what is news  # type: ignore[union-attr]
        hall.pages.driver.fault = None
        await hall.follow((view.Told, Next()))
        assert (await hall.seen(view.Copies)).pages == 2  # type: ignore[union-attr]
        await hall.follow((view.Copies, desk.Retake()), (view.Copies, Do(Act.PRINT)), (view.Told, Next()))
        hall.person.touch(Cancel())

    await hall.visit(citizen)
    assert len(hall.pages.driver.jobs) == 1
    assert not hall.notes.papers  # nothing is kept


async def test_a_saved_form_is_printed_with_its_answers() -> None:
    hall = After()
    shelf = Shelf()
    hall.desk = replace(hall.desk, shelf=shelf)
    item = CATALOGUE.item(FUND)
    assert item is not None
    draft = Draft(card(), item, START, (("months", "yes"), ("purpose", "rent"), ("amount", "12000")))
    shelf.drafts[PERSON, FUND] = StoredDraft(
        PERSON, FUND, 1, START, expiry(item, START), True, sealed(draft, b"h" * 32)
    )

    async def citizen() -> None:
        await walk(hall, (*through(Service.TOOLS, Service.FORM), CARD, (desk.ChooseItem, Choose(FUND))))
        assert (await hall.seen(view.Told)).what is News.PRINTED  # type: ignore[union-attr]
        hall.person.touch(Cancel())

    await hall.visit(citizen)
    assert hall.pages.driver.jobs[0].name == f"form-{FUND}"


# Line down, printers away -------------------------------------------------------------------------------------------


async def test_offline_what_needs_the_hub_says_so_and_the_rest_works() -> None:
    hall = After(pages=False)
    hall.line = False

    async def citizen() -> None:
        await hall.follow(*BEGIN)
        menu = await hall.seen(view.Menu)
        assert isinstance(menu, view.Menu)
        shut = {row.service for row in menu.rows if row.closed is view.Closed.OFFLINE}
        assert shut == {Service.MINE, Service.WINDOW}
        hall.person.touch(Open(Service.MINE))  # shut: nothing happens
        await anyio.sleep(1)
        assert await hall.seen(view.Menu) == menu
        await hall.follow((view.Menu, Open(Service.TOOLS)))
        tools = await hall.seen(view.Menu, but=menu)
        assert {row.closed for row in tools.rows} == {view.Closed.NO, view.Closed.NO_PAGE_PRINTER}  # type: ignore[union-attr]
        await hall.follow((view.Menu, Back()), (view.Menu, Open(Service.GUIDE)), (view.Menu, Open(Service.PRIVACY)))
        await hall.seen(view.GuidePage)
        hall.person.touch(Cancel())

    assert await hall.visit(citizen) == "cancelled"


async def test_a_line_that_goes_down_in_the_middle_is_told_and_can_be_given_up() -> None:
    hall = After()
    hall.office.submissions = [submission()]
    hall.office.down = 2

    async def citizen() -> None:
        await walk(hall, (*through(Service.MINE, Service.PROGRESS), CARD))
        told = await hall.seen(view.Told)
        assert (told.what, told.again) == (News.LINE_DOWN, True)  # type: ignore[union-attr]
        await hall.follow((view.Told, Back()))
        await hall.seen(view.Menu)
        hall.person.touch(Cancel())

    await hall.visit(citizen)


async def test_from_the_choice_of_items_and_back_to_it() -> None:
    hall = After()
    hall.lay_card()
    hall.office.submissions = [submission()]

    async def citizen() -> None:
        shown = await hall.seen(desk.ChooseItem)
        assert shown.services  # type: ignore[union-attr]
        await hall.follow((desk.ChooseItem, OpenServices()), (view.Menu, Open(Service.MINE)))
        await hall.follow((view.Menu, Open(Service.PROGRESS)))
        await hall.seen(view.Submissions)  # the card is known: it is not asked for again
        await hall.follow((view.Submissions, Back()), *LEAVE)
        await hall.seen(desk.ChooseItem)
        hall.person.touch(Cancel())

    assert await hall.visit(citizen) == "cancelled"
