"""From keys to text: every key of a US keyboard, alone, with shift, caps lock and Ctrl.

The expected characters come from rows as they are printed on a US keyboard, the codes from linux/input-event-codes.h
(row 1 from 2, row 2 from 16, row 3 from 30, row 4 from 43).
"""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.code_scanner.key_events import KEYS, Keyboard, Typed, events, press
from drivers.simulate.keyboard_wedge import key_strokes

ROWS = [(2, "1234567890-=", "!@#$%^&*()_+"), (16, "qwertyuiop[]", "QWERTYUIOP{}")]
ROWS += [(30, "asdfghjkl;'`", 'ASDFGHJKL:"~'), (43, "\\zxcvbnm,./", "|ZXCVBNM<>?")]
PRINTED = [(first + at, pair) for first, *rows in ROWS for at, pair in enumerate(zip(*rows, strict=True))]
SHIFTS, CTRLS, ALTS, CAPS = (42, 54), (29, 97), (56, 100, 125, 126), 58
ASCII = "".join(map(chr, range(0x20, 0x7F)))


def typed(*strokes: tuple[int, int, int], keyboard: Keyboard | None = None) -> bytes:
    keyboard, text = keyboard or Keyboard(), b""
    for stroke in strokes:
        keyboard, one = press(keyboard, stroke)
        assert not one.lost
        text += one.text
    return text


def down(code: int) -> tuple[int, int, int]:
    return (1, code, 1)


def up(code: int) -> tuple[int, int, int]:
    return (1, code, 0)


@pytest.mark.parametrize(("code", "pair"), PRINTED, ids=[pair[0] for _, pair in PRINTED])
def test_each_key(code: int, pair: tuple[str, str]) -> None:
    plain, shifted = (character.encode() for character in pair)
    assert typed(down(code), up(code)) == plain
    for shift in SHIFTS:
        assert typed(down(shift), down(code), up(code), up(shift), down(code)) == shifted + plain
    assert typed(down(SHIFTS[0]), down(SHIFTS[1]), up(SHIFTS[0]), down(code)) == shifted
    letter = plain.isalpha()
    assert typed(down(CAPS), up(CAPS), down(code)) == (shifted if letter else plain)
    assert typed(down(CAPS), down(SHIFTS[0]), down(code)) == (plain if letter else shifted)
    assert typed(down(CAPS), down(CAPS), down(code)) == plain
    assert typed(down(code), keyboard=Keyboard(caps=True)) == (shifted if letter else plain)


def test_the_other_keys() -> None:
    assert typed(down(57), down(28), down(15), down(96)) == b" \r\t\r"
    keypad = {82: "0", 79: "1", 80: "2", 81: "3", 75: "4", 76: "5", 77: "6", 71: "7", 72: "8", 73: "9"}
    keypad |= {83: ".", 74: "-", 78: "+", 55: "*", 98: "/"}
    assert all(typed(down(code)) == character.encode() for code, character in keypad.items())
    assert set(KEYS) == {code for code, _ in PRINTED} | set(keypad) | {57, 28, 15, 96}


def test_control_characters() -> None:
    assert typed(down(CTRLS[0]), down(27), up(CTRLS[0])) == b"\x1d"  # the group separator of GS1, Ctrl + ]
    assert typed(down(CTRLS[1]), down(30)) == b"\x01"
    _, lost = press(Keyboard(frozenset({29})), down(2))
    assert lost == Typed(b"", lost=True)


@pytest.mark.parametrize("alt", ALTS)
def test_what_is_typed_with_alt_is_lost(alt: int) -> None:
    keyboard, nothing = press(Keyboard(), down(alt))
    assert nothing == Typed(b"")
    assert press(keyboard, down(82))[1].lost
    keyboard, _ = press(keyboard, up(alt))
    assert press(keyboard, down(82))[1] == Typed(b"0")


def test_repetitions_releases_and_unknown_keys_type_nothing() -> None:
    assert typed((1, 30, 2), (1, 30, 0), down(59), down(240), (4, 4, 30), (0, 0, 0), (2, 0, 5)) == b""


def test_lost_events_release_every_key() -> None:
    keyboard, lost = press(Keyboard(frozenset({42}), caps=True), (0, 3, 0))
    assert lost.lost
    assert keyboard == Keyboard(caps=True)


def test_the_light_of_caps_lock_counts() -> None:
    assert typed((17, 1, 1), down(30), (17, 1, 0), down(30)) == b"Aa"


def test_text_is_masked() -> None:
    assert "secret" not in repr(Typed(b"secret"))


@given(st.text(ASCII + "\r\t", max_size=60))
def test_whatever_is_typed_comes_out(text: str) -> None:
    assert typed(*events(key_strokes(text))) == text.encode()


@given(st.binary(max_size=200))
def test_any_bytes(received: bytes) -> None:
    keyboard = Keyboard()
    for event in events(received):
        keyboard, one = press(keyboard, event)
        assert len(one.text) <= 1


@given(st.lists(st.tuples(st.sampled_from([0, 1, 4, 17]), st.integers(0, 767), st.integers(-1, 3)), max_size=40))
def test_any_events(strokes: list[tuple[int, int, int]]) -> None:
    packed = b"".join(struct.pack("@llHHi", 0, 0, *stroke) for stroke in strokes)
    assert events(packed) == strokes
    keyboard = Keyboard()
    for stroke in strokes:
        keyboard, one = press(keyboard, stroke)
        assert one.text == b"" or not one.lost
