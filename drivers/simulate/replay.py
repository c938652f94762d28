"""A recorded wire, played back as the other end of a new one: the device that was there, without the device.

It answers as recorded for as long as the driver says what was recorded, judged through the same mask; where the driver
says something else it falls silent and `check` tells at which line of the recording.
"""

import json
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

from drivers.masks import Masks
from drivers.registry import driver_class, masks_of
from drivers.simulate.tcp_wire import TcpSimulator
from drivers.simulate.usb_wire import FourPipeSimulator, HidSimulator
from drivers.simulate.wire import FarEnd, PtySimulator, Spoiler
from drivers.transport.recorder import FORMAT, Way

_SHOWN: Final = 48
"""Bytes of a difference that its message shows; they are masked ones."""


class NotARecording(ValueError):
    """A file that is no recording, or one of a later version; the message names the line."""


class Differs(AssertionError):
    """The driver did not say what was recorded; the message names the line of the recording."""


@dataclass(frozen=True, slots=True)
class Step:
    """Bytes that went one way at one moment.

    Attributes:
        line: where it stands in the recording, from 1.
        at: seconds since the recording began.
        way: to the device or from it.
        data: as recorded, masked.
    """

    line: int
    at: float
    way: Way
    data: bytes


@dataclass(frozen=True, slots=True)
class Recording:
    """What a file holds: one driver, and what went over its wire."""

    driver: str
    steps: tuple[Step, ...]


def load(path: Path) -> Recording:
    """Read a recording. A last line that was cut off by a power cut is left out.

    Raises:
        NotARecording: it is none, or it holds the wires of several drivers.
    """
    driver = ""
    steps: list[Step] = []
    lines = path.read_bytes().splitlines(keepends=True)
    for number, line in enumerate(lines, 1):
        if number == len(lines) and not line.endswith(b"\n"):
            break
        try:
            read = _entry(number, json.loads(line))
        except (ValueError, KeyError, TypeError) as error:
            raise NotARecording(f"{path}, line {number}: is not a line of a recording") from error
        if isinstance(read, str):
            if driver not in {"", read}:
                raise NotARecording(f"{path}, line {number}: another driver, {read}")
            driver = read
        elif not driver:
            raise NotARecording(f"{path}, line {number}: does not say of which driver")
        elif read is not None:
            steps.append(read)
    if not driver:
        raise NotARecording(f"{path}: is empty")
    return Recording(driver, tuple(steps))


def _entry(number: int, entry: dict[str, object]) -> Step | str | None:
    """What a line says: the driver at the head of a recording, a step, or that the line came or went."""
    if "recording" in entry:
        if entry["recording"] != FORMAT:
            raise ValueError(entry["recording"])
        return str(entry["driver"])
    way = next((way for way in Way if way.value in entry), None)
    if way is not None:
        return Step(number, float(str(entry["t"])), way, bytes.fromhex(str(entry[way.value])))
    if entry["line"] not in {"opened", "closed"}:
        raise ValueError(entry["line"])
    return None


class Replay(FarEnd):
    """Plays a recording; the wire comes from the other parent.

    Args:
        recording: what to play.
        pace: how much of the recorded pauses to keep: 0 answers at once, 1 as slowly as the device did.
    """

    def __init__(self, recording: Recording, pace: float = 0.0) -> None:
        self._recording = recording
        self._masks: Masks = masks_of(driver_class(recording.driver))
        self._pace = pace
        self._at = 0
        self._matched = 0  # bytes of the present step that the driver has said
        self._raw = b""
        self._difference = ""
        self._turn = threading.RLock()

    @property
    def finished(self) -> bool:
        """Whether all was said, by both sides."""
        with self._turn:
            return self._at == len(self._recording.steps) and not self._difference

    def check(self) -> None:
        """Say whether the driver did what was recorded.

        Raises:
            Differs: it said something else, or stopped before the end.
        """
        with self._turn:
            if self._difference:
                raise Differs(self._difference)
            if self._at < len(self._recording.steps):
                step = self._recording.steps[self._at]
                raise Differs(f"line {step.line}: the driver stopped; {step.way.value} {_shown(step.data)} was next")

    def play(self) -> None:
        """Say what the device said by itself before the driver said anything. Call it once the driver listens."""
        with self._turn:
            self._speak()

    def powered_up(self) -> None:
        """Go on where it was: an unplugged device does not forget what was recorded."""
        return

    def heard(self, received: bytes) -> None:
        """Compare with the recording, and answer as recorded."""
        with self._turn:
            self._raw += received
            said = self._masks.sent(self._raw)
            self._raw = self._raw[len(said) :]
            while said and not self._difference:
                self._speak()
                said = self._compare(said)
            if not self._difference:
                self._speak()

    def _compare(self, said: bytes) -> bytes:
        """Match what the driver said with the next step; returns what it said beyond that."""
        if self._at == len(self._recording.steps):
            self._difference = f"the recording is over, and the driver says {_shown(said)}"
            return b""
        step = self._recording.steps[self._at]
        rest = step.data[self._matched :]
        part = said[: len(rest)]
        if not rest.startswith(part):
            self._difference = f"line {step.line}: the driver says {_shown(said)} where {_shown(rest)} was recorded"
            return b""
        self._matched += len(part)
        if self._matched == len(step.data):
            self._advance()
        return said[len(part) :]

    def _speak(self) -> None:
        """Say everything that comes before the driver's next words."""
        steps = self._recording.steps
        while self._at < len(steps) and steps[self._at].way is Way.RECEIVED:
            step = steps[self._at]
            if self._pace and self._at:
                self.pause((step.at - steps[self._at - 1].at) * self._pace)
            self.say(step.data)
            self._advance()

    def _advance(self) -> None:
        self._at += 1
        self._matched = 0


def _shown(data: bytes) -> str:
    return data[:_SHOWN].hex() + ("…" if len(data) > _SHOWN else "")


class SerialReplay(Replay, PtySimulator):
    """A recording on a serial line."""

    driver: ClassVar[str] = "replay"

    def __init__(self, recording: Recording, folder: Path, name: str = "replay", *, pace: float = 0.0) -> None:
        Replay.__init__(self, recording, pace)
        PtySimulator.__init__(self, folder, name)


class TcpReplay(Replay, TcpSimulator):
    """A recording at a port of the loopback address."""

    driver: ClassVar[str] = "replay"

    def __init__(self, recording: Recording, *, pace: float = 0.0) -> None:
        Replay.__init__(self, recording, pace)
        TcpSimulator.__init__(self, Spoiler(0))

    def hung_up(self) -> None:
        """The driver comes back, or it does not."""
        return


class FourPipeReplay(Replay, FourPipeSimulator):
    """A recording on USB, its frames split over four pipes."""

    driver: ClassVar[str] = "replay"

    def __init__(self, recording: Recording, vid: int, pid: int, head_size: int, *, pace: float = 0.0) -> None:
        Replay.__init__(self, recording, pace)
        FourPipeSimulator.__init__(self, vid, pid, head_size)

    def begin(self) -> None:
        """Not with each transfer: a recorded frame arrived in several."""

    def _speak(self) -> None:
        """What follows the driver's words begins with a head."""
        super().begin()
        super()._speak()


class HidReplay(Replay, HidSimulator):
    """A recording in HID reports."""

    driver: ClassVar[str] = "replay"

    def __init__(
        self,
        recording: Recording,
        vid: int,
        pid: int,
        *,
        prefix: bytes = b"",
        counted: bool = False,
        pace: float = 0.0,
    ) -> None:
        Replay.__init__(self, recording, pace)
        HidSimulator.__init__(self, vid, pid, prefix=prefix, counted=counted)
