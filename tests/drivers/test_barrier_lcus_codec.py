"""The codec of LCUS boards against the published commands and answers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.barrier.lcus import Operation, command, find_state

OFF, ON = bytes.fromhex("A0 01 00 A1"), bytes.fromhex("A0 01 01 A2")


@pytest.mark.parametrize(
    ("channel", "operation", "frame"),
    [
        (1, Operation.ON, "A0 01 01 A2"),
        (1, Operation.OFF, "A0 01 00 A1"),
        (2, Operation.ON, "A0 02 01 A3"),
        (2, Operation.OFF, "A0 02 00 A2"),
        (1, Operation.OFF_AND_SAY, "A0 01 02 A3"),
        (1, Operation.ON_AND_SAY, "A0 01 03 A4"),
        (1, Operation.TOGGLE_AND_SAY, "A0 01 04 A5"),
        (1, Operation.SAY, "A0 01 05 A6"),
        (3, Operation.ON, "A0 03 01 A4"),
    ],
)
def test_published_commands(channel: int, operation: Operation, frame: str) -> None:
    assert command(channel, operation) == bytes.fromhex(frame)


def test_published_answers() -> None:
    assert find_state(ON, 1) is True
    assert find_state(OFF, 1) is False
    assert find_state(b"\xa0noise\xa0\x01" + OFF, 1) is False


def test_the_last_state_counts() -> None:
    assert find_state(OFF + ON, 1) is True
    assert find_state(ON + OFF, 1) is False


@pytest.mark.parametrize("operation", [Operation.OFF_AND_SAY, Operation.ON_AND_SAY, Operation.SAY])
def test_an_echo_is_no_state(operation: Operation) -> None:
    assert find_state(command(1, operation), 1) is None


def test_another_relay() -> None:
    assert find_state(ON, 2) is None


@pytest.mark.parametrize("split", range(4))
def test_a_split_answer_wants_more(split: int) -> None:
    assert find_state(ON[:split], 1) is None


@pytest.mark.parametrize("at", range(4))
def test_a_changed_byte_is_never_taken(at: int) -> None:
    assert find_state(ON[:at] + bytes([ON[at] ^ 4]) + ON[at + 1 :], 1) is None


@given(st.binary(max_size=40), st.integers(1, 255))
def test_any_bytes(received: bytes, channel: int) -> None:
    state = find_state(received, channel)
    assert state is None or command(channel, Operation.ON if state else Operation.OFF) in received
