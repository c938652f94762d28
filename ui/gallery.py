"""Every view state and every widget as a picture, in a mode: `python -m ui.gallery --mode contrast`."""

import argparse
import logging
import sys
import tempfile
from pathlib import Path

from PIL import Image

from kiosk.view.common import Language, Mode, Modes
from kiosk.view.spoken import Route, Sound
from ui import theme
from ui.options import Options
from ui.prepare import prepare, window_ready
from ui.samples import HALL, NOW, SamplePicture, samples
from ui.surface import Surface

_ACROSS = 8
_THUMB = (270, 480)
_log = logging.getLogger(__name__)


def main(arguments: list[str] | None = None) -> int:
    """Render the samples.

    Args:
        arguments: of the command line, None for the process's own.

    Returns:
        The exit code.
    """
    parser = argparse.ArgumentParser(prog="python -m ui.gallery", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("out/screens"), help="folder for the pictures")
    parser.add_argument("--language", type=Language, choices=list(Language), default=Language.ZH_HANS)
    parser.add_argument("--mode", action="append", type=Mode, choices=list(Mode), default=[], help="more than one, too")
    parser.add_argument("--widgets", action="store_true", help="the widgets only")
    parser.add_argument("--staff", action="store_true", help="as staff see them")
    parser.add_argument("--only", default="", help="names that begin so")
    parser.add_argument("--width", type=int, default=theme.WIDTH, help="of each picture in pixels")
    chosen = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    with tempfile.TemporaryDirectory() as home:
        prepare(Options(now=lambda: NOW, home=Path(home)))
        window_ready()
        modes = Modes(**{mode.value: True for mode in chosen.mode})
        surface = _surface(chosen.width, chosen.language, modes, staff=chosen.staff)
        _widgets(surface, chosen.out)
        if not chosen.widgets:
            _screens(surface, chosen.out, chosen.only)
    return 0


def _surface(width: int, language: Language, modes: Modes, *, staff: bool) -> Surface:
    from ui.fonts import register_fonts  # noqa: PLC0415  Kivy reads its configuration when it is imported

    register_fonts()
    return Surface(
        scale=width / theme.WIDTH,
        now=lambda: NOW,
        language=language,
        modes=modes,
        hall=HALL,
        discreet=staff,
        sound=Sound(Route.SPEAKER),
    )


def _widgets(surface: Surface, out: Path) -> None:
    from ui.gallery_widgets import PAGES  # noqa: PLC0415  the same
    from ui.snapshot import drawn  # noqa: PLC0415  the same

    out.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        shot = drawn(page(surface), round(surface.px(theme.WIDTH)), round(surface.px(theme.HEIGHT)))
        picture = Image.frombytes("RGB", (shot.width, shot.height), shot.rgb)
        picture.save(out / f"_widgets-{name}.png", compress_level=1)


def _screens(surface: Surface, out: Path, only: str) -> None:
    # Kivy reads its configuration when it is imported.
    from ui.screens import sheet_for  # noqa: PLC0415
    from ui.snapshot import drawn  # noqa: PLC0415
    from ui.widgets.camera_view import Feed  # noqa: PLC0415

    width = round(surface.px(theme.WIDTH))
    feeds = {role: Feed(SamplePicture(paper=role != "gate")) for role in ("gate", "desk", "afterwards")}
    for feed in feeds.values():
        feed.poll()
    thumbs: dict[str, list[Image.Image]] = {"gate": [], "desk": [], "common": [], "attendant": []}
    for name, state in samples().items():
        if not name.startswith(only):
            continue
        role = name.partition(".")[0]
        sheet = sheet_for(surface, state)
        if sheet.camera is not None:
            sheet.camera.refresh(feeds[role].texture)
            sheet.take(state)
        shot = drawn(sheet, width, round(theme.HEIGHT * surface.scale))
        picture = Image.frombytes("RGB", (shot.width, shot.height), shot.rgb)
        picture.save(out / f"{name}.png", compress_level=1)
        thumbs.setdefault(role, []).append(picture.resize(_THUMB, Image.Resampling.LANCZOS))
    for role, pictures in thumbs.items():
        if pictures:
            _contact_sheet(pictures).save(out / f"_{role}.png")
    _log.info("%d pictures in %s", sum(map(len, thumbs.values())), out)


def _contact_sheet(pictures: list[Image.Image]) -> Image.Image:
    rows = -(-len(pictures) // _ACROSS)
    wide, high = _THUMB[0] + 16, _THUMB[1] + 16
    sheet = Image.new("RGB", (wide * min(_ACROSS, len(pictures)) + 16, high * rows + 16), "#8c8c8c")
    for place, picture in enumerate(pictures):
        sheet.paste(picture, (16 + place % _ACROSS * wide, 16 + place // _ACROSS * high))
    return sheet


if __name__ == "__main__":
    sys.exit(main())
