"""Commands and answers of Honeywell and Newland scanners against their manuals.

Honeywell: CS19A manual 11-3, N86XX User's Guide 10-4, and a capture of a Voyager 1602g that was published with
HenkVanAsselt/python_hon_usbhid. Newland: FM530 User Manual chapter 13, and the example of Code 11 in its service notes.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.code_scanner import honeywell, newland
from drivers.code_scanner.menu_commands import Status, find_answer, report_field

C11_ANSWER = bytes.fromhex(
    "02 01 30 30 30 30 40 43 31 31 45 4E 41 31 06 2C 4D 49 4E 31 32 06 2C 4D 41 58 32 32 06 3B 03"
)
TRIGGERED = bytes.fromhex("02 01 30 30 30 30 23 53 43 4E 54 52 47 31 06 3B 03")
VOYAGER = (
    b"Product Name: Voyager 1602g\r\nBoot Revision: : 8992\r\nSoftware Part Number: CW000082BBA\r\n"
    b"Software Revision: $ProjectRevision: 16345 \r\nSerial Number: 15232B1F0C\r\nSupported IF: Bluetooth\r\n"
    b"PCB Assembly ID: 000000\r\nEngine Firmware Type: N/A   Revision: N/A   Serial Number: N/A   Checksum: N/A\r\n"
    b"REVINF\x06."
)
NEWLAND_HEAD = newland.ANSWER + newland.TEMPORARY


def test_commands_are_the_published_ones() -> None:
    assert bytes.fromhex("16 54 0D") == honeywell.TRIGGER_ON
    assert bytes.fromhex("16 55 0D") == honeywell.TRIGGER_OFF
    assert honeywell.menu(b"TRGMOD0") == bytes([22, 77, 13]) + b"TRGMOD0!"
    assert newland.command(newland.TRIGGER_ON) == bytes.fromhex("7E 01 30 30 30 30 23 53 43 4E 54 52 47 31 3B 03")
    assert newland.command(newland.TRIGGER_OFF) == bytes.fromhex("7E 01 30 30 30 30 23 53 43 4E 54 52 47 30 3B 03")


def test_newland_triggered() -> None:
    answer = find_answer(b"\x00" + TRIGGERED + b"secret\r", newland.TRIGGER_ON, head=NEWLAND_HEAD, tail=newland.END)
    assert answer is not None
    assert (answer.statuses, answer.refused, answer.rest) == ((Status.ACK,), None, b"secret\r")
    assert "secret" not in repr(answer)


def test_several_settings_are_answered_one_by_one() -> None:
    answer = find_answer(C11_ANSWER, b"C11ENA1,MIN12,MAX22", head=newland.ANSWER + b"@", tail=newland.END)
    assert answer is not None
    assert answer.statuses == (Status.ACK,) * 3
    assert answer.before == answer.rest == b""


@pytest.mark.parametrize(("sent", "status"), [(b"\x15", Status.NAK), (b"\x05", Status.ENQ)])
def test_a_refusal(sent: bytes, status: Status) -> None:
    received = TRIGGERED.replace(b"\x06", sent)
    answer = find_answer(received, newland.TRIGGER_ON, head=NEWLAND_HEAD, tail=newland.END)
    assert answer is not None
    assert answer.refused is status


def test_queries() -> None:
    for asked, answered, value in [(b"CBRENA*", b"CBRENA0-1\x06.", b"0-1"), (b"CBRENA?", b"CBRENA1\x06.", b"1")]:
        answer = find_answer(answered, asked, tail=b".")
        assert answer is not None
        assert (answer.values, answer.refused) == ((value,), None)


def test_a_report() -> None:
    answer = find_answer(VOYAGER, b"REVINF", tail=b".")
    assert answer is not None
    assert answer.refused is None
    assert report_field(answer.before, "Product Name") == "Voyager 1602g"
    assert report_field(answer.before, "Serial Number") == "15232B1F0C"
    assert report_field(answer.before, "Boot Revision") == "8992"
    assert report_field(answer.before, "Colour") == ""


def test_the_echo_of_another_setting_is_no_answer() -> None:
    assert find_answer(TRIGGERED, newland.TRIGGER_OFF, head=NEWLAND_HEAD, tail=newland.END) is None
    assert find_answer(b"TRGMOD3\x06!", honeywell.BY_TRIGGER, tail=b"!") is None


@pytest.mark.parametrize("cut", range(len(TRIGGERED)))
def test_every_cut_wants_more(cut: int) -> None:
    assert find_answer(TRIGGERED[:cut], newland.TRIGGER_ON, head=NEWLAND_HEAD, tail=newland.END) is None


@given(
    st.binary(max_size=80) | st.text("TRGMOD0?!.;,\x05\x06\x15", max_size=30).map(str.encode),
    st.sampled_from([b"TRGMOD0", b"TRGMOD?", b"REVINF", b"C11ENA1,MIN12;TRGMOD0"]),
)
def test_any_bytes(received: bytes, settings: bytes) -> None:
    answer = find_answer(received, settings, tail=b"!")
    if answer is not None:
        assert received.startswith(answer.before)
        assert received.endswith(answer.rest)
        assert len(answer.statuses) == len(answer.values) == settings.count(b",") + settings.count(b";") + 1


@given(st.binary(max_size=60), st.text(max_size=8))
def test_any_report(report: bytes, name: str) -> None:
    assert len(report_field(report, name)) <= 80
