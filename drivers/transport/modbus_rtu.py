"""Modbus RTU as far as relay boards and sensors need it (Modbus over Serial Line V1.02; Application Protocol V1.1b3).

The codec is pure functions. pymodbus' own client is not used: it tries again by itself, and cannot say whether a
command that got no answer had left.
"""

import time
from typing import Final

from drivers.errors import BadFrame, DeviceFault, DriverError, Remedy, WrongDevice
from drivers.transport.recognise import resembles
from drivers.transport.serial_line import SerialLine

READ_COILS: Final = 1
READ_DISCRETE_INPUTS: Final = 2
READ_HOLDING_REGISTERS: Final = 3
READ_INPUT_REGISTERS: Final = 4
WRITE_COIL: Final = 5
EXCEPTION_BIT: Final = 0x80
COIL_ON: Final = 0xFF00
COIL_OFF: Final = 0x0000


def crc(message: bytes) -> bytes:
    """CRC-16 (polynomial 0xA001, reflected, initially 0xFFFF), low byte first."""
    register = 0xFFFF
    for byte in message:
        register ^= byte
        for _ in range(8):
            register = (register >> 1) ^ 0xA001 if register & 1 else register >> 1
    return register.to_bytes(2, "little")


def frame(unit: int, function: int, data: bytes) -> bytes:
    """Put unit, function, data and check together."""
    message = bytes([unit, function]) + data
    return message + crc(message)


def write_coil(unit: int, address: int, value: int) -> bytes:
    """Build the request that sets a coil.

    Args:
        unit: 1-247.
        address: of the coil, counted from 0.
        value: `COIL_ON`, `COIL_OFF`, or what a board's own command takes here.
    """
    return frame(unit, WRITE_COIL, address.to_bytes(2, "big") + value.to_bytes(2, "big"))


def read_coils(unit: int, first: int, count: int) -> bytes:
    """Build the request that reads `count` coils from `first` on, counted from 0."""
    return frame(unit, READ_COILS, first.to_bytes(2, "big") + count.to_bytes(2, "big"))


def read_discrete_inputs(unit: int, first: int, count: int) -> bytes:
    """Build the request that reads `count` inputs from `first` on, counted from 0."""
    return frame(unit, READ_DISCRETE_INPUTS, first.to_bytes(2, "big") + count.to_bytes(2, "big"))


def read_registers(unit: int, function: int, first: int, count: int) -> bytes:
    """Build the request that reads `count` registers from `first` on, counted from 0.

    Args:
        unit: 1-247.
        function: `READ_HOLDING_REGISTERS` or `READ_INPUT_REGISTERS`.
        first: address of the first register.
        count: 1-125.
    """
    return frame(unit, function, first.to_bytes(2, "big") + count.to_bytes(2, "big"))


_EXCEPTIONS: Final = {
    1: ("illegal_function", Remedy.TECHNICIAN),
    2: ("illegal_address", Remedy.TECHNICIAN),
    3: ("illegal_value", Remedy.TECHNICIAN),
    4: ("board_failure", Remedy.TECHNICIAN),
    5: ("busy", Remedy.WAIT),
    6: ("busy", Remedy.WAIT),
}


def exception(code: int) -> DriverError:
    """The error that a Modbus exception code stands for."""
    name, remedy = _EXCEPTIONS.get(code, ("modbus_exception", Remedy.TECHNICIAN))
    return DeviceFault(name, f"the board answers with exception {code}", remedy=remedy)


def _data_size(request: bytes) -> int:
    """How many bytes a reply to this request has between function and check."""
    count = int.from_bytes(request[4:6], "big")
    match request[1]:
        case 1 | 2:  # READ_COILS, READ_DISCRETE_INPUTS
            return 1 + (count + 7) // 8
        case 3 | 4:  # READ_HOLDING_REGISTERS, READ_INPUT_REGISTERS
            return 1 + 2 * count
        case _:  # a write is echoed
            return 4


def find_reply(received: bytes, request: bytes) -> bytes | None:
    """Find the reply to a request in what was received, skipping whatever stands before it.

    Returns:
        The data of the reply, between function and check; None while no reply is there whose check agrees.

    Raises:
        DeviceFault: the reply is an exception.
    """
    unit, function = request[0], request[1]
    size = _data_size(request)
    head, refusal = bytes([unit, function]), bytes([unit, function | EXCEPTION_BIT])
    for start in range(len(received) - 4):
        if received.startswith(head, start):
            end = start + 2 + size
        elif received.startswith(refusal, start):
            end = start + 3
        else:
            continue
        if len(received) < end + 2 or crc(received[start:end]) != received[end : end + 2]:
            continue
        data = received[start + 2 : end]
        if received[start + 1] & EXCEPTION_BIT:
            raise exception(data[0])
        if function == WRITE_COIL and data != request[2:6]:
            continue  # an echo of another write, late
        if function != WRITE_COIL and data[0] != size - 1:
            continue
        return data
    return None


def bits(data: bytes) -> list[bool]:
    """The coils or inputs in the data of a read reply, lowest first, filled up to whole bytes."""
    return [bool(byte >> bit & 1) for byte in data[1:] for bit in range(8)]


def registers(data: bytes) -> list[int]:
    """The registers in the data of a read reply, as unsigned 16-bit numbers, lowest address first."""
    return [int.from_bytes(data[at : at + 2], "big") for at in range(1, len(data) - 1, 2)]


class ModbusLine:
    """The master's end of a serial line that speaks Modbus RTU.

    Args:
        port: serial port.
        baud: bits per second.
        answer_s: seconds a device may take to answer.
        parity: `N`, `E` or `O`.
        stop_bits: 1 or 2.
    """

    def __init__(self, port: str, baud: int, answer_s: float, *, parity: str = "N", stop_bits: int = 1) -> None:
        self._line = SerialLine(port, baud, parity=parity, stop_bits=stop_bits)
        self._answer_s = answer_s
        # the standard's pause between frames, 3.5 characters; fixed above 19200 baud
        self._silence_s = max(0.00175, 3.5 * 11 / baud)
        self._heard = 0.0
        self._clean = False

    @property
    def address(self) -> str:
        """Where it leads, for error texts."""
        return self._line.address

    def open(self) -> None:
        """Connect.

        Raises:
            NotPresent: nothing is there.
        """
        self._line.open(time.monotonic() + self._answer_s)
        self._clean = False

    def close(self) -> None:
        """Disconnect. Twice is safe; from another thread it ends a waiting call."""
        self._line.close()

    def ask(self, request: bytes) -> bytes:
        """Send a request and wait for its reply.

        Returns:
            The data of the reply, between function and check.

        Raises:
            DriverError: `effect` is NO when the request did not leave whole, UNKNOWN when there was no reply.
        """
        if not self._clean:
            self._line.drain()  # a late reply to what failed before
        silent = time.monotonic() - self._heard
        if silent < self._silence_s:
            time.sleep(self._silence_s - silent)
        self._clean = False
        deadline = time.monotonic() + self._answer_s
        self._line.write(request, deadline)
        try:
            data = self._line.read_frame(lambda received: find_reply(received, request), deadline)
        finally:
            self._heard = time.monotonic()
        self._clean = True
        return data


def open_board(line: ModbusLine, greeting: bytes) -> None:
    """Connect, and ask something that the device has to answer.

    Raises:
        WrongDevice: something answers that does not speak the protocol.
        DriverError: as in `Driver.open`.
    """
    line.open()
    try:
        line.ask(greeting)
    except BadFrame as error:
        if not resembles(error.frame, greeting):
            raise WrongDevice(f"{line.address}: what answers is no Modbus device") from error
        raise
