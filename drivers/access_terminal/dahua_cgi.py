"""Dahua HTTP CGI: the questions and answers that a face terminal needs, as pure functions.

Fields: Dahua's HTTP API guide, as public clients use it; masks and units as numbered in its SDK's header.
"""

import json
import re
from datetime import UTC, datetime
from typing import Final

from drivers.errors import BadFrame
from drivers.kinds import AccessReport

SERIAL: Final = "/cgi-bin/magicBox.cgi?action=getSerialNo"
MODEL: Final = "/cgi-bin/magicBox.cgi?action=getDeviceType"
FIRMWARE: Final = "/cgi-bin/magicBox.cgi?action=getSoftwareVersion"
_EVENT: Final = re.compile(rb"Code=AccessControl;action=Pulse;(?:index=\d+;)?data=", re.ASCII)
_UNITS: Final = ("C", "F", "K")
_MASKS: Final = {2: False, 3: True}


def attach(heartbeat: int) -> str:
    """Where the events are, with a sign of life every so many seconds."""
    return f"/cgi-bin/eventManager.cgi?action=attach&codes=[AccessControl]&heartbeat={heartbeat}"


def open_door(door: int) -> str:
    """Where the door is opened."""
    return f"/cgi-bin/accessControl.cgi?action=openDoor&channel={door}"


def value(body: bytes, name: str) -> str:
    """The value of `name=value`; empty where there is none."""
    found = re.search(rb"^%b=([^\r\n]{0,200})" % name.encode(), body, re.MULTILINE)
    return found[1].decode("utf-8", "replace").strip() if found is not None else ""


def report(body: bytes, serial: str) -> AccessReport | None:
    """Read one part of the stream.

    Args:
        body: of the part.
        serial: of the terminal.

    Returns:
        None for a heartbeat and for other events.

    Raises:
        BadFrame: an event that cannot be read.
    """
    start = _EVENT.search(body)
    if start is None:
        return None
    try:
        data, _ = json.JSONDecoder().raw_decode(body[start.end() :].decode("utf-8", "replace").lstrip())
        moment = data.get("RealUTC") or data.get("UTC") or data["CreateTime"]
        degrees, unit = data.get("CurrentTemperature"), data.get("TemperatureUnit", 0)
        measured = isinstance(degrees, (int, float)) and degrees > 0 and unit in range(len(_UNITS))
        return AccessReport(
            serial=serial,
            number=str(data.get("RecNo") or data.get("BlockId") or ""),
            at=datetime.fromtimestamp(int(moment), UTC).isoformat(),
            person=str(data.get("UserID") or data.get("CardNo") or ""),
            passed=data.get("Status") == 1,
            temperature=(float(degrees), _UNITS[unit]) if measured else None,
            mask=_MASKS.get(data.get("Mask")),
        )
    except (ValueError, OverflowError, OSError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BadFrame("no event", body) from error
