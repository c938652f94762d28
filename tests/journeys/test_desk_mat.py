"""The page that was photographed last is not taken for the next one while it lies there, and nobody waits for ever."""

from dataclasses import dataclass, field

import anyio
import pytest

from kiosk.desk.mat import NEXT_SECONDS, SAME_SHIFT, TURN_SECONDS, Mat
from kiosk.view import desk as view
from kiosk.view.common import Next
from kiosk.vision.observation import PaperPage, PaperProblem, PaperSeen
from tests.journeys.test_desk_items import Citizen
from tests.journeys.test_desk_journey import ANSWERS, CATALOGUE, CHOOSE, HAND_IN, LATER, TOLD, finish
from tests.journeys.test_desk_papers import PaperHall

pytestmark = pytest.mark.anyio

PLACE = ((0.2, 0.1), (0.8, 0.1), (0.8, 0.9), (0.2, 0.9))


def seen(at: float, aside: float = 0.0, problem: PaperProblem = PaperProblem.NONE) -> PaperSeen:
    outline = None if problem is PaperProblem.NO_PAPER else tuple((x + aside, y) for x, y in PLACE)
    return PaperSeen(1, at, outline, problem, 0.9)


def test_an_untouched_page_is_waited_for_and_believed_at_last() -> None:
    mat = Mat()
    assert not mat.not_yet(seen(0.0), NEXT_SECONDS)  # nothing was photographed yet
    mat.photographed(PLACE)
    assert mat.not_yet(seen(10.0), NEXT_SECONDS)
    assert mat.not_yet(seen(10.0 + NEXT_SECONDS - 0.1, SAME_SHIFT / 2), NEXT_SECONDS)
    assert not mat.not_yet(seen(10.0 + NEXT_SECONDS), NEXT_SECONDS)
    assert not mat.not_yet(seen(10.1 + NEXT_SECONDS), NEXT_SECONDS)


@pytest.mark.parametrize("change", [seen(11.0, aside=0.05), seen(11.0, problem=PaperProblem.NO_PAPER)])
def test_once_it_is_gone_whatever_comes_counts(change: PaperSeen) -> None:
    mat = Mat()
    mat.photographed(PLACE)
    assert mat.not_yet(seen(10.0), TURN_SECONDS)
    assert not mat.not_yet(change, TURN_SECONDS)
    assert not mat.not_yet(seen(11.5), TURN_SECONDS)


def test_what_is_photographed_again_need_not_be_taken_away() -> None:
    mat = Mat()
    mat.photographed(PLACE)
    mat.clear()
    assert not mat.not_yet(seen(10.0), NEXT_SECONDS)


@dataclass
class Hands:
    """What is written down of the camera: when each page was taken."""

    hall: PaperHall
    taken: list[float] = field(default_factory=list)

    def watch(self) -> None:
        take = self.hall.sight.take_page

        async def noted() -> PaperPage:
            self.taken.append(anyio.current_time())
            return await take()

        self.hall.sight.take_page = noted  # type: ignore[method-assign]  # this camera is watched

    def hints(self) -> list[view.PaperHint]:
        return [state.hint for state in self.hall.person.seen if isinstance(state, view.CapturePaper)]


async def test_one_more_page_is_not_the_one_that_lies_there() -> None:
    hall = PaperHall()
    hands = Hands(hall)
    hands.watch()

    async def citizen() -> None:
        await hall.walk(CHOOSE, *TOLD, *ANSWERS, (view.CheckPaper, view.AddPage()))
        await anyio.sleep(2.0)
        assert len(hands.taken) == 1
        assert hands.hints()[-1] is view.PaperHint.NEXT_PAGE
        hall.sight.paper = PaperProblem.NO_PAPER
        await anyio.sleep(0.5)
        changed = anyio.current_time()
        hall.sight.paper = PaperProblem.NONE
        await hall.walk((view.CheckPaper, Next()), LATER, HAND_IN)
        assert hands.taken[1] - changed < 1.0
        await finish(hall)

    await hall.serve(citizen)
    assert [(kind, pages) for kind, pages, _ in hall.handed_in()] == [("contract", 2)]


async def test_the_back_of_a_card_is_not_its_front_once_more() -> None:
    hall = PaperHall()
    hands = Hands(hall)
    hands.watch()
    card = next(item for item in CATALOGUE.items if item.key == "social-card-pin")
    citizen = Citizen(hall, card)
    citizen.been.add(("CheckPaper", card.papers[0].title.zh_hans))

    async def turns() -> None:
        while not any(hint is view.PaperHint.TURN_OVER for hint in hands.hints()):
            await anyio.sleep(0.1)
        await anyio.sleep(3.0)
        assert len(hands.taken) == 1
        hall.sight.wander = 0.05  # it lies a little farther to the side now

    async def both() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(citizen.walk)
            group.start_soon(turns)

    await hall.serve(both)
    assert len(hands.taken) >= 2


async def test_whoever_takes_a_page_again_does_not_have_to_lift_it() -> None:
    hall = PaperHall()
    hands = Hands(hall)
    hands.watch()

    async def citizen() -> None:
        await hall.walk(CHOOSE, *TOLD, *ANSWERS, (view.CheckPaper, view.Retake()))
        began = anyio.current_time()
        await hall.walk((view.CheckPaper, Next()), LATER, HAND_IN)
        assert hands.taken[1] - began < 1.5
        await finish(hall)

    await hall.serve(citizen)
    assert view.PaperHint.NEXT_PAGE not in hands.hints()
