"""The GM65 codec against published commands and answers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.code_scanner import gm65
from drivers.code_scanner import payload as payloads
from drivers.errors import BadFrame

ACK = bytes.fromhex("02 00 00 01 00 33 31")
VERSION_87 = bytes.fromhex("02 00 00 01 87 33 31")


def test_commands_are_the_published_ones() -> None:
    assert gm65.write_register(gm65.TRIGGER, 1) == bytes.fromhex("7E 00 08 01 00 02 01 AB CD")
    assert gm65.write_register(gm65.TRIGGER, 0) == bytes.fromhex("7E 00 08 01 00 02 00 AB CD")
    assert gm65.write_register(gm65.SETTINGS, 0xD6) == bytes.fromhex("7E 00 08 01 00 00 D6 AB CD")
    assert gm65.read_register(gm65.VERSION) == bytes.fromhex("7E 00 07 01 00 E2 01 AB CD")


@pytest.mark.parametrize(("published", "value"), [(ACK, 0), (VERSION_87, 0x87)])
def test_answers(published: bytes, value: int) -> None:
    answer = gm65.find_answer(published)
    assert answer is not None
    assert (answer.value, answer.rest) == (value, b"")


def test_what_follows_an_answer_is_kept() -> None:
    answer = gm65.find_answer(b"\x00" + ACK + b"secret\r")
    assert answer is not None
    assert answer.rest == b"secret\r"
    assert "secret" not in repr(answer)


@pytest.mark.parametrize("split", range(len(ACK)))
def test_a_split_answer_wants_more(split: int) -> None:
    assert gm65.find_answer(ACK[:split]) is None


def test_an_answer_with_a_wrong_end() -> None:
    with pytest.raises(BadFrame):
        gm65.find_answer(ACK[:-1] + b"\x32")


@given(st.binary(max_size=60) | st.binary(max_size=20).map(lambda rest: gm65.ANSWER_PREFIX + rest))
def test_any_bytes(received: bytes) -> None:
    try:
        answer = gm65.find_answer(received)
    except BadFrame:
        return
    assert answer is None or received.endswith(answer.rest)


@given(st.binary(max_size=40).filter(lambda garbage: gm65.ANSWER_PREFIX not in garbage + gm65.ANSWER_PREFIX[:-1]))
def test_garbage_before_an_answer_is_skipped(garbage: bytes) -> None:
    answer = gm65.find_answer(garbage + VERSION_87)
    assert answer is not None
    assert answer.value == 0x87


@given(st.binary(max_size=100), st.sampled_from([b"\r", b"\n", b"\r\n", b"\t"]))
def test_a_code_ends_at_its_suffix_however_it_is_split(payload: bytes, suffix: bytes) -> None:
    sent = payload + suffix
    expected = sent[: sent.find(suffix)]
    ends = [end for end in range(len(sent) + 1) if payloads.find_payload(sent[:end], suffix) is not None]
    assert ends
    assert all(payloads.find_payload(sent[:end], suffix) == expected for end in ends)


def test_without_a_suffix_only_silence_ends_a_code() -> None:
    assert payloads.find_payload(b"anything\r\n", b"") is None


def test_the_largest_code() -> None:
    assert payloads.find_payload(b"1" * payloads.LARGEST + b"\r", b"\r") == b"1" * payloads.LARGEST
    for received in (b"1" * (payloads.LARGEST + 1) + b"\r", b"1" * (payloads.LARGEST + 2)):
        with pytest.raises(BadFrame):
            payloads.find_payload(received, b"\r")
