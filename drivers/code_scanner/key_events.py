"""From the keys of a US keyboard to the text they type. Pure functions on `struct input_event`.

Codes and types: linux/input-event-codes.h, through evdev's tables.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from evdev import ecodes

from drivers.transport.input_events import EVENT

_SHIFTS: Final = frozenset({ecodes.KEY_LEFTSHIFT, ecodes.KEY_RIGHTSHIFT})
_CTRLS: Final = frozenset({ecodes.KEY_LEFTCTRL, ecodes.KEY_RIGHTCTRL})
_OTHERS: Final = frozenset({ecodes.KEY_LEFTALT, ecodes.KEY_RIGHTALT, ecodes.KEY_LEFTMETA, ecodes.KEY_RIGHTMETA})
_MODIFIERS: Final = _SHIFTS | _CTRLS | _OTHERS

_NAMED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "GRAVE": "`~",
        "MINUS": "-_",
        "EQUAL": "=+",
        "LEFTBRACE": "[{",
        "RIGHTBRACE": "]}",
        "BACKSLASH": "\\|",
        "SEMICOLON": ";:",
        "APOSTROPHE": "'\"",
        "COMMA": ",<",
        "DOT": ".>",
        "SLASH": "/?",
        "SPACE": "  ",
        "TAB": "\t\t",
        "ENTER": "\r\r",
        "KPENTER": "\r\r",
        "KPDOT": "..",
        "KPMINUS": "--",
        "KPPLUS": "++",
        "KPASTERISK": "**",
        "KPSLASH": "//",
    }
    | {digit: digit + shifted for digit, shifted in zip("1234567890", "!@#$%^&*()", strict=True)}
    | {f"KP{digit}": digit * 2 for digit in "0123456789"}
    | {letter: letter.lower() + letter for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
)
KEYS: Final[Mapping[int, str]] = MappingProxyType(
    {ecodes.ecodes[f"KEY_{name}"]: typed for name, typed in _NAMED.items()}
)
"""Code of a key → what it types alone and with shift."""


@dataclass(frozen=True, slots=True)
class Keyboard:
    """What of a keyboard outlasts a key.

    Attributes:
        held: modifiers that are down, by code.
        caps: whether caps lock is on.
    """

    held: frozenset[int] = frozenset()
    caps: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Typed:
    """What was typed. `repr` is masked.

    Attributes:
        text: ASCII; Enter is a carriage return.
        lost: events were lost, or keys stood for no character: what is around them is no whole text.
    """

    text: bytes
    lost: bool = False


def events(received: bytes) -> list[tuple[int, int, int]]:
    """Type, code and value of each whole event."""
    whole = len(received) - len(received) % EVENT.size
    return [(kind, code, value) for _, _, kind, code, value in EVENT.iter_unpack(received[:whole])]


def press(keyboard: Keyboard, event: tuple[int, int, int]) -> tuple[Keyboard, Typed]:
    """What one event does.

    A repetition types nothing: it is the kernel's, not the scanner's. With Ctrl, what has a control character types it,
    as scanners send the group separator of GS1 codes. With Alt or Meta a key is lost: some scanners send what is not
    ASCII that way, each maker differently.

    Args:
        keyboard: as it was before.
        event: type, code and value.
    """
    kind, code, value = event
    if kind == ecodes.EV_KEY:
        return _key(keyboard, code, value)
    if (kind, code) == (ecodes.EV_SYN, ecodes.SYN_DROPPED):
        return Keyboard(caps=keyboard.caps), Typed(b"", lost=True)
    if (kind, code) == (ecodes.EV_LED, ecodes.LED_CAPSL):
        keyboard = replace(keyboard, caps=bool(value))
    return keyboard, Typed(b"")


def _key(keyboard: Keyboard, code: int, value: int) -> tuple[Keyboard, Typed]:
    if code in _MODIFIERS:
        held = keyboard.held | {code} if value else keyboard.held - {code}
        keyboard = replace(keyboard, held=held)
    elif value == 1 and code == ecodes.KEY_CAPSLOCK:
        keyboard = replace(keyboard, caps=not keyboard.caps)
    elif value == 1 and code in KEYS:
        return keyboard, _typed(keyboard, KEYS[code])
    return keyboard, Typed(b"")


def _typed(keyboard: Keyboard, keys: str) -> Typed:
    if keyboard.held & _OTHERS:
        return Typed(b"", lost=True)
    shifted = bool(keyboard.held & _SHIFTS) ^ (keyboard.caps and keys[0].isalpha())
    character = keys[shifted]
    if keyboard.held & _CTRLS:
        upper = character.upper()
        return Typed(bytes([ord(upper) & 0x1F])) if "@" <= upper <= "_" else Typed(b"", lost=True)
    return Typed(character.encode("ascii"))
