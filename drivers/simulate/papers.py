"""Papers that do not exist, and what the desk's document camera sees of them.

Drawn sheets are (1754, 1240, 3) uint8: A4 at 150 dpi. Frames are (960, 1280, 3) uint8. All pictures are BGR and depend
on nothing but the arguments. Companies, people, addresses and numbers are invented; their check characters are right.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

import cv2
import numpy as np
import segno
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Picture = NDArray[np.uint8]
Corners = NDArray[np.float32]
"""(4, 2): top left, top right, bottom right, bottom left of the sheet as it is read; pixels of the frame."""

SHEET = (1240, 1754)
FRAME = (1280, 960)

_FONTS = Path("/usr/share/fonts/opentype/noto")
_INK = (38, 36, 34)
_RED = (196, 40, 32)
_PARTS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_DISTRICT = "青湖区"


# ---------------------------------------------------------------------------------------------------------------
# Numbers


def social_credit_code(rng: np.random.Generator) -> str:
    """Invent a unified social credit code (GB 32100-2015): 18 characters, both check characters right."""
    body = "".join(rng.choice(list("0123456789"), 8))
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    rest = 11 - sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True)) % 11
    organisation = body + {10: "X", 11: "0"}.get(rest, str(rest))
    first = "91110101" + organisation
    total = sum(_PARTS.index(character) * pow(3, place, 31) for place, character in enumerate(first))
    return first + _PARTS[(31 - total % 31) % 31]


def _identity_number(rng: np.random.Generator) -> str:
    first = f"110101{rng.integers(1955, 2003)}{rng.integers(1, 13):02}{rng.integers(1, 29):02}{rng.integers(1, 999):03}"
    total = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(first))
    return first + "10X98765432"[total % 11]


def _pick(rng: np.random.Generator, *choices: str) -> str:
    return choices[int(rng.integers(len(choices)))]


def _person(rng: np.random.Generator) -> str:
    return _pick(rng, "沈", "柳", "程", "苏", "陆", "魏", "欧阳") + _pick(
        rng, "知远", "若溪", "明川", "安禾", "一舟", "清扬"
    )


def _address(rng: np.random.Generator) -> str:
    road = _pick(rng, "望湖路", "梧桐街", "新桥北路", "听雨巷")
    door = f"{rng.integers(1, 19)}号楼{rng.integers(1, 5)}单元{rng.integers(1, 19)}{rng.integers(1, 5):02}室"
    return f"{_DISTRICT}{road}{rng.integers(3, 288)}号{door}"


def _company(rng: np.random.Generator) -> str:
    name = _pick(rng, "澄明", "远帆", "栖木", "云岫", "嘉禾源")
    return "青湖" + name + _pick(rng, "餐饮管理", "信息技术", "建筑工程", "文化传播") + "有限公司"


def _day(rng: np.random.Generator) -> str:
    return f"{rng.integers(2016, 2026)}年{rng.integers(1, 13)}月{rng.integers(1, 29)}日"


# ---------------------------------------------------------------------------------------------------------------
# Sheets


@lru_cache(maxsize=16)
def _font(size: int, *, bold: bool) -> ImageFont.FreeTypeFont:
    name = "NotoSansCJK-Bold.ttc" if bold else "NotoSansCJK-Regular.ttc"
    return ImageFont.truetype(_FONTS / name, size, index=2)


@dataclass
class _Sheet:
    """A sheet being written, from top to bottom."""

    picture: Image.Image = field(default_factory=lambda: Image.new("RGB", SHEET, (252, 252, 249)))
    y: int = 150

    def __post_init__(self) -> None:
        self.draw = ImageDraw.Draw(self.picture)

    def title(self, text: str, size: int = 76) -> None:
        self.draw.text((SHEET[0] // 2, self.y), text, font=_font(size, bold=True), fill=_INK, anchor="ma")
        self.y += size * 2

    def centred(self, text: str, size: int = 32) -> None:
        self.draw.text((SHEET[0] // 2, self.y), text, font=_font(size, bold=False), fill=_INK, anchor="ma")
        self.y += size * 2

    def entry(self, caption: str, value: str) -> None:
        self.draw.text((150, self.y), caption, font=_font(34, bold=False), fill=(110, 104, 98))
        self.paragraph(value, left=460)
        self.y += 18

    def paragraph(self, text: str, *, left: int = 150, indent: int = 0) -> None:
        font = _font(36, bold=False)
        line, x = "", left + indent
        for character in text:
            if x + font.getlength(line + character) > SHEET[0] - 150 and character not in "，。、；：）":
                self.draw.text((x, self.y), line, font=font, fill=_INK)
                self.y += 62
                line, x = "", left
            line += character
        self.draw.text((x, self.y), line, font=font, fill=_INK)
        self.y += 62

    def table(self, rows: list[tuple[str, ...]]) -> None:
        width = (SHEET[0] - 300) // len(rows[0])
        for row in rows:
            for column, text in enumerate(row):
                box = (150 + column * width, self.y, 150 + (column + 1) * width, self.y + 84)
                self.draw.rectangle(box, outline=_INK, width=2)
                middle = ((box[0] + box[2]) // 2, (box[1] + box[3]) // 2)
                self.draw.text(middle, text, font=_font(32, bold=False), fill=_INK, anchor="mm")
            self.y += 84
        self.y += 40

    def seal(self, office: str, date: str) -> None:
        """Stamp it, in red, over the name of the office."""
        x, y = 880, max(self.y + 190, 1370)
        self.draw.text((x, y - 20), office, font=_font(36, bold=False), fill=_INK, anchor="mm")
        self.draw.text((x, y + 50), date, font=_font(34, bold=False), fill=_INK, anchor="mm")
        ink = Image.new("L", SHEET, 0)
        pen = ImageDraw.Draw(ink)
        pen.ellipse((x - 150, y - 150, x + 150, y + 150), outline=215, width=9)
        turns = np.arange(10) * np.pi / 5 - np.pi / 2
        radii = np.where(np.arange(10) % 2 == 0, 52, 20)
        pen.polygon([(x + r * np.cos(t), y + r * np.sin(t)) for r, t in zip(radii, turns, strict=True)], fill=215)
        for place, character in enumerate(office):
            angle = np.radians(-90 + (place - (len(office) - 1) / 2) * min(24, 240 / len(office)))
            glyph = Image.new("L", (60, 60), 0)
            ImageDraw.Draw(glyph).text((30, 30), character, font=_font(38, bold=True), fill=215, anchor="mm")
            turned = glyph.rotate(float(-np.degrees(angle) - 90), resample=Image.Resampling.BICUBIC)
            at = (round(x + 112 * np.cos(angle)) - 30, round(y + 112 * np.sin(angle)) - 30)
            ink.paste(255, (*at, at[0] + 60, at[1] + 60), turned)
        self.picture.paste(_RED, (0, 0), ink)

    def finish(self) -> Picture:
        return np.ascontiguousarray(np.asarray(self.picture, dtype=np.uint8)[:, :, ::-1])


def business_licence(rng: np.random.Generator) -> Picture:
    """Draw a business licence (营业执照)."""
    sheet = _Sheet()
    sheet.draw.rectangle((60, 60, SHEET[0] - 60, SHEET[1] - 60), outline=(178, 142, 70), width=10)
    sheet.draw.rectangle((80, 80, SHEET[0] - 80, SHEET[1] - 80), outline=(178, 142, 70), width=3)
    sheet.title("营业执照", 96)
    sheet.centred("（副本）", 36)
    sheet.y += 30
    since = _day(rng)
    sheet.entry("统一社会信用代码", social_credit_code(rng))
    sheet.entry("名称", _company(rng))
    sheet.entry("类型", "有限责任公司（自然人独资）")
    sheet.entry("法定代表人", _person(rng))
    sheet.entry("注册资本", f"{rng.integers(1, 60) * 10}万元整")
    sheet.entry("成立日期", since)
    sheet.entry("住所", _address(rng))
    sheet.entry(
        "经营范围", "餐饮服务；信息咨询服务；会议及展览服务。（依法须经批准的项目，经相关部门批准后方可开展经营活动）"
    )
    sheet.seal(f"{_DISTRICT}市场监督管理局", since)
    return sheet.finish()


def certificate_of_deposit(rng: np.random.Generator) -> Picture:
    """Draw a bank's certificate of deposit (存款证明书)."""
    sheet = _Sheet()
    sheet.title("存款证明书")
    sheet.centred(f"编号：QH{rng.integers(10**9, 10**10)}")
    sheet.y += 40
    until = _day(rng)
    name, number = _person(rng), _identity_number(rng)
    sheet.paragraph(f"兹证明{name}（居民身份证号码{number}）截至{until}，在我行存有以下款项：", indent=72)
    sheet.y += 30
    amounts = [int(rng.integers(2, 90)) * 1000 for _ in range(3)]
    rows: list[tuple[str, ...]] = [("账号末四位", "币种", "金额（元）", "存期")]
    rows += [(f"{rng.integers(0, 10**4):04}", "人民币", f"{amount:,}.00", "十二个月") for amount in amounts]
    sheet.table([*rows, ("合计", "人民币", f"{sum(amounts):,}.00", "")])
    sheet.paragraph("本证明仅证明上述存款在开具之日的状况，不作为质押、担保或其他用途的凭据，涂改无效。", indent=72)
    sheet.seal("青湖惠民银行营业部", until)
    return sheet.finish()


def proof_of_residence(rng: np.random.Generator) -> Picture:
    """Draw a neighbourhood committee's proof of residence (居住证明)."""
    sheet = _Sheet()
    sheet.title("居住证明")
    sheet.y += 40
    name, number, since = _person(rng), _identity_number(rng), _day(rng)
    sheet.paragraph(
        f"兹有{name}，居民身份证号码{number}，自{since}起居住于{_address(rng)}，至今未迁出，情况属实。", indent=72
    )
    sheet.y += 20
    sheet.paragraph("本证明供本人办理居住证使用，有效期三个月。", indent=72)
    sheet.y += 20
    sheet.paragraph("特此证明。", indent=72)
    sheet.y += 60
    sheet.entry("经办人", _person(rng))
    sheet.entry("联系电话", f"010-5550{rng.integers(0, 10**4):04}")
    sheet.seal(f"{_DISTRICT}梧桐社区居民委员会", _day(rng))
    return sheet.finish()


def letter(title: str, entries: Mapping[str, str], number: str) -> Picture:
    """Draw any paper: what it is, what stands on it, and its number, also as a QR code.

    Args:
        title: what it is called.
        entries: caption → value.
        number: tells it from every other.
    """
    sheet = _Sheet()
    sheet.title(title, min(76, (SHEET[0] - 300) // max(len(title), 1)))
    sheet.centred(number, 64)
    sheet.y += 40
    for caption, value in entries.items():
        sheet.entry(caption, value)
    sheet.picture.paste(_code(number, 14), (160, 1200))
    return sheet.finish()


CARD = (1012, 638)
"""A card (85.6 x 54 mm) at 300 dpi."""


def card_side(title: str, entries: Mapping[str, str], number: str) -> Picture:
    """Draw one side of a card; see `letter`."""
    picture = Image.new("RGB", CARD, (226, 233, 240))
    draw = ImageDraw.Draw(picture)
    draw.text((CARD[0] // 2, 40), title, font=_font(56, bold=True), fill=_INK, anchor="ma")
    draw.text((60, 170), number, font=_font(48, bold=True), fill=_INK)
    for row, (caption, value) in enumerate(entries.items()):
        draw.text((60, 290 + 80 * row), f"{caption}  {value}", font=_font(34, bold=False), fill=_INK)
    picture.paste(_code(number, 12), (650, 200))
    return np.ascontiguousarray(np.asarray(picture, dtype=np.uint8)[:, :, ::-1])


def _code(text: str, dots: int) -> Image.Image:
    """A QR code with its quiet zone; `dots` a module."""
    rows = [[255 if not dark else 30 for dark in row] for row in segno.make_qr(text, error="m").matrix_iter(border=3)]
    small = Image.fromarray(np.asarray(rows, np.uint8))
    return small.resize((small.width * dots, small.height * dots), Image.Resampling.NEAREST)


PAPERS: Mapping[str, Callable[[np.random.Generator], Picture]] = MappingProxyType(
    {
        "business_licence": business_licence,
        "certificate_of_deposit": certificate_of_deposit,
        "proof_of_residence": proof_of_residence,
    }
)
"""Name → function that draws one with invented data."""


# ---------------------------------------------------------------------------------------------------------------
# Frames


def on_desk(paper: Picture, rng: np.random.Generator) -> tuple[Picture, Corners]:
    """Lay a sheet under the camera, wholly in sight.

    Args:
        paper: (h, w, 3) uint8, BGR.
        rng: decides how it lies.

    Returns:
        The frame, and where the sheet's corners are in it.
    """
    middle = (640 + float(rng.uniform(-60, 60)), 480 + float(rng.uniform(-12, 12)))
    return _photograph(paper, middle, float(rng.uniform(-5, 5)), rng)


def half_outside(paper: Picture, rng: np.random.Generator) -> tuple[Picture, Corners]:
    """Lay a sheet so that a good part of it is out of sight. Corners outside the frame are given, too."""
    side = 1 if rng.random() < 0.5 else -1
    middle = (640 + side * float(rng.uniform(480, 600)), 480 + float(rng.uniform(-60, 60)))
    return _photograph(paper, middle, float(rng.uniform(-8, 8)), rng)


def blurred(paper: Picture, rng: np.random.Generator) -> tuple[Picture, Corners]:
    """Lay a sheet as `on_desk` does, and move it while the picture is taken."""
    frame, corners = on_desk(paper, rng)
    length = int(rng.integers(17, 29)) | 1
    smear = np.zeros((length, length), dtype=np.float32)
    smear[length // 2, :] = 1 / length
    turn = cv2.getRotationMatrix2D((length / 2 - 0.5, length / 2 - 0.5), float(rng.uniform(0, 180)), 1)
    smear = np.asarray(cv2.warpAffine(smear, turn, (length, length)), dtype=np.float32)
    smeared = cv2.filter2D(frame, -1, smear / smear.sum())
    return np.asarray(smeared, dtype=np.uint8), corners


def empty_desk(rng: np.random.Generator) -> Picture:
    """Show the desk mat alone."""
    return _develop(_mat(rng), rng)


def _photograph(
    paper: Picture, middle: tuple[float, float], turn: float, rng: np.random.Generator
) -> tuple[Picture, Corners]:
    height, width = paper.shape[:2]
    tall = float(rng.uniform(770, 830)) * min(1.0, (height / width) / 1.2)
    half = np.array([tall * width / height, tall]) / 2
    flat = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * half
    angle = np.radians(turn)
    rotation = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    corners = flat @ rotation + np.array(middle) + rng.uniform(-9, 9, (4, 2))
    corners = np.asarray(corners, dtype=np.float32)

    scene = _mat(rng)
    shadow = np.zeros(scene.shape[:2], dtype=np.uint8)
    cv2.fillConvexPoly(shadow, np.rint(corners + np.array([7, 9])).astype(np.int32), 255)
    soft = np.asarray(cv2.GaussianBlur(shadow, (0, 0), 8), dtype=np.float32)[..., None] / 255
    # warping does not average: the sheet has twice the pixels it is shown with
    scale = tall / height
    small = cv2.resize(paper, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 0.8 else paper
    rows, columns = small.shape[:2]
    source = np.array([(0, 0), (columns, 0), (columns, rows), (0, rows)], dtype=np.float32) - 0.5
    move = cv2.getPerspectiveTransform(source, corners)
    sheet = cv2.warpPerspective(small, move, FRAME, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    mask = cv2.warpPerspective(np.full((rows, columns), 255, np.uint8), move, FRAME)
    share = np.asarray(mask, dtype=np.float32)[..., None] / 255
    lit = scene * (1 - 0.55 * soft) * (1 - share) + np.asarray(sheet, dtype=np.float32) * share
    return _develop(lit, rng), corners


def _mat(rng: np.random.Generator) -> NDArray[np.float64]:
    """Draw a dark matte desk mat."""
    width, height = FRAME
    colour = np.array([62, 58, 52]) + rng.uniform(-5, 5, 3)
    coarse = cv2.resize(rng.normal(0, 3.0, (30, 40)), FRAME, interpolation=cv2.INTER_CUBIC)
    weave = rng.normal(0, 2.2, (height, width))
    return colour + (np.asarray(coarse, dtype=np.float64) + weave)[..., None]


def _develop(scene: NDArray[np.floating], rng: np.random.Generator) -> Picture:
    """Light from one side, a little blur, the sensor's noise."""
    width, height = FRAME
    side = np.linspace(-1, 1, width)[None, :, None] * rng.uniform(-0.09, 0.09)
    down = np.linspace(-1, 1, height)[:, None, None] * rng.uniform(-0.07, 0.07)
    lit = np.asarray(scene * (rng.uniform(0.86, 0.96) + side + down), dtype=np.float32)
    soft = np.asarray(cv2.GaussianBlur(lit, (0, 0), float(rng.uniform(0.4, 0.8))), dtype=np.float32)
    noise = rng.standard_normal(soft.shape, dtype=np.float32) * np.float32(rng.uniform(1.5, 3))
    return np.asarray(np.clip(soft + noise, 0, 255), dtype=np.uint8)
