"""From a code's bytes to text: never a wrong character. Pure functions; imports no OpenCV, so journeys may use it.

A code may say its charset (`code_segments`); mostly it does not, and in China such bytes are UTF-8 or GB 18030. Many
short strings are well formed in both. Both readings are weighed by how plausible their characters are, and where that
does not decide, the answer is AMBIGUOUS with both readings.

Big5 and EUC-KR that are not announced, and half-width kana without voicing marks, cannot be told from GB 18030 by their
form: they come out as what they would mean there, or AMBIGUOUS. No part of a hall sends them.
"""

import unicodedata
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from itertools import pairwise
from typing import Final

_EAST_ASIAN: Final = frozenset({"CJK", "HIRAGANA", "KATAKANA", "BOPOMOFO", "FULLWIDTH", "IDEOGRAPHIC", "HALFWIDTH"})
_DASHES: Final = "·—"
"""In row 1 of GB 2312, where Python's two codecs differ over them."""
_SEVERAL_KANA: Final = 3
_HALF_VOICED: Final = "ﾊﾋﾌﾍﾎ"
_VOICED: Final = f"ｳｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄ{_HALF_VOICED}"
SWITCHES: Final = frozenset("\x00\x0e\x0f\x1b")
"""Of 7-bit charsets (ISO-2022), and what no text holds."""


class Charset(StrEnum):
    """What a payload's text was made in."""

    ASCII = "ascii"
    UTF_8 = "utf-8"
    GB18030 = "gb18030"
    """Also what is within it: GB 2312, GBK."""
    SHIFT_JIS = "shift-jis"
    ANNOUNCED = "announced"
    """Another one, or several; the code itself says which."""
    AMBIGUOUS = "ambiguous"
    """Several readings are plausible."""
    UNKNOWN = "unknown"
    """None is; perhaps no text at all."""


@dataclass(frozen=True, slots=True)
class Text:
    """What bytes say.

    Attributes:
        text: None where it is not certain.
        readings: where AMBIGUOUS: what it may be, the likelier first.
    """

    charset: Charset
    text: str | None
    readings: tuple[str, ...] = ()


class _Plausible(IntEnum):
    NO = 0
    POSSIBLE = 1
    LIKELY = 2


UNKNOWN: Final = Text(Charset.UNKNOWN, None)
"""No text."""
_IN_DATA: Final = frozenset("\t\r\n\x04\x1c\x1d\x1e\x1f")
"""Control characters that occur in text: lines, and the separators of GS1 and ISO/IEC 15434."""
_LONG: Final = 6
"""So many characters that fit by chance are not met."""


def undeclared(payload: bytes) -> Text:
    """Decode bytes that come without a word about their charset."""
    if payload.isascii():
        text = payload.decode("ascii")
        plain = "~{" not in text and SWITCHES.isdisjoint(text)  # ~{ is HZ, Chinese that looks like ASCII
        return Text(Charset.ASCII, text) if plain else UNKNOWN
    utf8, gb, jis = (decoded(payload, codec) for codec in ("utf-8", "gb18030", "shift_jis"))
    if payload.startswith(b"\xef\xbb\xbf") and utf8 is not None and printable(utf8):
        return Text(Charset.UTF_8, utf8.removeprefix("\ufeff"))
    as_utf8, as_gb, as_jis = _as_utf8(utf8), _as_gb(gb), _as_jis(jis)
    wide = sum((ord(character) > 0x7F) + (ord(character) > 0xFFFF) for character in utf8 or "")
    charset = _decided(as_utf8, as_gb, as_jis, kana=_has_kana(jis), european=_european(payload), wide=wide)
    readings = {Charset.UTF_8: utf8, Charset.GB18030: gb, Charset.SHIFT_JIS: jis}
    if charset is Charset.AMBIGUOUS:
        weighed = ((as_utf8, utf8), (as_gb, gb), (as_jis, jis))
        likely = sorted(((how, text) for how, text in weighed if how and text is not None), key=lambda one: -one[0])
        return Text(charset, None, tuple(text for _, text in likely))
    return Text(charset, readings.get(charset))


def _decided(utf8: _Plausible, gb: _Plausible, jis: _Plausible, *, kana: bool, european: bool, wide: int) -> Charset:
    """A table of cases, in order. `wide`: characters of UTF-8 beyond ASCII; those of four bytes count twice."""
    likely = _Plausible.LIKELY
    cases = (
        (utf8 is likely, likely not in {gb, jis} and (wide > 1 or not gb), Charset.UTF_8),
        (bool(utf8), not gb or wide >= _LONG, Charset.UTF_8),
        (gb is likely, jis is not likely and not european, Charset.GB18030),
        (jis is likely and kana, True, Charset.SHIFT_JIS),
        (bool(gb), not jis and not european, Charset.GB18030),
        (jis is likely, True, Charset.SHIFT_JIS),
    )
    for applies, alone, charset in cases:
        if applies:
            return charset if alone else Charset.AMBIGUOUS
    return Charset.UNKNOWN


def decoded(payload: bytes, codec: str) -> str | None:
    """The text, or None where the bytes are not well formed."""
    try:
        return payload.decode(codec)
    except UnicodeDecodeError:
        return None


def printable(text: str) -> bool:
    """Whether every character is assigned and may stand in a text."""
    nothing = {"Cc", "Cn", "Co", "Cs"}
    return all(one in _IN_DATA or one == "\ufeff" or unicodedata.category(one) not in nothing for one in text)


def _is_hanzi(character: str) -> bool:
    return unicodedata.name(character, "").startswith(("CJK UNIFIED", "CJK COMPATIBILITY IDEOGRAPH")) or (
        character == "〇"
    )


def _as_utf8(text: str | None) -> _Plausible:
    """Three and four bytes in a row that fit are hardly chance; letters of two bytes may be."""
    if text is None or not printable(text):
        return _Plausible.NO
    wide = [character for character in text if ord(character) > 0x7F]
    names = {unicodedata.name(one, "?").split()[0] for one in wide if unicodedata.category(one)[0] in "LM"}
    one_script = names <= _EAST_ASIAN or len(names) == 1
    if one_script and any(ord(character) >= 0x800 for character in wide):
        return _Plausible.LIKELY
    return _Plausible.POSSIBLE if one_script else _Plausible.NO


def _as_gb(text: str | None) -> _Plausible:
    """LIKELY: the 6,763 characters of GB 2312, punctuation and full-width letters. POSSIBLE: also rare characters."""
    if text is None or not printable(text):
        return _Plausible.NO
    rare = False
    for character in text:
        if ord(character) <= 0x7F:
            continue
        old = _gb2312(character)
        # its row 1: punctuation; row 3: full-width letters; rows 16 to 87: characters
        if character in _DASHES or (old is not None and (old[0] in {0xA1, 0xA3} or 0xB0 <= old[0] <= 0xF7)):
            continue
        if not _is_hanzi(character):
            return _Plausible.NO
        rare = True
    return _Plausible.POSSIBLE if rare else _Plausible.LIKELY


def _gb2312(character: str) -> bytes | None:
    try:
        return character.encode("gb2312")
    except UnicodeEncodeError:
        return None


def _as_jis(text: str | None) -> _Plausible:
    """LIKELY: some kana among it; or voiced half-width kana and no Kanji, for what GB 2312 writes looks like them."""
    if text is None or not printable(text):
        return _Plausible.NO
    if _has_kana(text):
        return _Plausible.LIKELY
    half = any(0xFF61 <= ord(one) <= 0xFF9F for one in text)
    if not half:
        return _Plausible.POSSIBLE
    marks = [(before, mark) for before, mark in pairwise(f" {text}") if mark in "ﾞﾟ"]
    voiced = marks and all(before in (_VOICED if mark == "ﾞ" else _HALF_VOICED) for before, mark in marks)
    return _Plausible.LIKELY if voiced and not any(_is_hanzi(one) for one in text) else _Plausible.NO


def _has_kana(text: str | None) -> bool:
    return sum(0x3041 <= ord(one) <= 0x30FF for one in text or "") >= _SEVERAL_KANA


def _european(payload: bytes) -> bool:
    """Whether each run of high bytes may be one or two accented letters (ISO 8859) within a word."""
    run = 0
    for at, byte in enumerate(payload + b" "):
        if byte >= 0x80:
            if byte < 0xC0 or byte in {0xD7, 0xF7}:
                return False
            run += 1
        elif run:
            before = payload[at - run - 1 : at - run]
            if run > 2 or not (before.islower() or chr(byte).islower()):
                return False
            run = 0
    return True
