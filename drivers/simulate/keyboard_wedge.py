"""A code scanner that types. Without a kernel behind it: input events through a pty."""

import struct
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Final

from drivers.simulate.wire import PtySimulator

_EVENT: Final = struct.Struct("@llHHi")
_SYN: Final = (0, 0, 0)
_SHIFT: Final = 42
_ROWS: Final = ((2, "1234567890-=", "!@#$%^&*()_+"), (16, "qwertyuiop[]\r", "QWERTYUIOP{}\r"))
_ROWS_BELOW: Final = (
    (30, "asdfghjkl;'`", 'ASDFGHJKL:"~'),
    (43, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
    (57, " ", " "),
    (15, "\t", "\t"),
)
_KEYS: Final = {
    character: (first + at, shifted)
    for first, *typed in (*_ROWS, *_ROWS_BELOW)
    for shifted, characters in enumerate(typed)
    for at, character in reversed(list(enumerate(characters)))
}
"""Character → code of its key, and whether with shift: a US keyboard as linux/input-event-codes.h counts its rows."""


def key_strokes(text: str) -> bytes:
    """The events that type a text, shift and all. Characters that a US keyboard lacks are left out, as wedges do."""
    strokes: list[tuple[int, int, int]] = []
    for character in text:
        if character not in _KEYS:
            continue
        code, shifted = _KEYS[character]
        if shifted and character.strip():
            strokes += [(1, _SHIFT, 1), _SYN]
        strokes += [(4, 4, code), (1, code, 1), _SYN, (1, code, 0), _SYN]
        if shifted and character.strip():
            strokes += [(1, _SHIFT, 0), _SYN]
    return b"".join(_EVENT.pack(0, 0, *stroke) for stroke in strokes)


class KeyboardWedgeSimulator(PtySimulator):
    """A wedge that looks all the time: types what is held before it, again and again, until it is taken away.

    Args:
        folder: where its address appears.
        name: of the address.
        suffix: what it types after a code.
        every: seconds between two readings of a code that stays.
        seed: of the faults.
    """

    driver: ClassVar[str] = "code_scanner/keyboard-wedge"

    def __init__(
        self,
        folder: Path,
        name: str = "code_scanner",
        *,
        suffix: bytes = b"\r",
        every: float = 0.8,
        seed: int = 0,
    ) -> None:
        self._suffix = suffix
        self._every = every
        self._held = threading.Condition()
        self._shown: bytes | None = None
        self._done = False
        super().__init__(folder, name, seed=seed)
        self._eye = threading.Thread(target=self._watch, name=f"simulated {self.driver}", daemon=True)
        self._eye.start()

    @property
    def options(self) -> Mapping[str, str | int | float | bool]:
        """The keys of the driver's options."""
        return {**super().options, "grab": False}

    @property
    def light(self) -> bool:
        """It always looks."""
        return self.plugged

    def show(self, payload: bytes) -> None:
        """Hold a code before it, until `hide`."""
        with self._held:
            self._shown = payload
            self._held.notify_all()

    def hide(self) -> None:
        """Take the code away."""
        with self._held:
            self._shown = None
            self._held.notify_all()

    def type(self, text: str) -> None:
        """Type once, without a suffix."""
        self.say(key_strokes(text))

    def heard(self, received: bytes) -> None:
        """A keyboard hears nothing."""

    def close(self) -> None:
        """Stop for good."""
        with self._held:
            self._done = True
            self._held.notify_all()
        self._eye.join()
        super().close()

    def _watch(self) -> None:
        while True:
            with self._held:
                self._held.wait_for(lambda: self._done or self._shown is not None)
                if self._done:
                    return
                shown = self._shown or b""
            self.type((shown + self._suffix).decode("ascii", "ignore"))
            with self._held:
                self._held.wait_for(lambda: self._done or self._shown is None, self._every)
