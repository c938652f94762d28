"""MLX90614: a bare infra-red thermometer on an SMBus.

Melexis MLX90614 data sheet: RAM addresses, EEPROM addresses, conversion, error flag and packet error code.
"""

import time
from typing import ClassVar, Final

from pydantic import Field

from drivers.contract import Driver, Identity, Kind, Options, Proof, ProofLevel
from drivers.errors import BadFrame, DeviceFault, Remedy
from drivers.kinds import Temperature
from drivers.thermometer.conditions import Conditions, ThermometerOptions
from drivers.transport.smbus import smbus_at

AMBIENT: Final = 0x06
OBJECT: Final = 0x07
EMISSIVITY: Final = 0x24
IDENTITY: Final = (0x3C, 0x3D, 0x3E, 0x3F)
ERROR_FLAG: Final = 0x8000
LOWEST: Final = 0x27AD
"""-70.01 °C, the least that the sensor can report."""
ANSWER_S: Final = 0.4


def celsius(raw: int) -> float:
    """Convert a word of the RAM.

    Raises:
        DeviceFault: `sensor_error`: the sensor flags the value as wrong.
        BadFrame: the sensor cannot have measured this.
    """
    if raw & ERROR_FLAG:
        raise DeviceFault("sensor_error", "the sensor flags its reading as wrong", remedy=Remedy.TECHNICIAN)
    if raw < LOWEST:
        raise BadFrame("colder than the sensor can measure", raw.to_bytes(2, "little"))
    return round(raw * 0.02 - 273.15, 2)


class Mlx90614Options(ThermometerOptions):
    """Where the thermometer is, and when its readings mean something. The emissivity is read from the sensor."""

    port: str = Field(description="/dev/i2c-N, or the serial port of an SC18IM700/704 bridge")
    baud: int = Field(default=9600, description="bits per second of a bridge")
    address: int = Field(default=0x5A, ge=0x03, le=0x77, description="address of the sensor on its bus")
    checked: bool = Field(default=True, description="false only for an adapter that knows no packet error code")


class Mlx90614(Driver):
    """An MLX90614 on an SMBus."""

    key: ClassVar[str] = "thermometer/mlx90614-smbus"
    kind: ClassVar[Kind] = Kind.THERMOMETER
    options: ClassVar[type[Options]] = Mlx90614Options
    proven_on: ClassVar[tuple[Proof, ...]] = (
        Proof(ProofLevel.SIMULATOR, "Melexis' PEC vectors; behind a simulated SC18IM704, which needs no kernel"),
        Proof(
            ProofLevel.SIMULATOR,
            "/dev/i2c-N: Linux 6.1's own mlx90614 driver reads the same, without PEC (tests/vm); with PEC only a "
            "double of smbus2's bus",
        ),
    )

    def __init__(self, options: Mlx90614Options) -> None:
        self._address = options.address
        self._conditions = Conditions(options)
        self._bus = smbus_at(options.port, options.baud, checked=options.checked)
        self._emissivity = 0.0

    def open(self) -> Identity:
        """Connect, read the sensor's number and its emissivity, and take a reading.

        Raises:
            WrongDevice: something answers that is no bridge.
            NotPresent: no bus, or nobody at this address of it.
            DriverError: as in `Driver.open`; `DeviceFault` `no_pec`, see `KernelSmbus`.
        """
        self._bus.open()
        self._conditions.restart()
        deadline = time.monotonic() + ANSWER_S
        number = "".join(f"{self._bus.read_word(self._address, word, deadline):04X}" for word in IDENTITY)
        emissivity = self._bus.read_word(self._address, EMISSIVITY, deadline)
        if not emissivity:
            raise BadFrame("an emissivity of 0", b"\0\0")
        self._emissivity = round(emissivity / 0xFFFF, 4)
        self.measure()
        return Identity(maker="Melexis", model="MLX90614", serial=number)

    def probe(self) -> None:
        """Take a reading."""
        self.measure()

    def close(self) -> None:
        """Let go of the bus."""
        self._bus.close()

    def measure(self) -> Temperature:
        """Read both temperatures. See `Thermometer.measure`."""
        deadline = time.monotonic() + ANSWER_S
        object_c, ambient_c = (
            celsius(self._bus.read_word(self._address, word, deadline)) for word in (OBJECT, AMBIENT)
        )
        return self._conditions.reading(object_c, ambient_c, time.monotonic(), emissivity=self._emissivity)
