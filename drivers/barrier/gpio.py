"""A gate at the pins of the computer itself, through gpiozero: one output opens, inputs see two beams and the door.

Nothing but the driver ends the pulse. When its process dies, the kernel gives the lines back and most of them become
inputs again: wire the relay so that it lets go then.
"""

import contextlib
import time
from collections.abc import Iterator
from enum import StrEnum
from importlib.metadata import entry_points
from typing import ClassVar, Final, Self

import gpiozero
from pydantic import Field, model_validator

from drivers.barrier import lane
from drivers.barrier.passage_beams import Sensors, Watchman
from drivers.contract import Driver, Identity, Kind, Options, Proof, ProofLevel
from drivers.errors import DeviceFault, Effect, LinkError, NotPresent, Remedy
from drivers.kinds import BarrierState, Crossing


class Pull(StrEnum):
    """The resistor at an input. A closed contact pulls the other way."""

    UP = "up"
    DOWN = "down"
    NONE = "none"


PULLS: Final = {Pull.UP: True, Pull.DOWN: False, Pull.NONE: None}


class GpioOptions(Options):
    """Which pins. They are named as gpiozero does: a GPIO number (17), or a place on the header (`J8:11`)."""

    pin_factory: str = Field(default="lgpio", description="gpiozero's way to the pins: lgpio, rpigpio, pigpio, native")
    relay: str = Field(description="output that opens the gate")
    relay_active_low: bool = Field(default=False, description="the relay is on while its pin is low")
    beam_a: str = Field(default="", description="input of the beam where people come from")
    beam_b: str = Field(default="", description="input of the beam behind the door")
    door: str = Field(default="", description="input of the door contact")
    pull: Pull = Field(default=Pull.UP, description="resistor at the inputs: up, down, none")
    invert_beams: bool = Field(default=False, description="the contacts of the beams are closed while they are free")
    invert_door: bool = Field(default=False, description="the contact of the door is closed while it is closed")
    pulse_seconds: float = Field(default=5.0, ge=0.1, le=25, description="how long the relay is on, at most")

    @model_validator(mode="after")
    def _beams_are_two(self) -> Self:
        if bool(self.beam_a) is not bool(self.beam_b):
            raise ValueError("beam_a and beam_b: either both or none")
        return self

    @property
    def sensors(self) -> Sensors:
        """What the lane is watched with."""
        if self.beam_a:
            return Sensors.BEAMS
        return Sensors.DOOR if self.door else Sensors.NONE


class Gpio(Driver):
    """A gate at the pins of the computer."""

    key: ClassVar[str] = "barrier/gpio"
    kind: ClassVar[Kind] = Kind.BARRIER
    options: ClassVar[type[Options]] = GpioOptions
    proven_on: ClassVar[tuple[Proof, ...]] = (
        Proof(ProofLevel.SIMULATOR, "gpiozero's MockFactory, in one process; no kernel-level simulator exists here"),
    )

    def __init__(self, options: GpioOptions) -> None:
        self._given = options
        self._watchman = Watchman()
        self._relay: gpiozero.OutputDevice | None = None
        self._inputs: dict[str, gpiozero.InputDevice] = {}

    def open(self) -> Identity:
        """Take the pins, lock, and read the inputs once.

        Raises:
            DeviceFault: `bad_pin`: there is no such pin, it cannot do this, or something else has it.
            DriverError: as in `Driver.open`.
        """
        if self._relay is None:
            self._take_pins(pin_factory(self._given.pin_factory))
        self.lock()
        self._watchman.released()
        self.state()
        return Identity(model=f"GPIO through gpiozero, {self._given.pin_factory}")

    def probe(self) -> None:
        """Read the inputs, or the output where there are none."""
        self.state()

    def close(self) -> None:
        """Give the pins back; the relay goes off with them."""
        relay, self._relay = self._relay, None
        inputs, self._inputs = self._inputs, {}
        for device in (*([relay] if relay else []), *inputs.values()):
            with contextlib.suppress(Exception):  # each pin factory has errors of its own, and the pin is lost anyway
                device.close()

    def state(self) -> BarrierState:
        """Read the inputs once."""
        return self._watchman.look(time.monotonic(), self.look())

    def let_one_pass(self, within: float) -> Crossing:
        """Release, watch, lock. See `Barrier.let_one_pass` and `lane.let_one_pass`."""
        self._watchman.released()
        return lane.let_one_pass(self, within, self._given.pulse_seconds, self._given.sensors)

    def release(self) -> None:
        """Switch the output on. A step of `lane`."""
        with self._pins(Effect.UNKNOWN) as relay:
            relay.on()

    def lock(self) -> None:
        """Switch the output off. A step of `lane`."""
        with self._pins(Effect.UNKNOWN) as relay:
            relay.off()

    def look(self) -> BarrierState:
        """Read the inputs. A step of `lane`."""
        given, inputs = self._given, self._inputs

        def says(name: str, *, inverted: bool) -> bool:
            return name in inputs and inputs[name].is_active is not inverted

        with self._pins(Effect.NO):
            return BarrierState(
                beam_a=says("beam_a", inverted=given.invert_beams),
                beam_b=says("beam_b", inverted=given.invert_beams),
                door_open=says("door", inverted=given.invert_door),
            )

    def _take_pins(self, factory: gpiozero.Factory) -> None:
        given = self._given
        wired = {"beam_a": given.beam_a, "beam_b": given.beam_b, "door": given.door}
        try:
            self._relay = gpiozero.OutputDevice(
                named(given.relay), active_high=not given.relay_active_low, pin_factory=factory
            )
            for name, pin in wired.items():
                if pin:
                    self._inputs[name] = gpiozero.InputDevice(
                        named(pin),
                        pull_up=PULLS[given.pull],
                        active_state=True if given.pull is Pull.NONE else None,
                        pin_factory=factory,
                    )
        except gpiozero.GPIOZeroError as error:
            self.close()
            raise DeviceFault("bad_pin", str(error), remedy=Remedy.TECHNICIAN) from error
        except Exception as error:
            self.close()
            error.__traceback__ = None  # it holds the half-made device, and the device its pin
            raise NotPresent(f"the pins: {error}") from error

    @contextlib.contextmanager
    def _pins(self, effect: Effect) -> Iterator[gpiozero.OutputDevice]:
        if self._relay is None:
            raise LinkError("the pins are closed", effect=Effect.NO)
        try:
            yield self._relay
        except Exception as error:  # each pin factory has errors of its own
            raise LinkError(f"the pins: {error}", effect=effect) from error


def named(pin: str) -> int | str:
    """A pin as gpiozero wants it: numbers as numbers."""
    return int(pin) if pin.isdecimal() else pin


def pin_factory(name: str) -> gpiozero.Factory:
    """The process's way to its pins, made when it is first asked for: all devices at the pins have to share one.

    Args:
        name: under which gpiozero knows it.

    Raises:
        NotPresent: it does not work on this computer.
        DeviceFault: `bad_pin_factory`: there is none of this name.
    """
    factory = gpiozero.Device.pin_factory
    if factory is not None:
        return factory
    for point in entry_points(group="gpiozero_pin_factories", name=name):
        try:
            made: gpiozero.Factory = point.load()()
        except Exception as error:  # each pin factory has errors of its own
            raise NotPresent(f"gpiozero's {name}: {error}") from error
        gpiozero.Device.pin_factory = made
        return made
    raise DeviceFault("bad_pin_factory", f"gpiozero knows no {name!r}", remedy=Remedy.TECHNICIAN)
