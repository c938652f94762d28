"""SMBus words with their packet error code, over the kernel's I²C or a serial bridge.

The PEC is computed here, over the whole transaction as it stands on the wire, so that an adapter needs to know nothing
of it. An adapter that can only do SMBus by itself (those of PCs) is asked to check the PEC in the kernel instead.

Sources: System Management Bus Specification 3.1, 6.5.5 (Read Word, PEC); Melexis MLX90614 data sheet (vectors);
NXP SC18IM704 data sheet (bridge; the SC18IM700 has the same commands).
"""

import contextlib
import errno
import threading
import time
from abc import ABC, abstractmethod
from typing import Final

import smbus2

from drivers.errors import BadFrame, DeviceFault, DriverError, LinkError, NoAnswer, NotPresent, Remedy, WrongDevice
from drivers.transport.serial_line import SerialLine

START: Final = b"S"
STOP: Final = b"P"
STATUS: Final = b"R\x0aP"
"""Read the bridge's register I2CStat."""
STATUSES: Final = {
    0xF0: "the transaction went well",
    0xF1: "nobody acknowledged the address",
    0xF2: "nobody acknowledged the data",
    0xF3: "the bus was busy",
    0xF8: "the bus timed out",
}
BRIDGE_ANSWER_S: Final = 0.3
GONE: Final = frozenset({errno.ENODEV, errno.EBADF, errno.ESHUTDOWN})


def pec(message: bytes) -> int:
    """CRC-8 (polynomial 0x07, initially 0) of a transaction with its address bytes."""
    register = 0
    for byte in message:
        register ^= byte
        for _ in range(8):
            register = (register << 1) ^ 0x107 if register & 0x80 else register << 1
    return register


def word_in(address: int, command: int, answer: bytes) -> int:
    """Read the word in the answer to Read Word: low byte, high byte, PEC.

    Args:
        address: 7 bits.
        command: that was asked for.
        answer: three bytes.

    Raises:
        BadFrame: another length, or the PEC does not agree.
    """
    if len(answer) != 3:
        raise BadFrame("a word and its check have three bytes", answer)
    spoken = bytes([address << 1, command, address << 1 | 1]) + answer
    if pec(spoken[:-1]) != spoken[-1]:
        raise BadFrame("wrong packet error code", spoken)
    return int.from_bytes(answer[:2], "little")


class Smbus(ABC):
    """One bus. Used by one thread; only `close` may be called from another.

    Attributes:
        address: where the bus is, for error texts.
    """

    address: str

    @abstractmethod
    def open(self) -> None:
        """Connect.

        Raises:
            NotPresent: there is no such bus.
            WrongDevice: something else is there.
        """

    @abstractmethod
    def close(self) -> None:
        """Disconnect. Twice is safe; from another thread it ends a waiting call."""

    @abstractmethod
    def read_word(self, address: int, command: int, deadline: float) -> int:
        """Read a word, and check it.

        Args:
            address: of the device, 7 bits.
            command: which word.
            deadline: moment of `time.monotonic()`.

        Raises:
            NotPresent: nobody has this address.
            NoAnswer, BadFrame, LinkError: as ever.
        """


class KernelSmbus(Smbus):
    """A bus of this machine, `/dev/i2c-N`. The kernel limits how long a transaction takes.

    Args:
        path: of the bus.
        checked: whether an adapter that knows no PEC is refused.
    """

    def __init__(self, path: str, *, checked: bool = True) -> None:
        self.address = path
        self._checked = checked
        self._bus: smbus2.SMBus | None = None
        self._whole_messages = False
        self._in_use = threading.Lock()

    def open(self) -> None:
        """Connect. See `Smbus.open`.

        Raises:
            DeviceFault: `no_pec`: the adapter can neither leave the check to us nor do it.
        """
        with self._in_use:
            if self._bus is not None:
                return
            try:
                bus = smbus2.SMBus(self.address)
            except OSError as error:
                raise NotPresent(f"{self.address}: {error}") from error
            self._whole_messages = bool(bus.funcs & smbus2.I2cFunc.I2C)
            if not self._whole_messages:
                try:
                    bus.enable_pec()
                except OSError as error:
                    if self._checked:
                        bus.close()
                        detail = f"{self.address}: the adapter knows no packet error code"
                        raise DeviceFault("no_pec", detail, remedy=Remedy.TECHNICIAN) from error
            self._bus = bus

    def close(self) -> None:
        """Disconnect, at the latest when the kernel has given up the transaction under way."""
        with self._in_use:
            bus, self._bus = self._bus, None
            if bus is not None:
                with contextlib.suppress(OSError):
                    bus.close()

    def read_word(self, address: int, command: int, deadline: float) -> int:  # noqa: ARG002  the kernel has its own
        """Read a word. See `Smbus.read_word`."""
        with self._in_use:
            if self._bus is None:
                raise LinkError(f"{self.address} is closed")
            try:
                if not self._whole_messages:
                    return self._bus.read_word_data(address, command)
                answer = smbus2.i2c_msg.read(address, 3)
                self._bus.i2c_rdwr(smbus2.i2c_msg.write(address, [command]), answer)
            except OSError as error:
                raise _failure(self.address, address, error) from error
        return word_in(address, command, bytes(answer))


def _failure(bus: str, address: int, error: OSError) -> DriverError:
    """What the kernel's error means (Documentation/i2c/fault-codes.rst)."""
    where = f"{bus}, address {address:#04x}: {error}"
    if error.errno in {errno.ENXIO, errno.EREMOTEIO, errno.EBUSY}:  # EBUSY: a driver of the kernel has the address
        return NotPresent(where)
    if error.errno in {errno.EBADMSG, errno.EPROTO}:
        return BadFrame(where, b"")
    if error.errno in GONE:
        return LinkError(where)
    return NoAnswer(where)


class BridgedSmbus(Smbus):
    """A bus behind an SC18IM700 or SC18IM704 on a serial port: for machines without a bus of their own.

    Args:
        port: serial port.
        baud: bits per second; the bridge powers up with 9600.
    """

    def __init__(self, port: str, baud: int = 9600) -> None:
        self._line = SerialLine(port, baud)
        self.address = port

    def open(self) -> None:
        """Connect, and ask the bridge for its status. See `Smbus.open`."""
        deadline = time.monotonic() + BRIDGE_ANSWER_S
        self._line.open(deadline)
        try:
            self._status(deadline)
        except BadFrame as error:
            # a single byte may be a spoilt status; several without one among them are somebody else's words
            if len(error.frame) > 1 and not STATUSES.keys() & set(error.frame):
                raise WrongDevice(f"{self.address}: what answers is no bridge to I²C") from error
            raise

    def close(self) -> None:
        """Disconnect."""
        self._line.close()

    def read_word(self, address: int, command: int, deadline: float) -> int:
        """Read a word. See `Smbus.read_word`."""
        write, read = address << 1, address << 1 | 1
        self._line.drain()
        self._line.write(START + bytes([write, 1, command]) + START + bytes([read, 3]) + STOP, deadline)
        try:
            answer = self._line.read_exactly(3, deadline)
        except NoAnswer as silence:
            status = self._status(time.monotonic() + BRIDGE_ANSWER_S)
            if status == 0xF1:
                raise NotPresent(f"{self.address}, address {address:#04x}: {STATUSES[status]}") from silence
            raise
        return word_in(address, command, answer)

    def _status(self, deadline: float) -> int:
        self._line.drain()
        self._line.write(STATUS, deadline)
        return self._line.read_frame(find_status, deadline)


def find_status(received: bytes) -> int | None:
    """Find the bridge's status: the last byte of what was received, if it is one of `STATUSES`."""
    return received[-1] if received and received[-1] in STATUSES else None


def smbus_at(bus: str, baud: int, *, checked: bool = True) -> Smbus:
    """The bus that an address stands for: `/dev/i2c-N` of this machine, any other a serial port with a bridge."""
    return KernelSmbus(bus, checked=checked) if bus.rpartition("/")[2].startswith("i2c-") else BridgedSmbus(bus, baud)
