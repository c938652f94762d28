"""Remote help on the window: the mark, pointing at the right widget, pressing, and what of the screen staff get."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from kiosk.view import help as remote
from kiosk.view.common import Language, Modes
from kiosk.view.help import Guide, Help, Mark, Watch, Wish
from kiosk.view.screen import Screen
from kiosk.wire.help import MOST_WORDS
from ui import theme
from ui.samples import samples

SAMPLES = samples()
Terminal = Any
Box = tuple[float, float, float, float]


@pytest.fixture
def watched(terminal: Callable[..., Terminal]) -> Any:
    shown = terminal()
    shown.mirrors = []
    shown.marked = []
    shown.bridge.on_mirror = lambda width, height, rgb: shown.mirrors.append((width, height, rgb))
    shown.bridge.on_marked = shown.marked.append
    return shown


def show(shown: Terminal, name: str, mark: Mark | None = None) -> None:
    shown.number += 1
    before = shown.stage.screen
    shown.bridge.show(Screen("desk", SAMPLES[name], Language.ZH_HANS, before.modes, shown.number, before.sound, mark))
    while shown.bridge.drawn < shown.number:
        shown.frames(1)


def guide(shown: Terminal, what: Guide | Watch) -> None:
    shown.bridge.guide(what)
    shown.frames(4)


def words_on(widget: Any) -> set[str]:
    return {each.content for each in widget.walk() if hasattr(each, "content") and isinstance(each.content, str)}


def target(shown: Terminal, words: str) -> Any:
    from ui.widgets.target import Target

    return next(each for each in shown.stage.sheet.walk() if isinstance(each, Target) and words in words_on(each))


def middle(box: Any) -> tuple[float, float]:
    return (box.x + box.w / 2) / theme.WIDTH, (box.y + box.h / 2) / theme.HEIGHT


def test_the_mark_lies_on_every_screen_and_ends_the_call(watched: Terminal) -> None:
    from ui.widgets.help_mark import HelpMark

    for name in ("desk.Review", "desk.Start-closed", "desk.Submitting"):
        show(watched, name, Mark(("李静",)))
        assert isinstance(watched.stage.children[0], HelpMark)
        assert any("李静" in words for words in words_on(watched.stage.children[0]))
    mark = watched.stage.children[0]
    end = next(each for each in mark.walk() if getattr(each, "act", None) == Help(Wish.END))
    end.do()
    assert watched.touches[-1].intent == Help(Wish.END)
    show(watched, "desk.Review", Mark(("李静",), control=True))
    assert "停止代我点按" in words_on(watched.stage.children[0])
    show(watched, "help.Consent", Mark(("李静",)))
    assert not [each for each in watched.stage.children if isinstance(each, HelpMark)]
    show(watched, "desk.Review")
    assert not [each for each in watched.stage.children if isinstance(each, HelpMark)]


def test_a_frame_is_put_round_what_is_meant_and_told(watched: Terminal) -> None:
    show(watched, "desk.Review", Mark(("李静",)))
    back = target(watched, "上一步")
    guide(watched, Guide(mark=middle(back.box)))
    x, y, w, h = watched.marked[-1]
    assert (x, y) == pytest.approx((back.box.x / theme.WIDTH, back.box.y / theme.HEIGHT))
    assert (w, h) == pytest.approx((back.box.w / theme.WIDTH, back.box.h / theme.HEIGHT))
    guide(watched, Guide(mark=(0.5, 0.01)))
    assert watched.marked[-1] is None
    assert watched.touches == []


def test_pressing_acts_as_a_finger_would_and_never_on_the_mark(watched: Terminal) -> None:
    show(watched, "desk.Review", Mark(("李静",), control=True))
    guide(watched, Guide(press=middle(target(watched, "上一步").box)))
    assert len(watched.touches) == 1
    guide(watched, Guide(press=(0.9, 56 / theme.HEIGHT)))  # where the mark's own buttons are
    assert len(watched.touches) == 1
    assert watched.marked[-1] is None


def test_points_come_and_go(watched: Terminal) -> None:
    show(watched, "desk.Review", Mark(("李静",)))
    for place in range(30):
        watched.bridge.guide(Guide(point=(place / 30, 0.5), who="李静"))
    assert len(watched.bridge.take_guides()) == 1, "of points only the last counts"
    guide(watched, Guide(point=(0.5, 0.5), who="李静"))
    guide(watched, Guide())


@pytest.mark.parametrize("name", ["desk.Review", "typing.Write-pinyin", "desk.CheckPaper", "help.Suggested"])
def test_staff_get_the_discreet_screen_until_the_person_shows_more(watched: Terminal, name: str) -> None:
    from ui.helped import WIDTH
    from ui.screens import sheet_for
    from ui.snapshot import drawn

    def expected(*, private: bool) -> bytes:
        surface = watched.stage.surface().seen_by_staff(WIDTH / theme.WIDTH)
        surface = surface.shown_to_staff() if private else surface
        return drawn(sheet_for(surface, SAMPLES[name]), WIDTH, 960).rgb

    show(watched, name, Mark(("李静",)))
    guide(watched, Watch(on=True))
    width, height, rgb = watched.mirrors[-1]
    assert (width, height) == (540, 960)
    assert rgb == expected(private=False)
    guide(watched, Watch(on=True, private=True))
    assert watched.mirrors[-1][2] == expected(private=True)
    if name != "help.Suggested":
        assert expected(private=True) != expected(private=False)
    guide(watched, Watch(on=True))
    assert watched.mirrors[-1][2] == expected(private=False)
    guide(watched, Watch())
    count = len(watched.mirrors)
    show(watched, "desk.Submitting", Mark(("李静",)))
    watched.frames(5)
    assert len(watched.mirrors) == count, "nobody watches: nothing is drawn for them"


def test_in_the_moment_of_a_touch_nothing_is_drawn_for_staff(watched: Terminal) -> None:
    from ui.helped import LONGEST_WAIT_SECONDS, QUIET_SECONDS

    show(watched, "desk.Question-digits", Mark(("李静",)))
    guide(watched, Watch(on=True))
    helped = watched.stage._helped
    before = time.monotonic()
    watched.tap(540, 1000)
    assert helped._touched >= before, "it was noticed"
    helped._touched = time.monotonic() + 100  # a finger that does not rest
    helped._mirror_waits = time.monotonic()
    seen = len(watched.mirrors)
    show(watched, "desk.Submitting", Mark(("李静",)))
    helped._look(0)
    assert len(watched.mirrors) == seen
    helped._mirror_waits -= LONGEST_WAIT_SECONDS
    helped._look(0)
    assert len(watched.mirrors) == seen + 1, "but not for ever"
    show(watched, "desk.Review", Mark(("李静",)))
    helped._look(0)
    assert len(watched.mirrors) == seen + 1
    helped._touched = time.monotonic() - QUIET_SECONDS
    helped._look(0)
    assert len(watched.mirrors) == seen + 2
    helped._touched = time.monotonic() + 100
    guide(watched, Watch(on=True, private=True))
    assert len(watched.mirrors) == seen + 3, "what may be seen has changed: at once"


def test_the_digits_of_a_number_are_not_for_staff(watched: Terminal) -> None:
    show(watched, "help.LeaveNumber")
    sheet = watched.stage.sheet
    for key in "13800138000":
        sheet._press(key)
    from ui.screens import sheet_for

    discreet = sheet_for(watched.stage.surface().seen_by_staff(0.5), remote.LeaveNumber())
    discreet.keep(sheet)
    assert "13800138000" not in words_on(discreet)
    assert "•" * 11 in words_on(discreet)


def test_a_long_line_of_the_talk_is_as_large_as_a_short_one(watched: Terminal) -> None:
    from ui.widgets.text import Text

    def sizes(words: str) -> dict[str, float]:
        lines = (remote.Said(mine=False, words="您好"), remote.Said(mine=True, words=words))
        watched.show(remote.Chat("李静", lines), modes=Modes(large=True))
        texts = [each for each in watched.stage.sheet.walk() if isinstance(each, Text)]
        return {each.content: each.letters for each in texts if each.content in {"您好", words} and not each.cut}

    long = "请把身份证放在读卡器上，然后看着摄像头，不要动。" * 2
    found = sizes(long)
    assert set(found) == {"您好", long}, "both are there, whole"
    assert found["您好"] == found[long]
    most = "字" * MOST_WORDS
    assert most in sizes(most), "the newest is always there"
