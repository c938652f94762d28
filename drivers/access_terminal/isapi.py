"""Hikvision ISAPI: the questions and answers that a face terminal needs, as pure functions.

Paths and fields: `AcsEvent` and `RemoteControl/door` of the ISAPI access control guide, as public clients use them.
"""

import html
import json
import re
from dataclasses import dataclass
from typing import Final

from drivers.contract import Identity
from drivers.errors import BadFrame
from drivers.kinds import AccessReport

DEVICE_INFO: Final = "/ISAPI/System/deviceInfo"
TIME: Final = "/ISAPI/System/time"
EVENTS: Final = "/ISAPI/AccessControl/AcsEvent?format=json"
PASSED: Final = frozenset({0x4B, 0x4D})
"""Minor codes of a face, alone or with a number, that was let pass."""
REFUSED: Final = frozenset({0x4C, 0x4E, 0x50})
"""Minor codes of a face that was not."""
_UNITS: Final = {"celsius": "C", "fahrenheit": "F", "kelvin": "K"}
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)?")


@dataclass(frozen=True, slots=True)
class Page:
    """A page of events. `more` says that there are further ones, `count` how many events of any kind it had."""

    reports: tuple[AccessReport, ...]
    more: bool
    count: int


def door_path(door: int) -> str:
    """Where the door is opened."""
    return f"/ISAPI/AccessControl/RemoteControl/door/{door}"


OPEN_DOOR: Final = (
    b'<?xml version="1.0" encoding="UTF-8"?>'
    b'<RemoteControlDoor version="2.0" xmlns="http://www.isapi.org/ver20/XMLSchema"><cmd>open</cmd></RemoteControlDoor>'
)


def element(xml: bytes, name: str) -> str:
    """The text of the first element of a name; empty where there is none.

    The answers are flat lists of such elements, so no XML parser, with all it can be talked into, is needed.
    """
    found = re.search(rb"<%b>([^<]{0,200})</%b>" % (name.encode(), name.encode()), xml)
    return html.unescape(found[1].decode("utf-8", "replace")).strip() if found is not None else ""


def identity(xml: bytes) -> Identity | None:
    """Read `DeviceInfo`; None when it is none."""
    serial = element(xml, "serialNumber")
    if not serial:
        return None
    return Identity("Hikvision", element(xml, "model"), serial, element(xml, "firmwareVersion"))


def device_time(xml: bytes) -> str:
    """Read `Time`: the terminal's own clock, which nobody trusts, ISO 8601.

    Raises:
        BadFrame: it is none.
    """
    now = element(xml, "localTime")
    if not _MOMENT.fullmatch(now):
        raise BadFrame("no time", xml)
    return now


def search(since: str, position: int, number: str) -> bytes:
    """Ask for the events since a moment of the terminal's clock.

    Args:
        since: ISO 8601.
        position: how many to leave out.
        number: names the search; the pages of one search share it.
    """
    zone = since[19:]
    condition = {
        "searchID": number,
        "searchResultPosition": position,
        "maxResults": 10,
        "major": 5,
        "minor": 0,
        "startTime": since,
        "endTime": f"2037-12-31T23:59:59{zone}",
    }
    return json.dumps({"AcsEventCond": condition}).encode()


def page(body: bytes, serial: str) -> Page:
    """Read a page of events. Those that are not of a face are left out.

    Args:
        body: JSON.
        serial: of the terminal.

    Raises:
        BadFrame: it is no page of events.
    """
    try:
        answer = json.loads(body)["AcsEvent"]
        events = answer.get("InfoList", [])
        reports = tuple(_report(event, serial) for event in events if event["minor"] in PASSED | REFUSED)
        return Page(reports, answer.get("responseStatusStrg") == "MORE", len(events))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BadFrame("no page of events", body) from error


def _report(event: dict[str, object], serial: str) -> AccessReport:
    at, number = str(event["time"]), event["serialNo"]
    if not _MOMENT.fullmatch(at) or not isinstance(number, int):
        raise ValueError
    value, unit = event.get("currTemperature"), _UNITS.get(str(event.get("thermometryUnit", "")).lower(), "")
    measured = isinstance(value, (int, float)) and value > 0 and unit
    return AccessReport(
        serial=serial,
        number=str(number),
        at=at,
        person=str(event.get("employeeNoString") or event.get("cardNo") or ""),
        passed=event["minor"] in PASSED,
        temperature=(float(str(value)), unit) if measured else None,
        mask={"yes": True, "no": False}.get(str(event.get("mask"))),
    )
