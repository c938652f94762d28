"""Messages at the desk: asked for and never required, the number checked in words, sealed, and on the receipt."""

from dataclasses import replace

import msgspec
import pytest

from kiosk.desk.texts import ABROAD, PHONE, WHERE, texts_queries
from kiosk.view import desk as view
from kiosk.view.common import Back, Cancel, ChangeLanguage, Next
from kiosk.view.common import Language as Spoken
from kiosk.wire.requests import Book, TakeNumber
from kiosk.wire.sealing import unseal
from kiosk.wire.texts import CONSENT, CONSENT_WORDS, TextsWanted
from tests.journeys.after_cast import After
from tests.journeys.test_afterwards import BOOK, QUEUE, walk
from tests.journeys.test_desk_journey import ANSWERS, CHOOSE, HAND_IN, LATER, PAPER, SECRET, TOLD, Hall, finish

pytestmark = pytest.mark.anyio
FORM = (CHOOSE, *TOLD, *ANSWERS, PAPER, LATER)


def hall() -> Hall:
    made = Hall()
    made.desk = replace(made.desk, texts=True)
    return made


def wanted_in(made: Hall) -> TextsWanted | None:
    (submission,) = made.notes.submissions
    if not submission.texts_sealed:
        return None
    return msgspec.json.decode(unseal(submission.texts_sealed, SECRET), type=TextsWanted)


async def test_messages_to_ones_own_mobile() -> None:
    made = hall()

    async def citizen() -> None:
        await made.walk(*FORM)
        asked = await made.person.see(view.Question)
        assert (asked.key, asked.explanation.zh_hans) == (WHERE, CONSENT_WORDS[CONSENT].zh_hans)
        assert not asked.value
        await made.walk((view.Question, view.Answer(WHERE, "mainland")))
        number = await made.person.see(view.Question)
        assert (number.key, number.value, number.prefilled) == (PHONE, "13800138000", True)  # as the form has it
        await made.walk((view.Question, view.Answer(PHONE, "1380000001")))
        again = await made.person.see(view.Question)
        assert again.problem is view.AnswerProblem.NOT_A_PHONE
        await made.walk((view.Question, view.Answer(PHONE, "138 0000 0011")))
        review = await made.person.see(view.Review)
        said = {row.key: row.value.zh_hans for row in review.rows}
        assert (said[WHERE], said[PHONE]) == ("要，发到我的手机", "138 0000 0011")
        await made.walk(HAND_IN)
        await finish(made)

    await made.serve(citizen)
    wanted = wanted_in(made)
    assert wanted is not None
    assert (wanted.phone, wanted.consent, wanted.language) == ("+8613800000011", CONSENT, "zh-Hans")
    (submission,) = made.notes.submissions
    assert b"13800000011" not in msgspec.json.encode(submission)
    job = str(made.printer.driver.jobs[0])
    assert "短信通知" in job
    assert "138****0011" in job
    assert "13800000011" not in job
    assert "窗口说一声" in job


async def test_a_number_from_elsewhere_in_english() -> None:
    made = hall()

    async def citizen() -> None:
        await made.person.see(view.ChooseItem)
        made.person.touch(ChangeLanguage(Spoken.EN))
        await made.walk(*FORM, (view.Question, view.Answer(WHERE, "abroad")))
        for wrong in ("85221230011", "8612800000011", "12"):
            await made.walk((view.Question, view.Answer(ABROAD, wrong)))
            again = await made.person.see(view.Question)
            assert again.problem is view.AnswerProblem.WRONG_FORM
            assert "852 51230000" in again.message.en
            assert again.value == wrong
        await made.walk((view.Question, view.Answer(ABROAD, "85251230011")), HAND_IN)
        await finish(made)

    await made.serve(citizen)
    wanted = wanted_in(made)
    assert wanted is not None
    assert (wanted.phone, wanted.language) == ("+85251230011", "en")
    assert "+852 ****0011" in str(made.printer.driver.jobs[0])


async def test_nobody_has_to_leave_one_and_everybody_can_think_again() -> None:
    made = hall()

    async def citizen() -> None:
        await made.walk(*FORM, (view.Question, view.Answer(WHERE, "mainland")), (view.Question, Back()))
        shown = await made.person.see(view.Question)
        assert (shown.key, shown.value) == (WHERE, "mainland")
        await made.walk((view.Question, view.Answer(WHERE, "mainland")))
        await made.walk((view.Question, view.Answer(PHONE, "13800000011")))
        await made.walk((view.Review, view.Edit(WHERE)), (view.Question, view.Answer(WHERE, "no")))
        review = await made.person.see(view.Review)
        said = {row.key: row.value.zh_hans for row in review.rows}
        assert said[WHERE] == "不要短信"
        assert PHONE not in said
        await made.walk(HAND_IN)
        await finish(made)

    await made.serve(citizen)
    assert wanted_in(made) is None
    job = str(made.printer.driver.jobs[0])
    assert "不发，凭回执查询" in job
    assert "138" not in job.replace("13800138000", "")


async def test_a_hall_without_messages_does_not_ask() -> None:
    made = Hall()

    async def citizen() -> None:
        await made.walk(*FORM, (view.Review, Next()))
        await finish(made)

    await made.serve(citizen)
    assert wanted_in(made) is None
    assert "短信" not in str(made.printer.driver.jobs[0])


@pytest.mark.parametrize("answers", [{}, {WHERE: "mainland"}, {WHERE: "abroad"}, {WHERE: "no"}])
def test_every_question_is_said_in_three_languages(answers: dict[str, str]) -> None:
    for query in texts_queries(answers):
        for text in (query.title, query.explanation, *(choice.title for choice in query.choices)):
            assert all((text.zh_hans, text.zh_hant, text.en))


async def test_a_number_for_a_window_tells_when_it_is_soon() -> None:
    made = After()
    made.desk = replace(made.desk, texts=True)

    async def citizen() -> None:
        await made.follow(*QUEUE[:-1])
        await made.follow((view.Question, view.Answer(WHERE, "mainland")), (view.Question, Back()))
        await made.follow((view.Question, view.Answer(WHERE, "mainland")))
        await made.follow((view.Question, view.Answer(PHONE, "13800000011")), QUEUE[-1])
        made.person.touch(Cancel())

    await made.visit(citizen, leaves=True)
    (request,) = made.office.requests
    assert isinstance(request.ask, TakeNumber)
    wanted = msgspec.json.decode(unseal(request.ask.texts_sealed, SECRET), type=TextsWanted)
    assert wanted.phone == "+8613800000011"


async def test_an_appointment_without_messages() -> None:
    made = After()
    made.desk = replace(made.desk, texts=True)

    async def citizen() -> None:
        await walk(made, BOOK[:-1])
        await made.follow((view.Question, view.Answer(WHERE, "no")), BOOK[-1])
        made.person.touch(Cancel())

    await made.visit(citizen, leaves=True)
    (asked,) = [each.ask for each in made.office.requests if isinstance(each.ask, Book)]
    assert asked.texts_sealed == b""
