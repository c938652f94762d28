"""The Modbus codec against published frames, and against pymodbus."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymodbus.framer.rtu import FramerRTU

from drivers.barrier import modbus_rtu as rtu
from drivers.errors import DeviceFault, DriverError

ON = bytes.fromhex("01 05 00 00 FF 00 8C 3A")
OFF = bytes.fromhex("01 05 00 00 00 00 CD CA")
ON_1 = bytes.fromhex("01 05 00 01 FF 00 DD FA")
FLASH = bytes.fromhex("01 05 02 00 00 07 8D B0")  # Waveshare: relay 0 on for 0.7 s
INPUTS = rtu.read_discrete_inputs(1, 0, 3)


def reply(*message: int) -> bytes:
    return bytes(message) + rtu.crc(bytes(message))


def test_published_requests() -> None:
    assert rtu.write_coil(1, 0, rtu.COIL_ON) == ON
    assert rtu.write_coil(1, 0, rtu.COIL_OFF) == OFF
    assert rtu.write_coil(1, 1, rtu.COIL_ON) == ON_1
    assert rtu.write_coil(1, 0x0200, 7) == FLASH


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
    for request in (ON, INPUTS):
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
