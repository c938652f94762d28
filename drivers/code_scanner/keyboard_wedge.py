"""Code scanners that type: USB or Bluetooth keyboards as far as the computer can tell.

The last resort. They lose what is not ASCII, depend on their layout (set them to US), and look by themselves, all the
time. Prefer the same scanner as USB serial, which most can be set to.
"""

import time
from typing import ClassVar, Final

from pydantic import Field

from drivers.code_scanner.key_events import Keyboard, events, press
from drivers.code_scanner.payload import LARGEST, SUFFIXES, Suffix
from drivers.contract import Driver, Identity, Kind, Options, Proof, ProofLevel
from drivers.errors import BadFrame, NoAnswer
from drivers.kinds import Scan
from drivers.transport.input_events import InputLine

STALE_S: Final = 0.5
"""What was typed while nobody waited for it longer than this belongs to somebody else."""
FORGETTING_S: Final = 2.0
"""Nobody types a code longer than this."""


class KeyboardWedgeOptions(Options):
    """Which keyboard it is, and how it ends a code."""

    port: str = Field(
        description="one event node of the scanner, best one that names the socket (/dev/input/by-path/…)"
    )
    suffix: Suffix = Field(
        default=Suffix.CR, description="key it types after a code: cr, lf or crlf for Enter, tab, none"
    )
    gap: float = Field(default=0.15, ge=0.02, le=2, description="silence that ends a code without its suffix, seconds")
    grab: bool = Field(default=True, description="take it exclusively; off only where no kernel stands behind the port")


class KeyboardWedge(Driver):
    """A code scanner that types on a US keyboard."""

    key: ClassVar[str] = "code_scanner/keyboard-wedge"
    kind: ClassVar[Kind] = Kind.CODE_SCANNER
    options: ClassVar[type[Options]] = KeyboardWedgeOptions
    proven_on: ClassVar[tuple[Proof, ...]] = (
        Proof(
            ProofLevel.SIMULATOR,
            "input_event structs through a pty; Linux 6.1's console and exclusive grab, on uinput keyboards (tests/vm)",
        ),
    )

    def __init__(self, options: KeyboardWedgeOptions) -> None:
        self._line = InputLine(options.port, grab=options.grab)
        self._ends = SUFFIXES[options.suffix].replace(b"\n", b"\r")[:1]
        self._gap_s = options.gap
        self._keyboard = Keyboard()
        self._ahead = b""
        self._listened = 0.0

    def open(self) -> Identity:
        """Take all event nodes of the device.

        Raises:
            WrongDevice: the port is no event device.
            DriverError: as in `Driver.open`.
        """
        self._line.open(time.monotonic() + 1)
        device = self._line.device
        self._keyboard = Keyboard(caps=device is not None and 1 in device.leds())
        self._ahead, self._listened = b"", 0.0
        if device is None:
            return Identity()
        return Identity(model=device.name, serial=device.uniq, firmware=f"{device.info.version:x}")

    def probe(self) -> None:
        """Look whether it is still there: a keyboard cannot be asked."""
        self._line.check()

    def close(self) -> None:
        """Let go of the device."""
        self._line.close()

    def scan(self, within: float) -> Scan | None:
        """Wait for a code. See `CodeScanner.scan`; the light is the scanner's own affair.

        Raises:
            BadFrame: it was longer than any code, keys were lost, or stood for no character.
            LinkError: it has gone; what it had begun to type is dropped.
        """
        deadline = time.monotonic() + within
        if time.monotonic() - self._listened > STALE_S:
            self._forget()
        code = b""
        try:
            while True:
                try:
                    typed = self._typed(time.monotonic() + self._gap_s if code else deadline)
                except NoAnswer:
                    return Scan(code) if code else None
                code += typed
                end = code.find(self._ends) if self._ends else -1
                while end == 0:  # an Enter before the code
                    code = code[1:]
                    end = code.find(self._ends)
                if max(end, len(code) if end < 0 else 0) > LARGEST:
                    raise BadFrame("longer than any code", code)
                if end > 0:
                    self._ahead = code[end + 1 :]
                    return Scan(code[:end])
        finally:
            self._listened = time.monotonic()

    def _forget(self) -> None:
        """Drop what was typed before, to the end of what is being typed, and remember the modifiers."""
        self._ahead = b""
        until = time.monotonic()
        last = until + FORGETTING_S
        while until < last:
            try:
                self._typed(until)
            except NoAnswer:
                return
            except BadFrame:
                pass  # nobody wanted what was lost there
            until = time.monotonic() + self._gap_s

    def _typed(self, deadline: float) -> bytes:
        """Wait for keys; returns the text they type, which may be empty."""
        text, self._ahead = self._ahead, b""
        if text:
            return text
        received = self._line.read_some(deadline)
        for event in events(received):
            self._keyboard, typed = press(self._keyboard, event)
            if typed.lost:
                raise BadFrame("keys were lost, or stood for no character", received)
            text += typed.text
        return text
