"""How a text is read: in which tongue, and by which sounds. Pure functions."""

import re
from enum import StrEnum
from typing import Final, NamedTuple

from kiosk.view.common import Language
from kiosk.voice import numbers_en, numbers_zh

_HAN: Final = r"㐀-䶿一-鿿豈-﫿\U00020000-\U000323af"
_PIECES: Final = re.compile(rf"(?P<han>[{_HAN}]+)|(?P<latin>[A-Za-zÀ-ÿ0-9'’@.+-]*[A-Za-z0-9])|(?P<stop>[^\s])")
_STOPS: Final = {
    **dict.fromkeys("，,、：:；;（）()—…·“”‘’「」『』《》<>×", ","),
    **dict.fromkeys("。.！!", "."),
    **dict.fromkeys("？?", "?"),
}


class Tongue(StrEnum):
    """What is spoken."""

    MANDARIN = "mandarin"
    CANTONESE = "cantonese"
    ENGLISH = "english"


class Part(NamedTuple):
    """A piece of a sentence that one voice speaks.

    Attributes:
        sounds: pinyin or jyutping with tones, or English words, with stops between.
    """

    tongue: Tongue
    sounds: str


def tongue_of(language: Language, *, cantonese: bool) -> Tongue:
    """What is spoken where the screens are in a language.

    Args:
        language: of the screens.
        cantonese: traditional characters are read out in Cantonese; otherwise in Mandarin.
    """
    if language is Language.EN:
        return Tongue.ENGLISH
    return Tongue.CANTONESE if cantonese and language is Language.ZH_HANT else Tongue.MANDARIN


def reading(text: str, tongue: Tongue) -> tuple[Part, ...]:
    """How a text is read.

    Args:
        text: as it is written.
        tongue: what is spoken; Latin letters in a Chinese text are English, Chinese in an English one is Mandarin.

    Returns:
        The pieces in order; none when there is nothing to say.
    """
    if tongue is Tongue.ENGLISH:
        text, chinese = numbers_en.read(text), Tongue.MANDARIN
    else:
        text = numbers_zh.read(text, one="一" if tongue is Tongue.CANTONESE else "幺")
        chinese = tongue
    parts: list[list[str]] = []
    tongues: list[Tongue] = []
    for found in _PIECES.finditer(text):
        if found["stop"]:
            stop = _STOPS.get(found["stop"])
            if stop and parts and not parts[-1][-1].endswith((",", ".", "?")):
                parts[-1][-1] += stop
            continue
        which = chinese if found["han"] else Tongue.ENGLISH
        sounds = _sounds(found["han"], chinese) if found["han"] else _letters(found["latin"], tongue)
        if not tongues or tongues[-1] is not which:
            tongues.append(which)
            parts.append([])
        parts[-1].append(sounds)
    return tuple(Part(which, " ".join(words)) for which, words in zip(tongues, parts, strict=True))


def key_of(parts: tuple[Part, ...]) -> str:
    """What is spoken, as one line: the same for texts that sound the same."""
    return "|".join(f"{part.tongue}:{part.sounds}" for part in parts)


def _letters(word: str, tongue: Tongue) -> str:
    """In a Chinese sentence capital letters are named one by one (A4, PIN, ID)."""
    if tongue is not Tongue.ENGLISH and word.isupper():
        return " ".join(word)
    return word


def _sounds(han: str, tongue: Tongue) -> str:
    return _jyutping(han) if tongue is Tongue.CANTONESE else _pinyin(han)


def _pinyin(han: str) -> str:
    from pypinyin import Style, lazy_pinyin  # noqa: PLC0415  its dictionaries cost half a second: when it first speaks

    said = lazy_pinyin(han, style=Style.TONE3, neutral_tone_with_five=True, tone_sandhi=True, errors="ignore")
    return " ".join(syllable.replace("ü", "v") for syllable in said)


def _jyutping(han: str) -> str:
    from ToJyutping import get_jyutping_list  # noqa: PLC0415  the same

    return " ".join(said.split(" ")[0] for _, said in get_jyutping_list(han) if said)
