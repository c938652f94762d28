"""Everything without touching the screen: arrows, enter, digits, and the ring around what is meant."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from kiosk.view import desk, typing
from kiosk.view.common import Back, CallStaff, Language, Mode, Modes, Next, SwitchMode
from kiosk.view.screen import Intent, Screen, Touch, name_of
from kiosk.view.spoken import ReadOut, SayAgain
from kiosk.view.typing import Delete, Key, Pick, Use
from ui.samples import samples

if TYPE_CHECKING:
    from ui.widgets.target import Target

SAMPLES = samples()
MakeTerminal = Callable[..., "Terminal"]  # type: ignore[name-defined]  # noqa: F821  the fixture's class, in conftest.py
UP, DOWN, RIGHT, LEFT, ENTER, RUB_OUT = 273, 274, 275, 276, 13, 8


def _press(one: "Terminal", key: int, character: str | None = None) -> None:  # type: ignore[name-defined]  # noqa: F821  the same
    from kivy.core.window import Window

    Window.dispatch("on_key_down", key, 0, character, [])


def _type(one: "Terminal", character: str) -> None:  # type: ignore[name-defined]  # noqa: F821  the same
    _press(one, ord(character), character)


def _at(one: "Terminal") -> "Target":  # type: ignore[name-defined]  # noqa: F821  the same
    found: Target | None = one.stage._keypad.at
    assert found is not None
    return found


def _done(one: "Terminal") -> list[Intent]:  # type: ignore[name-defined]  # noqa: F821  the same
    return [intent for intent in one.intents() if not isinstance(intent, ReadOut)]


def _rings(one: "Terminal") -> int:  # type: ignore[name-defined]  # noqa: F821  the same
    from ui.widgets.focus_ring import FocusRing

    return sum(isinstance(child, FocusRing) for child in one.stage.children)


def test_a_touched_screen_has_no_ring_and_a_key_brings_it(terminal: MakeTerminal) -> None:
    one = terminal()
    one.show(SAMPLES["desk.ChooseItem"])
    assert _rings(one) == 0
    _press(one, DOWN)
    assert _rings(one) == 1
    assert _at(one).enabled
    one.tap(5, 5)
    assert _rings(one) == 0
    assert one.stage._keypad.at is None


ONE_A_STATE = {name_of(state): name for name, state in reversed(SAMPLES.items())}


@pytest.mark.parametrize("name", sorted(ONE_A_STATE.values()))
def test_going_on_reaches_everything_in_reading_order(name: str, terminal: MakeTerminal) -> None:
    from ui.focus import reading_order

    one = terminal()
    one.show(SAMPLES[name])
    order = reading_order(one.stage.sheet)
    seen = []
    for _ in order:
        _press(one, RIGHT)
        seen.append(_at(one))
    assert seen == order
    if order:
        _press(one, RIGHT)
        assert _at(one) is order[0], "it goes round"
        _press(one, LEFT)
        assert _at(one) is order[-1]
    assert not _done(one), "moving does nothing"


@pytest.mark.parametrize("name", ["desk.ChooseItem-services", "desk.Question-choice", "typing.Write-pinyin",
                                  "desk.SavedDrafts", "desk.PaperPages", "attendant.Overview"])  # fmt: skip
def test_up_and_down_reach_every_row(name: str, terminal: MakeTerminal) -> None:
    from ui.focus import rows as ui_rows

    one = terminal()
    one.show(SAMPLES[name])
    _press(one, DOWN)
    rows = {_at(one).box.y}
    for _ in range(40):
        before = _at(one)
        _press(one, DOWN)
        if _at(one).box.y <= before.box.y:
            break
        rows.add(_at(one).box.y)
    highest = {min(target.box.y for target in row) for row in ui_rows(one.stage.sheet)}
    assert len(rows) == len(highest) == len(ui_rows(one.stage.sheet))
    _press(one, UP)
    assert _at(one).enabled


def test_enter_does_what_the_ring_is_around(terminal: MakeTerminal) -> None:
    one = terminal()
    one.show(SAMPLES["desk.BeforeYouStart"])
    _press(one, ENTER)
    assert not _done(one), "the first key only shows where one is"
    while _at(one).act != Next():
        _press(one, RIGHT)
    _press(one, ENTER)
    assert _done(one) == [Next()]


def test_the_modes_are_switched_by_keys_and_the_ring_stays(terminal: MakeTerminal) -> None:
    one = terminal()
    one.show(SAMPLES["desk.BeforeYouStart"])
    _press(one, RIGHT)
    while not isinstance(_at(one).act, SwitchMode):
        _press(one, RIGHT)
    assert _at(one).act == SwitchMode(Mode.LARGE, on=True)
    _press(one, ENTER)
    one.show(SAMPLES["desk.BeforeYouStart"], modes=Modes(large=True))
    assert _at(one).act == SwitchMode(Mode.LARGE, on=False), "the same button, drawn anew"
    assert _rings(one) == 1
    one.show(SAMPLES["desk.BeforeYouStart"], Language.EN, Modes(large=True))
    assert _at(one).act == SwitchMode(Mode.LARGE, on=False)


def test_a_new_screen_begins_at_its_first(terminal: MakeTerminal) -> None:
    from ui.focus import reading_order

    one = terminal()
    one.show(SAMPLES["desk.BeforeYouStart"])
    for _ in range(5):
        _press(one, RIGHT)
    one.show(SAMPLES["desk.Question-choice"])
    assert _at(one) is reading_order(one.stage.sheet)[0]


def test_digits_choose_rows_or_press_keys(terminal: MakeTerminal) -> None:
    one = terminal()
    one.show(SAMPLES["desk.ChooseItem"])
    _type(one, "2")
    assert _done(one)[-1] == desk.Choose("elder_card")
    _type(one, "9")
    assert len(_done(one)) == 1, "there is no ninth"
    one.show(SAMPLES["desk.Question-phone"])
    for digit in "13800138000":
        _press(one, 256 + int(digit))
    assert one.stage.sheet.value == "13800138000"
    _press(one, RUB_OUT)
    assert one.stage.sheet.value == "1380013800"
    _press(one, 256)
    while _at(one).act != one.stage.sheet._answer:
        _press(one, RIGHT)
    _press(one, ENTER)
    assert _done(one)[-1] == desk.Answer("phone", "13800138000")


def test_writing_chinese_without_touching(terminal: MakeTerminal) -> None:
    one = terminal()
    state = SAMPLES["typing.Write-pinyin"]
    assert isinstance(state, typing.Write)
    one.show(state)
    _type(one, "b")
    assert _done(one)[-1] == Key("b")
    _type(one, "3")
    assert _done(one)[-1] == Pick(2)
    _press(one, RUB_OUT)
    assert _done(one)[-1] == Delete()
    _press(one, RIGHT)
    reached = set()
    for _ in range(80):
        reached.add(_at(one).told)
        _press(one, RIGHT)
    assert {"手写", "生僻字", "字母", "数字", "模糊音", "下一步", "上一步", "求助"} <= reached
    while _at(one).told != "字母":
        _press(one, RIGHT)
    _press(one, ENTER)
    assert _done(one)[-1] == Use(typing.Layout.LATIN)


def test_back_and_help_and_saying_again(terminal: MakeTerminal) -> None:
    one = terminal()
    one.show(SAMPLES["desk.BeforeYouStart"])
    _press(one, 27)
    _type(one, "0")
    _press(one, RIGHT)
    while _at(one).act != CallStaff():
        _type(one, "#")
    _press(one, ENTER)
    assert _done(one) == [Back(), SayAgain(), CallStaff()]
    _press(one, ord("q"), "q")
    _press(one, 1073741884, None)
    assert len(_done(one)) == 3, "other keys mean nothing here"


def test_what_lies_over_the_screen_is_all_that_keys_reach(terminal: MakeTerminal) -> None:
    one = terminal()
    one.show(SAMPLES["desk.ChooseItem"])
    _press(one, RIGHT)
    one.stage.sheet.ask_to_leave()
    one.frames(1)
    seen = set()
    for _ in range(6):
        _press(one, RIGHT)
        seen.add(_at(one).told)
    assert seen == {"继续办理", "退出并清除"}
    while _at(one).told != "继续办理":
        _press(one, RIGHT)
    _press(one, ENTER)
    assert one.stage.sheet.topmost is one.stage.sheet
    assert not _done(one)


def test_what_is_meant_is_read_out_and_what_is_typed_only_privately(terminal: MakeTerminal) -> None:
    one = terminal()
    one.show(SAMPLES["desk.ChooseItem"])
    _press(one, RIGHT)
    said = one.intents()[-1]
    assert said == ReadOut("搜索", private=False)
    for name in ("attendant.EnterPin", "technician.EnterPin"):
        one.show(SAMPLES[name])
        _press(one, RIGHT)
        said = one.intents()[-1]
        assert isinstance(said, ReadOut)
        assert said.private


def test_every_button_is_called_something(terminal: MakeTerminal) -> None:
    one = terminal()
    one.show(SAMPLES["desk.PaperPages"])
    _type(one, "1")
    assert one.stage.sheet.chosen == 1
    told = []
    for _ in range(20):
        _press(one, RIGHT)
        told.append(_at(one).told)
    assert "往后移" in told


def test_a_session_ends_and_modes_with_it() -> None:
    from kiosk.session import Stage

    drawn: list[Screen] = []
    stage = Stage("desk", drawn.append, Language.ZH_HANS)
    stage.show(SAMPLES["desk.BeforeYouStart"])
    for mode in Mode:
        stage.touch(Touch(SwitchMode(mode, on=True), 1))
    assert stage.modes == Modes(large=True, contrast=True, low=True, calm=True)
    assert drawn[-1].modes == stage.modes
    stage.touch(Touch(SwitchMode(Mode.LOW, on=False), 1))
    assert not stage.modes.low
    assert stage.modes.has(Mode.CALM)
    stage.reset()
    assert stage.modes == Modes()
