"""The frames of OSDP against captured ones: libosdp on one side, the independent `osdp` package on the other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.barrier.osdp_frames import ACK, REPLY_BIT, Frame, checksum, crc, find_frames

ADDRESS = 101
DEVICE = ADDRESS | REPLY_BIT
CAPTURED = {
    "poll": (ADDRESS, "53 65 08 00 04 60 60 90", Frame(0x60, 0, secured=False)),
    "id": (ADDRESS, "53 65 09 00 06 61 00 B9 14", Frame(0x61, 2, secured=False)),
    "cap": (ADDRESS, "53 65 09 00 07 62 00 DA 76", Frame(0x62, 3, secured=False)),
    "out": (ADDRESS, "53 65 0C 00 05 68 00 02 00 00 74 7B", Frame(0x68, 1, secured=False)),
    "ack": (DEVICE, "53 E5 08 00 04 40 D2 96", Frame(ACK, 0, secured=False)),
    "pdid": (
        DEVICE,
        "53 E5 14 00 06 45 BE BA FE 01 01 AF BE AD DE AD DE AD C5 0B",
        Frame(0x45, 2, secured=False),
    ),
    "pdcap": (
        DEVICE,
        "53 E5 1D 00 07 46 01 01 02 02 01 02 04 01 01 08 01 00 09 01 00 0A 00 01 10 02 00 E2 E2",
        Frame(0x46, 3, secured=False),
    ),
    "raw": (DEVICE, "53 E5 10 00 05 50 00 01 1A 00 A0 B0 C0 40 CE 1F", Frame(0x50, 1, secured=False)),
}


@pytest.mark.parametrize("name", CAPTURED)
def test_captured(name: str) -> None:
    sender, digits, frame = CAPTURED[name]
    wire = bytes.fromhex(digits)
    assert crc(wire[:-2]) == wire[-2:]
    assert find_frames(b"\xff" + wire, sender) == ([frame], len(wire) + 1)
    assert find_frames(wire, sender ^ 1)[0] == []


def test_a_whole_conversation_is_told_apart() -> None:
    wire = b"\xff".join(bytes.fromhex(digits) for _, digits, _ in CAPTURED.values())
    replies, done = find_frames(wire, DEVICE)
    assert [reply.code for reply in replies] == [0x40, 0x45, 0x46, 0x50]
    assert done == len(wire)


@pytest.mark.parametrize("name", CAPTURED)
def test_every_split_wants_more(name: str) -> None:
    sender, digits, frame = CAPTURED[name]
    wire = bytes.fromhex(digits)
    for cut in range(len(wire)):
        frames, done = find_frames(wire[:cut], sender)
        assert frames == []
        assert find_frames(wire[done:], sender)[0] == [frame]


@pytest.mark.parametrize("name", CAPTURED)
def test_a_changed_byte_is_never_taken(name: str) -> None:
    sender, digits, _ = CAPTURED[name]
    wire = bytes.fromhex(digits)
    for at in range(len(wire)):
        assert find_frames(wire[:at] + bytes([wire[at] ^ 0x40]) + wire[at + 1 :], sender)[0] == []


def test_a_device_without_crc() -> None:
    message = bytes([0x53, DEVICE, 7, 0, 1, ACK])
    assert find_frames(message + checksum(message), DEVICE)[0] == [Frame(ACK, 1, secured=False)]


def test_a_security_block_stands_before_the_code() -> None:
    message = bytes([0x53, DEVICE, 14, 0, 0x0D, 2, 0x16, ACK]) + b"\x01\x02\x03\x04"
    assert find_frames(message + crc(message), DEVICE)[0] == [Frame(ACK, 1, secured=True)]


@given(st.binary(max_size=80), st.integers(0, 255))
def test_any_bytes(received: bytes, sender: int) -> None:
    frames, done = find_frames(received, sender)
    assert 0 <= done <= len(received)
    assert not frames or bytes([0x53, sender]) in received


@given(st.lists(st.binary(max_size=20), max_size=6))
def test_frames_are_found_whatever_the_pieces(noise: list[bytes]) -> None:
    wire = bytes.fromhex(CAPTURED["ack"][1])
    # noise that could begin a frame may swallow the next one, as on any line without time
    quiet = [piece.replace(b"\x53", b"\x00") for piece in noise]
    unread, found = b"", 0
    for piece in (part for some in quiet for part in (some, wire[:3], wire[3:])):
        frames, done = find_frames(unread + piece, DEVICE)
        unread = (unread + piece)[done:]
        found += len(frames)
    assert found == len(noise)
