"""What may be asked for on a watch list: fields and files, everything that is wrong told with its line."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.watch.wanted import LONGEST, MOST_LINES, Fault, Wanted, checked, from_file, number_fault, number_of
from kiosk.clock import CHINA, local_date
from kiosk.wire.watch import WatchClass

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
NUMBER = "110101199003070011"
GOOD = {
    "number": NUMBER,
    "kind": "needs_help",
    "begins": "2026-11-22",
    "ends": "2026-12-31",
    "asked_by": "某某社区 2026-17",
    "why": "家属报失，老人患病走失",
    "note": "",
}


def wrong(**change: str) -> set[tuple[str, str]]:
    made = checked({**GOOD, **change}, NOW)
    assert isinstance(made, list), made
    return {(fault.field, fault.kind) for fault in made}


def test_a_good_one_begins_and_ends_at_midnight_in_china() -> None:
    made = checked(GOOD, NOW)
    assert isinstance(made, Wanted)
    assert made.kind is WatchClass.NEEDS_HELP
    assert made.begins.astimezone(CHINA).isoformat() == "2026-11-22T00:00:00+08:00"
    assert made.ends.astimezone(CHINA).isoformat() == "2027-01-01T00:00:00+08:00", "the last day counts"


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"number": "110101199003070012"}, ("number", "check")),
        ({"number": "110101199013070011"}, ("number", "check")),
        ({"number": "11010119900307001"}, ("number", "length")),
        ({"number": "1101011990030700112"}, ("number", "length")),
        ({"number": ""}, ("number", "missing")),
        ({"number": "王小明"}, ("number", "number")),
        ({"number": "E1"}, ("number", "number")),
        ({"kind": "petitioner"}, ("kind", "kind")),
        ({"ends": ""}, ("ends", "until")),
        ({"ends": "soon"}, ("ends", "day")),
        ({"ends": "2027-02-30"}, ("ends", "day")),
        ({"ends": "2026-11-21"}, ("ends", "before")),
        ({"ends": "2027-11-23"}, ("ends", "far")),
        ({"begins": "2026-11-21"}, ("begins", "begins")),
        ({"begins": "2027-06-01", "ends": "2027-07-01"}, ("begins", "begins")),
        ({"begins": "x"}, ("begins", "day")),
        ({"asked_by": " "}, ("asked_by", "short")),
        ({"why": "x"}, ("why", "short")),
        ({"why": "w" * 201}, ("why", "long")),
        ({"note": "n" * 121}, ("note", "long")),
        ({"note": "a\x07b"}, ("note", "control")),
        ({"note": f"number {NUMBER}"}, ("note", "holds_number")),
        ({"why": "多次上访，影响秩序"}, ("why", "rights")),
        ({"why": "keeps complaining at the window"}, ("why", "rights")),
    ],
)
def test_what_is_wrong_is_told_by_its_field(change: dict[str, str], fault: tuple[str, str]) -> None:
    assert fault in wrong(**change)


def test_everything_that_is_wrong_is_told_at_once() -> None:
    assert {field for field, _ in wrong(number="1", kind="", ends="", asked_by="", why="")} == {
        "number",
        "kind",
        "ends",
        "asked_by",
        "why",
    }


def test_a_year_is_the_longest() -> None:
    last = local_date(NOW) + LONGEST
    assert isinstance(checked({**GOOD, "ends": last.isoformat()}, NOW), Wanted)
    assert ("ends", "far") in wrong(ends=(last + timedelta(days=1)).isoformat())


def test_numbers_are_compared_as_cards_write_them() -> None:
    assert number_of(" １１０１０１ 19900307 001ｘ") == "11010119900307001X"
    assert number_of("e 1234-5678") == "E12345678"
    assert number_fault("E12345678") == ""


def csv_of(*lines: str, head: str = "证件号码,类别,截止,提出单位,依据,提示") -> str:
    return "\r\n".join((head, *lines)) + "\r\n"


LINE = f"{NUMBER},走失需帮助,2026/12/31,某某社区,家属报失走失,请坐下休息"


def test_a_file_from_a_spreadsheet() -> None:
    other = "110101198001010010,公安协查,2026年12月1日,市公安局,协查函 2026-8 号,"
    found, faults = from_file("\ufeff" + csv_of(LINE, "", other), NOW)
    assert faults == []
    assert [(each.number, each.kind) for each in found] == [
        (NUMBER, WatchClass.NEEDS_HELP),
        ("110101198001010010", WatchClass.WANTED),
    ]


@pytest.mark.parametrize("separator", [";", "\t"])
def test_other_separators(separator: str) -> None:
    found, faults = from_file(csv_of(LINE).replace(",", separator), NOW)
    assert (len(found), faults) == (1, [])


def test_each_bad_line_is_named_by_its_number() -> None:
    bad = f"110101199003070012,没有,2026-01-01,{'x'},y,"
    _, faults = from_file(csv_of(LINE, bad, LINE, f"{LINE},one,more"), NOW)
    assert {(fault.line, fault.field) for fault in faults} == {
        (3, "number"),
        (3, "kind"),
        (3, "ends"),
        (3, "asked_by"),
        (3, "why"),
        (4, "number"),
        (5, "file"),
    }
    assert Fault("number", "twice", 4) in faults


@pytest.mark.parametrize(
    ("text", "kind"),
    [("", "empty"), (csv_of(), "empty"), (csv_of(*[LINE] * (MOST_LINES + 1)), "many"), ('a,"b\nc', "file")],
)
def test_a_file_that_cannot_be_taken_says_why(text: str, kind: str) -> None:
    found, faults = from_file(text, NOW)
    assert found == []
    assert kind in {fault.kind for fault in faults} or {fault.kind for fault in faults} == {"column"}


def test_missing_columns_are_named() -> None:
    _, faults = from_file(csv_of(LINE, head="证件号码,类别,备注"), NOW)
    assert {fault.field for fault in faults} == {"ends", "asked_by", "why"}
    assert {fault.kind for fault in faults} == {"column"}


@given(st.text(max_size=300))
@settings(max_examples=150, deadline=None)
def test_no_text_at_all_makes_it_fail(text: str) -> None:
    for body in (text, csv_of(text), csv_of(LINE, text)):
        found, faults = from_file(body, NOW)
        assert found or faults
    assert checked(dict.fromkeys(GOOD, text), NOW)
