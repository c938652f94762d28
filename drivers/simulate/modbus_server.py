"""A Modbus RTU device on a pty. The device is a real pymodbus server, which we did not write."""

import asyncio
import os
import pty
import threading
import tty
from abc import abstractmethod
from pathlib import Path

from pymodbus.constants import ExcCodes
from pymodbus.pdu import ModbusPDU
from pymodbus.server import ModbusSerialServer
from pymodbus.simulator import DataType, SimData, SimDevice

from drivers.simulate.wire import PtySimulator

_SIZE = 16
"""Coils, inputs and registers of each sort that the device has."""


class ModbusServerSimulator(PtySimulator):
    """A Modbus RTU device, unit 1, with 16 coils, inputs, holding and input registers.

    What the client sends is passed on to a pymodbus server on a pty of its own, and back; faults happen in between.
    A subclass sets its own state before it calls `super().__init__()`.

    Args:
        folder: where the address appears, as a link to the pty.
        name: the link's name.
        seed: of whatever is random.
        own: requests of the device's own, beside the standard's.
    """

    def __init__(self, folder: Path, name: str, *, seed: int = 0, own: tuple[type[ModbusPDU], ...] = ()) -> None:
        self._own = own
        self._inner_master, self._inner_slave = pty.openpty()
        tty.setraw(self._inner_slave)
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._ready = threading.Event()
        self._board = threading.Thread(target=self._serve, name="simulated Modbus board", daemon=True)
        self._board.start()
        if not self._ready.wait(10):
            raise RuntimeError("the pymodbus server did not start")
        super().__init__(folder, name, seed=seed)

    @abstractmethod
    def touched(self, function: int, address: int, values: list[int], written: list[int] | list[bool] | None) -> None:
        """The client reads or writes. Runs in the server's thread.

        Args:
            function: Modbus function code.
            address: of the first coil, input or register asked for.
            values: all that the server holds of this sort, from address 0 on, to be changed in place; coils and inputs
                are packed, 16 a number, lowest first.
            written: what the client wrote, or None when it reads.
        """

    def heard(self, received: bytes) -> None:
        """Pass it on to the server."""
        os.write(self._inner_master, received)

    def close(self) -> None:
        """Stop the server too."""
        super().close()
        if self._board.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._board.join()
            os.close(self._inner_master)
            os.close(self._inner_slave)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve_until_stopped())
        finally:
            self._loop.close()

    async def _serve_until_stopped(self) -> None:
        async def touch(
            function: int,
            _first: int,
            address: int,
            _count: int,
            registers: list[int],
            written: list[int] | list[bool] | None,
        ) -> ExcCodes | None:
            self.touched(function, address, registers, written)
            return None

        bits = SimData(0, values=[False] * _SIZE, datatype=DataType.BITS)
        registers = SimData(0, values=[0] * _SIZE, datatype=DataType.REGISTERS)
        server = ModbusSerialServer(
            SimDevice(1, simdata=([bits], [bits], [registers], [registers]), action=touch),
            port=os.ttyname(self._inner_slave),
            baudrate=115200,
            custom_pdu=list(self._own),
        )
        await server.serve_forever(background=True)
        self._loop.add_reader(self._inner_master, self._answer)
        self._ready.set()
        await self._stop.wait()
        self._loop.remove_reader(self._inner_master)
        await server.shutdown()  # type: ignore[no-untyped-call]  # pymodbus left it untyped

    def _answer(self) -> None:
        self.say(os.read(self._inner_master, 4096))
