"""Never a wrong character: what bytes of codes are read as."""

import random
from collections import Counter

import pytest

from drivers.code_scanner.qr_bits import Mode, Segment
from kiosk.vision.code_segments import text_of
from kiosk.vision.code_text import Charset, undeclared

COMMON = [bytes((row, cell)).decode("gb2312") for row in range(0xB0, 0xD7) for cell in range(0xA1, 0xFF)]
RARE = [
    bytes((row, cell)).decode("gb18030")
    for row in (0x81, 0x86, 0x95, 0xA8 + 2, 0xC0, 0xE9)
    for cell in range(0x40, 0xA1)
    if cell != 0x7F and "一" <= bytes((row, cell)).decode("gb18030") <= "龥"
]
NUMBER = "110101199003070011"


def strings(kind: str, count: int) -> list[str]:
    rng = random.Random(kind)
    alphabets = {
        "common": lambda: rng.choice(COMMON),
        "rare": lambda: rng.choice(COMMON if rng.random() < 0.7 else RARE),
        "mixed": lambda: rng.choice(COMMON) if rng.random() < 0.5 else rng.choice("AbcdeFGH0123456789-/: ."),
        "punctuated": lambda: rng.choice(COMMON) if rng.random() < 0.8 else rng.choice("，。：；（）？！、“”·—"),
    }
    return ["".join(alphabets[kind]() for _ in range(rng.randint(1, 6))) for _ in range(count)]


@pytest.mark.parametrize("charset", ["utf-8", "gb18030"])
@pytest.mark.parametrize("kind", ["common", "rare", "mixed", "punctuated"])
def test_no_wrong_character_in_thousands_of_short_strings(charset: str, kind: str) -> None:
    answers = Counter[str]()
    for text in strings(kind, 5000):
        said = undeclared(text.encode(charset))
        if said.text is not None:
            assert said.text == text, f"{text} in {charset} was read as {said.charset} {said.text}"
        else:
            assert said.charset is Charset.AMBIGUOUS
            assert text in said.readings
        answers[said.charset] += 1
    assert answers[Charset.AMBIGUOUS] < 0.1 * 5000


@pytest.mark.parametrize(
    ("text", "made_in", "charset"),
    [
        (NUMBER, "ascii", Charset.ASCII),
        ("健康码：绿码 2021", "utf-8", Charset.UTF_8),
        ("健康码：绿码 2021", "gb18030", Charset.GB18030),
        ("王喆", "gb18030", Charset.GB18030),
        ("𠮷野家", "gb18030", Charset.GB18030),
        ("A栋B座", "gb18030", Charset.GB18030),
        ("臺北市民", "utf-8", Charset.UTF_8),
        ("مرحبا بالعالم", "utf-8", Charset.UTF_8),
        ("日本語のテスト", "shift_jis", Charset.SHIFT_JIS),
        ("5℃", "gb18030", Charset.GB18030),
    ],
)
def test_what_is_plain_is_read(text: str, made_in: str, charset: Charset) -> None:
    said = undeclared(text.encode(made_in))
    assert said.charset is charset
    assert said.text == text


@pytest.mark.parametrize(
    ("payload", "among"),
    [
        ("José".encode(), "José"),
        ("Müller".encode("latin-1"), None),
        ("東京".encode("shift_jis"), "東京"),
        ("ﾃﾞｻﾞｲﾝQR".encode("shift_jis"), "ﾃﾞｻﾞｲﾝQR"),
    ],
)
def test_what_may_be_either_stays_undecided(payload: bytes, among: str | None) -> None:
    said = undeclared(payload)
    assert said.charset is Charset.AMBIGUOUS
    assert said.text is None
    assert among is None or among in said.readings


@pytest.mark.parametrize("payload", [bytes(range(256)), b"\xff\xfe\x00a", b"\x1b$B8!\x1b(B", b"~{<:~}", b"\x80\x80"])
def test_what_is_no_text_is_unknown(payload: bytes) -> None:
    assert undeclared(payload).charset is Charset.UNKNOWN
    assert undeclared(payload).text is None


def test_an_announced_charset_is_taken() -> None:
    for number, codec in ((26, "utf-8"), (29, "gb18030"), (32, "gb18030"), (20, "shift_jis"), (28, "big5")):
        said = text_of((Segment(Mode.BYTE, "中文".encode(codec), number),))
        assert said.text == "中文"
    assert text_of((Segment(Mode.BYTE, b"caf\xe9", 3),)).charset in {Charset.AMBIGUOUS, Charset.ANNOUNCED}
    assert text_of((Segment(Mode.BYTE, "中文".encode(), 3),)).text is None  # announced out of habit
    assert text_of((Segment(Mode.BYTE, b"\xff\xff", 26),)).charset is Charset.UNKNOWN
    assert text_of((Segment(Mode.BYTE, b"abc", 899),)).charset is Charset.UNKNOWN


def test_modes_tell_the_charset_also_of_what_lies_between() -> None:
    kanji = Segment(Mode.KANJI, "外側".encode("shift_jis"))
    kana = Segment(Mode.BYTE, "ﾀﾞﾌﾞﾙ".encode("shift_jis"))
    assert text_of((kanji, Segment(Mode.ALPHANUMERIC, b"QR"), kana)).text == "外側QRﾀﾞﾌﾞﾙ"
    hanzi = Segment(Mode.HANZI, "阿".encode("gb2312"))
    said = text_of((Segment(Mode.BYTE, b"SUB:"), hanzi, Segment(Mode.BYTE, b";;")))
    assert (said.text, said.charset) == ("SUB:阿;;", Charset.GB18030)


def test_a_character_cut_by_a_border_between_pieces_is_whole() -> None:
    payload = "健康码绿码".encode()
    assert text_of((Segment(Mode.BYTE, payload[:7]), Segment(Mode.BYTE, payload[7:]))).text == "健康码绿码"
