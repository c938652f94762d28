"""The SSI codec against published frames.

Sources: manualshive 2270379 page 32 (GM72), code for Grow's and Yokoscan's modules (sf:52256752641, sf:34518958233,
sf:44804225787), and the tests of the npm package motorola-ssi-scanner, which drove a Motorola scanner.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.code_scanner import ssi_packets as ssi

ACK = bytes.fromhex("04 D0 00 00 FF 2C")
NAK_DENIED = bytes.fromhex("05 D1 00 00 06 FF 24")
NO_READ = bytes.fromhex("07 F3 00 00 01 4E 52 FE 65")


@pytest.mark.parametrize(
    ("opcode", "data", "published"),
    [
        (ssi.START_SESSION, b"", "04 E4 04 00 FF 14"),
        (ssi.STOP_SESSION, b"", "04 E5 04 00 FF 13"),
        (ssi.REQUEST_REVISION, b"", "04 A3 04 00 FF 55"),
        (ssi.ACK, b"", "04 D0 04 00 FF 28"),
        (ssi.NAK, b"\x01", "05 D1 04 00 01 FF 25"),
        (ssi.PARAM_SEND, bytes([ssi.NO_BEEP, ssi.PARAM_TRIGGER, ssi.TRIGGER_HOST]), "07 C6 04 00 FF 8A 08 FD 9E"),
        (0x10, b"", "04 10 04 00 FF E8"),
        (0x00, b"\x12\xe3", "06 00 04 00 12 E3 FF 01"),
    ],
)
def test_packets_are_the_published_ones(opcode: int, data: bytes, published: str) -> None:
    assert ssi.packet(opcode, data) == bytes.fromhex(published)


@pytest.mark.parametrize(
    ("message", "published"),
    [
        ("07 F3 00 00 01 4E 52", "FE 65"),
        ("FF FF FF FF FF", "FB 05"),
        ("00", "00 00"),
        ("08 80 00 00 00 04 06 00", "FF 6E"),
    ],
)
def test_checksums_are_the_published_ones(message: str, published: str) -> None:
    assert ssi.checksum(bytes.fromhex(message)) == bytes.fromhex(published)


@pytest.mark.parametrize(
    ("published", "opcode", "data"),
    [(ACK, ssi.ACK, b""), (NAK_DENIED, ssi.NAK, b"\x06"), (NO_READ, ssi.DECODE_DATA, b"\x01NR")],
)
def test_answers(published: bytes, opcode: int, data: bytes) -> None:
    found = ssi.find_packet(published + b"\x04rest")
    assert found is not None
    assert (found[0].opcode, found[0].data, found[1]) == (opcode, data, b"\x04rest")


def test_no_packet_can_be_made_that_changes_a_setting_for_good() -> None:
    permanent = bytes.fromhex("07 C6 04 08 00 8A 08 FE 95")
    ours = ssi.packet(ssi.PARAM_SEND, permanent[4:7])
    assert permanent[3] & ssi.PERMANENT
    assert not ours[3] & ssi.PERMANENT
    assert ours[4:7] == permanent[4:7]


@pytest.mark.parametrize("published", [ACK, NAK_DENIED, NO_READ])
def test_every_cut_wants_more(published: bytes) -> None:
    assert [ssi.find_packet(published[:cut]) for cut in range(len(published))] == [None] * len(published)


@given(st.data())
def test_a_changed_byte_is_no_packet(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(NO_READ) - 1))
    change = data.draw(st.integers(1, 255))
    spoilt = NO_READ[:at] + bytes([NO_READ[at] ^ change]) + NO_READ[at + 1 :]
    found = ssi.find_packet(spoilt)
    assert found is None or found[0].status != 0  # no other field can change and keep the sum


def test_other_packets_are_passed_over() -> None:
    found = ssi.find_answer(NO_READ + ACK + b"x", (ssi.ACK, ssi.NAK))
    assert found is not None
    assert (found[0].opcode, found[1]) == (ssi.ACK, b"x")
    assert ssi.find_answer(NO_READ, (ssi.ACK,)) is None


def test_a_packet_inside_a_code_is_none() -> None:
    code = b"\x1c" + NAK_DENIED
    message = bytes([4 + len(code), ssi.DECODE_DATA, ssi.DECODER, 0]) + code
    whole = message + ssi.checksum(message)
    assert [ssi.find_packet(whole[:cut]) for cut in range(len(whole))] == [None] * len(whole)
    found = ssi.find_packet(whole)
    assert found is not None
    assert found[0].data == code


def test_a_packet_shows_nothing_of_its_code() -> None:
    found = ssi.find_packet(NO_READ)
    assert found is not None
    assert "NR" not in repr(found[0])


@given(st.binary(max_size=80) | st.binary(max_size=40).map(lambda rest: ACK[:3] + rest))
def test_any_bytes(received: bytes) -> None:
    found = ssi.find_packet(received)
    assert found is None or received.endswith(found[1])
    answer = ssi.find_answer(received, (ssi.ACK,))
    assert answer is None or answer[0].opcode == ssi.ACK


@given(st.binary(max_size=30).filter(lambda noise: not set(noise) & {0xA4, 0xC6, 0xD0, 0xD1, 0xF3}))
def test_noise_before_a_packet_is_skipped(noise: bytes) -> None:
    found = ssi.find_packet(noise + ACK)
    assert found is not None
    assert found[0].opcode == ssi.ACK
