"""IPP messages against the octets that RFC 2565 prints (section 9; RFC 8010 keeps them with a newer version number)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.errors import BadFrame
from drivers.page_printer.cups_ipp import fault_in
from drivers.page_printer.ipp_message import Attribute, Section, Tag, decode, encode, first, words


def octets(*parts: str | bytes) -> bytes:
    """Hex, or text as it stands."""
    return b"".join(part if isinstance(part, bytes) else bytes.fromhex(part) for part in parts)


BEGINNING = octets(
    "01 47 0012", b"attributes-charset", "0008", b"us-ascii",
    "48 001B", b"attributes-natural-language", "0005", b"en-us",
)  # fmt: skip
REQUEST = octets(  # 9.1, from the request number on
    "00000001", BEGINNING,
    "45 000B", b"printer-uri", "001A", b"http://forest:631/pinetree",
    "42 0008", b"job-name", "0006", b"foobar",
    "22 0016", b"ipp-attribute-fidelity", "0001 01",
    "02 21 0006", b"copies", "0004 00000014",
    "44 0005", b"sides", "0013", b"two-sided-long-edge",
    "03", b"%!PS...",
)  # fmt: skip
ACCEPTED = octets(  # 9.2
    "0100 0000 00000001", BEGINNING,
    "41 000E", b"status-message", "000D", b"successful-ok",
    "02 21 0006", b"job-id", "0004 00000093",
    "45 0007", b"job-uri", "001E", b"http://forest:631/pinetree/123",
    "23 0009", b"job-state", "0004 00000003", "03",
)  # fmt: skip
REFUSED = octets(  # 9.3
    "0100 040B 00000001", BEGINNING,
    "41 000E", b"status-message", "002F", b"client-error-attributes-or-values-not-supported",
    "05 21 0006", b"copies", "0004 00000014",
    "10 0005", b"sides", "0000", "03",
)  # fmt: skip
SEVERAL = octets(  # a second value has no name, and a collection is one value (RFC 8010, 3.1.4 and 3.1.6)
    "0200 0000 00000007 04",
    "44 0015", b"printer-state-reasons", "0011", b"media-empty-error", "44 0000 0011", b"toner-low-warning",
    "34 0009", b"media-col", "0000",
    "4A 0000 000A", b"media-size", "34 0000 0000", "4A 0000 000B", b"x-dimension", "21 0000 0004 00005208",
    "37 0000 0000", "37 0000 0000",
    "22 0019", b"printer-is-accepting-jobs", "0001 00",
    "35 000C", b"printer-info", "0009 0002", b"en", "0003", b"A4!", "03",
)  # fmt: skip


def test_a_request_has_the_published_octets() -> None:
    written = encode(
        2,
        1,
        [
            (
                Section.OPERATION,
                (
                    Attribute("attributes-charset", Tag.CHARSET, ("us-ascii",)),
                    Attribute("attributes-natural-language", Tag.LANGUAGE, ("en-us",)),
                    Attribute("printer-uri", Tag.URI, ("http://forest:631/pinetree",)),
                    Attribute("job-name", Tag.NAME, ("foobar",)),
                    Attribute("ipp-attribute-fidelity", Tag.BOOLEAN, (True,)),
                ),
            ),
            (
                Section.JOB,
                (
                    Attribute("copies", Tag.INTEGER, (20,)),
                    Attribute("sides", Tag.KEYWORD, ("two-sided-long-edge",)),
                ),
            ),
        ],
        b"%!PS...",
    )
    assert written == octets("0200 0002", REQUEST)


def test_an_accepted_job_is_read() -> None:
    answer = decode(ACCEPTED)
    job = answer.group(Section.JOB)
    assert (answer.code, answer.number) == (0, 1)
    assert (first(job, "job-id", 0), first(job, "job-state", 0)) == (147, 3)
    assert words(job, "job-uri") == ("http://forest:631/pinetree/123",)


def test_a_refusal_is_read() -> None:
    answer = decode(REFUSED)
    assert answer.code == 0x040B
    assert first(answer.group(Section.UNSUPPORTED), "copies", 0) == 20
    assert first(answer.group(Section.UNSUPPORTED), "sides", "none") == "none"


def test_several_values_and_collections() -> None:
    printer = decode(SEVERAL).group(Section.PRINTER)
    assert words(printer, "printer-state-reasons") == ("media-empty-error", "toner-low-warning")
    assert first(printer, "printer-is-accepting-jobs", default=True) is False
    assert "x-dimension" not in printer
    assert words(printer, "printer-info") == ("A4!",)


@pytest.mark.parametrize("whole", [ACCEPTED, REFUSED, SEVERAL])
def test_what_is_cut_short_is_no_message(whole: bytes) -> None:
    for end in range(len(whole)):
        with pytest.raises(BadFrame):
            decode(whole[:end])


@given(st.one_of(st.binary(max_size=80), st.binary(max_size=60).map(lambda rest: ACCEPTED[:70] + rest)))
def test_any_bytes_are_a_message_or_a_bad_frame(noise: bytes) -> None:
    try:
        message = decode(noise)
    except BadFrame as error:
        assert error.frame is not None  # noqa: PT017  either outcome is right
    else:
        assert noise.endswith(message.data)


@pytest.mark.parametrize(
    ("state", "reasons", "accepting", "fault"),
    [
        (3, ["none"], True, ""),
        (4, ["toner-low-warning", "media-low-report"], True, ""),
        (5, ["media-empty-error"], True, "paper_out"),
        (5, ["media-needed"], True, "paper_out"),
        (3, ["media-empty-warning"], True, ""),  # another tray has paper
        (5, ["media-empty-warning"], True, "paper_out"),
        (4, ["door-open-error", "media-empty-error"], True, "cover_open"),
        (3, ["offline-report"], True, "offline"),
        (5, ["paused"], True, "paused"),
        (5, ["none"], True, "stopped"),
        (3, ["fuser-over-temp-error"], True, "unknown"),
        (3, ["none"], False, "not_accepting"),
    ],
)
def test_reasons_to_faults(state: int, reasons: list[str], fault: str, *, accepting: bool) -> None:
    assert fault_in(state, reasons, accepting=accepting) == fault
