"""The printer model, held to bytes that our encoder did not make."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.kinds import Paper
from drivers.simulate.escpos_model import Command, PrinterModel, Tokenizer, slip_text_qr

# npm receiptline 4.0.4: start of a job, 取号单, cut, and its question at the end
RECEIPTLINE = bytes.fromhex(
    "1B 40 1D 61 00 1B 4D 30 1C 28 41 02 00 30 00 1B 20 00 1C 53 00 00 1B 33 00 1B 7B 00 1C 2E"
    "1B 74 00 1C 26 C8 A1 BA C5 B5 A5 0A 1D 56 42 00 1D 72 31"
)
PIECES = st.sampled_from(
    [
        RECEIPTLINE,
        b"\x1dv0\x00\x02\x00\x03\x00" + b"\xff\x00" * 3,
        b"\x10\x04\x01",
        b"\x1d(k\x03\x00\x31\x51\x30",
        b"\x1dI\x42",
        b"\x1bd\x03",
        b"\x1b",
        b"\x1d",
        b"\x1c",
        b"\x10",
        b"\x1b*\x21\x01\x00abc",
    ]
)


@given(st.lists(st.one_of(PIECES, st.binary(max_size=12)), max_size=8), st.lists(st.integers(0, 200), max_size=6))
def test_any_split_gives_the_same_commands(parts: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(parts)
    whole = Tokenizer().feed(stream)
    pieces = Tokenizer()
    split: list[Command] = []
    at = 0
    for cut in [*sorted(cut for cut in cuts if cut < len(stream)), len(stream)]:
        split += pieces.feed(stream[at:cut])
        at = cut
    assert split == whole


@given(st.binary(max_size=60), st.integers(0, 60))
def test_any_bytes_are_survived_and_status_is_answered(noise: bytes, cut: int) -> None:
    model = PrinterModel(64, "T1")
    model.receive(noise[:cut])
    model.work(100)
    model.receive(noise[cut:])
    model.work(100)
    assert model.receive(b"\x10\x04\x01") == [b"\x12"]


@given(st.integers(1, 2))
def test_a_real_time_question_is_answered_however_it_is_split(cut: int) -> None:
    model = PrinterModel(64, "T1")
    question = b"\x10\x04\x04"
    assert model.receive(question[:cut]) + model.receive(question[cut:]) == [b"\x12"]


def test_chinese_text_of_another_encoder() -> None:
    model = PrinterModel(576, "T1")
    model.receive(RECEIPTLINE)
    answers = model.work(10_000)
    assert model.texts == ["取号单"]
    assert answers == [b"\x00"]
    [slip] = model.slips
    assert slip.size == (576, 32)
    assert not model.unknown


def test_a_qr_code_of_its_own() -> None:
    model = PrinterModel(576, "T1")
    payload = b"https://hub.example/q"
    store = b"\x1d(k" + (len(payload) + 3).to_bytes(2, "little") + b"1P0" + payload
    model.receive(b"\x1b@\x1ba\x01\x1bd\x02\x1d(k\x03\x001C\x06" + store + b"\x1d(k\x03\x001Q0\x1bd\x02\x1dVB\x00")
    model.work(10_000)
    assert slip_text_qr(model.slips[0]) == "https://hub.example/q"


@pytest.mark.parametrize(
    ("paper", "cover_open", "real_time", "automatic"),
    [
        (Paper.OK, False, "12 12 12 12", "10 00 00 00"),
        (Paper.NEAR_END, False, "12 12 12 1E", "10 00 03 00"),
        (Paper.OK, True, "1A 16 12 12", "38 00 00 00"),
        (Paper.OUT, False, "1A 32 12 7E", "18 00 0F 00"),
    ],
)
def test_status_bytes_are_those_observed(paper: Paper, *, cover_open: bool, real_time: str, automatic: str) -> None:
    model = PrinterModel(576, "T1")
    model.change_paper(paper)
    model.cover_open = cover_open
    answers = model.receive(b"".join(bytes([0x10, 0x04, n]) for n in (1, 2, 3, 4)))
    assert b"".join(answers) == bytes.fromhex(real_time)
    assert model.automatic() == bytes.fromhex(automatic)


def test_what_is_held_comes_out_later_and_in_order() -> None:
    model = PrinterModel(16, "T1")
    model.change_paper(Paper.OUT)
    model.receive(b"\x1dv0\x00\x02\x00\x03\x00" + b"\xff\x00" * 3 + b"\x1dV\x00\x1dr\x01")
    assert model.work(100) == []
    assert model.slips == []
    model.change_paper(Paper.OK)
    assert model.work(100) == [b"\x00"]
    assert np.asarray(model.slips[0]).tolist() == [[False] * 8 + [True] * 8] * 3


def test_power_empties_the_buffer() -> None:
    model = PrinterModel(16, "T1")
    model.cover_open = True
    model.receive(b"\x1dv0\x00\x02\x00\x03\x00" + b"\xff\x00" * 3 + b"\x1dV")
    model.power_up()
    model.cover_open = False
    assert model.work(100) == []
    assert not model.busy
