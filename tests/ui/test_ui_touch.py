"""What a finger does, and what the stage does with screens."""

import threading
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from kiosk.view import common, desk, gate
from kiosk.view.attendant import OpenStaff
from kiosk.view.common import Back, CallStaff, Cancel, ChangeLanguage, Language, Mode, Modes, Next, Stay, SwitchMode
from kiosk.view.desk import Answer, BringLater, Browse, By, Choose, Discard, Edit, Reprint, Retake
from kiosk.view.help import Help, Wish
from kiosk.view.screen import Intent, Screen, State, Touch
from ui import theme
from ui.samples import NOW, SamplePicture, samples

if TYPE_CHECKING:
    from kivy.uix.widget import Widget

    from ui.widgets.target import Target

SAMPLES = samples()
MakeTerminal = Callable[..., "Terminal"]  # type: ignore[name-defined]  # noqa: F821  the fixture's class, in conftest.py


def _targets(widget: "Widget") -> list["Target"]:
    from ui.widgets.target import Target

    found = [widget] if isinstance(widget, Target) else []
    for child in widget.children:
        found += _targets(child)
    return found


def _tap(terminal: "Terminal", target: "Target") -> None:  # type: ignore[name-defined]  # noqa: F821  the same
    terminal.tap(target.x + target.width / 2, target.y + target.height / 2)


def _key(terminal: "Terminal", words: str) -> "Target":  # type: ignore[name-defined]  # noqa: F821  the same
    from ui.widgets.text import Text

    for target in _targets(terminal.stage):
        if any(isinstance(child, Text) and child.content == words for child in target.children):
            return target
    raise AssertionError(f"nothing says {words}")


BARS: set[Intent] = {
    *(ChangeLanguage(language) for language in Language),
    *(SwitchMode(mode, on=True) for mode in Mode),
}
WAYS: set[Intent] = {Browse(By.SEARCH), Browse(By.EVENT), Browse(By.DEPARTMENT)}
AFAR = Help(Wish.OPEN)
"""Help from afar."""
EXPECTED: dict[str, set[Intent]] = {
    "common.OutOfService-device": {AFAR},
    "common.OutOfService-staff": {OpenStaff(), AFAR},
    "gate.Welcome": {CallStaff(), OpenStaff(), AFAR},
    "gate.HallFull": {CallStaff(), OpenStaff(), AFAR},
    "gate.LanePaused": {OpenStaff(), AFAR},
    "gate.HelpComing": {Back(), OpenStaff(), AFAR},
    "gate.ReadingCard": {CallStaff(), AFAR},
    "gate.LookAtCamera-look": {CallStaff(), AFAR},
    "gate.TakingTemperature": {CallStaff(), AFAR},
    "gate.ShowCode": {CallStaff(), AFAR},
    "desk.Start": {CallStaff(), *WAYS, Choose("residence"), Choose("elder_card"), Choose("housing")},
    "desk.ReadingCard": {CallStaff()},
    "desk.ChooseItem": {
        CallStaff(),
        Back(),
        *WAYS,
        Choose("residence"),
        Choose("elder_card"),
        Choose("housing"),
    },
    "desk.ChooseItem-group": {CallStaff(), Back(), Choose("residence"), Choose("elder_card"), Choose("housing")},
    "desk.ChooseGroup-event": {CallStaff(), Back(), Choose("home"), Choose("work"), Choose("care")},
    "desk.LayCard": {CallStaff(), Back()},
    "desk.NotEligible": {CallStaff(), Back(), Next()},
    "desk.NotEligible-final": {CallStaff(), Next()},
    "desk.SavedDrafts": {
        CallStaff(),
        Next(),
        Choose("residence"),
        Choose("elder_card"),
        Discard("residence"),
        Discard("elder_card"),
    },
    "desk.DraftKept": {CallStaff(), Next()},
    "desk.ItemChanged": {CallStaff(), Next()},
    "desk.BeforeYouStart": {CallStaff(), Back(), Next()},
    "desk.Question-choice-chosen": {CallStaff(), Back(), Answer("living", "rent")},
    "desk.Question-phone-filled": {CallStaff(), Back(), Answer("phone", "13800138000")},
    "desk.Question-date-filled": {CallStaff(), Back(), Answer("since", "2024-03-01")},
    "desk.Question-digits": {CallStaff(), Back(), Answer("rent", "1850")},
    "desk.Question-multi": {CallStaff(), Back(), Answer("living", "rent,work")},
    "desk.Question-amount": {CallStaff(), Back(), Answer("rent", "1850.50")},
    "desk.CapturePaper-good": {CallStaff(), Back()},
    "desk.CapturePaper-later": {CallStaff(), Back(), BringLater()},
    "desk.CheckPaper": {CallStaff(), Back(), Next(), Retake()},
    "desk.Review": {CallStaff(), Back(), Next(), Edit("living"), Edit("phone"), Edit("since"), Edit("rent")},
    "desk.Done-on_screen-paper_out": {CallStaff(), Next(), Reprint()},
    "desk.Done-printed": {CallStaff(), Next()},
    "desk.Confirm": {CallStaff(), Back()},
    "desk.StillThere": {CallStaff(), Stay(), Cancel()},
    "desk.StillThere-calm": {CallStaff(), Stay(), Cancel()},
    "desk.StillThere-card": {CallStaff(), Cancel()},
    "desk.StaffCalled": {Back(), AFAR},
}
SILENT = ["gate.Deciding", "gate.Admitted", "gate.Refused-hall_full",
          "gate.PassageNotice-fault", "desk.Submitting", "desk.TakeYourThings"]  # fmt: skip


@pytest.mark.parametrize("name", list(EXPECTED))
def test_each_control_yields_its_intent_with_the_screens_number(name: str, terminal: MakeTerminal) -> None:
    one = terminal()
    one.show(SAMPLES[name])
    places = [(target.x + target.width / 2, target.y + target.height / 2) for target in _targets(one.stage)]
    assert places
    for x, y in places:
        one.tap(x, y)
        # Whatever was changed here (a choice, an open question) is put back.
        one.show(gate.Deciding())
        one.show(SAMPLES[name])
        if one.touches:
            assert one.touches[-1].number <= one.number - 2
    assert set(one.intents()) == EXPECTED[name] | BARS
    assert len(one.touches) == len(set(one.intents()))


@pytest.mark.parametrize("name", SILENT)
def test_an_outcome_asks_nothing(name: str, terminal: MakeTerminal) -> None:
    one = terminal()
    one.show(SAMPLES[name])
    assert _targets(one.stage) == []


def test_a_touch_carries_the_number_of_the_screen_it_was_made_on(terminal: MakeTerminal) -> None:
    one = terminal()
    one.show(SAMPLES["desk.BeforeYouStart"])
    one.show(SAMPLES["desk.CheckPaper"])
    _tap(one, _key(one, "不清楚，重新拍"))
    assert one.touches == [Touch(Retake(), 2)]


def test_sliding_off_is_no_press(terminal: MakeTerminal) -> None:
    from kivy.tests.common import UnitTestTouch

    one = terminal()
    one.show(SAMPLES["desk.BeforeYouStart"])
    target = _key(one, "开始办理")
    touch = UnitTestTouch(target.x + 5, target.y + 5)
    touch.touch_down()
    touch.touch_move(5, 5)
    touch.touch_up()
    one.frames()
    assert one.touches == []


def test_a_finger_that_was_down_on_another_screen_does_nothing(terminal: MakeTerminal) -> None:
    from kivy.tests.common import UnitTestTouch

    one = terminal()
    one.show(SAMPLES["desk.BeforeYouStart"])
    target = _key(one, "开始办理")
    touch = UnitTestTouch(target.x + 5, target.y + 5)
    touch.touch_down()
    one.show(SAMPLES["desk.Review"])
    touch.touch_up()
    one.frames()
    assert one.touches == []


def test_a_finger_stays_on_its_button_while_the_hint_changes(terminal: MakeTerminal) -> None:
    import gc

    from kivy.tests.common import UnitTestTouch

    one = terminal()
    one.show(SAMPLES["gate.LookAtCamera-look"])
    target = _key(one, "不刷脸 · 找工作人员")
    touch = UnitTestTouch(target.x + 9, target.y + 9)
    touch.touch_down()
    del target
    for hint in ("come_closer", "hold_still"):
        one.show(SAMPLES[f"gate.LookAtCamera-{hint}"])
        gc.collect()
    touch.touch_up()
    one.frames()
    assert one.touches == [Touch(CallStaff(), 3)]


def test_typing_a_phone_number(terminal: MakeTerminal) -> None:
    one = terminal()
    one.show(SAMPLES["desk.Question-phone"])
    _tap(one, _key(one, "下一步"))
    assert one.touches == [], "nothing is typed yet"
    for digit in "138001380009":
        _tap(one, _key(one, digit))
    assert _shows(one, "138 0013 8000")
    from ui.screens.desk.question import QuestionScreen

    assert isinstance(one.stage.sheet, QuestionScreen)
    one.stage.sheet._press("back")
    _tap(one, _key(one, "下一步"))
    one.stage.sheet._press("0")
    # The same question comes back in another language: what was typed is still there.
    one.show(SAMPLES["desk.Question-phone"], Language.EN)
    _tap(one, _key(one, "Next"))
    assert one.intents() == [Answer("phone", "1380013800"), Answer("phone", "13800138000")]
    _tap(one, _key(one, "Clear"))
    assert _shows(one, "11 digits")


def _shows(terminal: "Terminal", words: str) -> bool:  # type: ignore[name-defined]  # noqa: F821  the same
    from ui.widgets.text import Text

    def texts(widget: "Widget") -> list[str]:
        own = [widget.content] if isinstance(widget, Text) else []
        return own + [found for child in widget.children for found in texts(child)]

    return words in texts(terminal.stage)


def test_a_date_gets_its_separators(terminal: MakeTerminal) -> None:
    one = terminal()
    one.show(SAMPLES["desk.Question-date"])
    for digit in "20240229":
        _tap(one, _key(one, digit))
    assert _shows(one, "2024-02-29")
    _tap(one, _key(one, "下一步"))
    assert one.intents() == [Answer("since", "2024-02-29")]


def test_another_question_begins_empty(terminal: MakeTerminal) -> None:
    one = terminal()
    one.show(SAMPLES["desk.Question-phone"])
    _tap(one, _key(one, "7"))
    one.show(SAMPLES["desk.Question-date"])
    assert _shows(one, "年年年年-月月-日日")
    one.show(SAMPLES["desk.Question-phone"])
    assert _shows(one, "11 位手机号码")


def test_choosing_then_going_on(terminal: MakeTerminal) -> None:
    one = terminal()
    one.show(SAMPLES["desk.Question-choice"])
    _tap(one, _key(one, "下一步"))
    _tap(one, _key(one, "自己的房子"))
    assert one.touches == []
    _tap(one, _key(one, "下一步"))
    assert one.intents() == [Answer("living", "own")]


def test_confirming_a_prefilled_text(terminal: MakeTerminal) -> None:
    one = terminal()
    state = SAMPLES["desk.Question-confirm"]
    assert isinstance(state, desk.Question)
    one.show(state)
    _tap(one, _key(one, "是，没有错"))
    _tap(one, _key(one, "不对，找工作人员"))
    assert one.intents() == [Answer("address", state.value), CallStaff()]


def test_pages_are_turned(terminal: MakeTerminal) -> None:
    one = terminal()
    state = SAMPLES["desk.ChooseItem-many"]
    assert isinstance(state, desk.ChooseItem)
    seen: set[str] = set()
    one.show(state)
    for _ in range(3):
        seen |= {target.act.key for target in _targets(one.stage) if isinstance(target.act, Choose)}
        turners = [target for target in _targets(one.stage) if target.box.w == 200]
        _tap(one, max(turners, key=lambda target: target.x))
    assert seen == {item.key for item in state.items}
    assert one.touches == []


def test_leaving_is_asked_before_it_is_done(terminal: MakeTerminal) -> None:
    one = terminal()
    one.show(SAMPLES["desk.Review"])
    _tap(one, _key(one, "退出"))
    submit = _key(one, "提交")
    _tap(one, submit)
    assert one.touches == [], "what lies under the question is not touched"
    _tap(one, _key(one, "继续办理"))
    _tap(one, _key(one, "退出"))
    _tap(one, _key(one, "退出并清除"))
    assert one.intents() == [Cancel()]


# The stage -------------------------------------------------------------------------------------------------------


def test_idle_draws_nothing(terminal: MakeTerminal) -> None:
    from kivy.core.window import Window

    one = terminal()
    one.show(SAMPLES["gate.Welcome"])
    one.frames(3)
    flips: list[int] = []

    def count(*_: object) -> None:
        flips.append(1)

    Window.bind(on_flip=count)
    try:
        one.frames(20)
        assert flips == []
        one.show(SAMPLES["gate.ReadingCard"])
        one.frames(2)
        assert flips
    finally:
        Window.unbind(on_flip=count)


class Camera:
    """Pictures of one colour."""

    def __init__(self, colour: tuple[int, int, int], size: tuple[int, int] = (101, 67)) -> None:
        self.size = size
        self.paint(colour)

    def paint(self, colour: tuple[int, int, int]) -> None:
        self._newest = (*self.size, bytes(colour) * (self.size[0] * self.size[1]))

    def newest(self) -> tuple[int, int, bytes] | None:
        return self._newest


def _colours(rgb: bytes) -> set[tuple[int, ...]]:
    return {tuple(rgb[place : place + 3]) for place in range(0, len(rgb), 3)}


MAGENTA = (255, 0, 255)


def test_camera_is_live_on_the_screen_and_never_in_the_picture_for_staff(terminal: MakeTerminal) -> None:
    camera = Camera(MAGENTA)
    one = terminal(camera, snapshots=True)
    for name in ("gate.LookAtCamera-look", "desk.CapturePaper-good"):
        one.show(SAMPLES[name])
        while not one.snapshots:
            one.frames(1)
        one.frames(3)
        assert one.stage.sheet is not None
        assert one.stage.sheet.camera is not None
        live = one.stage.sheet.camera.live
        assert live is not None
        assert live.texture is not None
        assert MAGENTA in _colours(_rendered(one.stage.sheet)), "the camera is on the screen"
        for picture in one.snapshots:
            with Image.open(BytesIO(picture)) as image:
                assert image.size == (360, 640)
                reddish = [c for c in _colours(image.convert("RGB").tobytes()) if c[0] > 200 and c[2] > 200 > c[1] + 60]
                assert not reddish, "pixels of the camera are in the picture for staff"
        one.snapshots.clear()


def _rendered(sheet: "Widget | None") -> bytes:
    from ui.snapshot import drawn

    assert sheet is not None
    parent = sheet.parent
    assert parent is not None
    parent.remove_widget(sheet)
    try:
        return drawn(sheet, 540, 960).rgb
    finally:
        parent.add_widget(sheet)


def test_preview_follows_the_camera_and_is_forgotten(terminal: MakeTerminal) -> None:
    camera = Camera(MAGENTA)
    one = terminal(camera)
    one.show(SAMPLES["gate.LookAtCamera-look"])
    camera.paint((0, 255, 255))
    assert one.stage.sheet is not None
    for _ in range(200):
        one.frames(1)
        if (0, 255, 255) in _colours(_rendered(one.stage.sheet)):
            break
    else:
        raise AssertionError("the new picture never came")
    one.show(gate.Deciding())
    assert one.stage._feed is not None
    assert one.stage._feed.texture is None


def test_the_picture_stands_upright_and_is_mirrored_for_a_face_only(kivy: object) -> None:
    from ui.snapshot import drawn
    from ui.surface import Box, Surface
    from ui.widgets.camera_view import CameraView, Feed

    quarters = Image.new("RGB", (64, 64))
    for place, colour in (((0, 0), "red"), ((32, 0), "lime"), ((0, 32), "blue"), ((32, 32), "yellow")):
        quarters.paste(Image.new("RGB", (32, 32), colour), place)

    pixels = quarters.tobytes()

    class Still:
        def newest(self) -> tuple[int, int, bytes] | None:
            return (64, 64, pixels)

    surface = Surface(scale=0.1, now=lambda: NOW)
    for mirrored, corners in ((False, ["red", "lime", "blue", "yellow"]), (True, ["lime", "red", "yellow", "blue"])):
        feed = Feed(Still())
        assert feed.poll()
        assert not feed.poll(), "the same picture is not blitted twice"
        view = CameraView(surface, Box(0, 0, theme.WIDTH, theme.HEIGHT), mirrored=mirrored)
        view.refresh(feed.texture)
        shot = drawn(view, 108, 192)
        image = Image.frombytes("RGB", (108, 192), shot.rgb)
        expected = [Image.new("RGB", (1, 1), name).getpixel((0, 0)) for name in corners]
        assert [image.getpixel(place) for place in ((20, 20), (88, 20), (20, 170), (88, 170))] == expected


def test_an_outline_stands_where_the_page_is(kivy: object) -> None:
    from ui.surface import Box, Surface
    from ui.widgets.camera_view import CameraView, Feed

    surface = Surface(scale=1.0, now=lambda: NOW)
    feed = Feed(SamplePicture(paper=True))
    feed.poll()
    # 640 x 480 in a square: an eighth of the width is left out on each side.
    view = CameraView(surface, Box(0, 0, 480, 480), mirrored=False)
    view.refresh(feed.texture)
    assert view.spot(0.25, 0.0) == pytest.approx((view.x + 80, view.y + 480))
    assert view.spot(0.5, 0.5) == pytest.approx((view.x + 240, view.y + 240))


def test_personal_fields_are_not_in_the_picture_for_staff(kivy: object) -> None:
    from ui.samples import HALL
    from ui.screens import sheet_for
    from ui.surface import Surface
    from ui.widgets.text import Text

    def contents(widget: "Widget") -> str:
        own = widget.content if isinstance(widget, Text) else ""
        return own + "\n" + "".join(contents(child) for child in widget.children)

    surface = Surface(scale=0.5, now=lambda: NOW, hall=HALL)
    private = ["110101", "0011", "138", "8000", "2024", "1850", "王小明", "槐树街"]
    for name in ("desk.Review", "desk.Question-phone-filled", "desk.Question-date-filled", "desk.Question-digits",
                 "desk.Question-confirm"):  # fmt: skip
        shown = contents(sheet_for(surface, SAMPLES[name]))
        hidden = contents(sheet_for(surface.seen_by_staff(0.3), SAMPLES[name]))
        assert any(word in shown for word in private)
        assert not any(word in hidden for word in private), name


def test_a_page_is_not_in_the_picture_for_staff(kivy: object) -> None:
    from ui.snapshot import for_staff
    from ui.surface import Surface

    buffer = BytesIO()
    Image.new("RGB", (300, 400), MAGENTA).save(buffer, "JPEG", quality=95)
    surface = Surface(scale=0.5, now=lambda: NOW)
    for name in ("desk.CheckPaper", "desk.Review"):
        state = SAMPLES[name]
        assert isinstance(state, desk.CheckPaper | desk.Review)
        state = replace(state, page=buffer.getvalue())
        with Image.open(BytesIO(for_staff(surface, state))) as image:
            strong = [c for c in _colours(image.convert("RGB").tobytes()) if c[0] > 200 and c[2] > 200 > c[1] + 60]
            assert not strong


def test_pictures_for_staff_come_with_the_screens_and_not_too_often(terminal: MakeTerminal) -> None:
    one = terminal(snapshots=True)
    one.show(SAMPLES["gate.Welcome"])
    for _ in range(1000):
        if one.snapshots:
            break
        one.frames(1)
    assert len(one.snapshots) == 1
    one.frames(30)
    count = len(one.snapshots)
    assert count <= 2, "no picture without a change"
    for seconds in range(30, 0, -1):
        one.show(desk.StillThere(seconds))
    assert len(one.snapshots) < count + 30
    before = one.snapshots[-1]
    one.show(SAMPLES["gate.Refused-hall_full"])
    for _ in range(1000):
        one.frames(1)
        if one.snapshots[-1] != before and one.stage._pictured is one.stage.screen:
            break
    else:
        raise AssertionError("the last screen was never pictured")


def test_progress_moves_in_place(terminal: MakeTerminal) -> None:
    one = terminal()
    looking, warm = gate.LookAtCamera("王*明"), gate.TakingTemperature("王*明")
    paper = SAMPLES["desk.CapturePaper-good"]
    assert isinstance(paper, desk.CapturePaper)
    pairs: list[tuple[State, State]] = [
        (looking, replace(looking, progress=0.9)),
        (warm, replace(warm, progress=0.9)),
        (paper, replace(paper, progress=0.9)),
        (desk.StillThere(9), desk.StillThere(3)),
    ]
    for first, later in pairs:
        one.show(first)
        sheet = one.stage.sheet
        before = _rendered(sheet)
        one.show(later)
        assert one.stage.sheet is sheet, first
        assert _rendered(sheet) != before, first
    one.show(looking)
    sheet = one.stage.sheet
    one.show(replace(looking, hint=gate.FaceHint.HOLD_STILL))
    assert one.stage.sheet is not sheet


def test_an_error_in_a_callback_shows_out_of_service(terminal: MakeTerminal, caplog: pytest.LogCaptureFixture) -> None:
    one = terminal()
    one.show(SAMPLES["desk.BeforeYouStart"])

    def broken(_: Touch) -> None:
        raise RuntimeError("the core is gone")

    one.bridge.on_touch = broken
    from kivy.base import ExceptionManager

    with pytest.raises(RuntimeError) as raised:
        _tap(one, _key(one, "开始办理"))
    # What Kivy's own loop does with an error in a callback.
    assert ExceptionManager.handle_exception(raised.value) == ExceptionManager.PASS
    assert one.stage.screen.state == common.OutOfService(common.Cause.FAULT)
    assert _shows(one, "暂停服务")
    assert "the core is gone" in caplog.text
    one.show(SAMPLES["desk.Start"])
    assert _shows(one, "请把身份证平放在感应区")


def test_a_screen_that_cannot_be_drawn_shows_out_of_service(
    terminal: MakeTerminal, caplog: pytest.LogCaptureFixture
) -> None:
    one = terminal()
    one.show(desk.Question(1, 2, "x", None, None, desk.Field.PHONE))  # type: ignore[arg-type]  # that is the fault
    assert _shows(one, "暂停服务")
    assert one.stage.failures == 1
    assert "could not be drawn" in caplog.text


def test_screens_come_from_another_thread_and_the_latest_wins(terminal: MakeTerminal) -> None:
    one = terminal()

    def core() -> None:
        for number in range(1, 51):
            one.bridge.show(Screen("gate", gate.Deciding(), Language.ZH_HANS, Modes(), number=number))
        one.bridge.show(Screen("gate", SAMPLES["gate.Welcome"], Language.EN, Modes(large=True), number=51))

    thread = threading.Thread(target=core)
    thread.start()
    while one.bridge.drawn < 51:
        one.frames(1)
    thread.join()
    assert one.bridge.wait_drawn(51, 0)
    assert not one.bridge.wait_drawn(52, 0)
    assert one.stage.screen.number == 51
    assert _shows(one, "清江市政务服务中心"), "the hall's name comes from the welcome screen"
    assert one.stage.surface().large


def test_the_design_keeps_its_shape_in_any_window(terminal: MakeTerminal, monkeypatch: pytest.MonkeyPatch) -> None:
    import ui.stage

    one = terminal()

    class Wide:
        size = (1920, 960)

    monkeypatch.setattr(ui.stage, "Window", Wide)
    surface = one.stage.surface()
    assert surface.scale == pytest.approx(0.5)
    assert surface.origin == (690, 0)
    monkeypatch.undo()


def test_a_failing_camera_leaves_the_screen_as_it_is(terminal: MakeTerminal, caplog: pytest.LogCaptureFixture) -> None:
    class Broken:
        def newest(self) -> tuple[int, int, bytes] | None:
            raise OSError("the ring is gone")

    one = terminal(Broken())
    one.show(SAMPLES["gate.LookAtCamera-look"])
    one.frames(5)
    assert _shows(one, "请看摄像头")
    assert caplog.text.count("the live picture failed") == 1
    one.show(SAMPLES["gate.LookAtCamera-hold_still"])
    assert _shows(one, "请保持不动")
