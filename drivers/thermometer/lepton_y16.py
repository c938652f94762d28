"""FLIR Lepton 3.5 on a PureThermal board: a thermal camera of 160×120 pixels that measures."""

import time
from typing import ClassVar, Final

from pydantic import Field

from drivers.contract import Driver, Identity, Kind, Options, Proof, ProofLevel
from drivers.errors import DeviceFault, NoAnswer, Remedy
from drivers.kinds import Temperature
from drivers.thermometer import lepton_frames
from drivers.thermometer.conditions import Conditions, ThermometerOptions
from drivers.thermometer.hot_region import RegionOption, robust_maximum
from drivers.thermometer.lepton_frames import FlatField, LeptonFrame
from drivers.transport.y16 import Y16Device, Y16Folder, Y16Source

WITHIN_S: Final = 1.0
"""How long a moving picture is waited for. The shutter is closed for about 0.9 s."""
FLAT_FIELD_OLD_S: Final = 360.0
SENSOR_MOVED_C: Final = 3.0
"""The camera takes a flat field by itself after 3 minutes or 1.5 °C; at twice that it does not."""


class LeptonOptions(ThermometerOptions):
    """Where the camera is, where it looks, and when its readings mean something."""

    device: int | str = Field(default=0, description="index of the video device, or a path that names the socket")
    folder: str = Field(default="", description="folder of raw frames, taken instead of a device")
    region: RegionOption = (0, 0, lepton_frames.ROWS, lepton_frames.COLUMNS)
    # the housing is warmed by the camera itself, some ten degrees above the hall
    ambient_max_c: float = Field(default=45, description="warmest housing it may be used with, °C")


class LeptonY16(Driver):
    """A Lepton 3.5 that sends Y16 frames with telemetry."""

    key: ClassVar[str] = "thermometer/lepton-y16"
    kind: ClassVar[Kind] = Kind.THERMOMETER
    options: ClassVar[type[Options]] = LeptonOptions
    proven_on: ClassVar[tuple[Proof, ...]] = (
        Proof(
            ProofLevel.SIMULATOR, "frames in a folder; flirpy 0.6.2, run by hand, reads picture and telemetry the same"
        ),
        Proof(
            ProofLevel.SIMULATOR,
            "Linux 6.1's vivid (Y16, order of bytes) and uvcvideo on a virtual USB camera with those frames (tests/vm)",
        ),
    )

    def __init__(self, options: LeptonOptions) -> None:
        self._given = options
        self._conditions = Conditions(options)
        self._source: Y16Source = (
            Y16Folder(options.folder)
            if options.folder
            else Y16Device(options.device, lepton_frames.COLUMNS, lepton_frames.ROWS + lepton_frames.TELEMETRY_ROWS)
        )
        self._number = -1

    def open(self) -> Identity:
        """Connect and take a frame.

        Raises:
            WrongDevice: a camera that sends no such frames.
            DeviceFault: `not_radiometric`, see `frame`.
            DriverError: as in `Driver.open`.
        """
        self._source.open()
        self._conditions.restart()
        self._number = -1
        self.frame()
        return Identity(maker="FLIR", model="Lepton 3.5")

    def probe(self) -> None:
        """Take a frame, even if its picture stands still."""
        self._next(time.monotonic() + WITHIN_S)

    def close(self) -> None:
        """Let go of the camera."""
        self._source.close()

    def frame(self) -> LeptonFrame:
        """Wait for a frame with a picture that moves, at most 1 s.

        Raises:
            DeviceFault: `shutter_closed` (wait), `frozen` (the camera repeats a picture), or `not_radiometric` (it is
                set to send something else than centikelvin).
            DriverError: as in `errors`.
        """
        deadline = time.monotonic() + WITHIN_S
        still: LeptonFrame | None = None
        while True:
            before = self._number
            try:
                frame = self._next(deadline)
            except NoAnswer:
                if still is None:
                    raise
                raise _standing_still(still) from None
            if frame.flat_field is not FlatField.IN_PROGRESS and frame.number != before:
                return frame
            still = frame

    def measure(self) -> Temperature:
        """Take a frame. The object temperature is its `robust_maximum`. See `Thermometer.measure`."""
        frame = self.frame()
        return self._conditions.reading(
            round(robust_maximum(frame.picture, self._given.region), 2),
            round(frame.housing_c, 2),
            time.monotonic(),
            steady=frame.flat_field is not FlatField.NEVER
            and frame.flat_field_age_s <= FLAT_FIELD_OLD_S
            and frame.sensor_moved_c <= SENSOR_MOVED_C,
        )

    def _next(self, deadline: float) -> LeptonFrame:
        frame = lepton_frames.read_frame(self._source.next_picture(deadline))
        if not frame.radiometric:
            raise DeviceFault(
                "not_radiometric", "the camera does not send centikelvin: TLinear is off", remedy=Remedy.TECHNICIAN
            )
        self._number = frame.number
        return frame


def _standing_still(frame: LeptonFrame) -> DeviceFault:
    if frame.flat_field is FlatField.IN_PROGRESS:
        return DeviceFault("shutter_closed", "the camera takes a flat field", remedy=Remedy.WAIT)
    return DeviceFault("frozen", f"frame {frame.number} again and again")
