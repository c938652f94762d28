"""The walk is complete, its checks find what is wrong, and what is not a screen by itself is walked as well.

The screens are walked in test_ui_walk_<share>.py, their pixels in test_ui_walk_pictures.py; `tests.ui.walking` says
what is walked when.
"""

from importlib import import_module
from typing import TYPE_CHECKING

import pytest

from kiosk.view.common import Language, Mode, Modes
from kiosk.view.screen import STATES, name_of
from tests.ui.walking import SAMPLES, SHARES, part_of
from ui.voice import spoken
from ui.walk import IN_EVERY_LANGUAGE, MODES, QUICK, walked_on, without_pauses

if TYPE_CHECKING:
    from kivy.uix.widget import Widget

PARTS = sorted({part_of(name) for name in SAMPLES})


def test_the_walk_is_complete() -> None:
    """A new view state without samples, a part that no file walks, a new language, a new mode: each fails here."""
    assert {name_of(state) for state in SAMPLES.values()} == set(STATES)
    assert sorted(part for parts in SHARES.values() for part in parts) == PARTS
    for share in SHARES:
        assert share == import_module(f"tests.ui.test_ui_walk_{share}").SHARE
    for mode in Mode:
        assert Modes().switched(mode, on=True) in MODES.values(), f"{mode} is not walked by itself"
    assert MODES["all"] == Modes(**{mode.value: True for mode in Mode})
    for language in Language:
        assert {mode for walked, mode in QUICK if walked is language} >= set(IN_EVERY_LANGUAGE)
    for language in (Language.ZH_HANS, Language.EN):
        assert {mode for walked, mode in QUICK if walked is language} == set(MODES)


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("mode", MODES)
def test_what_lies_over_a_screen_is_as_it_has_to_be(kivy: object, language: Language, mode: str) -> None:
    from ui.checks import problems
    from ui.screens import sheet_for

    for name in ("desk.ChooseItem", "desk.Review"):
        for over in ("ask_to_leave", "set_sound"):
            sheet = sheet_for(walked_on(language, MODES[mode]), SAMPLES[name])
            getattr(sheet, over)()
            assert problems(sheet) == [], over


@pytest.mark.parametrize("language", list(Language))
def test_every_screen_has_a_spoken_text(language: Language) -> None:
    for name, state in SAMPLES.items():
        told = spoken(state, language)
        assert told.language is language
        assert str(told).strip(), f"{name} says nothing in {language}"


@pytest.mark.parametrize("part", PARTS)
def test_nothing_moves_by_itself(kivy: object, part: str) -> None:
    """No screen starts a timer or an animation, so nothing can flicker; a bar or a ring follows what is measured."""
    from kivy.clock import Clock

    from ui.screens import sheet_for

    surface = walked_on(Language.ZH_HANS, Modes())
    with without_pauses():
        before = set(Clock.get_events())
        for name, state in SAMPLES.items():
            if name.partition(".")[0] != part:
                continue
            sheet_for(surface, state)
            # Laying out and uploading end within a frame; whatever is called again and again does not.
            left = [event for event in Clock.get_events() if event not in before and event.loop]
            assert not left, name
    assert not import_module("kivy.animation").Animation._instances


def test_the_walk_finds_what_is_wrong(kivy: object) -> None:
    """Each check is shown a screen that is bad in its way."""
    from ui import theme
    from ui.checks import problems
    from ui.screens import sheet_for
    from ui.surface import Box
    from ui.widgets.button import WordButton
    from ui.widgets.note import Note
    from ui.widgets.shape import Panel
    from ui.widgets.target import CHOSEN
    from ui.widgets.text import Text

    surface = walked_on(Language.ZH_HANS, Modes(low=True))

    def act() -> None:
        """Not called."""

    def found(*widgets: "Widget") -> str:
        sheet = sheet_for(surface, SAMPLES["gate.Deciding"])
        for widget in widgets:
            sheet.put(widget)
        return "; ".join(problems(sheet))

    box = Box(200, 1200, 300, 100)
    assert found() == ""
    assert "shortened" in found(Text(surface, "很长很长的话" * 20, box))
    assert "no glyph" in found(Text(surface, "\U000e0fff", box))
    assert "overlap" in found(Text(surface, "甲乙", box), Text(surface, "丙丁", box))
    assert "outside" in found(Panel(surface, Box(900, 100, 300, 100)))
    assert "stands out" in found(Text(surface, "看不见", box, colour=theme.HAIRLINE))
    assert "mm" in found(Text(surface, "小", box, size=20, fixed=True)) or surface.smallest == 32
    assert "60 x 60" in found(WordButton(surface, Box(200, 1200, 60, 60), "甲", act))
    assert "out of reach" in found(WordButton(surface, Box(200, 300, 200, 100), "甲", act))
    near = (WordButton(surface, box, "甲", act), WordButton(surface, Box(504, 1200, 300, 100), "乙", act))
    assert "mm apart" in found(*near)
    assert "runs into a button" in found(WordButton(surface, box, "甲", act), Text(surface, "乙乙乙", box))
    assert "no name" in found(WordButton(surface, box, "", act, pictogram="plus"))
    assert "colour" in found(WordButton(surface, box, "甲", act, look=CHOSEN))
    assert "no sign" in found(Panel(surface, box, fill=theme.AMBER_TINT))
    assert "no sign" in found(Text(surface, "不行", box, colour=theme.RED))
    assert found(Note(surface, "请再试一次。", Box(64, 1200, 900, 200))) == ""


def test_reach_and_letters_follow_the_panel(kivy: object) -> None:
    from ui.surface import Mounting

    assert Mounting(3.2, 800).reach == 1920 - 420 * 3.2
    assert Mounting(3.2, 600).reach == 0
    assert Mounting(3.2, 1000).reach == 608
    assert Mounting(3.2).smallest == 32
    assert Mounting(2.7).smallest == 32
    assert Mounting(4.0).smallest == 40
