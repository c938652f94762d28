"""The keyboard on the window: what a finger touches is what the journey gets, and the screen keeps up."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from kiosk.view import desk
from kiosk.view.common import Next, Words
from kiosk.view.typing import Alike, Delete, Ink, Key, Layout, Pick, Turn, Use, Write

if TYPE_CHECKING:
    from kivy.uix.widget import Widget

    from tests.ui.conftest import Terminal

NO = Words("", "", "")
QUESTION = desk.Question(
    step=2, steps=6, key="home", title=Words("住址", "住址", "Address"), explanation=NO, field=desk.Field.ADDRESS
)
STATE = Write(QUESTION)
FOUND = replace(STATE, composing="shi", candidates=("是", "市", "事", "十", "时", "使", "式", "师", "石"), more=True)


def every(widget: "Widget") -> Iterator["Widget"]:
    yield widget
    for child in widget.children:
        yield from every(child)


def sheet_of(terminal: "Terminal") -> "Widget":
    sheet = terminal.stage.sheet
    assert sheet is not None
    return sheet


def touch(terminal: "Terminal", act: object, words: str = "") -> None:
    """Touch the middle of the target that does this, or says that."""
    from ui.widgets.target import Target
    from ui.widgets.text import Text

    for widget in every(sheet_of(terminal)):
        if not isinstance(widget, Target):
            continue
        said = [inner.content for inner in every(widget) if isinstance(inner, Text)]
        if (words and said == [words]) or (not words and widget.act == act):
            terminal.tap(widget.x + widget.width / 2, widget.y + widget.height / 2)
            return
    pytest.fail(f"nothing to touch for {words or act}")


@pytest.fixture
def desk_terminal(terminal: Callable[..., "Terminal"]) -> "Terminal":
    return terminal()


def test_letters_are_keys(desk_terminal: "Terminal") -> None:
    desk_terminal.show(STATE)
    for letter in "qpzm":
        touch(desk_terminal, None, letter)
    assert desk_terminal.intents() == [Key("q"), Key("p"), Key("z"), Key("m")]


def test_candidates_pages_and_layouts(desk_terminal: "Terminal") -> None:
    desk_terminal.show(FOUND)
    touch(desk_terminal, Pick(1))
    touch(desk_terminal, None, "手写")
    touch(desk_terminal, Alike(on=True))
    touch(desk_terminal, Next())
    assert desk_terminal.intents() == [Pick(1), Use(Layout.HAND), Alike(on=True), Next()]


def test_a_new_key_changes_the_candidates_in_place(desk_terminal: "Terminal") -> None:
    desk_terminal.show(FOUND)
    before = desk_terminal.stage.sheet
    desk_terminal.show(replace(FOUND, composing="shij", candidates=("世界", "时间"), more=False))
    assert desk_terminal.stage.sheet is before
    touch(desk_terminal, None, "时间")
    assert desk_terminal.intents() == [Pick(1)]


def test_long_candidates_are_looked_at_in_turn(desk_terminal: "Terminal") -> None:
    from ui.screens.desk.write import WriteScreen

    long = tuple(f"浙江省台州市黄岩区东城街道天长北路之{number}" for number in "一二三四五六七八九")
    desk_terminal.show(replace(FOUND, candidates=long))
    sheet = desk_terminal.stage.sheet
    assert isinstance(sheet, WriteScreen)
    seen: list[int] = []
    for _ in range(3):
        acts = [getattr(widget, "act", None) for widget in every(sheet)]
        seen += sorted(act.number for act in acts if isinstance(act, Pick))
        chevrons = [act for act in acts if callable(act) and getattr(act, "__name__", "") == "after"]
        chevrons[0]()
    assert seen == list(range(9))
    assert desk_terminal.intents() == [Turn(1)]


def test_a_stroke_with_the_finger(desk_terminal: "Terminal") -> None:
    from kivy.tests.common import UnitTestTouch

    from ui.widgets.stroke_field import StrokeField

    desk_terminal.show(replace(STATE, layout=Layout.HAND))
    field = next(widget for widget in every(sheet_of(desk_terminal)) if isinstance(widget, StrokeField))
    finger = UnitTestTouch(field.x + 10, field.top - 10)
    finger.touch_down()
    finger.touch_move(field.x + field.width / 2, field.top - 12)
    finger.touch_move(field.x + field.width + 500, field.top - 12)
    finger.touch_up()
    desk_terminal.frames(1)
    (ink,) = desk_terminal.intents()
    assert isinstance(ink, Ink)
    (stroke,) = ink.strokes
    assert stroke[0] == pytest.approx((10 / min(field.size), 10 / min(field.size)), abs=0.01)
    assert all(0 <= y <= 1 for _, y in stroke)
    assert max(x for x, _ in stroke) <= field.width / min(field.size) + 0.01
    desk_terminal.show(replace(STATE, layout=Layout.HAND, candidates=("一",)))
    assert field.strokes
    desk_terminal.show(replace(STATE, layout=Layout.HAND, text="一"))
    fields = [widget for widget in every(sheet_of(desk_terminal)) if isinstance(widget, StrokeField)]
    assert fields[0].strokes == ()


def test_clear_and_back(desk_terminal: "Terminal") -> None:
    desk_terminal.show(replace(STATE, text="李", layout=Layout.STROKES))
    touch(desk_terminal, None, "清空")
    touch(desk_terminal, None, "丿")
    assert desk_terminal.intents() == [Delete(everything=True), Key("丿")]


def test_staff_do_not_see_what_is_typed(kivy: object) -> None:
    from ui.samples import NOW
    from ui.screens import sheet_for
    from ui.surface import Surface
    from ui.widgets.text import Text

    sheet = sheet_for(Surface(scale=0.5, now=lambda: NOW, discreet=True), replace(FOUND, text="李四"))
    shown = [widget.content for widget in every(sheet) if isinstance(widget, Text)]
    assert not {"李四", "shi", "市"} & set(shown)
