"""From the pieces of a code's payload to text: by what the code says of each, else by what the bytes can be.

A piece's charset is announced (ECI) or follows from its mode (Kanji, Hanzi). All other bytes are judged together
(`code_text`), for a character may begin in one piece and end in the next.
"""

from typing import Final

from drivers.code_scanner.qr_bits import Mode, Segment
from kiosk.vision.code_text import SWITCHES, UNKNOWN, Charset, Text, decoded, printable, undeclared

_CODECS: Final = {
    **{number: f"iso8859-{number - 2}" for number in (*range(3, 14), *range(15, 19))},
    **dict.fromkeys((0, 2), "cp437"),
    **dict.fromkeys((29, 31, 32), "gb18030"),
    1: "iso8859-1",
    20: "shift_jis",
    21: "cp1250",
    22: "cp1251",
    23: "cp1252",
    24: "cp1256",
    25: "utf-16-be",
    26: "utf-8",
    27: "ascii",
    28: "big5",
    30: "cp949",
    33: "utf-16-le",
    34: "utf-32-be",
    35: "utf-32-le",
    170: "ascii",
}
"""AIM ECI assignments."""
_DEFAULTS: Final = frozenset({0, 1, 2, 3})
"""Announced out of habit by encoders that then write something else."""


def text_of(segments: tuple[Segment, ...]) -> Text:
    """Decode a payload.

    Args:
        segments: its pieces, as `drivers.code_scanner.reading.Code` has them.
    """
    loose = b"".join(segment.content for segment in segments if _loose(segment))
    rule = undeclared(loose)
    if not loose.isascii() and any(segment.mode is Mode.KANJI for segment in segments):
        rule = _beside_kanji(loose, rule)
    if rule.text is None:
        return rule if all(_loose(segment) for segment in segments) else UNKNOWN
    codec = {Charset.GB18030: "gb18030", Charset.SHIFT_JIS: "shift_jis"}.get(rule.charset, "utf-8")
    text, run, used = "", b"", {rule.charset}
    try:
        for segment in segments:
            if _loose(segment):
                run += segment.content  # a character may begin in one piece and end in the next
                continue
            piece, charset = _announced(segment)
            text += run.decode(codec) + piece
            run = b""
            used.add(charset)
        text += run.decode(codec)
    except (UnicodeDecodeError, LookupError):
        return UNKNOWN
    if not SWITCHES.isdisjoint(text):
        return UNKNOWN
    if Charset.AMBIGUOUS in used:
        return Text(Charset.AMBIGUOUS, None, (text,))
    used.discard(Charset.ASCII)
    one = Charset.ASCII if not used else used.pop() if len(used) == 1 else Charset.ANNOUNCED
    return Text(one, text.removeprefix("\ufeff"))


def _loose(segment: Segment) -> bool:
    return segment.mode not in {Mode.KANJI, Mode.HANZI} and segment.eci is None


def _beside_kanji(loose: bytes, rule: Text) -> Text:
    """A code that writes Kanji writes the rest in Shift-JIS, too, unless it is well formed as UTF-8."""
    text = decoded(loose, "shift_jis")
    if rule.charset is Charset.UTF_8 or text is None or not printable(text):
        return rule
    return Text(Charset.SHIFT_JIS, text)


def _announced(segment: Segment) -> tuple[str, Charset]:
    """A piece whose charset the code gives.

    Raises:
        LookupError: the number stands for none that is known.
        UnicodeDecodeError: the bytes are not in it.
    """
    if segment.mode is Mode.KANJI:
        return segment.content.decode("shift_jis"), Charset.SHIFT_JIS
    if segment.mode is Mode.HANZI:
        return segment.content.decode("gb2312"), Charset.GB18030
    codec = _CODECS[segment.eci if segment.eci is not None else -1]
    text = segment.content.decode(codec)
    if segment.content.isascii() and not codec.startswith("utf-"):
        return text, Charset.ASCII
    if segment.eci in _DEFAULTS and undeclared(segment.content).charset is not Charset.UNKNOWN:
        return text, Charset.AMBIGUOUS
    known = {"utf-8": Charset.UTF_8, "gb18030": Charset.GB18030, "shift_jis": Charset.SHIFT_JIS}
    return text, known.get(codec, Charset.ANNOUNCED)
