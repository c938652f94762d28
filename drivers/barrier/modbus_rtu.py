"""Modbus RTU as far as a relay board needs it (Modbus over Serial Line V1.02; Application Protocol V1.1b3).

Pure functions. pymodbus' own client is not used: it tries again by itself, and cannot say whether a command that got
no answer had left.
"""

from typing import Final

from drivers.errors import DeviceFault, DriverError, Remedy

READ_DISCRETE_INPUTS: Final = 2
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


def read_discrete_inputs(unit: int, first: int, count: int) -> bytes:
    """Build the request that reads `count` inputs from `first` on, counted from 0."""
    return frame(unit, READ_DISCRETE_INPUTS, first.to_bytes(2, "big") + count.to_bytes(2, "big"))


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


def find_reply(received: bytes, request: bytes) -> bytes | None:
    """Find the reply to a request in what was received, skipping whatever stands before it.

    Returns:
        The data of the reply, between function and check; None while no reply is there whose check agrees.

    Raises:
        DeviceFault: the reply is an exception.
    """
    unit, function = request[0], request[1]
    size = 4 if function == WRITE_COIL else 1 + (int.from_bytes(request[4:6], "big") + 7) // 8
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
        if function == READ_DISCRETE_INPUTS and data[0] != size - 1:
            continue
        return data
    return None


def bits(data: bytes) -> list[bool]:
    """The inputs in the data of a read reply, first input first, filled up to whole bytes."""
    return [bool(byte >> bit & 1) for byte in data[1:] for bit in range(8)]
