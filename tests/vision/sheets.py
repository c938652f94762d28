"""Sheets with printed text, drawn."""

import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from kiosk.vision.faces import Image

FONT = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
SIMPLIFIED = 2
"""Of the collection's faces the one for mainland China."""


def sheet(size: tuple[int, int], texts: list[tuple[int, int, str, int]]) -> Image:
    """A sheet with texts, each with its place, left and top, and its size; skips where the typeface is not there."""
    if not FONT.is_file():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{FONT.name} is missing")
        pytest.skip(f"the font {FONT.name} is not on this machine")
    picture = Pillow.new("RGB", size, (232, 240, 243))
    pen = ImageDraw.Draw(picture)
    for x, y, text, points in texts:
        pen.text((x, y), text, font=ImageFont.truetype(str(FONT), points, index=SIMPLIFIED), fill=(30, 30, 30))
    return np.ascontiguousarray(np.asarray(picture)[:, :, ::-1])


def packed(image: Image) -> bytes:
    """A picture as a JPEG file."""
    done, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 92])
    assert done
    return data.tobytes()
