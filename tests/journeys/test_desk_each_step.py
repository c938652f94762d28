"""Every journey of the desk, disturbed at each of its steps: back, edit, idleness, another language."""

import re
from pathlib import Path
from typing import get_args

import pytest

from kiosk.view import common
from kiosk.view import desk as view
from kiosk.view.address import PickPlace
from kiosk.view.screen import DeskState
from tests.journeys.table import JOURNEYS
from tests.journeys.walker import Walk, baseline, leaving_at, with_back, with_edits, with_language, with_pauses

pytestmark = pytest.mark.anyio

ELSEWHERE: dict[type, str] = {
    view.Confirm: "test_desk_confirming.py",
    common.OutOfService: "test_desk_parts_away.py",
    view.StaffCalled: "test_desk_journey.py",
    view.PhonePaper: "test_desk_elsewhere.py",
    view.EarlierPapers: "test_desk_elsewhere.py",
    view.ReuseEarlier: "test_desk_elsewhere.py",
    PickPlace: "test_desk_address.py",
}
"""States that no journey leads to by itself, and where they are tested."""
ENDS = {"served", "saved", "cancelled", "went back from the other services", "at a window"}


ALWAYS = {"1 by card from the list", "3 continued", "4 both sides of a card", "5 a fee by code", "6 correct", "6 book"}
"""The waiting of these is tested each time; that of the others, which takes the machine longer, with what is slow."""
PATIENTLY = [name if name in ALWAYS else pytest.param(name, marks=pytest.mark.slow) for name in JOURNEYS]
_walked: dict[str, Walk] = {}


async def base(name: str) -> Walk:
    """The undisturbed walk, once a journey."""
    if name not in _walked:
        _walked[name] = await baseline(JOURNEYS[name])
    return _walked[name]


@pytest.mark.parametrize("name", JOURNEYS)
async def test_another_language_and_another_mode(name: str) -> None:
    whole = await base(name)
    assert whole.over in ENDS
    assert len(whole.order) == sum(act is not None for _, act in JOURNEYS[name].steps)
    walk = await with_language(whole)
    assert (walk.over, walk.scene.outcome()) == (whole.over, whole.scene.outcome())


@pytest.mark.parametrize("name", JOURNEYS)
async def test_back(name: str) -> None:
    whole = await base(name)
    walk, back = await with_back(whole)
    assert back == set(whole.order[whole.journey.first : len(whole.order) - whole.journey.last])
    assert (walk.over, walk.scene.outcome()) == (whole.over, whole.scene.outcome())


@pytest.mark.parametrize("name", PATIENTLY)
async def test_ten_more_times_time(name: str) -> None:
    whole = await base(name)
    walk, warned = await with_pauses(whole)
    places = dict.fromkeys(whole.order[: len(whole.order) - whole.journey.last])
    asked = [place for place in places if not place.endswith(".Start")]
    assert {place: warned.count(place) for place in asked} == dict.fromkeys(asked, 10)
    assert (walk.over, walk.scene.outcome()) == (whole.over, whole.scene.outcome())


@pytest.mark.parametrize("name", PATIENTLY)
async def test_who_walks_away_leaves_nothing_and_is_forgotten(name: str) -> None:
    whole = await base(name)
    before = whole.journey.make().outcome()
    for place in dict.fromkeys(whole.order[: len(whole.order) - whole.journey.last]):
        if place.endswith(".Start"):
            continue
        walk = await leaving_at(whole, place)
        assert walk.over == "idle", place
        seconds = [state.seconds for state in walk.scene.person.seen if isinstance(state, view.StillThere)]
        assert seconds[-20:] == list(range(20, 0, -1)), place
        assert walk.scene.outcome() == before, place
        walk.scene.desk.stage.reset()
        assert walk.scene.desk.stage.language is common.Language.ZH_HANS


@pytest.mark.parametrize("name", [name for name, journey in JOURNEYS.items() if journey.edits])
async def test_everything_can_be_opened_again_from_the_check_page(name: str) -> None:
    whole = await base(name)
    walk, opened = await with_edits(whole)
    assert tuple(opened) == whole.journey.edits
    assert (walk.over, walk.scene.outcome()) == (whole.over, whole.scene.outcome())


# The table ------------------------------------------------------------------------------------------------------------


def test_the_table_has_every_part_of_the_issues_list() -> None:
    assert {name.split()[0] for name in JOURNEYS} == set("123456789")


async def test_every_state_of_the_desk_is_in_some_journey() -> None:
    seen: set[type] = {view.StillThere}  # of those who walk away
    for name in JOURNEYS:
        seen |= (await base(name)).kinds
    missing = set(get_args(DeskState)) - seen
    assert missing == set(ELSEWHERE), sorted(kind.__name__ for kind in missing ^ set(ELSEWHERE))
    for kind, file in ELSEWHERE.items():
        words = (Path(__file__).parent / file).read_text(encoding="utf-8")
        assert re.search(rf"\b{kind.__name__}\b", words), file
