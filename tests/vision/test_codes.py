"""Codes in pictures: made ones, bent ones, hostile ones, and photographs."""

import time
from pathlib import Path

import cv2
import numpy as np
import pytest
import segno
import zxingcpp

from drivers.code_scanner.qr_bits import Mode, Part, Segment
from drivers.code_scanner.reading import Code, announced, codes_in, grey
from drivers.code_scanner.sightings import Linked, TwoFrames
from kiosk.vision import codes
from kiosk.vision.code_grid import bent_codes
from kiosk.vision.code_text import Charset
from kiosk.vision.code_tries import zbar_ascii
from kiosk.vision.codes import CodeProblem, Symbology

NUMBER = "110101199003070011"


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    cv2.setNumThreads(1)


def drawn(code: segno.QRCode, scale: int = 4, ink: int = 0) -> np.ndarray:
    modules = np.array([list(row) for row in code.matrix_iter(scale=scale, border=4)], np.uint8)
    return np.where(modules == 1, np.uint8(ink), np.uint8(255))


def made(payload: str | bytes, **options: object) -> np.ndarray:
    return drawn(segno.make(payload, micro=False, **options))  # type: ignore[arg-type]  # segno's options, by name


def bent(payload: str, by: float, seed: int) -> np.ndarray:
    """A code on cloth: turned, seen aslant, in waves of `by` modules, unevenly lit, blurred, noisy."""
    rng = np.random.default_rng(seed)
    code = drawn(segno.make(payload, micro=False, error="m", boost_error=False), 6, 15)
    side, size = code.shape[0], 640
    y, x = np.mgrid[0:size, 0:size].astype(np.float32)
    light = 1 - 0.4 * (x * rng.uniform() + y * rng.uniform()) / (2 * size)
    zoom = size * 0.7 / side
    x, y = (x - size / 2) / zoom, (y - size / 2) / zoom
    away = 1 + (x * rng.uniform(-0.2, 0.2) + y * rng.uniform(-0.2, 0.2)) / side
    turn = rng.uniform(0, 2 * np.pi)
    x, y = (np.cos(turn) * x - np.sin(turn) * y) / away, (np.sin(turn) * x + np.cos(turn) * y) / away
    for _ in range(2):
        along, aside, start = rng.uniform(0, 2 * np.pi, 3)
        length = side * rng.uniform(0.6, 1.4)
        wave = 6 * by * np.sin(2 * np.pi * (np.cos(along) * x + np.sin(along) * y) / length + start)
        x, y = x + np.cos(aside) * wave, y + np.sin(aside) * wave
    place = ((x + side / 2).astype(np.float32), (y + side / 2).astype(np.float32))
    seen = cv2.GaussianBlur(cv2.remap(code, *place, cv2.INTER_LINEAR, borderValue=60) * light, (0, 0), 1.0)
    return np.asarray((seen + rng.normal(0, 4, seen.shape)).clip(0, 255), np.uint8)


# What is read -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "charset"),
    [
        ({"encoding": "utf-8"}, Charset.UTF_8),
        ({"encoding": "utf-8", "eci": True}, Charset.UTF_8),
        ({"encoding": "gb18030", "mode": "byte"}, Charset.GB18030),
        ({"encoding": "gb18030", "eci": True}, Charset.GB18030),
    ],
    ids=["utf-8", "utf-8+eci", "gbk", "gb18030+eci"],
)
def test_chinese_in_every_way_it_is_written(options: dict[str, object], charset: Charset) -> None:
    for text in ("粤康码：绿码", "办事大厅 A012 号", "姓名：李明；号码：" + NUMBER, "统一社会信用代码"):
        for look in (codes.live, codes.still):
            seen = look(made(text, **options))
            assert seen.problem is CodeProblem.NONE
            assert seen.readings[0].text.text == text
            assert seen.readings[0].text.charset is charset


@pytest.mark.parametrize(
    ("form", "symbology", "payload"),
    [
        (zxingcpp.BarcodeFormat.QRCode, Symbology.QR, "A-012"),
        (zxingcpp.BarcodeFormat.MicroQRCode, Symbology.MICRO_QR, "A-012"),
        (zxingcpp.BarcodeFormat.RMQRCode, Symbology.RMQR, "A-012"),
        (zxingcpp.BarcodeFormat.DataMatrix, Symbology.DATA_MATRIX, "健康码"),
        (zxingcpp.BarcodeFormat.Aztec, Symbology.AZTEC, "健康码"),
        (zxingcpp.BarcodeFormat.PDF417, Symbology.PDF417, "健康码"),
        (zxingcpp.BarcodeFormat.Code128, Symbology.CODE128, "HALL-7-0012"),
        (zxingcpp.BarcodeFormat.Code39, Symbology.CODE39, "HALL-7-0012"),
        (zxingcpp.BarcodeFormat.EAN13, Symbology.EAN, "5901234123457"),
        (zxingcpp.BarcodeFormat.EAN8, Symbology.EAN, "96385074"),
    ],
)
def test_every_symbology(form: zxingcpp.BarcodeFormat, symbology: Symbology, payload: str) -> None:
    picture = np.pad(np.array(zxingcpp.create_barcode(payload, form).to_image(scale=4)), 40, constant_values=255)
    seen = codes.still(picture)
    assert [(one.code.symbology, one.text.text) for one in seen.readings] == [(symbology, payload)]
    assert not codes.live(picture, tuple(one for one in Symbology if one is not symbology)).readings


def test_where_a_code_is() -> None:
    picture = np.full((720, 1280), 200, np.uint8)
    code = made("here")
    picture[100 : 100 + len(code), 900 : 900 + len(code)] = code
    outline = codes.live(picture).readings[0].outline
    inset = 16  # the quiet zone
    assert outline[0] == pytest.approx(((900 + inset) / 1280, (100 + inset) / 720), abs=0.004)
    far = len(code) - inset
    assert outline[2] == pytest.approx(((900 + far) / 1280, (100 + far) / 720), abs=0.004)
    turned = codes.live(np.ascontiguousarray(np.rot90(picture, 2))).readings[0].outline
    assert turned[0] == pytest.approx((1 - outline[0][0], 1 - outline[0][1]), abs=0.004)


@pytest.mark.parametrize("kind", ["bool", "uint16", "twelve bits", "float", "bgr", "bgra", "one channel"])
def test_every_kind_of_picture(kind: str) -> None:
    picture = made(NUMBER)
    kinds = {
        "bool": picture > 127,
        "uint16": picture.astype(np.uint16) * 257,
        "twelve bits": picture.astype(np.uint16) * 16,
        "float": picture.astype(np.float64) / 255,
        "bgr": np.dstack([picture] * 3),
        "bgra": np.dstack([picture] * 4),
        "one channel": picture[:, :, None],
    }
    assert codes.live(kinds[kind]).readings[0].text.text == NUMBER


def test_light_on_dark_is_for_still_and_every_now_and_then() -> None:
    picture = 255 - made(NUMBER)
    assert not codes.live(picture).readings
    assert codes.live(picture, inverse=True).readings[0].text.text == NUMBER
    assert codes.still(picture).readings[0].text.text == NUMBER


def test_codes_on_cloth_are_read_where_a_plane_grid_fails() -> None:
    bare = ours = 0
    for seed in range(4):
        picture = bent(f"{NUMBER} {seed} http://hall.example/queue", 0.55, seed)
        bare += bool(codes_in(picture, (Symbology.QR,)))
        seen = codes.still(picture, (Symbology.QR,), budget_s=20)  # a busy machine is no reason
        for reading in seen.readings:
            assert reading.text.text == f"{NUMBER} {seed} http://hall.example/queue"
            ours += 1
    assert ours == 4
    assert ours > bare


def test_a_photograph_within_the_dark_modules() -> None:
    modules = made("http://hall.example/" + NUMBER, error="h")
    photo = np.random.default_rng(2).integers(30, 190, (*modules.shape, 3)).astype(np.uint8)
    picture = np.where((modules == 0)[:, :, None], photo, np.uint8(255))
    assert codes.still(picture, budget_s=4).readings[0].text.text == "http://hall.example/" + NUMBER


# What is refused ----------------------------------------------------------------------------------------------------


def test_three_kilobytes_come_whole_and_more_than_is_taken_is_refused() -> None:
    payload = np.random.default_rng(1).integers(0, 256, 2953).astype(np.uint8).tobytes()
    picture = drawn(segno.make(payload, mode="byte", error="l", boost_error=False))
    reading = codes.still(picture).readings[0]
    assert reading.code.payload == payload
    assert reading.text.text is None
    for look in (codes.live, codes.still):
        refused = look(picture, longest=2000)
        assert not refused.readings
        assert refused.problem is CodeProblem.TOO_LONG
    assert codes.live(made("7" * 7089)).problem is CodeProblem.TOO_LONG


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((0, 0, 3), np.uint8),
        np.zeros((0,), np.uint8),
        np.zeros((1, 1, 3), np.uint8),
        np.zeros((40, 40, 7), np.uint8),
        np.zeros((50, 50), np.complex128),
        np.array("text"),
        np.full((20, 20), "x"),
    ],
)
def test_what_is_no_picture(picture: np.ndarray) -> None:
    assert codes.live(picture).problem is CodeProblem.NO_PICTURE
    assert codes.still(picture).problem is CodeProblem.NO_PICTURE


@pytest.mark.parametrize(
    "picture",
    [
        np.full((300, 400), 127, np.uint8),
        np.full((300, 400, 3), np.nan, np.float32),
        np.full((300, 400), np.inf),
        np.random.default_rng(0).integers(0, 256, (400, 400, 3)).astype(np.uint8),
        np.zeros((40, 30000), np.uint8),
        made(NUMBER)[:60],
        cv2.resize(made(NUMBER), (40, 40), interpolation=cv2.INTER_AREA)[:20],
    ],
    ids=["grey", "nan", "infinite", "noise", "strip", "half a code", "half a small code"],
)
def test_a_picture_without_a_code(picture: np.ndarray) -> None:
    assert codes.live(picture).problem is CodeProblem.NO_CODE
    assert codes.still(picture, budget_s=0.5).problem in {CodeProblem.NO_CODE, CodeProblem.TIME}


def test_huge_pictures_are_reduced() -> None:
    picture = np.full((6000, 8000), 255, np.uint8)
    code = cv2.resize(made(NUMBER), (3000, 3000), interpolation=cv2.INTER_NEAREST)
    picture[1000:4000, 2000:5000] = code
    reading = codes.still(picture).readings[0]
    assert reading.text.text == NUMBER
    assert reading.outline[0] == pytest.approx((2400 / 8000, 1400 / 6000), abs=0.05)


def test_time_is_kept() -> None:
    busy = cv2.resize(np.random.default_rng(3).integers(0, 256, (90, 120)).astype(np.uint8), (1600, 1200))
    began = time.monotonic()
    codes.still(busy, budget_s=0.2)
    assert time.monotonic() - began < 3


def test_zbar_never_gives_what_it_may_have_garbled() -> None:
    assert zbar_ascii(made(NUMBER))[0][0] == NUMBER.encode()
    for text in ("健康码", "粤康码：绿码", "点茗"):
        assert zbar_ascii(made(text, encoding="utf-8")) == ()
        assert zbar_ascii(made(text, encoding="gb18030", mode="byte")) == ()
    part = drawn(segno.make_sequence("part of a whole " * 9, symbol_count=3)[0])
    assert zbar_ascii(part) == ()


# What counts --------------------------------------------------------------------------------------------------------


def test_parts_are_never_taken_for_the_whole() -> None:
    message = "排队办理事项第" * 11
    linked = Linked()
    parts = [codes.still(drawn(one)) for one in segno.make_sequence(message, symbol_count=3, encoding="utf-8")]
    for seen in parts:
        assert not seen.readings
        assert seen.problem is CodeProblem.PART
    assert linked.add(parts[2].parts[0].code) is None
    assert linked.missing == (1, 2)
    assert linked.add(parts[0].parts[0].code) is None
    whole = linked.add(parts[1].parts[0].code)
    assert whole is not None
    assert codes.text_of(whole.segments).text == message
    assert linked.missing == ()


def a_code(payload: bytes, part: Part | None = None) -> Code:
    at = ((0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0))
    return Code(Symbology.QR, payload, at, (Segment(Mode.BYTE, payload),), part)


def test_parts_of_different_messages_are_not_joined() -> None:
    linked = Linked()
    parity = ord("a") ^ ord("b")
    assert linked.add(a_code(b"a", Part(0, 2, parity))) is None
    assert linked.add(a_code(b"c", Part(1, 2, parity))) is None  # another message with the same parity
    assert linked.missing == ()
    assert linked.add(a_code(b"a", Part(0, 2, parity))) is None
    assert linked.add(a_code(b"x", Part(1, 2, 7))) is None  # another set begins
    assert linked.missing == (1,)
    assert linked.add(a_code(b"a", Part(0, 2, parity))) is None
    whole = linked.add(a_code(b"b", Part(1, 2, parity)))
    assert whole is not None
    assert whole.payload == b"ab"
    assert linked.add(a_code(b"alone")) == a_code(b"alone")


def test_a_payload_counts_when_it_is_seen_twice() -> None:
    frames = TwoFrames(within=2)
    assert frames.look((a_code(b"1"),)) == ()
    assert frames.look((a_code(b"2"),)) == ()
    assert frames.look((a_code(b"1"),)) == (a_code(b"1"),)
    for _ in range(3):
        assert frames.look(()) == ()
    assert frames.look((a_code(b"1"),)) == ()
    frames.forget()
    assert frames.look((a_code(b"1"),)) == ()
    assert frames.look((a_code(b"1", Part(0, 2, 0)),)) == ()


def test_announcements_are_taken_apart() -> None:
    def text(marked: bytes) -> str:
        return (b"]Q1" + marked).hex(" ")

    assert announced(b"a\\b", text(b"a\\b")) == (Segment(Mode.BYTE, b"a\\b"),)
    assert announced(b"a\\b", text(b"\\000026a\\\\b")) == (Segment(Mode.BYTE, b"a\\b", 26),)
    assert announced(b"ab", text(b"\\000003a\\000029b")) == (
        Segment(Mode.BYTE, b"a", 3),
        Segment(Mode.BYTE, b"b", 29),
    )
    assert announced(b"other", text(b"\\000026what")) == (Segment(Mode.BYTE, b"other"),)
    assert announced(b"other", "no hexadecimal") == (Segment(Mode.BYTE, b"other"),)


# Photographs --------------------------------------------------------------------------------------------------------


def test_photographs_on_cloth_and_on_paper(shared_data: Path) -> None:
    for path in sorted((shared_data / "qr" / "qrcode-4").glob("*.png"))[::8]:
        seen = codes.still(read(path), budget_s=20)
        assert seen.readings, path
        assert seen.readings[0].text.text == path.with_suffix(".txt").read_text(encoding="utf-8")


def test_a_bent_photograph_in_every_direction(shared_data: Path) -> None:
    picture = grey(read(shared_data / "qr" / "qrcode-4" / "31.png"))
    assert picture is not None
    assert not codes_in(picture, (Symbology.QR,))
    for turns in range(4):
        found = bent_codes(np.ascontiguousarray(np.rot90(picture, turns)), time.monotonic() + 10)
        assert [code.payload for code in found] == [b"http://code.google.com"]


def test_nothing_is_read_where_nothing_is(shared_data: Path) -> None:
    for path in sorted((shared_data / "qr" / "falsepositives").glob("*.png"))[::4]:
        seen = codes.still(read(path), budget_s=0.4)
        assert seen.readings == ()
        assert seen.parts == ()


def read(path: Path) -> np.ndarray:
    image = cv2.imread(str(path))
    assert image is not None, path
    return np.asarray(image, np.uint8)
