"""HLK-LD2410: a 24 GHz radar that notices people, also those who stand still."""

import time
from typing import ClassVar, Final

from pydantic import Field

from drivers.contract import Driver, Identity, Kind, Options, Proof, ProofLevel
from drivers.errors import BadFrame, NoAnswer, WrongDevice
from drivers.kinds import Presence
from drivers.presence import ld2410_frames as frames
from drivers.transport.recognise import resembles
from drivers.transport.serial_line import SerialLine

ANSWER_S: Final = 0.4
REPORT_S: Final = 0.5
"""It reports by itself about ten times a second."""


class Ld2410Options(Options):
    """Where the radar is, and how near somebody has to be."""

    port: str = Field(description="serial port, best one that names the socket")
    baud: int = Field(default=256000, description="256000, unless the radar was set to something else")
    nearest_m: float = Field(default=0.0, ge=0, le=8, description="what is nearer does not count, in metres")
    farthest_m: float = Field(default=1.5, gt=0, le=8, description="what is farther does not count, in metres")


class Ld2410(Driver):
    """An HLK-LD2410, LD2410B or LD2410C (not the S, which speaks another protocol)."""

    key: ClassVar[str] = "presence/ld2410"
    kind: ClassVar[Kind] = Kind.PRESENCE
    options: ClassVar[type[Options]] = Ld2410Options
    proven_on: ClassVar[tuple[Proof, ...]] = (
        Proof(
            ProofLevel.SIMULATOR, "frames printed in Hi-Link's protocol V1.02; aio-ld2410 1.1.0, run by hand, agrees"
        ),
    )

    def __init__(self, options: Ld2410Options) -> None:
        self._given = options
        self._line = SerialLine(options.port, options.baud)

    def open(self) -> Identity:
        """Connect, ask for the firmware, and wait for a report.

        Raises:
            WrongDevice: something answers that does not speak the protocol.
            DriverError: as in `Driver.open`.
        """
        deadline = time.monotonic() + ANSWER_S
        self._line.open(deadline)
        try:
            self._order(frames.ENABLE, b"\x01\x00")
            version = frames.firmware(self._order(frames.FIRMWARE))
            self._order(frames.END)
        except BadFrame as error:
            if not any(resembles(error.frame, head) for head in (frames.COMMAND_HEAD, frames.REPORT_HEAD)):
                raise WrongDevice(f"{self._line.address}: what answers is no LD2410") from error
            self._line.write(frames.command(frames.END), time.monotonic() + ANSWER_S)  # or it would stay silent
            raise
        except NoAnswer:
            self._line.write(frames.command(frames.END), time.monotonic() + ANSWER_S)
            raise
        self.sense()
        return Identity(maker="Hi-Link", model="LD2410", firmware=version)

    def probe(self) -> None:
        """Wait for a report."""
        self.sense()

    def close(self) -> None:
        """Let go of the port."""
        self._line.close()

    def sense(self) -> Presence:
        """Wait for the next report. See `PresenceSensor.sense`."""
        self._line.drain()
        report = self._line.read_frame(frames.find_report, time.monotonic() + REPORT_S)
        near = [
            distance
            for distance in (report.moving_m, report.still_m)
            if distance is not None and self._given.nearest_m <= distance <= self._given.farthest_m
        ]
        return Presence(here=bool(near), distance_m=min(near, default=None))

    def _order(self, word: int, value: bytes = b"") -> bytes:
        deadline = time.monotonic() + ANSWER_S
        self._line.drain()
        self._line.write(frames.command(word, value), deadline)
        return self._line.read_frame(lambda received: frames.find_acknowledgement(received, word), deadline)
