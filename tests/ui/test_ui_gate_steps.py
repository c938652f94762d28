"""What is asked of a person at the gate: the arrow to the right side, progress in place, and the way out to staff."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import pytest

from kiosk.view import gate
from kiosk.view.common import CallStaff, Language
from kiosk.view.screen import State
from ui import theme
from ui.samples import HALL, NOW, samples

if TYPE_CHECKING:
    from kivy.uix.widget import Widget

    from ui.screens import AnySheet

SAMPLES = samples()
SCALE = 0.5
ASKING = [
    gate.Welcome, gate.ReadingCard, gate.LookAtCamera, gate.FollowMovement, gate.WearMask, gate.TakingTemperature,
    gate.ShowCode, gate.ShowHealth, gate.HallFull,
]  # fmt: skip
W = TypeVar("W", bound="Widget")


def _sheet(state: State, language: Language = Language.ZH_HANS) -> "AnySheet":
    from ui.screens import sheet_for
    from ui.surface import Surface

    return sheet_for(Surface(scale=SCALE, now=lambda: NOW, language=language, hall=HALL), state)


def _all(widget: "Widget") -> Iterator["Widget"]:
    yield widget
    for child in widget.children:
        yield from _all(child)


def _of(sheet: "Widget", kind: type[W]) -> list[W]:
    return [widget for widget in _all(sheet) if isinstance(widget, kind)]


def _words(sheet: "Widget") -> str:
    from ui.widgets.text import Text

    return " ".join(text.content for text in _of(sheet, Text))


@pytest.mark.parametrize("name", [name for name, state in SAMPLES.items() if isinstance(state, tuple(ASKING))])
def test_the_way_to_staff_is_on_every_screen_that_asks_something(kivy: object, name: str) -> None:
    from ui.widgets.target import Target

    acts = [target.act for target in _of(_sheet(SAMPLES[name]), Target)]
    assert acts.count(CallStaff()) == 1


@pytest.mark.parametrize(
    ("movement", "side"),
    [(gate.Movement.TURN_LEFT, -1), (gate.Movement.TURN_RIGHT, 1), (gate.Movement.LOOK_AHEAD, 0)],
)
def test_the_arrow_stands_on_the_persons_own_side_of_the_mirror(
    kivy: object, movement: gate.Movement, side: int
) -> None:
    from ui.widgets.camera_view import Oval
    from ui.widgets.shape import Disc

    sheet = _sheet(gate.FollowMovement("王*明", movement, 1, 2))
    assert sheet.camera is not None
    # In a mirror a point near the picture's right edge, which is to the person's left, is drawn on the left.
    assert sheet.camera.spot(0.9, 0.5)[0] < sheet.camera.spot(0.1, 0.5)[0]
    middle = theme.WIDTH * SCALE / 2
    (disc,), (oval,) = _of(sheet, Disc), _of(sheet, Oval)
    assert (disc.center_x > middle + 1) - (disc.center_x < middle - 1) == side
    if side:
        assert abs(disc.center_x - middle) - disc.width / 2 > 504 * SCALE / 2, "the arrow hides no face"
        assert oval.y < disc.center_y < oval.top


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (gate.FollowMovement("王*明", gate.Movement.TURN_LEFT, 1, 2, 0.1), {"progress": 0.7}),
        (gate.WearMask("王*明", must=True), {"progress": 0.67}),
        (gate.TakingTemperature("王*明"), {"progress": 0.67}),
    ],
)
def test_progress_moves_in_place(kivy: object, one: State, other: dict[str, object]) -> None:
    sheet = _sheet(one)
    before = list(_all(sheet))
    assert sheet.take(replace(one, **other))  # type: ignore[arg-type]  # a test's keyword arguments
    assert list(_all(sheet)) == before
    assert sheet.state == replace(one, **other)  # type: ignore[arg-type]  # the same


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (gate.FollowMovement("王*明", gate.Movement.TURN_LEFT, 1, 2), {"movement": gate.Movement.TURN_RIGHT}),
        (gate.FollowMovement("王*明", gate.Movement.TURN_LEFT, 1, 2), {"hint": gate.FaceHint.ONE_AT_A_TIME}),
        (gate.WearMask("王*明", must=True), {"must": False}),
        (gate.TakingTemperature("王*明"), {"hint": gate.TemperatureHint.COME_BACK}),
        (gate.HallFull(HALL, "2", 200, 200), {"inside": 201}),
    ],
)
def test_another_instruction_is_drawn_anew(kivy: object, one: State, other: dict[str, object]) -> None:
    changed = replace(one, **other)  # type: ignore[arg-type]  # a test's keyword arguments
    assert not _sheet(one).take(changed)
    assert _words(_sheet(one)) != _words(_sheet(changed))


def test_an_oval_that_fills_reaches_its_foot(kivy: object) -> None:
    from ui.surface import Box, Surface
    from ui.widgets.oval_arc import OvalArc, Side

    surface = Surface(scale=1.0, now=lambda: NOW)
    arc = OvalArc(surface, Box(100, 100, 200, 400), Side.LEFT, 0.5)

    def ends() -> tuple[tuple[float, float], tuple[float, float]]:
        ((_, line),) = arc._lines
        return tuple(line.points[:2]), tuple(line.points[-2:])

    assert ends() == (pytest.approx((200, arc.top)), pytest.approx((100, arc.center_y)))
    arc.set(1.0)
    assert ends()[1] == pytest.approx((200, arc.y))
    arc.set(7.0)
    assert ends()[1] == pytest.approx((200, arc.y))


@pytest.mark.parametrize("language", list(Language))
def test_who_has_no_name_here_is_not_greeted_with_a_comma(kivy: object, language: Language) -> None:
    from ui.widgets.text import Text

    for state in (
        gate.LookAtCamera(""), gate.FollowMovement("", gate.Movement.TURN_LEFT, 1, 2), gate.WearMask("", must=True),
        gate.TakingTemperature(""), gate.ShowCode(""), gate.ShowHealth(""), gate.Admitted("", 36.5),
    ):  # fmt: skip
        for text in _of(_sheet(state, language), Text):
            assert text.content[:1] not in {"，", ",", " ", "·", "。"}, text.content


def test_nobody_is_sent_away_for_the_day_for_what_is_mended_at_once(kivy: object) -> None:
    assert "今天不能进入" not in _words(_sheet(gate.Refused(("mask_missing",))))
    assert "今天不能进入" not in _words(_sheet(gate.Refused(("hall_full",))))
    assert "今天不能进入" in _words(_sheet(gate.Refused(("hall_full", "document_expired"))))
    assert "今天不能进入" in _words(_sheet(gate.Refused(())))


def test_how_many_wait_before_you_is_said_only_where_it_is_known(kivy: object) -> None:
    assert "您前面还有 4 人等候。" in _words(_sheet(gate.HallFull(HALL, "2", 200, 200, waiting=4)))
    assert "您前面" not in _words(_sheet(gate.HallFull(HALL, "2", 200, 200)))
