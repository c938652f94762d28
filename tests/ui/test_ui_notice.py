"""The hall's message on the window: where nobody is being served, and nowhere else."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kiosk.view.common import Cause, Language, Modes, OutOfService
from kiosk.view.screen import Screen, screen_from_json, screen_to_json
from ui.samples import samples

Terminal = Any
SAMPLES = samples()
WORDS = "今天 16:30 停止取号，请提前办理。如有疑问，请拨打服务热线或者询问大厅里的工作人员，谢谢您的理解配合。"
PICTURES = os.environ.get("KIOSK_TEST_PICTURES")


def show(one: Terminal, name: str, notice: str, **modes: bool) -> None:
    one.number += 1
    state = SAMPLES[name]
    one.bridge.show(Screen("desk", state, Language.ZH_HANS, Modes(**modes), one.number, notice=notice))
    while one.bridge.drawn < one.number:
        one.frames(1)


def bar(one: Terminal) -> Any:
    from ui.notice import NoticeBar

    found = [each for each in one.stage.children if isinstance(each, NoticeBar)]
    assert len(found) < 2
    return found[0] if found else None


def shown(widget: Any) -> str:
    from ui.widgets.text import Text

    return " ".join(each.content for each in widget.walk() if isinstance(each, Text))


@pytest.mark.parametrize("name", ["desk.Start", "gate.Welcome", "gate.LanePaused", "common.OutOfService-locked"])
@pytest.mark.parametrize("large", [False, True])
def test_it_lies_on_a_screen_at_rest(terminal: Callable[..., Terminal], name: str, large: bool) -> None:
    one = terminal()
    show(one, name, WORDS, large=large)
    assert shown(bar(one)) == WORDS
    assert one.stage.children[0] is bar(one), "on top"
    if PICTURES:
        from kivy.core.window import Window

        one.frames(3)
        Window.screenshot(str(Path(PICTURES) / f"notice-{name}-{large}.png"))
    show(one, name, "另一条")
    assert shown(bar(one)) == "另一条"
    show(one, name, "")
    assert bar(one) is None


def test_nobody_who_is_being_served_is_disturbed(terminal: Callable[..., Terminal]) -> None:
    one = terminal()
    show(one, "desk.Start", WORDS)
    show(one, "desk.Review", WORDS)
    assert bar(one) is None
    show(one, "desk.Start", WORDS)
    assert bar(one) is not None


def test_a_locked_terminal_says_what_it_was_told_to(terminal: Callable[..., Terminal]) -> None:
    one = terminal()
    one.show(OutOfService(Cause.LOCKED, words="设备检修，请到二楼办理"))
    assert "设备检修，请到二楼办理" in shown(one.stage.sheet)
    one.show(OutOfService(Cause.LOCKED))
    assert "请到人工窗口办理，或询问工作人员。" in shown(one.stage.sheet)
    assert "由管理中心暂停" in shown(one.stage.sheet)


def test_it_travels_with_the_screen() -> None:
    screen = Screen("desk", SAMPLES["desk.Start"], Language.EN, Modes(), 3, notice=WORDS)
    assert screen_from_json(screen_to_json(screen)) == screen
