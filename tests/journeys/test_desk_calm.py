"""Calm: no time limit for whoever is there, and the desk is free for whoever comes next. On virtual time."""

from collections.abc import Callable, Coroutine

import anyio
import pytest

from drivers.errors import NoAnswer
from drivers.kinds import IdCard
from kiosk.desk.journey import serve_one
from kiosk.desk.session import AWAY, CALM, FLOOR, GONE, SessionOver
from kiosk.view import desk as view
from kiosk.view.common import Back, CallStaff, Cancel, Mode, Stay, SwitchMode
from tests.journeys.cast import card
from tests.journeys.test_desk_drafts import Keeping, Shelf
from tests.journeys.test_desk_journey import ANSWERS, CHOOSE, HAND_IN, LATER, PAPER, TOLD, finish

pytestmark = pytest.mark.anyio

IDLE = 60.0


@pytest.fixture
def hall() -> Keeping:
    return Keeping(Shelf())


async def _asked(hall: Keeping) -> float:
    """Wait for the question; seconds that nothing was asked before it."""
    begun = anyio.current_time()
    state = await hall.person.see(view.StillThere)
    assert (state.calm, state.seconds) == (True, 0)
    return anyio.current_time() - begun


async def test_there_is_no_time_limit_while_somebody_answers_now_and_then(hall: Keeping) -> None:
    async def citizen() -> None:
        await _begin(hall)
        for _ in range(25):  # five hours and more
            assert await _asked(hall) == pytest.approx(CALM * IDLE, abs=30)
            await anyio.sleep(AWAY * IDLE - 40)  # it stands there, and counts nothing
            assert [s.seconds for s in hall.person.seen if isinstance(s, view.StillThere)][-1] == 0
            hall.person.touch(Stay())
            await hall.person.see(view.Question)
        await hall.walk(*ANSWERS[3:], PAPER, LATER, HAND_IN)
        await finish(hall)

    assert await _visit(hall, citizen) == "served"
    assert len(hall.notes.submissions) == 1


async def test_after_long_only_the_same_card_goes_on(hall: Keeping) -> None:
    async def citizen() -> None:
        await _begin(hall)
        await _asked(hall)
        await anyio.sleep(AWAY * IDLE + 5)
        state = await hall.person.see(view.StillThere)
        assert state.card
        hall.person.touch(Stay())  # whoever stands there now cannot simply go on
        await anyio.sleep(30)
        assert isinstance(hall.person.seen[-1], view.StillThere)
        hall.reader.driver.queue = [None, card()]
        await hall.person.see(view.Question)
        await hall.walk(*ANSWERS[3:], PAPER, LATER, HAND_IN)
        await finish(hall)

    assert await _visit(hall, citizen) == "served"


@pytest.mark.parametrize(
    "other",
    [card("110101199003070038", name="李华"), card(photo=b"another photo")],
    ids=["another person", "a forged card with the same number"],
)
async def test_another_card_is_the_next_person_and_nothing_is_lost(hall: Keeping, other: IdCard) -> None:
    async def citizen() -> None:
        await _begin(hall)
        await _asked(hall)
        hall.reader.driver.queue = [None, other]
        await anyio.sleep_forever()

    assert await _visit(hall, citizen) == GONE
    await _goes_on_with_the_card(hall)


async def test_the_next_person_says_that_nobody_is_there(hall: Keeping) -> None:
    async def citizen() -> None:
        await _begin(hall)
        await _asked(hall)
        hall.person.touch(Cancel())
        await anyio.sleep_forever()

    assert await _visit(hall, citizen) == GONE
    # Nothing of the one before was shown after that, not even what they had come for.
    after = hall.person.seen[max(i for i, s in enumerate(hall.person.seen) if isinstance(s, view.StillThere)) :]
    assert {type(state) for state in after} <= {view.StillThere, view.TakeYourThings}
    await _goes_on_with_the_card(hall)


async def test_a_card_that_lies_there_all_the_time_answers_nothing(hall: Keeping) -> None:
    async def citizen() -> None:
        await _begin(hall)
        hall.reader.driver.queue = [card()] * 100_000
        await _asked(hall)
        await anyio.sleep(AWAY * IDLE - 60)
        assert isinstance(hall.person.seen[-1], view.StillThere)
        hall.reader.driver.queue = []
        hall.person.touch(Cancel())
        await anyio.sleep_forever()

    assert await _visit(hall, citizen) == GONE


async def test_after_very_long_the_desk_is_free_and_the_draft_is_kept(hall: Keeping) -> None:
    stood: list[float] = []

    async def citizen() -> None:
        await _begin(hall)
        await _asked(hall)
        hall.reader.driver.queue = [NoAnswer("the reader is away")]
        stood.append(anyio.current_time())
        await anyio.sleep_forever()

    assert await _visit(hall, citizen, over=stood) == GONE
    assert stood[1] - stood[0] == pytest.approx(FLOOR * IDLE, abs=30)
    await _goes_on_with_the_card(hall)


async def test_staff_can_be_called_from_the_question(hall: Keeping) -> None:
    async def citizen() -> None:
        await _begin(hall)
        await _asked(hall)
        hall.person.touch(CallStaff())
        await hall.walk((view.StaffCalled, Back()))
        await hall.person.see(view.Question)
        await _asked(hall)
        await anyio.sleep(AWAY * IDLE + 5)
        hall.person.touch(CallStaff())
        await hall.walk((view.StaffCalled, Back()))
        assert (await hall.person.see(view.StillThere)).card
        hall.person.touch(Cancel())
        await anyio.sleep_forever()

    assert await _visit(hall, citizen) == GONE


async def test_before_a_card_was_read_a_long_absence_ends_it(hall: Keeping) -> None:
    async def citizen() -> None:
        await hall.person.see(view.Start)
        hall.person.touch(SwitchMode(Mode.CALM, on=True))
        hall.person.touch(view.Browse(view.By.ALL))
        await hall.person.see(view.ChooseItem)
        await _asked(hall)
        await anyio.sleep_forever()

    begun = anyio.current_time()
    assert await _visit(hall, citizen, laid=False) == GONE
    assert anyio.current_time() - begun == pytest.approx((CALM + AWAY) * IDLE, abs=30)
    assert not hall.shelf.drafts


# What the tests share -------------------------------------------------------------------------------------------------


async def _visit(
    hall: Keeping,
    citizen: Callable[[], Coroutine[object, object, None]],
    *,
    laid: bool = True,
    over: list[float] | None = None,
) -> str:
    """Serve one person; says how it ended, and when."""
    hall.reader.driver.queue = [card()] if laid else []
    hall.person.screen = None
    hall.desk.stage.reset()
    how = "served"
    async with anyio.create_task_group() as group:
        group.start_soon(citizen)
        try:
            await serve_one(hall.desk)
        except SessionOver as ended:
            how = str(ended)
        if over is not None:
            over.append(anyio.current_time())
        group.cancel_scope.cancel()
    return how


async def _begin(hall: Keeping) -> None:
    """Card, item, three answers; calm."""
    await hall.person.see(view.ChooseItem)
    hall.person.touch(SwitchMode(Mode.CALM, on=True))
    await hall.walk(CHOOSE, *TOLD, *ANSWERS[:3])
    await hall.person.see(view.Question)


async def _goes_on_with_the_card(hall: Keeping) -> None:
    (stored,) = hall.shelf.drafts.values()
    assert stored.kept

    async def again() -> None:
        drafts = await hall.person.see(view.SavedDrafts)
        hall.person.touch(view.Choose(drafts.drafts[0].key))
        await hall.person.see(view.Question)
        await hall.walk(*ANSWERS[3:], PAPER, LATER, HAND_IN)
        await finish(hall)

    assert await _visit(hall, again) == "served"
