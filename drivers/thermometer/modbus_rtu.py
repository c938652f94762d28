"""Infra-red thermometers that speak Modbus RTU. Each maker has a register map of its own, so the site file holds it.

Protocol: Modbus Application Protocol V1.1b3, functions 03 and 04.
"""

import time
from typing import ClassVar, Final, Literal

from pydantic import Field

from drivers.contract import Driver, Identity, Kind, Options, Proof, ProofLevel
from drivers.errors import BadFrame
from drivers.kinds import Temperature
from drivers.thermometer.conditions import Conditions, ThermometerOptions
from drivers.transport import modbus_rtu

ANSWER_S: Final = 0.4
COLDEST_C: Final = -100.0
WARMEST_C: Final = 1000.0
"""What no sensor measures that is held before a face: the register map is wrong, or the sensor says so with 0x7FFF."""


class ModbusThermometerOptions(ThermometerOptions):
    """Where the thermometer is, its register map, and when its readings mean something."""

    port: str = Field(description="serial port, best one that names the socket")
    baud: int = Field(default=9600, ge=1200, description="bits per second")
    parity: Literal["N", "E", "O"] = Field(default="N", description="N, E or O")
    stop_bits: Literal[1, 2] = Field(default=1, description="1 or 2")
    unit: int = Field(default=1, ge=1, le=247, description="address of the sensor on its bus")
    function: Literal[3, 4] = Field(default=3, description="3 holding registers, 4 input registers")
    address: int = Field(default=0, ge=0, le=0xFFFF, description="register of the object temperature, counted from 0")
    ambient_address: int = Field(
        default=1, ge=0, le=0xFFFF, description="register of its own temperature, counted from 0"
    )
    count: Literal[1, 2] = Field(default=1, description="registers of a value")
    low_word_first: bool = Field(default=False, description="of two registers, the lower address has the low word")
    signed: bool = Field(default=True, description="values are signed")
    scale: float = Field(default=0.01, gt=0, le=1, description="degrees Celsius that 1 stands for")


def temperature_in(words: list[int], *, scale: float, signed: bool, low_word_first: bool = False) -> float:
    """Read a value from its registers, degrees Celsius.

    Args:
        words: one or two registers, lowest address first.
        scale: degrees that 1 stands for.
        signed: whether the value is in two's complement.
        low_word_first: whether the first of two registers is the low one.

    Raises:
        BadFrame: no thermometer for people measures this.
    """
    ordered = list(reversed(words)) if low_word_first else words
    data = b"".join(word.to_bytes(2, "big") for word in ordered)
    celsius = int.from_bytes(data, "big", signed=signed) * scale
    if not COLDEST_C <= celsius <= WARMEST_C:
        raise BadFrame("not a temperature: look at the register map", data)
    return round(celsius, 4)


class ModbusThermometer(Driver):
    """An infra-red thermometer on a serial line that speaks Modbus RTU."""

    key: ClassVar[str] = "thermometer/modbus-rtu"
    kind: ClassVar[Kind] = Kind.THERMOMETER
    options: ClassVar[type[Options]] = ModbusThermometerOptions
    proven_on: ClassVar[tuple[Proof, ...]] = (Proof(ProofLevel.SIMULATOR, "pymodbus server, published frame"),)

    def __init__(self, options: ModbusThermometerOptions) -> None:
        self._given = options
        self._conditions = Conditions(options)
        self._line = modbus_rtu.ModbusLine(
            options.port, options.baud, ANSWER_S, parity=options.parity, stop_bits=options.stop_bits
        )
        first, second = sorted((options.address, options.ambient_address))
        self._together = second == first + options.count
        self._requests = (
            (self._read(first, 2 * options.count),)
            if self._together
            else (self._read(options.address, options.count), self._read(options.ambient_address, options.count))
        )

    def open(self) -> Identity:
        """Connect and take a reading.

        Raises:
            WrongDevice: something answers that does not speak the protocol.
            DriverError: as in `Driver.open`; `DeviceFault` `illegal_address` when the sensor has no such register.
        """
        modbus_rtu.open_board(self._line, self._requests[0])
        self._conditions.restart()
        self.measure()
        return Identity(model=f"Modbus thermometer, unit {self._given.unit}")

    def probe(self) -> None:
        """Take a reading."""
        self.measure()

    def close(self) -> None:
        """Let go of the port."""
        self._line.close()

    def measure(self) -> Temperature:
        """Read the registers. See `Thermometer.measure`."""
        words = [word for request in self._requests for word in modbus_rtu.registers(self._line.ask(request))]
        given = self._given
        values = [
            temperature_in(part, scale=given.scale, signed=given.signed, low_word_first=given.low_word_first)
            for part in (words[: given.count], words[given.count :])
        ]
        if self._together and given.ambient_address < given.address:
            values.reverse()
        return self._conditions.reading(values[0], values[1], time.monotonic())

    def _read(self, first: int, count: int) -> bytes:
        return modbus_rtu.read_registers(self._given.unit, self._given.function, first, count)
