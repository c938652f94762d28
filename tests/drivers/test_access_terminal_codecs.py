"""What face terminals say, as published from real ones, with names and addresses of people and networks taken out."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.access_terminal import dahua_cgi, iclock, isapi
from drivers.errors import BadFrame
from drivers.kinds import AccessReport

HIK_EVENT = b"""{"major": 5, "minor": 75, "time": "2024-07-03T05:30:16+08:00", "cardType": 1, "cardReaderNo": 1,
 "doorNo": 1, "employeeNoString": "4366", "type": 0, "serialNo": 85793, "userType": "normal",
 "currentVerifyMode": "cardOrfaceOrPw", "mask": "unknown", "helmet": "no", "thermometryUnit": "celsius",
 "currTemperature": 36.600000, "isAbnomalTemperature": false, "HealthInfo": {"healthCode": 1}}"""
HIK_PAGE = b"""{"AcsEvent": {"searchID": "1", "totalMatches": 2, "responseStatusStrg": "MORE", "numOfMatches": 1,
 "InfoList": [%b]}}"""
DAHUA_EVENT = b"""Code=AccessControl;action=Pulse;index=0;data={
   "BlockId": 10001, "CardNo": "", "CardType": 0, "CreateTime": 1700000000, "CurrentTemperature": 0.0, "Door": 0,
   "ErrorCode": 0, "ImageInfo": [{"Height": 640, "Length": 15344, "Offset": 0, "Width": 384}], "IsOverTemperature": 0,
   "Method": 15, "ReaderID": "1", "RealUTC": 1700000000, "Status": 1, "TemperatureUnit": 0, "Type": "Entry",
   "UTC": 1700000000, "UserID": "1001", "UserType": 0
}
"""
SENSEFACE = (
    b"time=2026-09-09 12:09:10\tpin=445966\tcardno=0\teventaddr=1\tevent=3"
    b"\tinoutstatus=0\tverifytype=1\tindex=40\tsitecode=0\tlinkid=0"
    b"\tmaskflag=0\ttemperature=0\tconvtemperature=0\r\n"
    b"time=2026-09-09 12:09:11\tsensor=02\trelay=00\talarm=0100000000000000\tdoor=01\r\n"
)
SPEEDFACE_STRANGER = (
    b"time=2026-09-28 11:45:56\tpin=0\tcardno=0\teventaddr=1\tevent=27\tinoutstatus=1\tverifytype=1\tindex=13357"
    b"\tsitecode=0\tlinkid=0\tmaskflag=0\ttemperature=0\tconvtemperature=0\n"
)
ANY_ORDER = (
    b"index=77\tverifytype=15\tpin=2002\tmaskflag=1\ttemperature=36.6\tconvtemperature=0\tevent=0\tinoutstatus=1"
    b"\ttime=2026-08-20 10:00:00\tcardno=12345\tsitecode=2\tlinkid=0\teventaddr=1\n"
)


def test_a_published_event_of_hikvision() -> None:
    page = isapi.page(HIK_PAGE % HIK_EVENT, "DS1")
    assert page == isapi.Page(
        (AccessReport("DS1", "85793", "2024-07-03T05:30:16+08:00", "4366", passed=True, temperature=(36.6, "C")),),
        more=True,
        count=1,
    )


@pytest.mark.parametrize(
    ("old", "new", "field", "value"),
    [
        (b'"minor": 75', b'"minor": 76', "passed", False),
        (b"celsius", b"fahrenheit", "temperature", (36.6, "F")),
        (b"celsius", b"reaumur", "temperature", None),
        (b"36.600000", b"0.0", "temperature", None),
        (b'"mask": "unknown"', b'"mask": "yes"', "mask", True),
        (b'"mask": "unknown"', b'"mask": "no"', "mask", False),
        (b'"employeeNoString": "4366", ', b"", "person", ""),
    ],
)
def test_what_an_event_of_hikvision_may_say(old: bytes, new: bytes, field: str, value: object) -> None:
    assert old in HIK_EVENT
    report = isapi.page(HIK_PAGE % HIK_EVENT.replace(old, new), "DS1").reports[0]
    assert getattr(report, field) == value


def test_events_that_are_not_of_a_face_are_left_out() -> None:
    page = isapi.page(HIK_PAGE % HIK_EVENT.replace(b'"minor": 75', b'"minor": 21'), "DS1")
    assert (page.reports, page.count) == ((), 1)
    assert isapi.page(b'{"AcsEvent": {"responseStatusStrg": "NO MATCH"}}', "DS1") == isapi.Page((), more=False, count=0)


@pytest.mark.parametrize(
    "broken", [b"", b"[]", b"{}", b'{"AcsEvent": []}', HIK_PAGE % b"7", HIK_PAGE % b"{}", b"[" * 100_000]
)
def test_what_is_no_page(broken: bytes) -> None:
    with pytest.raises(BadFrame):
        isapi.page(broken, "DS1")


def test_device_info_and_time() -> None:
    info = (
        b'<?xml version="1.0" encoding="UTF-8"?>\n<DeviceInfo version="2.0" xmlns="http://www.isapi.org/ver20/XMLSchema">'
        b"\n<deviceName>A &amp; B</deviceName>\n<model>DS-K1T671</model>\n<serialNumber>DS-K1T671X</serialNumber>\n"
        b"<firmwareVersion>V3.2.30</firmwareVersion>\n</DeviceInfo>"
    )
    found = isapi.identity(info)
    assert found is not None
    assert (found.model, found.serial, found.firmware) == ("DS-K1T671", "DS-K1T671X", "V3.2.30")
    assert isapi.element(info, "deviceName") == "A & B"
    assert isapi.identity(b"<html>It works!</html>") is None
    assert isapi.device_time(b"<localTime>2024-07-03T05:30:16+08:00</localTime>") == "2024-07-03T05:30:16+08:00"
    with pytest.raises(BadFrame):
        isapi.device_time(b"<localTime>noon</localTime>")


def test_a_search_stays_in_the_terminals_own_zone() -> None:
    condition = json.loads(isapi.search("2024-07-03T05:30:16+08:00", 10, "n"))["AcsEventCond"]
    assert condition["startTime"] == "2024-07-03T05:30:16+08:00"
    assert condition["endTime"].endswith("+08:00")
    assert (condition["major"], condition["searchResultPosition"], condition["searchID"]) == (5, 10, "n")


def test_a_published_event_of_dahua() -> None:
    report = dahua_cgi.report(DAHUA_EVENT, "SN")
    assert report == AccessReport("SN", "10001", "2023-11-14T22:13:20+00:00", "1001", passed=True)


@pytest.mark.parametrize(
    ("old", "new", "field", "value"),
    [
        (b'"Status": 1', b'"Status": 0', "passed", False),
        (b'"CurrentTemperature": 0.0', b'"CurrentTemperature": 36.5', "temperature", (36.5, "C")),
        (b'"CurrentTemperature": 0.0', b'"Mask": 3, "CurrentTemperature": 0', "mask", True),
        (b'"CurrentTemperature": 0.0', b'"Mask": 2, "CurrentTemperature": 0', "mask", False),
        (b'"BlockId": 10001', b'"RecNo": 7', "number", "7"),
    ],
)
def test_what_an_event_of_dahua_may_say(old: bytes, new: bytes, field: str, value: object) -> None:
    assert old in DAHUA_EVENT
    assert getattr(dahua_cgi.report(DAHUA_EVENT.replace(old, new), "SN"), field) == value


def test_what_is_no_event_of_dahua() -> None:
    assert dahua_cgi.report(b"Heartbeat", "SN") is None
    assert dahua_cgi.report(b"Code=VideoMotion;action=Start;index=0;data={}", "SN") is None
    head = b"Code=AccessControl;action=Pulse;index=0;data="
    for broken in (b"{", b'{"UserID":"1001"}', b"[]", b'{"UTC": "x"}', b'{"UTC": 1e300}', b"[" * 100_000):
        with pytest.raises(BadFrame):
            dahua_cgi.report(head + broken, "SN")
    assert dahua_cgi.value(b"sn=ABC\r\n", "sn") == "ABC"
    assert dahua_cgi.value(b"Error\r\n", "sn") == ""


def test_published_lines_of_zkteco() -> None:
    assert iclock.reports("rtlog", SENSEFACE, "Z", "C") == [
        AccessReport("Z", "40", "2026-09-09T12:09:10", "445966", passed=True)
    ]
    assert iclock.reports("rtlog", SPEEDFACE_STRANGER, "Z", "C") == [
        AccessReport("Z", "13357", "2026-09-28T11:45:56", "", passed=False)
    ]
    assert iclock.reports("rtlog", ANY_ORDER, "Z", "F") == [
        AccessReport("Z", "77", "2026-08-20T10:00:00", "2002", passed=True, temperature=(36.6, "F"), mask=True)
    ]
    assert iclock.reports("ATTLOG", b"1001\t2026-08-20 09:17:44\t0\t15\t\t0\r\n\r\n", "Z", "C") == [
        AccessReport("Z", "", "2026-08-20T09:17:44", "1001", passed=True)
    ]
    assert iclock.reports("OPERLOG", b"OPLOG 4\t0\t2026-08-20 09:17:44\t0\t0\t0\t0", "Z", "C") == []


def test_commands_of_zkteco() -> None:
    assert iclock.open_door(221, 1, 5) == b"C:221:CONTROL DEVICE 01010105\n"
    assert iclock.result(b"ID=221&Return=0&CMD=CONTROL DEVICE\n") == (221, 0)
    assert iclock.result(b"ID=4&Return=-13&CMD=CONTROL DEVICE") == (4, -13)
    with pytest.raises(BadFrame):
        iclock.result(b"what?")
    assert b"GET OPTION FROM: Z\r\n" in iclock.options("Z", 5)
    assert b"\r\nRealtime=1\r\n" in iclock.options("Z", 0.2)


def test_a_report_does_not_show_who_it_was() -> None:
    assert "445966" not in repr(iclock.reports("rtlog", SENSEFACE, "Z", "C"))


@given(st.binary(max_size=300), st.sampled_from([b"", HIK_EVENT, DAHUA_EVENT, SENSEFACE]), st.integers(0, 400))
def test_any_bytes(junk: bytes, frame: bytes, at: int) -> None:
    received = frame[:at] + junk + frame[at + len(junk) :]
    assert all(isinstance(one, AccessReport) for one in iclock.reports("rtlog", received, "Z", "C"))
    assert all(isinstance(one, AccessReport) for one in iclock.reports("attlog", received, "Z", "C"))
    isapi.identity(received)
    for read in (
        lambda: isapi.page(received, "S"),
        lambda: isapi.page(HIK_PAGE % received, "S"),
        lambda: isapi.device_time(received),
        lambda: dahua_cgi.report(received, "S"),
        lambda: iclock.result(received),
    ):
        try:
            read()
        except BadFrame:
            continue
