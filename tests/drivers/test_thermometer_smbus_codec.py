"""SMBus words and the MLX90614 against Melexis' vectors, and the bus of this machine against a double of smbus2's."""

import errno
import time
from collections.abc import Callable

import pytest
import smbus2
from hypothesis import given
from hypothesis import strategies as st

from drivers.errors import BadFrame, DeviceFault, DriverError, LinkError, NoAnswer, NotPresent
from drivers.thermometer.mlx90614_smbus import celsius
from drivers.transport.smbus import BridgedSmbus, KernelSmbus, find_status, pec, smbus_at, word_in

OBJECT_AT_28 = bytes.fromhex("D2 3A 30")  # data sheet: Tobj1 = 0x3AD2, with its PEC


@pytest.mark.parametrize(
    ("spoken", "code"),
    [("00 2E 00 00", 0x6F), ("00 2E 5A 00", 0xE1), ("B4 07 B5 D2 3A", 0x30)],  # Melexis, pages 19 and 23
)
def test_packet_error_codes_of_melexis(spoken: str, code: int) -> None:
    assert pec(bytes.fromhex(spoken)) == code


def test_crc_8_of_the_catalogue() -> None:
    assert pec(b"123456789") == 0xF4  # CRC-8/SMBUS


def test_object_temperature_of_the_data_sheet() -> None:
    assert word_in(0x5A, 0x07, OBJECT_AT_28) == 0x3AD2
    assert celsius(0x3AD2) == 28.01


def test_limits_of_the_data_sheet() -> None:
    assert (celsius(0x27AD), celsius(0x7FFF)) == (-70.01, 382.19)
    with pytest.raises(BadFrame):
        celsius(0x27AC)
    with pytest.raises(DeviceFault, match="flags") as caught:
        celsius(0x8000)
    assert caught.value.fault == "sensor_error"


@given(st.integers(0, 2), st.integers(1, 255))
def test_a_changed_byte_is_refused(at: int, change: int) -> None:
    spoilt = bytearray(OBJECT_AT_28)
    spoilt[at] ^= change
    with pytest.raises(BadFrame):
        word_in(0x5A, 0x07, bytes(spoilt))


@given(st.integers(0, 0x77), st.integers(0, 255), st.binary(max_size=5))
def test_any_bytes(address: int, command: int, answer: bytes) -> None:
    try:
        assert word_in(address, command, answer) == int.from_bytes(answer[:2], "little")
    except BadFrame:
        assert len(answer) != 3 or pec(bytes([address * 2, command, address * 2 + 1]) + answer) != 0


@given(st.binary(max_size=20))
def test_any_status(received: bytes) -> None:
    assert find_status(received) in {None, 0xF0, 0xF1, 0xF2, 0xF3, 0xF8}
    assert find_status(received + b"\xf1") == 0xF1


def test_which_bus_an_address_stands_for() -> None:
    assert isinstance(smbus_at("/dev/i2c-1", 9600), KernelSmbus)
    assert isinstance(smbus_at("/dev/serial/by-id/usb-i2c-bridge", 9600), BridgedSmbus)


# ---------------------------------------------------------------------------------------------------------------
# The bus of this machine. A double of smbus2.SMBus: the messages that the kernel would get are put on a wire of bytes.


class Adapter:
    """What smbus2 opens, with an MLX90614 behind it that answers with Melexis' own bytes."""

    funcs = smbus2.I2cFunc.I2C
    error: OSError | None = None

    def __init__(self, path: str) -> None:
        if path != "/dev/i2c-7":
            raise FileNotFoundError(errno.ENOENT, "no such bus")
        self.wire = bytearray()
        self.closed = 0
        self.checks = False

    def i2c_rdwr(self, *messages: smbus2.i2c_msg) -> None:
        if self.error is not None:
            raise self.error
        write, read = messages
        self.wire += bytes([write.addr << 1]) + bytes(write) + bytes([read.addr << 1 | 1])
        for at, byte in enumerate(OBJECT_AT_28):
            read.buf[at] = byte
        self.wire += bytes(read)

    def enable_pec(self) -> None:
        if not self.funcs & smbus2.I2cFunc.SMBUS_PEC:
            raise OSError("SMBUS_PEC is not a feature")
        self.checks = True

    def read_word_data(self, address: int, command: int) -> int:
        if self.error is not None:
            raise self.error
        return int.from_bytes(OBJECT_AT_28[:2], "little")

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def adapter(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[KernelSmbus, Adapter]]:
    def make(funcs: smbus2.I2cFunc, *, checked: bool = True) -> tuple[KernelSmbus, Adapter]:
        made: list[Adapter] = []

        def open_(path: str) -> Adapter:
            made.append(Adapter(path))
            made[-1].funcs = funcs
            return made[-1]

        monkeypatch.setattr("smbus2.SMBus", open_)
        bus = KernelSmbus("/dev/i2c-7", checked=checked)
        bus.open()
        return bus, made[0]

    return make


def test_the_bytes_of_a_transaction(adapter: Callable[..., tuple[KernelSmbus, Adapter]]) -> None:
    bus, behind = adapter(smbus2.I2cFunc.I2C)
    assert bus.read_word(0x5A, 0x07, time.monotonic() + 1) == 0x3AD2
    assert behind.wire == bytes.fromhex("B4 07 B5 D2 3A 30")
    with pytest.raises(BadFrame):
        bus.read_word(0x5B, 0x07, time.monotonic() + 1)  # another address, another PEC
    bus.close()
    bus.close()
    assert behind.closed == 1
    with pytest.raises(LinkError):
        bus.read_word(0x5A, 0x07, time.monotonic() + 1)


def test_an_adapter_that_only_does_smbus_checks_by_itself(adapter: Callable[..., tuple[KernelSmbus, Adapter]]) -> None:
    bus, behind = adapter(smbus2.I2cFunc.SMBUS_READ_WORD_DATA | smbus2.I2cFunc.SMBUS_PEC)
    assert behind.checks
    assert bus.read_word(0x5A, 0x07, time.monotonic() + 1) == 0x3AD2


def test_an_adapter_that_cannot_check_is_refused_unless_allowed(
    adapter: Callable[..., tuple[KernelSmbus, Adapter]],
) -> None:
    with pytest.raises(DeviceFault) as caught:
        adapter(smbus2.I2cFunc.SMBUS_READ_WORD_DATA)
    assert caught.value.fault == "no_pec"
    bus, _ = adapter(smbus2.I2cFunc.SMBUS_READ_WORD_DATA, checked=False)
    assert bus.read_word(0x5A, 0x07, time.monotonic() + 1) == 0x3AD2


@pytest.mark.parametrize(
    ("number", "error"),
    [
        (errno.ENXIO, NotPresent),
        (errno.EREMOTEIO, NotPresent),
        (errno.EBADMSG, BadFrame),
        (errno.ENODEV, LinkError),
        (errno.ETIMEDOUT, NoAnswer),
    ],
)
def test_what_the_kernel_says(
    adapter: Callable[..., tuple[KernelSmbus, Adapter]], number: int, error: type[DriverError]
) -> None:
    bus, behind = adapter(smbus2.I2cFunc.I2C)
    behind.error = OSError(number, "says the kernel")
    with pytest.raises(error):
        bus.read_word(0x5A, 0x07, time.monotonic() + 1)


def test_a_bus_that_is_not_there(tmp_path: object) -> None:
    with pytest.raises(NotPresent):
        KernelSmbus(f"{tmp_path}/i2c-99").open()
