"""The technician's gesture, the PIN, and touches that the panel puts in the wrong place."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kiosk.view import technician as view
from kiosk.view.common import Stay
from provisioning.calibrate.touch import TARGETS, fit
from ui import theme
from ui.bridge import Bridge
from ui.gesture import HOLD_S, THEN_S, Gesture
from ui.options import Options
from ui.samples import NOW, samples
from ui.technician_words import ASKED, DONE, PARTS, SENTENCES, TASKS, named
from ui.touch_map import TouchMap

if TYPE_CHECKING:
    from tests.ui.conftest import Terminal

SAMPLES = samples()
MakeTerminal = Callable[[], "Terminal"]
CLOCK, NAME, ELSEWHERE = (1000.0, 50.0), (120.0, 50.0), (540.0, 900.0)


def test_the_gesture_is_holding_the_time_and_then_the_name() -> None:
    one = Gesture()
    assert not one.down(*CLOCK, 10.0)
    one.up(*CLOCK, 10.0 + HOLD_S)
    assert one.down(*NAME, 11.0 + HOLD_S)
    assert not one.down(*NAME, 11.5 + HOLD_S), "once only"


@pytest.mark.parametrize(
    ("held", "left_at", "then", "at"),
    [
        (HOLD_S - 0.2, CLOCK, 1.0, NAME),
        (HOLD_S + 1, ELSEWHERE, 1.0, NAME),
        (HOLD_S + 1, CLOCK, THEN_S + 0.5, NAME),
        (HOLD_S + 1, CLOCK, 1.0, ELSEWHERE),
    ],
)
def test_nothing_else_is_the_gesture(
    held: float, left_at: tuple[float, float], then: float, at: tuple[float, float]
) -> None:
    one = Gesture()
    assert not one.down(*CLOCK, 0.0)
    one.up(*left_at, held)
    assert not one.down(*at, held + then)


def test_the_gesture_opens_the_mode_on_any_screen(terminal: MakeTerminal, monkeypatch: pytest.MonkeyPatch) -> None:
    from kivy.core.window import Window
    from kivy.tests.common import UnitTestTouch

    one = terminal()
    one.show(SAMPLES["desk.Review"])
    width, height = Window.size
    scale = min(width / theme.WIDTH, height / theme.HEIGHT)
    began = time.monotonic()
    finger = UnitTestTouch(1000 * scale, height - 50 * scale)
    monkeypatch.setattr("ui.stage.time.monotonic", lambda: began)
    finger.touch_down()
    one.frames(1)
    one.show(SAMPLES["desk.StillThere"])  # the screen beneath may change meanwhile
    monkeypatch.setattr("ui.stage.time.monotonic", lambda: began + HOLD_S + 0.1)
    finger.touch_up()
    one.frames(1)
    one.tap(120 * scale, height - 50 * scale)
    assert one.intents() == [view.Open()]


def test_a_pin_is_sent_once_and_every_key_says_that_somebody_is_here(terminal: MakeTerminal) -> None:
    from tests.ui.test_ui_attendant import _tap

    one = terminal()
    one.show(SAMPLES["technician.EnterPin"])
    _tap(one, "2", "7", "1", "8", "2", "8", "确定")
    assert one.intents() == [*[Stay()] * 6, view.Pin("271828")]


def test_a_cross_takes_the_touch_wherever_it_is_said_to_be(terminal: MakeTerminal) -> None:
    from kivy.core.window import Window

    one = terminal()
    one.show(SAMPLES["technician.ShowTarget"])
    width, height = Window.size
    one.tap(width * 0.75, height * 0.25)
    (said,) = one.intents()
    assert isinstance(said, view.Touched)
    assert (said.x, said.y) == pytest.approx((0.75, 0.75), abs=0.01)


def test_every_task_and_question_has_words() -> None:
    assert set(TASKS) == set(view.Task)
    assert set(DONE) == set(view.Done) - {view.Done.NOTHING}
    assert set(ASKED) == set(view.Asked)
    assert named("desk.printer.status") == (PARTS["printer"], PARTS["status"])
    assert all(SENTENCES.values())


# Touches that the panel puts in the wrong place ----------------------------------------------------------------------


def _wrong(x: float, y: float) -> tuple[float, float]:
    """A panel that was put in upside down, a little too small and askew: where it says a touch was."""
    return 1.0 - (0.96 * x + 0.01 * y + 0.02), 1.0 - (0.02 * x + 0.95 * y + 0.01)


@pytest.fixture
def mapped(kivy: Callable[[int], None]) -> Iterator[tuple["Bridge", list[Any]]]:
    from kiosk.config import Panel
    from ui.stage import Stage

    touches: list[Any] = []
    found = fit([_wrong(x, y) for x, y in TARGETS], Panel())
    bridge = Bridge(touches.append)
    stage = Stage("desk", bridge, None, Options(now=lambda: NOW, home=Path(), touch_map=found.map))
    stage.enter()
    yield bridge, touches
    stage.leave()


@pytest.mark.parametrize("at", [(0.1, 0.9), (0.5, 0.45), (0.93, 0.06)])
def test_a_turned_panel_is_put_right_before_any_widget_sees_it(
    kivy: Callable[[int], None], mapped: tuple["Bridge", list[Any]], at: tuple[float, float]
) -> None:
    from kivy.base import EventLoop
    from kivy.input.providers.mouse import MouseMotionEvent  # type: ignore[import-untyped]  # Kivy has no types

    from kiosk.view.common import Language, Modes
    from kiosk.view.screen import Screen

    bridge, touches = mapped
    bridge.show(Screen("desk", SAMPLES["technician.ShowTarget"], Language.ZH_HANS, Modes(), number=1))
    kivy(2)
    said = _wrong(*at)
    finger = MouseMotionEvent("mouse", "touch-map", [said[0], 1.0 - said[1], "left"], is_touch=True, type_id="touch")
    EventLoop._dispatch_input("begin", finger)
    kivy(1)
    EventLoop._dispatch_input("end", finger)
    kivy(1)
    (touch,) = touches
    assert (touch.intent.x, touch.intent.y) == pytest.approx(at, abs=0.005)


def test_a_touch_is_corrected_once_even_where_its_end_says_nothing_new() -> None:
    class Finger:
        uid, is_touch, sx, sy = 1, True, 0.5, 0.5

    one, finger = TouchMap((1.0, 0.0, 0.1, 0.0, 1.0, 0.0), lambda: (1080.0, 1920.0)), Finger()
    one.process([("begin", finger)])
    assert finger.sx == pytest.approx(0.6)
    one.process([("end", finger)])
    assert finger.sx == pytest.approx(0.6)
