"""Signing with the finger, and pages chosen, moved and removed."""

from collections.abc import Callable

from kiosk.view import desk
from kiosk.view.common import Language
from kiosk.view.desk import (
    AddPage,
    Confirmed,
    ConfirmInstead,
    MovePage,
    PayAgain,
    PayAtWindow,
    RemovePage,
    ShowPage,
    ShowPages,
    Signed,
)  # fmt: skip
from kiosk.view.screen import Touch
from tests.ui.test_ui_keypad import ENTER, RIGHT, _at, _press, _type
from tests.ui.test_ui_touch import _key, _tap, _targets
from ui.samples import samples

SAMPLES = samples()
MakeTerminal = Callable[..., "Terminal"]  # type: ignore[name-defined]  # noqa: F821  the fixture's class, in conftest.py


def _write(terminal: "Terminal", *points: tuple[float, float]) -> None:  # type: ignore[name-defined]  # noqa: F821  the same
    from kivy.tests.common import UnitTestTouch

    from ui.focus import in_order
    from ui.widgets.stroke_field import StrokeField

    (field,) = [widget for widget in in_order(terminal.stage.sheet) if isinstance(widget, StrokeField)]
    places = [(field.x + x * field.width, field.top - y * field.height) for x, y in points]
    touch = UnitTestTouch(*places[0])
    touch.touch_down()
    for place in places[1:]:
        touch.touch_move(*place)
    touch.touch_up()
    terminal.frames(2)


def test_signing(terminal: MakeTerminal) -> None:
    one = terminal()
    one.show(SAMPLES["desk.Sign-promise"])
    _tap(one, _key(one, "签好了，提交"))
    assert one.touches == [], "nothing is written yet"
    _write(one, (0.1, 0.5), (0.3, 0.2), (0.5, 0.8))
    _tap(one, _key(one, "擦掉重写"))
    _tap(one, _key(one, "签好了，提交"))
    assert one.touches == [], "it was wiped"
    _write(one, (0.1, 0.5), (0.3, 0.2))
    _write(one, (0.6, 0.5), (0.9, 0.7))
    # In another language what was written is still there.
    one.show(SAMPLES["desk.Sign-promise"], Language.EN)
    _tap(one, _key(one, "Signed: hand in"))
    ((signed, number),) = [(touch.intent, touch.number) for touch in one.touches]
    assert isinstance(signed, Signed)
    assert number == 2
    assert [len(stroke) for stroke in signed.strokes] == [2, 2]
    (x, y), _ = signed.strokes[0]
    assert (round(x / signed.across, 1), round(y / signed.down, 1)) == (0.1, 0.5)
    assert max(signed.across, signed.down) > 2


def test_signing_without_a_hand_by_touch_and_by_keys_alone(terminal: MakeTerminal) -> None:
    one = terminal()
    one.show(SAMPLES["desk.Sign-promise"])
    _tap(one, _key(one, "不方便手写"))
    assert one.intents() == [ConfirmInstead()]
    one.show(SAMPLES["desk.Confirm"])
    for key in ("0", "0", "1", "X"):
        _tap(one, _key(one, key))
    # In another language what was typed is still there; a wrong one is not.
    one.show(SAMPLES["desk.Confirm"], Language.EN)
    _tap(one, _key(one, "Confirm: hand in"))
    assert one.intents()[-1] == Confirmed("001X")
    one.show(SAMPLES["desk.Confirm-promise"], Language.EN)
    for sign in "12":
        _type(one, sign)
    _press(one, 8)
    for sign in "3456":
        _type(one, sign)
    assert one.stage.sheet.value == "1345"
    while _at(one).told != "Confirm: hand in":
        _press(one, RIGHT)
    _press(one, ENTER)
    assert one.intents()[-1] == Confirmed("1345")


def test_pages_are_chosen_then_moved_removed_or_enlarged(terminal: MakeTerminal) -> None:
    one = terminal()
    state = SAMPLES["desk.PaperPages"]
    assert isinstance(state, desk.PaperPages)
    one.show(state)
    _tap(one, _key(one, "再拍一页"))
    pages = sorted((target for target in _targets(one.stage) if callable(target.act)), key=lambda t: (-t.top, t.x))
    second = next(target for target in pages if target.width == pages[0].width and target.x > pages[0].x)
    _tap(one, second)
    acts = [target.act for target in _targets(one.stage) if not callable(target.act)]
    assert MovePage(2, 1) in acts
    assert MovePage(2, 3) in acts
    _tap(one, _key(one, "看大图"))
    _tap(one, _key(one, "删掉这页"))
    assert [touch.intent for touch in one.touches] == [AddPage(), ShowPage(2), RemovePage(2)]


def test_many_pages_are_turned_by_the_journey(terminal: MakeTerminal) -> None:
    one = terminal()
    one.show(SAMPLES["desk.PaperPages-many"])
    turners = sorted((target for target in _targets(one.stage) if target.box.w == 200), key=lambda t: t.x)
    for turner in turners:
        _tap(one, turner)
    assert one.touches == [Touch(ShowPages(1), 1), Touch(ShowPages(13), 1)]


def test_paying_again_or_at_a_window(terminal: MakeTerminal) -> None:
    one = terminal()
    one.show(SAMPLES["desk.PayFee-unsure"])
    _tap(one, _key(one, "再查一次"))
    _tap(one, _key(one, "先提交，到窗口付"))
    assert one.intents() == [PayAgain(), PayAtWindow()]
