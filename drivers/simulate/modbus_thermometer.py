"""An infra-red thermometer that speaks Modbus RTU. The sensor is a real pymodbus server, which we did not write."""

from pathlib import Path
from typing import ClassVar

from drivers.simulate.forehead import Forehead
from drivers.simulate.modbus_server import ModbusServerSimulator


class ModbusThermometerSimulator(Forehead, ModbusServerSimulator):
    """A sensor, unit 1, with object and ambient temperature in hundredths of a degree, signed.

    In registers 0 and 1, once more in 5 and 3, and with 32 bits, in thousandths, low word first, from 8 and 10 on;
    holding and input registers are the same. What it sees: see `Forehead`.
    """

    driver: ClassVar[str] = "thermometer/modbus-rtu"

    def __init__(self, folder: Path, name: str = "thermometer", *, seed: int = 0) -> None:
        Forehead.__init__(self, seed)
        ModbusServerSimulator.__init__(self, folder, name, seed=seed)

    def touched(  # all registers are renewed, whatever is asked for
        self,
        function: int,
        address: int,  # noqa: ARG002
        values: list[int],
        written: list[int] | list[bool] | None,
    ) -> None:
        """Measure when the registers are read."""
        if function not in {3, 4} or written is not None:
            return
        object_c, ambient_c = self.look()
        seen, own = (round(c * 100) % 0x10000 for c in (object_c, ambient_c))
        long_seen, long_own = (round(c * 1000) % 0x1_0000_0000 for c in (object_c, ambient_c))
        values[0:2] = values[5], values[3] = seen, own
        values[8:12] = (long_seen % 0x10000, long_seen >> 16, long_own % 0x10000, long_own >> 16)
