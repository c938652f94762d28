"""A turnstile behind a Modbus relay board. The board is a real pymodbus server, which we did not write."""

import asyncio
import os
import pty
import struct
import threading
import time
import tty
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Final

from pymodbus.constants import ExcCodes
from pymodbus.datastore import ModbusServerContext
from pymodbus.pdu import ModbusPDU
from pymodbus.pdu.bit_message import WriteSingleCoilRequest
from pymodbus.server import ModbusSerialServer
from pymodbus.simulator import DataType, SimData, SimDevice

from drivers.simulate.wire import PtySimulator

_CLOSING_S: Final = 0.1
_FLASH_ON: Final = 0x0200
_BEAM_A, _BEAM_B, _DOOR = 1, 2, 4  # bits of the inputs

Step = tuple[int, float]
_THROUGH: Final[tuple[Step, ...]] = ((_BEAM_A, 0.12), (_BEAM_A | _BEAM_B, 0.12), (_BEAM_B, 0.12), (0, 0))
_BACK: Final[tuple[Step, ...]] = ((_BEAM_A, 0.3), (0, 0))
_TWO: Final[tuple[Step, ...]] = (*_THROUGH[:-1], (_BEAM_A, 0.3), *_THROUGH[1:])


class Turnstile:
    """One lane: a lock, a door, two beams, and the people who walk. Thread-safe; times are monotonic seconds."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._coil = False
        self._flash_ends = 0.0
        self._beams = 0
        self._held_until = 0.0
        self._door_open = False
        self._reason_ended = 0.0
        self._unused = False
        self._releases = 0
        self._journal: list[tuple[float, str]] = []

    @property
    def releases(self) -> int:
        """How often it was released."""
        with self._changed:
            return self._releases

    @property
    def released(self) -> bool:
        """Whether the lock is off now."""
        with self._changed:
            return self._is_released(time.monotonic())

    @property
    def door_open(self) -> bool:
        """Whether the door is open now."""
        with self._changed:
            self._settle()
            return self._door_open

    @property
    def journal(self) -> list[tuple[float, str]]:
        """What happened, and when.

        `released`, `locked` (by the client), `passed`, `tailgated`, `turned_back`, `held_open`, `refused`.
        """
        with self._changed:
            return list(self._journal)

    def inputs(self) -> int:
        """Beam A, beam B and the open door as bits 0, 1, 2."""
        with self._changed:
            self._settle()
            return self._beams | (_DOOR if self._door_open else 0)

    def switch(self, *, on: bool) -> None:
        """The coil was written."""
        with self._changed:
            self._settle()
            was = self._is_released(time.monotonic())
            self._coil = on
            if on:
                self._release()
            else:
                self._flash_ends = 0.0
                if was:
                    self._note("locked")
            self._changed.notify_all()

    def flash(self, seconds: float) -> None:
        """The coil was told to switch itself off again."""
        with self._changed:
            self._settle()
            self._flash_ends = time.monotonic() + seconds
            self._release()
            self._changed.notify_all()

    def wait_released(self, timeout: float) -> bool:
        """Wait for a release that nobody has used yet."""
        with self._changed:
            return self._changed.wait_for(lambda: self._unused and self._is_released(time.monotonic()), timeout)

    def walk(self, steps: tuple[Step, ...], name: str) -> bool:
        """Walk through the beams. Takes as long as it takes.

        Returns:
            False when the lane is closed and nothing moved.
        """
        with self._changed:
            self._settle()
            if not self._door_open:
                self._note("refused")
                return False
            self._unused = False
        for beams, seconds in steps:
            with self._changed:
                self._settle()
                self._beams = beams
                self._reason_ended = time.monotonic()
            time.sleep(seconds)
        with self._changed:
            self._note(name)
        return True

    def hold(self, seconds: float) -> None:
        """Keep the door from closing."""
        with self._changed:
            self._settle()
            self._held_until = time.monotonic() + seconds
            self._door_open = True

    def _release(self) -> None:
        self._releases += 1
        self._unused = self._door_open = True
        self._note("released")

    def _is_released(self, now: float) -> bool:
        return self._coil or now < self._flash_ends

    def _settle(self) -> None:
        """Bring the door up to date."""
        now = time.monotonic()
        if not self._door_open:
            return
        if self._coil or self._beams:
            self._reason_ended = now
        self._reason_ended = max(self._reason_ended, min(now, self._flash_ends), min(now, self._held_until))
        if now - self._reason_ended >= _CLOSING_S:
            self._door_open = False

    def _note(self, what: str) -> None:
        self._journal.append((time.monotonic(), what))


class ModbusRelaySimulator(PtySimulator):
    """A relay board, unit 1: coil 0 opens the turnstile, inputs 0, 1, 2 are beam A, beam B and the door contact.

    What the client sends is passed on to a pymodbus server on a pty of its own, and back; faults happen in between.
    """

    driver: ClassVar[str] = "barrier/modbus-relay"

    def __init__(self, folder: Path, name: str = "barrier", *, pulse_by: str = "board", seed: int = 0) -> None:
        self.turnstile = Turnstile()
        self._pulse_by = pulse_by
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

    @property
    def options(self) -> Mapping[str, str | int | float | bool]:
        """The keys of the driver's options."""
        return {**super().options, "pulse_by": self._pulse_by}

    @property
    def releases(self) -> int:
        """How often the turnstile was released."""
        return self.turnstile.releases

    @property
    def journal(self) -> list[tuple[float, str]]:
        """What happened in the lane, see `Turnstile.journal`."""
        return self.turnstile.journal

    def wait_released(self, timeout: float) -> bool:
        """Stand before the turnstile until it is released; False if it was not in time."""
        return self.turnstile.wait_released(timeout)

    def walk_through(self) -> bool:
        """One person goes through; False if the turnstile is closed. Takes about 0.4 s."""
        return self.turnstile.walk(_THROUGH, "passed")

    def turn_back(self) -> bool:
        """One person steps in and goes back."""
        return self.turnstile.walk(_BACK, "turned_back")

    def tailgate(self) -> bool:
        """One person goes through with another close behind."""
        return self.turnstile.walk(_TWO, "tailgated")

    def hold_open(self, seconds: float = 8.0) -> bool:
        """One person goes through and holds the door; returns when they are through."""
        self.turnstile.hold(seconds)
        return self.turnstile.walk(_THROUGH, "held_open")

    def powered_up(self) -> None:
        """Relays are off after power-up."""
        self.turnstile.switch(on=False)

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
        turnstile = self.turnstile

        async def touch(
            function: int,
            _first: int,
            address: int,
            _count: int,
            registers: list[int],
            written: list[int] | list[bool] | None,
        ) -> ExcCodes | None:
            if function == 2:
                registers[0] = turnstile.inputs()
            elif written is not None and address == 0:
                turnstile.switch(on=bool(written[0]))
            return None

        class CoilOrFlash(WriteSingleCoilRequest):
            """The board's own command beside the standard's: a coil that goes off by itself."""

            value = 0

            def decode(self, data: bytes) -> None:
                """Keep the value: pymodbus only keeps whether it is 0."""
                super().decode(data)
                self.value = struct.unpack(">H", data[2:4])[0]

            def encode(self) -> bytes:
                """Echo the request."""
                return struct.pack(">HH", self.address, self.value)

            async def datastore_update(self, context: ModbusServerContext, device_id: int) -> ModbusPDU:
                """Flash, or do what the standard says."""
                if self.address == _FLASH_ON:
                    turnstile.flash(self.value / 10)
                    return self
                return await super().datastore_update(context, device_id)

        bits = SimData(0, values=[False] * 16, datatype=DataType.BITS)
        registers = SimData(0, values=[0] * 16, datatype=DataType.REGISTERS)
        server = ModbusSerialServer(
            SimDevice(1, simdata=([bits], [bits], [registers], [registers]), action=touch),
            port=os.ttyname(self._inner_slave),
            baudrate=115200,
            custom_pdu=[CoilOrFlash],
        )
        await server.serve_forever(background=True)
        self._loop.add_reader(self._inner_master, self._answer)
        self._ready.set()
        await self._stop.wait()
        self._loop.remove_reader(self._inner_master)
        await server.shutdown()  # type: ignore[no-untyped-call]  # pymodbus left it untyped

    def _answer(self) -> None:
        self.say(os.read(self._inner_master, 4096))
