"""Every view state in every language and mode is what `ui.walk` says a screen has to be."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING

import pytest

from kiosk.view.common import Language, Mode, Modes
from kiosk.view.screen import STATES, name_of
from kiosk.view.spoken import Route, Sound
from ui.samples import HALL, NOW, SamplePicture, samples
from ui.voice import spoken

if TYPE_CHECKING:
    from kivy.uix.widget import Widget

    from ui.surface import Mounting, Surface

SAMPLES = samples()
PARTS = sorted({name.partition(".")[0] for name in SAMPLES})
MODES = ["normal", "large", "contrast", "low", "calm", "large-contrast-low", "all"]


def _surface(language: Language, modes: Modes, mounting: "Mounting | None" = None) -> "Surface":
    from ui.surface import Mounting, Surface

    return Surface(
        scale=0.5,
        now=lambda: NOW,
        language=language,
        modes=modes,
        mounting=mounting or Mounting(),
        hall=HALL,
        sound=Sound(Route.SPEAKER),
    )


@contextmanager
def _without_pauses() -> Iterator[None]:
    """Widgets are cycles, and the collector would go through all of Kivy again for each few of them."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()


def test_the_walk_is_complete(kivy: object) -> None:
    """A new view state without samples, a new language, a new mode: each fails here."""
    from ui.walk import MODES as KNOWN

    assert {name_of(state) for state in SAMPLES.values()} == set(STATES)
    assert sum(name.partition(".")[0] == part for part in PARTS for name in SAMPLES) == len(SAMPLES)
    assert list(KNOWN) == MODES
    for mode in Mode:
        assert Modes().switched(mode, on=True) in KNOWN.values(), f"{mode} is not walked by itself"
    assert KNOWN["all"] == Modes(**{mode.value: True for mode in Mode})


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("part", PARTS)
def test_every_screen_is_as_it_has_to_be(kivy: object, part: str, language: Language, mode: str) -> None:
    from ui.screens import sheet_for
    from ui.walk import MODES as KNOWN
    from ui.walk import problems

    surface = _surface(language, KNOWN[mode])
    wrong: list[str] = []
    with _without_pauses():
        for name, state in SAMPLES.items():
            if name.partition(".")[0] == part:
                wrong += [f"{name}: {problem}" for problem in problems(sheet_for(surface, state))]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("mode", MODES)
def test_what_lies_over_a_screen_is_as_it_has_to_be(kivy: object, language: Language, mode: str) -> None:
    from ui.screens import sheet_for
    from ui.walk import MODES as KNOWN
    from ui.walk import problems

    for name in ("desk.ChooseItem", "desk.Review"):
        for over in ("ask_to_leave", "set_sound"):
            sheet = sheet_for(_surface(language, KNOWN[mode]), SAMPLES[name])
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

    surface = _surface(Language.ZH_HANS, Modes())
    with _without_pauses():
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
    from ui.screens import sheet_for
    from ui.surface import Box
    from ui.walk import problems
    from ui.widgets.button import WordButton
    from ui.widgets.note import Note
    from ui.widgets.shape import Panel
    from ui.widgets.target import CHOSEN
    from ui.widgets.text import Text

    surface = _surface(Language.ZH_HANS, Modes(low=True))

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


def test_a_larger_panel_is_walked_too(kivy: object) -> None:
    """The limits of the site file: 26 inches, and 43 that hang lower."""
    from ui.screens import sheet_for
    from ui.surface import Mounting
    from ui.walk import problems

    wrong = []
    for mounting in (Mounting(3.33, 820.0), Mounting(2.0, 560.0)):
        surface = _surface(Language.ZH_HANS, Modes(low=True), mounting)
        with _without_pauses():
            for name, state in SAMPLES.items():
                wrong += [f"{mounting} {name}: {one}" for one in problems(sheet_for(surface, state))]
    assert not wrong, "\n".join(wrong)


def test_reach_and_letters_follow_the_panel(kivy: object) -> None:
    from ui.surface import Mounting

    assert Mounting(3.2, 800).reach == 1920 - 420 * 3.2
    assert Mounting(3.2, 600).reach == 0
    assert Mounting(3.2, 1000).reach == 608
    assert Mounting(3.2).smallest == 32
    assert Mounting(2.7).smallest == 32
    assert Mounting(4.0).smallest == 40


@pytest.mark.parametrize("mode", MODES)
def test_pictures_of_each_mode_are_kept(kivy: object, root: "object", mode: str) -> None:
    """One contact sheet a mode; in its pixels each text stands out from what is around it."""
    from pathlib import Path

    import numpy as np
    from PIL import Image

    from ui.screens import sheet_for
    from ui.snapshot import drawn
    from ui.walk import MODES as KNOWN
    from ui.walk import faint_pixels
    from ui.widgets.camera_view import Feed

    assert isinstance(root, Path)
    out = root / "out" / "screens"
    out.mkdir(parents=True, exist_ok=True)
    shots: list[Image.Image] = []
    wrong: list[str] = []
    seen: set[str] = set()
    with _without_pauses():
        for name, state in SAMPLES.items():
            if name_of(state) in seen:
                continue
            seen.add(name_of(state))
            sheet = sheet_for(_surface(Language.ZH_HANS, KNOWN[mode]), state)
            if sheet.camera is not None:
                feed = Feed(SamplePicture(paper=not name.startswith("gate")))
                feed.poll()
                sheet.camera.refresh(feed.texture)
                sheet.take(state)
            shot = drawn(sheet, 540, 960)
            pixels = np.frombuffer(shot.rgb, np.uint8).reshape(shot.height, shot.width, 3)
            wrong += [f"{name}: {one}" for one in faint_pixels(sheet, pixels)]
            shots.append(Image.frombytes("RGB", (shot.width, shot.height), shot.rgb).resize((270, 480)))
    whole = Image.new("RGB", (10 * 280, -(-len(shots) // 10) * 490), "#8c8c8c")
    for place, picture in enumerate(shots):
        whole.paste(picture, (place % 10 * 280 + 5, place // 10 * 490 + 5))
    whole.save(out / f"mode-{mode}.png", compress_level=1)
    assert not wrong, "\n".join(wrong)
