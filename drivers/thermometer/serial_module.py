"""What the infra-red thermometer modules have in common whose controller sends one frame for each query."""

import time
from abc import abstractmethod
from typing import ClassVar

from pydantic import Field

from drivers.contract import Driver, Identity, Kind
from drivers.errors import BadFrame, WrongDevice
from drivers.kinds import Temperature
from drivers.thermometer.conditions import Conditions, ThermometerOptions
from drivers.transport.recognise import resembles
from drivers.transport.serial_line import SerialLine


class SerialModuleOptions(ThermometerOptions):
    """Where the thermometer is, and when its readings mean something."""

    port: str = Field(description="serial port, best one that names the socket")
    baud: int = Field(default=115200, description="as the module is set")


class SerialModule(Driver):
    """A module on a serial line that answers a query with one frame.

    Attributes:
        model: what it is called.
        preamble: with what its frames begin; what answers without it is another device.
        answer_s: how long it may take to answer, seconds.
    """

    kind: ClassVar[Kind] = Kind.THERMOMETER
    model: ClassVar[str]
    preamble: ClassVar[bytes]
    answer_s: ClassVar[float] = 1.0

    def __init__(self, options: SerialModuleOptions) -> None:
        self._conditions = Conditions(options)
        self._line = SerialLine(options.port, options.baud)

    @abstractmethod
    def ask(self, deadline: float) -> tuple[float, float]:
        """Query once.

        Args:
            deadline: `time.monotonic()` at which the answer has to be there.

        Returns:
            Object and ambient temperature, degrees Celsius.

        Raises:
            DriverError: as in `errors`.
        """

    def open(self) -> Identity:
        """Connect and take a reading.

        Raises:
            WrongDevice: something answers that does not speak the protocol.
            DriverError: as in `Driver.open`.
        """
        self._line.open(time.monotonic() + self.answer_s)
        self._conditions.restart()
        try:
            self.measure()
        except BadFrame as error:
            if not resembles(error.frame, self.preamble):
                raise WrongDevice(f"{self._line.address}: what answers is no {self.model}") from error
            raise
        return Identity(model=self.model)

    def probe(self) -> None:
        """Take a reading."""
        self.ask(time.monotonic() + self.answer_s)

    def close(self) -> None:
        """Let go of the port."""
        self._line.close()

    def measure(self) -> Temperature:
        """Ask for one reading. See `Thermometer.measure`."""
        object_c, ambient_c = self.ask(time.monotonic() + self.answer_s)
        return self._conditions.reading(object_c, ambient_c, time.monotonic())
