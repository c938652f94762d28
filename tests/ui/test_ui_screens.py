"""Every view state has a screen and a picture. What each has to be in each mode is checked in test_ui_walk.py."""

import gc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kiosk.view import desk
from kiosk.view.common import Language, Modes
from kiosk.view.screen import STATES, name_of
from kiosk.view.spoken import Route, Sound
from ui.samples import HALL, NOW, SamplePicture, samples

if TYPE_CHECKING:
    from kivy.uix.widget import Widget

    from ui.surface import Surface

SAMPLES = samples()
SCALE = 0.5


def _surface(language: Language, *, large: bool) -> "Surface":
    from ui.surface import Surface

    return Surface(
        scale=SCALE, now=lambda: NOW, language=language, modes=Modes(large=large), hall=HALL, sound=Sound(Route.SPEAKER)
    )


def _all(widget: "Widget") -> Iterator["Widget"]:
    yield widget
    for child in widget.children:
        yield from _all(child)


def test_every_state_has_a_screen_and_a_sample(kivy: object) -> None:
    from ui.screens import SCREENS

    assert set(SCREENS) == set(STATES)
    assert {name_of(state) for state in SAMPLES.values()} == set(STATES)
    for name, state in SAMPLES.items():
        assert name.partition("-")[0] == name_of(state)


@pytest.mark.parametrize("language", list(Language))
def test_leaving_is_asked_once_and_fits(kivy: object, language: Language) -> None:
    from ui.checks import problems
    from ui.screens import sheet_for
    from ui.screens.leave_question import LeaveQuestion

    sheet = sheet_for(_surface(language, large=True), SAMPLES["desk.ChooseItem"])
    sheet.ask_to_leave()
    sheet.ask_to_leave()
    questions = [widget for widget in sheet.children if isinstance(widget, LeaveQuestion)]
    assert len(questions) == 1
    assert problems(sheet) == []


@pytest.mark.timeout(300)
@pytest.mark.parametrize("role", ["gate", "desk"])
@pytest.mark.parametrize("language", list(Language))
def test_pictures_are_kept(kivy: object, root: Path, language: Language, role: str) -> None:
    """One sheet a role and language, as artefacts; each picture shows something."""
    from kivy.base import EventLoop
    from PIL import Image

    from ui.screens import sheet_for
    from ui.snapshot import drawn
    from ui.walk import without_pauses
    from ui.widgets.camera_view import Feed

    out = root / "out" / "screens"
    out.mkdir(parents=True, exist_ok=True)
    feed = Feed(SamplePicture(paper=role == "desk"))
    feed.poll()
    shots = []
    with without_pauses():
        for name, state in SAMPLES.items():
            if not name.startswith((role, "common")) or name.startswith("gate.Refused-"):
                continue
            surface = replace(_surface(language, large=False), scale=0.25)
            sheet = sheet_for(surface, state)
            if sheet.camera is not None:
                sheet.camera.refresh(feed.texture)
                sheet.take(state)
            shot = drawn(sheet, 270, 480)
            picture = Image.frombytes("RGB", (shot.width, shot.height), shot.rgb)
            colours = picture.getcolors(1 << 18)
            assert colours is not None
            assert len(colours) > 20, f"{name} shows nothing"
            shots.append(picture)
            if len(shots) % 4 == 0:  # each holds its textures until it is looked through
                del sheet
                gc.collect()
                EventLoop.idle()  # OpenGL lets go of them between frames
    whole = Image.new("RGB", (8 * 280, -(-len(shots) // 8) * 490), "#8c8c8c")
    for place, picture in enumerate(shots):
        whole.paste(picture, (place % 8 * 280 + 5, place // 8 * 490 + 5))
    whole.save(out / f"{role}-{language}.png", compress_level=1)


def test_large_type_is_larger(kivy: object) -> None:
    from ui.screens import sheet_for
    from ui.widgets.text import Text

    def letters(large: bool) -> dict[str, float]:
        sheet = sheet_for(_surface(Language.ZH_HANS, large=large), SAMPLES["desk.Start"])
        return {widget.content: widget.letters for widget in _all(sheet) if isinstance(widget, Text)}

    normal, larger = letters(large=False), letters(large=True)
    grown = [words for words in normal.keys() & larger.keys() if larger[words] >= 1.2 * normal[words]]
    assert len(grown) >= 5


def test_a_broken_page_is_no_reason_to_fall(kivy: object) -> None:
    from ui.checks import problems
    from ui.screens import sheet_for

    state = SAMPLES["desk.CheckPaper"]
    assert isinstance(state, desk.CheckPaper)
    state = replace(state, page=b"\xff\xd8 no picture")
    assert problems(sheet_for(_surface(Language.EN, large=False), state)) == []
