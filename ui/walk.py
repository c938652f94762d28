"""Every view state in every language and mode, checked: `python -m ui.walk` says what is not as it has to be.

The tests walk what `QUICK` holds in every run; the command walks the whole product of states, languages and modes.
"""

import argparse
import gc
import logging
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from kiosk.view.common import Language, Modes
from kiosk.view.screen import State
from kiosk.view.spoken import Route, Sound
from ui.options import Options
from ui.prepare import prepare, window_ready
from ui.samples import HALL, NOW, samples
from ui.surface import Mounting, Surface

MODES: Final[dict[str, Modes]] = {
    "normal": Modes(),
    "large": Modes(large=True),
    "contrast": Modes(contrast=True),
    "low": Modes(low=True),
    "calm": Modes(calm=True),
    "large-contrast-low": Modes(large=True, contrast=True, low=True),
    "all": Modes(large=True, contrast=True, low=True, calm=True),
}
"""Each by itself, the three that a person with poor sight in a wheelchair wants, and all."""
IN_EVERY_LANGUAGE: Final = ("normal", "large-contrast-low", "all")
"""The modes that the tests walk in all languages: as everybody begins, and where the room is least."""
QUICK: Final = tuple(
    (language, mode)
    for mode in MODES
    for language in Language
    if mode in IN_EVERY_LANGUAGE or language is not Language.ZH_HANT
)
"""What the tests walk. A single mode in zh-Hant is zh-Hans with other characters, as wide and as high."""
MOUNTINGS: Final = (Mounting(3.33, 820.0), Mounting(2.0, 560.0))
"""The limits of the site file: 26 inches, and 43 that hang lower."""
_SCALE: Final = 0.5
_log = logging.getLogger(__name__)


def walked_on(language: Language, modes: Modes, mounting: Mounting | None = None) -> Surface:
    """A surface to walk on: 540 x 960 pixels, everything in the bars."""
    return Surface(
        scale=_SCALE,
        now=lambda: NOW,
        language=language,
        modes=modes,
        mounting=mounting or Mounting(),
        hall=HALL,
        sound=Sound(Route.SPEAKER),
    )


@contextmanager
def without_pauses() -> Iterator[None]:
    """Widgets are cycles, and the collector would go through all of Kivy again for each few of them.

    What was there before stays out of its way for good: it lives as long as the process.
    """
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def walk(surface: Surface, states: Iterable[tuple[str, State]]) -> list[str]:
    """Draw view states one after another, and check each; fonts are registered, Kivy runs.

    Args:
        surface: with language, modes and mounting.
        states: with their names.

    Returns:
        What is wrong: name and sentence.
    """
    from ui.checks import problems  # noqa: PLC0415  Kivy reads its configuration when it is imported
    from ui.screens import sheet_for  # noqa: PLC0415  the same

    wrong: list[str] = []
    with without_pauses():
        for name, state in states:
            wrong += [f"{name}: {problem}" for problem in problems(sheet_for(surface, state))]
            # Kivy itself is frozen, so this goes through the widgets of one screen, which the processor still has at
            # hand: of four at once each took three times as long.
            gc.collect()
    return wrong


def main(arguments: list[str] | None = None) -> int:
    """Walk.

    Args:
        arguments: of the command line, None for the process's own.

    Returns:
        The exit code: 1 when something is wrong.
    """
    parser = argparse.ArgumentParser(prog="python -m ui.walk", description=__doc__)
    parser.add_argument("--language", action="append", type=Language, choices=list(Language), help="all unless told")
    parser.add_argument("--mode", action="append", choices=list(MODES), help="all unless told")
    parser.add_argument("--only", default="", help="names that begin so, for instance desk.Review")
    chosen = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    states = [(name, state) for name, state in samples().items() if name.startswith(chosen.only)]
    surfaces = [
        (f"{language} {mode}", walked_on(language, MODES[mode]))
        for mode in chosen.mode or MODES
        for language in chosen.language or Language
    ]
    surfaces += [
        (f"{mounting.px_per_mm} pixels a mm", walked_on(Language.ZH_HANS, Modes(low=True), mounting))
        for mounting in MOUNTINGS
    ]
    found = 0
    with tempfile.TemporaryDirectory() as home:
        prepare(Options(now=lambda: NOW, home=Path(home)))
        window_ready()
        from ui.fonts import register_fonts  # noqa: PLC0415  Kivy reads its configuration when it is imported

        register_fonts()
        for where, surface in surfaces:
            for problem in walk(surface, states):
                found += 1
                _log.warning("%s, %s", where, problem)
    _log.info("%d screens, %d problems", len(states) * len(surfaces), found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
