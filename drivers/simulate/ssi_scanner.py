"""A scanner that speaks SSI: asleep until it is woken, bare codes until it is told to pack them."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Final

from drivers.simulate.triggered_scanner import TriggeredScanner

_ASLEEP_AFTER_S: Final = 1.0
_ROOM: Final = 250
"""Bytes of a code that fit into a packet."""
_QR: Final = 0x1C


class SsiSimulator(TriggeredScanner):
    """A Zebra engine (`data="packets"`), or a GM72 (`data="bare"`), which knows no packets of codes."""

    driver: ClassVar[str] = "code_scanner/ssi"

    def __init__(
        self,
        folder: Path,
        name: str = "code_scanner",
        *,
        data: str = "packets",
        suffix: bytes = b"\r\n",
        seed: int = 0,
    ) -> None:
        self._data = data
        self._parameters: dict[int, int] = {}
        self._waiting: list[tuple[int, bytes]] = []
        self._lost_acks = 0
        self._cancelled = 0
        self._awake_until = 0.0
        super().__init__(folder, name, suffix=suffix, seed=seed)

    @property
    def options(self) -> Mapping[str, str | int | float | bool]:
        """The keys of the driver's options."""
        return {**super().options, "data": self._data}

    @property
    def cancelled(self) -> int:
        """How often the host refused a code."""
        return self._cancelled

    def lose_ack(self) -> None:
        """Miss the next acknowledgement, and send the packet again."""
        self._lost_acks += 1

    def powered_up(self) -> None:
        """Level mode, bare codes, asleep."""
        super().powered_up()
        self._parameters = {0x8A: 0x00, 0xEE: 0, 0x9F: 1}
        self._waiting = []
        self._awake_until = 0.0

    def heard(self, received: bytes) -> None:
        """Take packets; whatever comes while asleep is lost but for waking it."""
        now = time.monotonic()
        if now > self._awake_until:
            self._unheard = b""
            if 0 not in received:
                return
            received = received[received.index(0) :]
        self._awake_until = now + _ASLEEP_AFTER_S
        self._unheard += received
        while True:
            self._unheard = self._unheard.lstrip(b"\x00")
            if not self._unheard or len(self._unheard) < self._unheard[0] + 2:
                return
            length = self._unheard[0]
            frame, self._unheard = self._unheard[: length + 2], self._unheard[length + 2 :]
            if (sum(frame[:-2]) + int.from_bytes(frame[-2:], "big")) % 0x10000:
                self._answer(0xD1, b"\x01")
            else:
                self._obey(frame[1], frame[3], frame[4:-2])

    def deliver(self, payload: bytes) -> None:
        """Send a code as the host wants it."""
        if not self._parameters[0xEE]:
            super().deliver(payload)
            return
        pieces = [payload[at : at + _ROOM] for at in range(0, len(payload), _ROOM)] or [b""]
        last = len(pieces) - 1
        self._waiting = [(0 if at == last else 0x02, bytes([_QR]) + piece) for at, piece in enumerate(pieces)]
        self._send_next(again=False)

    def _obey(self, opcode: int, status: int, data: bytes) -> None:
        match opcode:
            case 0xA3:
                self._answer(0xA4, b"PAABLS00-005-R00 0 1E 00")
            case 0xC6 if self._data == "bare" and 0xEE in data[1::2]:
                self._answer(0xD1, b"\x02")
            case 0xC6:
                self._parameters.update(zip(data[1::2], data[2::2], strict=False))
                if status & 0x08:
                    self.save()
                self._answer(0xD0)
            case 0xE4 if self._parameters[0x8A] != 0x08:
                self._answer(0xD1, b"\x06")
            case 0xE4 | 0xE5:
                self._answer(0xD0)
                self.trigger(on=opcode == 0xE4)
            case 0xD0 if self._waiting:
                if self._lost_acks:
                    self._lost_acks -= 1
                    self._send_next(again=True)
                    return
                self._waiting.pop(0)
                self._send_next(again=False)
            case 0xD1 if data == b"\x0a":
                self._waiting.clear()
                self._cancelled += 1
            case _:
                pass

    def _send_next(self, *, again: bool) -> None:
        if self._waiting:
            status, data = self._waiting[0]
            self._answer(0xF3, data, status | again)

    def _answer(self, opcode: int, data: bytes = b"", status: int = 0) -> None:
        message = bytes([4 + len(data), opcode, 0, status]) + data
        self.say(message + (0x10000 - sum(message)).to_bytes(2, "big"))
