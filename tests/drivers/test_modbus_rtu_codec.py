"""The Modbus codec against published frames, and against pymodbus."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymodbus.framer.rtu import FramerRTU

from drivers.errors import DeviceFault, DriverError
from drivers.transport import modbus_rtu as rtu

ON = bytes.fromhex("01 05 00 00 FF 00 8C 3A")
OFF = bytes.fromhex("01 05 00 00 00 00 CD CA")
ON_1 = bytes.fromhex("01 05 00 01 FF 00 DD FA")
FLASH = bytes.fromhex("01 05 02 00 00 07 8D B0")  # Waveshare: relay 0 on for 0.7 s
INPUTS = rtu.read_discrete_inputs(1, 0, 3)
REGISTERS = bytes.fromhex("01 03 00 00 00 02 C4 0B")  # devices.md 2.3, and many a sensor's manual


def reply(*message: int) -> bytes:
    return bytes(message) + rtu.crc(bytes(message))


def test_published_requests() -> None:
    assert rtu.write_coil(1, 0, rtu.COIL_ON) == ON
    assert rtu.write_coil(1, 0, rtu.COIL_OFF) == OFF
    assert rtu.write_coil(1, 1, rtu.COIL_ON) == ON_1
    assert rtu.write_coil(1, 0x0200, 7) == FLASH
    assert rtu.read_registers(1, rtu.READ_HOLDING_REGISTERS, 0, 2) == REGISTERS


@given(st.binary(max_size=64))
def test_crc_is_that_of_pymodbus(message: bytes) -> None:
    assert rtu.crc(message) == FramerRTU.compute_CRC(message).to_bytes(2, "big")


@pytest.mark.parametrize("request_", [ON, OFF, ON_1, FLASH])
def test_an_echo_is_the_reply_to_a_write(request_: bytes) -> None:
    assert rtu.find_reply(request_, request_) == request_[2:6]


def test_the_echo_of_another_write_is_not() -> None:
    assert rtu.find_reply(OFF, ON) is None
    assert rtu.find_reply(OFF + ON, ON) == ON[2:6]


def test_inputs() -> None:
    data = rtu.find_reply(reply(1, 2, 1, 0b101), INPUTS)
    assert data is not None
    assert rtu.bits(data)[:3] == [True, False, True]
    assert rtu.find_reply(reply(1, 2, 2, 0, 0), INPUTS) is None
    assert rtu.find_reply(reply(2, 2, 1, 0), INPUTS) is None


@pytest.mark.parametrize(
    ("code", "fault"), [(1, "illegal_function"), (2, "illegal_address"), (6, "busy"), (99, "modbus_exception")]
)
def test_exceptions(code: int, fault: str) -> None:
    with pytest.raises(DeviceFault) as caught:
        rtu.find_reply(reply(1, 0x82, code), INPUTS)
    assert caught.value.fault == fault


@given(st.binary(max_size=40))
def test_any_bytes(received: bytes) -> None:
    for request in (ON, INPUTS, REGISTERS):
        try:
            data = rtu.find_reply(received, request)
        except DriverError:
            continue
        assert data is None or data in received


@given(st.binary(max_size=40))
def test_garbage_before_a_reply_is_skipped(garbage: bytes) -> None:
    assert rtu.find_reply(garbage + ON, ON) == ON[2:6]


@pytest.mark.parametrize("split", range(8))
def test_a_split_reply_wants_more(split: int) -> None:
    assert rtu.find_reply(ON[:split], ON) is None


@pytest.mark.parametrize("at", range(8))
def test_a_changed_byte_is_never_taken(at: int) -> None:
    assert rtu.find_reply(ON[:at] + bytes([ON[at] ^ 4]) + ON[at + 1 :], ON) is None


def test_registers() -> None:
    data = rtu.find_reply(b"\x01\x03" + reply(1, 3, 4, 0x0E, 0x42, 0xFF, 0x9C), REGISTERS)
    assert data is not None
    assert rtu.registers(data) == [3650, 0xFF9C]
    assert rtu.find_reply(reply(1, 3, 2, 0x0E, 0x42), REGISTERS) is None
    assert rtu.find_reply(reply(1, 4, 4, 0, 0, 0, 0), REGISTERS) is None
