"""An address at the desk: picked from province to street, found by initials, taken as it stands on the card."""

import anyio
import pytest

from kiosk.desk.addressing import Picking, ask_address
from kiosk.input.pack import PLACE, Pack
from kiosk.input.writer import Engines
from kiosk.view.address import Climb, Find, PickPlace, Take, WriteWhole
from kiosk.view.common import Back, Next, Words
from kiosk.view.desk import NO_WORDS, Answer, AnswerProblem, Field, Question
from kiosk.view.screen import Intent, place_of
from kiosk.view.typing import Key, Layout, Use, Write

pytestmark = pytest.mark.anyio
ASKED = Question(1, 3, "home", Words("住在哪里？", "住在哪裏？", "Where?"), NO_WORDS, Field.ADDRESS, max_length=120)


@pytest.fixture(scope="module")
def machine() -> Engines:
    if not PLACE.is_file():
        pytest.skip(f"{PLACE.name} is missing: run `make setup`")
    return Engines(Pack())


class Person:
    """Answers what is on the screen by a script; notes what they saw."""

    def __init__(self, *steps: object) -> None:
        self.steps = list(steps)
        self.seen: list[PickPlace | Write] = []

    async def ask(self, state: PickPlace | Write) -> Intent:
        await anyio.lowlevel.checkpoint()
        self.seen.append(state)
        step = self.steps.pop(0)
        if isinstance(step, str):
            assert isinstance(state, PickPlace), f"{step} is picked, and {state} is shown"
            return Take(next(row.number for row in state.rows if row.name == step))
        return step  # type: ignore[return-value]


def written(text: str) -> list[Intent]:
    return [Use(Layout.LATIN), *(Key(sign) for sign in text), Next()]


async def asked(machine: Engines, person: Person, value: str = "") -> Intent:
    from dataclasses import replace

    return await ask_address(person, machine, replace(ASKED, value=value))  # type: ignore[arg-type]


async def test_picked_from_province_to_street_only_the_number_is_typed(machine: Engines) -> None:
    person = Person("浙江省", "台州市", "黄岩区", "东城街道", *written("8-1"))
    assert await asked(machine, person) == Answer("home", "浙江省台州市黄岩区东城街道8-1")
    house = next(state for state in person.seen if isinstance(state, Write))
    assert house.before == "浙江省台州市黄岩区东城街道"
    assert [place.name for place in person.seen[3].chosen] == ["浙江省", "台州市", "黄岩区"]  # type: ignore[union-attr]


async def test_a_city_without_counties_and_a_province_without_cities(machine: Engines) -> None:
    person = Person("北京市", "海淀区", "中关村街道", *written("5"))
    assert await asked(machine, person) == Answer("home", "北京市海淀区中关村街道5")
    person = Person("广东省", "东莞市", "莞城街道", *written("1"))
    assert await asked(machine, person) == Answer("home", "广东省东莞市莞城街道1")


@pytest.mark.parametrize("letters", ["hd", "haidian", "海淀", "HAI DIAN"])
async def test_found_by_initials_pinyin_or_characters(machine: Engines, letters: str) -> None:
    person = Person(Find(letters), "海淀区", "中关村街道", *written("5"))
    assert await asked(machine, person) == Answer("home", "北京市海淀区中关村街道5")
    row = next(row for row in person.seen[1].rows if row.name == "海淀区")  # type: ignore[union-attr]
    assert row.lies_in == "北京市"


async def test_the_search_stays_in_what_was_picked(machine: Engines) -> None:
    person = Person("四川省", Find("cx"), Back(), Back(), Back())
    assert await asked(machine, person) == Back()
    found = person.seen[2]
    assert isinstance(found, PickPlace)
    assert found.rows
    for row in found.rows:
        assert machine.addresses.path(row.number)[0].name == "四川省"


async def test_what_the_card_says_is_taken_with_one_touch(machine: Engines) -> None:
    value = "北京市东城区示例胡同1号"
    person = Person(Next())
    assert await asked(machine, person, value) == Answer("home", value)
    assert [place.name for place in person.seen[0].chosen] == ["北京市", "东城区"]  # type: ignore[union-attr]
    assert person.seen[0].value == value  # type: ignore[union-attr]


async def test_the_house_number_of_the_card_is_kept_where_only_the_street_is_added(machine: Engines) -> None:
    person = Person("景山街道", Next())
    assert await asked(machine, person, "北京市东城区示例胡同1号") == Answer("home", "北京市东城区景山街道示例胡同1号")


async def test_another_place_does_not_keep_the_old_house_number(machine: Engines) -> None:
    person = Person(Climb(0), "天津市", "和平区", "劝业场街道", *written("9"))
    assert await asked(machine, person, "北京市东城区示例胡同1号") == Answer("home", "天津市和平区劝业场街道9")


async def test_a_place_alone_is_no_address(machine: Engines) -> None:
    person = Person("北京市", "海淀区", "中关村街道", Next(), *written("5"))
    assert await asked(machine, person) == Answer("home", "北京市海淀区中关村街道5")
    again = [s for s in person.seen if isinstance(s, Write) and s.question.problem is AnswerProblem.EMPTY]
    assert again


async def test_a_place_that_is_not_listed_is_written(machine: Engines) -> None:
    person = Person("北京市", WriteWhole(), *written("X1"))
    assert await asked(machine, person) == Answer("home", "北京市X1")
    person = Person(WriteWhole(), *written("abc"))
    assert await asked(machine, person) == Answer("home", "ABC") or person.seen


async def test_back_goes_one_level_up_and_then_out(machine: Engines) -> None:
    person = Person("北京市", "海淀区", "中关村街道", Back(), Back(), Back(), Back())
    assert await asked(machine, person) == Back()
    assert [len(s.chosen) for s in person.seen if isinstance(s, PickPlace)] == [0, 1, 2, 2, 1, 0]


async def test_a_touch_on_nothing_changes_nothing(machine: Engines) -> None:
    person = Person(Take(-1), Take(10**9), Take(0), Climb(7), Find("q" * 500), Back(), Back())
    assert await asked(machine, person) == Back()
    assert len(person.seen[5].typed) <= 24  # type: ignore[union-attr]


def test_each_level_is_a_place_of_its_own(machine: Engines) -> None:
    one = PickPlace(ASKED, ())
    other = PickPlace(ASKED, (), chosen=(one and machine.addresses and _place(1),))
    assert place_of(one) != place_of(other)
    assert "海淀" not in repr(Find("海淀"))


def _place(number: int) -> object:
    from kiosk.view.address import Place

    return Place(number, "北京市")


@pytest.mark.parametrize(
    ("text", "begun", "rest"),
    [
        ("河北省正定县北早现乡1号", "河北省石家庄市正定县", "北早现乡1号"),
        ("海淀区中关村街道5号", "北京市海淀区中关村街道", "5号"),
        ("广东省东莞市莞城街道金牛路1号", "广东省东莞市莞城街道", "金牛路1号"),
        ("北京市东城区示例胡同1号", "北京市东城区", "示例胡同1号"),
        ("江北省清江市东城区", "", "江北省清江市东城区"),
        ("", "", ""),
    ],
)
def test_the_address_of_a_card_is_picked_up_as_far_as_it_is_known(
    machine: Engines, text: str, begun: str, rest: str
) -> None:
    number, left = machine.addresses.begun(text)
    assert (machine.addresses.text(number), left) == (begun, rest)


def test_every_place_is_picked_up_from_its_own_text(machine: Engines) -> None:
    """One in forty of all; what is called the same twice in one place may stop above itself."""
    addresses = machine.addresses
    wrong = 0
    numbers = range(1, 40_000, 40)
    for number in numbers:
        text = addresses.text(number)
        found, rest = addresses.begun(text + "8号")
        wrong += (addresses.text(found) + rest) != (text + "8号") and addresses.text(found) != text
    assert wrong / len(numbers) < 0.01


@pytest.mark.parametrize(("typed", "first"), [("xian", "西安市"), ("suzhou", "苏州市"), ("luan", "六安市")])
def test_who_types_a_whole_name_finds_it_first(machine: Engines, typed: str, first: str) -> None:
    assert first in [place.name for place in machine.addresses.search(typed)[:3]]


@pytest.mark.parametrize(
    ("typed", "place"), [("liuan", "六安市"), ("leqing", "乐清市"), ("panyu", "番禺区"), ("fanyu", "番禺区")]
)
def test_a_stranger_s_reading_finds_the_place_too(machine: Engines, typed: str, place: str) -> None:
    picking = Picking(machine, "")
    picking.find(typed)
    assert place in [row.name for row in picking.rows()][:4]
