"""Status bytes as published and as observed from a printer model that is not ours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.errors import BadFrame, DriverError, Effect, Remedy
from drivers.kinds import Paper, PrinterStatus
from drivers.printer.escpos_status import (
    Automatic,
    Cleared,
    Foreign,
    InOrder,
    RealTime,
    Text,
    fault_of,
    from_automatic,
    from_real_time,
    paper_in_order,
    split,
)

OK = PrinterStatus(Paper.OK, cover_open=False, offline=False)
# state: DLE EOT 1-4, ASB, and what they mean (observed from emupos 0.4.0)
OBSERVED = {
    "ready": ("12 12 12 12", "10 00 00 00", OK),
    "near end": ("12 12 12 1E", "10 00 03 00", PrinterStatus(Paper.NEAR_END, cover_open=False, offline=False)),
    "cover open": ("1A 16 12 12", "38 00 00 00", PrinterStatus(Paper.OK, cover_open=True, offline=True)),
    "paper out": ("1A 32 12 7E", "18 00 0F 00", PrinterStatus(Paper.OUT, cover_open=False, offline=True)),
    "off-line": ("1A 12 12 12", "18 00 00 00", PrinterStatus(Paper.OK, cover_open=False, offline=True)),
}

PARTS = st.sampled_from([b"\x37\x25\x00", b"\x37\x25", b"_TM-T88V\0", b"_", b"\x10\x00\x03\x00", b"\x12", b"\x00"])
ANSWERS = st.lists(st.one_of(PARTS, st.binary(max_size=6)), max_size=8).map(b"".join)


@pytest.mark.parametrize("state", OBSERVED)
def test_observed_real_time_status(state: str) -> None:
    real_time, _, meaning = OBSERVED[state]
    assert from_real_time(bytes.fromhex(real_time)) == meaning


@pytest.mark.parametrize("state", OBSERVED)
def test_observed_automatic_status(state: str) -> None:
    _, automatic, meaning = OBSERVED[state]
    assert from_automatic(bytes.fromhex(automatic)) == meaning


@pytest.mark.parametrize("state", OBSERVED)
def test_one_stream_of_both_is_told_apart(state: str) -> None:
    real_time, automatic, meaning = OBSERVED[state]
    a, b, c, d = bytes.fromhex(real_time)
    answers, rest = split(bytes([a, b]) + bytes.fromhex(automatic) + b"\x11" + bytes([c, d]) + b"\x0f")
    assert rest == b""
    assert answers == [
        RealTime(a),
        RealTime(b),
        Automatic(bytes.fromhex(automatic)),
        RealTime(c),
        RealTime(d),
        InOrder(0x0F),
    ]
    assert meaning.ready == (state in {"ready", "near end"})


@pytest.mark.parametrize(
    ("error", "fault"),
    [(0x1A, "cutter"), (0x32, "unrecoverable"), (0x52, "head_hot"), (0x3A, "unrecoverable"), (0x16, "recoverable")],
)
def test_error_bits(error: int, fault: str) -> None:
    status = from_real_time(bytes([0x1A, 0x52, error, 0x12]))
    assert (status.fault, status.ready) == (fault, False)
    assert fault_of(status, Effect.UNKNOWN).fault == fault
    assert from_automatic(bytes([0x18, error & 0x6C, 0, 0])).fault == fault


def test_an_error_without_a_name_is_not_ready() -> None:
    assert not from_real_time(bytes.fromhex("12 12 16 12")).ready
    assert not from_real_time(bytes.fromhex("12 52 12 12")).ready


def test_the_cause_is_named_before_its_consequence() -> None:
    out = fault_of(from_real_time(bytes.fromhex("1A 32 12 7E")), Effect.NO)
    assert (out.fault, out.remedy, out.effect) == ("paper_out", Remedy.ATTENDANT, Effect.NO)
    assert fault_of(from_real_time(bytes.fromhex("1A 16 12 12")), Effect.NO).fault == "cover_open"
    assert fault_of(from_real_time(bytes.fromhex("1A 12 12 12")), Effect.NO).fault == "offline"


def test_silence_is_no_status() -> None:
    with pytest.raises(BadFrame):
        from_real_time(b"")


def test_paper_of_epson_and_of_clones() -> None:
    assert [paper_in_order(byte) for byte in (0x00, 0x03, 0x0C, 0x0F)] == [
        Paper.OK,
        Paper.NEAR_END,
        Paper.OUT,
        Paper.OUT,
    ]


def test_texts_and_the_answer_to_a_clearing() -> None:
    # Epson's reference: gs_ci (`_`, text, NUL) and dle_dc4_fn8 (37H 25H 00H)
    assert split(b"_TM-T88V\0\x37\x25\x00\x12") == ([Text("TM-T88V"), Cleared(), RealTime(0x12)], b"")
    assert split(b"\x12_TM") == ([RealTime(0x12)], b"_TM")
    assert split(b"\x37\x25") == ([], b"\x37\x25")
    assert split(b"\x37\x26") == ([Foreign(0x37), InOrder(0x26)], b"")


@given(ANSWERS, st.integers(0, 40))
def test_any_split_gives_the_same_answers(stream: bytes, at: int) -> None:
    whole = split(stream)
    first, rest = split(stream[:at])
    second, rest = split(rest + stream[at:])
    assert (first + second, rest) == whole


@given(ANSWERS.map(lambda stream: stream.replace(b"\x11", b"").replace(b"\x13", b"")))
def test_no_byte_is_lost_or_read_twice(stream: bytes) -> None:
    answers, rest = split(stream)
    read = 0
    for answer in answers:
        match answer:
            case Automatic(frame):
                read += len(frame)
            case Cleared():
                read += 3
            case Text():
                read += stream.index(b"\0", read) + 1 - read
            case RealTime(byte) | InOrder(byte) | Foreign(byte):
                assert stream[read] == byte
                read += 1
    assert stream[read:] == rest


@given(st.binary(max_size=6))
def test_any_bytes_are_a_status_or_a_bad_frame(stream: bytes) -> None:
    for parse in (from_real_time, from_automatic):
        try:
            status = parse(stream)
        except DriverError as error:
            assert error.code == "bad_frame"  # noqa: PT017  either outcome is right
        else:
            assert status.ready or fault_of(status, Effect.NO).fault
