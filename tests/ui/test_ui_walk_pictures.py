"""The pixels of every view state in each mode: contact sheets are kept, and what is read stands out in them."""

import gc
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kiosk.view.common import Language
from kiosk.view.screen import name_of
from tests.ui.walking import SAMPLES
from ui.samples import SamplePicture
from ui.walk import MODES, walked_on, without_pauses


@pytest.mark.timeout(300)
@pytest.mark.parametrize("mode", MODES)
def test_pictures_of_each_mode_are_kept(kivy: object, root: Path, mode: str) -> None:
    """One contact sheet a mode; in its pixels each text stands out from what is around it."""
    from ui.checks import faint_pixels
    from ui.screens import sheet_for
    from ui.snapshot import drawn
    from ui.widgets.camera_view import Feed

    out = root / "out" / "screens"
    out.mkdir(parents=True, exist_ok=True)
    shots: list[Image.Image] = []
    wrong: list[str] = []
    seen: set[str] = set()
    with without_pauses():
        for name, state in SAMPLES.items():
            if name_of(state) in seen:
                continue
            seen.add(name_of(state))
            sheet = sheet_for(walked_on(Language.ZH_HANS, MODES[mode]), state)
            if sheet.camera is not None:
                feed = Feed(SamplePicture(paper=not name.startswith("gate")))
                feed.poll()
                sheet.camera.refresh(feed.texture)
                sheet.take(state)
            shot = drawn(sheet, 540, 960)
            pixels = np.frombuffer(shot.rgb, np.uint8).reshape(shot.height, shot.width, 3)
            wrong += [f"{name}: {one}" for one in faint_pixels(sheet, pixels)]
            shots.append(Image.frombytes("RGB", (shot.width, shot.height), shot.rgb).reduce(2))
            if len(shots) % 4 == 0:
                gc.collect()  # the pictures of all of them would be a gigabyte
    whole = Image.new("RGB", (10 * 280, -(-len(shots) // 10) * 490), "#8c8c8c")
    for place, picture in enumerate(shots):
        whole.paste(picture, (place % 10 * 280 + 5, place // 10 * 490 + 5))
    whole.save(out / f"mode-{mode}.png", compress_level=1)
    assert not wrong, "\n".join(wrong)
