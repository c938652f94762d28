"""A signal light on a relay board that speaks Modbus RTU: a coil each for its red, green and white lamp.

The board must be on a serial port of its own: a port belongs to one driver. Nothing blinks: the light says who may go,
and a person with epilepsy may be the next to look at it.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar, Final

from pydantic import Field

from drivers.contract import Driver, Identity, Kind, Options, Proof, ProofLevel
from drivers.errors import BadFrame, DeviceFault, Effect, Remedy, WrongDevice
from drivers.kinds import Light
from drivers.transport import modbus_rtu
from drivers.transport.recognise import resembles

ANSWER_S: Final = 1.0
COLOURS: Final[Mapping[Light, frozenset[str]]] = MappingProxyType(
    {
        Light.OFF: frozenset(),
        Light.HERE: frozenset({"white"}),
        Light.GOOD: frozenset({"green"}),
        Light.STOP: frozenset({"red"}),
        Light.STAFF: frozenset({"red", "white"}),
    }
)
"""What is lit. Each lamp has a place of its own, so that nobody has to tell red from green."""


class ModbusRelayLampOptions(Options):
    """Where the board is and what is wired to it. Coils are counted from 0."""

    port: str = Field(description="serial port, best one that names the socket")
    baud: int = Field(default=9600, ge=1200, description="bits per second")
    unit: int = Field(default=1, ge=1, le=247, description="address of the board on its bus")
    red: int = Field(default=0, ge=0, le=255, description="coil of the red lamp")
    green: int = Field(default=1, ge=0, le=255, description="coil of the green lamp")
    white: int = Field(default=2, ge=0, le=255, description="coil of the white lamp")


class ModbusRelayLamp(Driver):
    """A signal light behind a Modbus relay board."""

    key: ClassVar[str] = "lamp/modbus-relay"
    kind: ClassVar[Kind] = Kind.LAMP
    options: ClassVar[type[Options]] = ModbusRelayLampOptions
    proven_on: ClassVar[tuple[Proof, ...]] = (Proof(ProofLevel.SIMULATOR, "pymodbus server, published frames"),)

    def __init__(self, options: ModbusRelayLampOptions) -> None:
        self._line = modbus_rtu.ModbusLine(options.port, options.baud, ANSWER_S)
        self._unit = options.unit
        self._coils = {"red": options.red, "green": options.green, "white": options.white}
        self._first = min(self._coils.values())
        count = max(self._coils.values()) - self._first + 1
        self._look = modbus_rtu.read_coils(options.unit, self._first, count)

    def open(self) -> Identity:
        """Connect, and switch all lamps off.

        Raises:
            WrongDevice: something answers that does not speak the protocol.
            DriverError: as in `Driver.open`.
        """
        self._line.open()
        try:
            self._line.ask(self._look)
        except BadFrame as error:
            if not resembles(error.frame, self._look[:2]):
                raise WrongDevice(f"{self._line.address}: what answers is no Modbus board") from error
            raise
        self.show(Light.OFF)
        return Identity(model=f"Modbus relay board, unit {self._unit}")

    def probe(self) -> None:
        """Read the coils."""
        self._line.ask(self._look)

    def close(self) -> None:
        """Let go of the port. The lamps stay as they are."""
        self._line.close()

    def show(self, light: Light) -> None:
        """Show this until told otherwise. See `Lamp.show`.

        Lamps go out before others are lit, and the board is asked what it shows in the end.

        Raises:
            DeviceFault: `relay_stuck`; a coil is not as it was set.
            DriverError: as in `errors`; `effect` is UNKNOWN: some lamps may have changed.
        """
        lit = {self._coils[colour] for colour in COLOURS[light]}
        for coil in sorted(self._coils.values(), key=lambda coil: coil in lit):
            value = modbus_rtu.COIL_ON if coil in lit else modbus_rtu.COIL_OFF
            self._line.ask(modbus_rtu.write_coil(self._unit, coil, value))
        on = modbus_rtu.bits(self._line.ask(self._look))
        if any(on[coil - self._first] is not (coil in lit) for coil in self._coils.values()):
            raise DeviceFault("relay_stuck", remedy=Remedy.TECHNICIAN, effect=Effect.UNKNOWN)
