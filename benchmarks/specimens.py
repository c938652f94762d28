"""Travel documents of invented people of Utopia (UTO, ICAO Doc 9303), drawn and then degraded as a camera does."""

import random
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from kiosk.vision.faces import Image
from kiosk.vision.mrz_forms import MrzKind, check_digit

FONTS = ("OCRB.otf", "DejaVuSansMono.ttf", "LiberationMono-Regular.ttf")
"""The zone's own typeface comes from Debian's package fonts-ocr-b; without it something of fixed pitch stands in."""
_LETTERS, _DIGITS = "ABCDEFGHJKLMNPRTUVWXY", "0123456789"
_ALL = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SURNAMES = ("ERIKSSON", "VAN<DER<MUELLEN", "OBRIEN", "ZHANG", "LI", "STEVENSON", "GOMEZ<SILVA", "KOWALSKI", "BECKER")
_GIVEN = ("ANNA<MARIA", "PETER<JOHN", "WEI", "XIAOMING", "LARS", "SOFIA<ISABEL<K", "JEAN<LUC", "YUKI")
_WIDTH = 1400


@dataclass(frozen=True, slots=True)
class Degradation:
    """What the camera does.

    Attributes:
        width: of the picture, in pixels.
        skew: in degrees.
        blur: sigma in pixels of that picture.
        noise: sigma in grey levels.
        quality: of the JPEG.
        turns: quarters by which it lies turned.
    """

    width: int
    skew: float
    blur: float
    noise: float
    quality: int
    turns: int = 0


def font_name() -> str | None:
    """The first of `FONTS` that this machine has, or None."""
    for name in FONTS:
        try:
            ImageFont.truetype(name, 12)
        except OSError:
            continue
        return name
    return None


def zone(rng: random.Random, kind: MrzKind) -> list[str]:
    """The lines of an invented person's zone, every check digit right."""

    def some(alphabet: str, count: int) -> str:
        return "".join(rng.choice(alphabet) for _ in range(count))

    names = f"{rng.choice(_SURNAMES)}<<{rng.choice(_GIVEN)}"
    number = rng.choice(
        [some(_LETTERS, 1) + some(_DIGITS, 8), some(_DIGITS, 9), some(_LETTERS, 2) + some(_DIGITS, 7), _mixed(rng)]
    )
    birth = f"{rng.randrange(100):02}{rng.randrange(1, 13):02}{rng.randrange(1, 29):02}"
    expiry = f"{rng.randrange(24, 37):02}{rng.randrange(1, 13):02}{rng.randrange(1, 29):02}"
    sex = rng.choice("MF<")
    if kind is MrzKind.TD1:
        first = f"I<UTO{number}{check_digit(number)}{rng.choice(['', some(_DIGITS, 8)])}".ljust(30, "<")
        second = f"{birth}{check_digit(birth)}{sex}{expiry}{check_digit(expiry)}UTO".ljust(29, "<")
        over = first[5:30] + second[0:7] + second[8:15] + second[18:29]
        return [first, second + check_digit(over), names.ljust(30, "<")[:30]]
    width = 44 if kind in {MrzKind.TD3, MrzKind.MRV_A} else 36
    code = {MrzKind.TD3: "P<", MrzKind.TD2: "I<"}.get(kind, "V<")
    second = f"{number}{check_digit(number)}UTO{birth}{check_digit(birth)}{sex}{expiry}{check_digit(expiry)}"
    if kind is MrzKind.TD3:
        personal = rng.choice(["", some(_LETTERS, 2) + some(_DIGITS, 7)]).ljust(14, "<")
        second += personal + check_digit(personal)
        second += check_digit(second[0:10] + second[13:20] + second[21:43])
    elif kind is MrzKind.TD2:
        second = second.ljust(35, "<")
        second += check_digit(second[0:10] + second[13:20] + second[21:35])
    return [(code + "UTO" + names).ljust(width, "<")[:width], second.ljust(width, "<")]


def _mixed(rng: random.Random) -> str:
    return "".join(rng.choice(_ALL + _DIGITS) for _ in range(9))


def draw(lines: list[str], font: str, seed: int, how: Degradation) -> Image:
    """A document with this zone, as a camera of so many pixels saw it.

    Args:
        font: a file's name or path.
        seed: of the noise.
    """
    height = 880 if len(lines) == 3 else 980
    picture = Pillow.new("RGB", (_WIDTH, height), (236, 232, 222))
    pen = ImageDraw.Draw(picture)
    for top in range(0, height, 9):
        pen.line((0, top, _WIDTH, top + 40), fill=(222, 226, 232))
    pen.rectangle((60, 120, 400, 560), fill=(150, 160, 170))
    small = ImageFont.load_default(30)
    texts = ("UTOPIA  PASSPORT / PASSEPORT", "Surname", "Given names", "Date of birth", "Place of birth  ZENITH")
    for row, text in enumerate(texts):
        pen.text((440, 100 + row * 75), text, font=small, fill=(50, 50, 60))
    size = round(100 * _WIDTH * 0.92 / ImageFont.truetype(font, 100).getlength("A" * len(lines[0])))
    face = ImageFont.truetype(font, size)
    pitch = face.getlength("A")
    for row, line in enumerate(lines):
        place = (_WIDTH * 0.04, height - 60 - len(lines) * pitch * 1.75 + row * pitch * 1.72)
        pen.text(place, line, font=face, fill=(25, 25, 28))
    return _seen(np.asarray(picture)[:, :, ::-1], seed, how)


def _seen(sheet: Image, seed: int, how: Degradation) -> Image:
    height, width = sheet.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), how.skew, 0.93)
    seen = cv2.warpAffine(sheet, matrix, (width, height), borderValue=(70, 80, 90))
    scale = how.width / width
    seen = cv2.resize(seen, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    if how.blur > 0:
        seen = cv2.GaussianBlur(seen, (0, 0), how.blur)
    noise = np.random.default_rng(seed).normal(0, how.noise, seen.shape)
    noisy = np.ascontiguousarray(np.rot90(np.clip(seen.astype(np.float64) + noise, 0, 255).astype(np.uint8), how.turns))
    _, jpeg = cv2.imencode(".jpg", noisy, [cv2.IMWRITE_JPEG_QUALITY, how.quality])
    decoded = cv2.imdecode(jpeg, cv2.IMREAD_COLOR)
    if decoded is None:
        raise ValueError("OpenCV cannot read its own JPEG")
    return np.asarray(decoded, np.uint8)
