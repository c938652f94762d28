"""ZKTeco push (ADMS, `/iclock/`): what terminals send and what they understand, as pure functions.

Terminals take a bare `OK` and nothing else for an upload: after any other answer they send it again, for ever.
"""

import re
from collections.abc import Mapping
from typing import Final

from drivers.errors import BadFrame
from drivers.kinds import AccessReport

OK: Final = b"OK"
OPENED: Final = frozenset({0, 1, 2, 3, 23, 26})
"""Events of `rtlog` after which the terminal opens its door for somebody."""
_TIME: Final = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)")
_RESULT: Final = re.compile(r"\bID=(\d{1,10})\b.*?\bReturn=(-?\d{1,6})\b", re.DOTALL | re.ASCII)


def options(serial: str, poll_s: float) -> bytes:
    """What a terminal is told when it starts: to send at once, and how often to call.

    Args:
        serial: of the terminal.
        poll_s: seconds between calls.
    """
    every = max(1, round(poll_s))
    return (
        f"GET OPTION FROM: {serial}\r\nATTLOGStamp=None\r\nOPERLOGStamp=9999\r\nATTPHOTOStamp=None\r\n"
        f"ErrorDelay={every}\r\nDelay={every}\r\nTransTimes=00:00;14:05\r\nTransInterval=1\r\n"
        "TransFlag=TransData AttLog\r\nRealtime=1\r\nEncrypt=None\r\n"
    ).encode()


def open_door(number: int, door: int, seconds: int) -> bytes:
    """The command that opens a door for a moment (output control, door, lock, seconds; all hexadecimal)."""
    return f"C:{number}:CONTROL DEVICE 01{door:02X}01{seconds:02X}\n".encode()


def result(body: bytes) -> tuple[int, int]:
    """Read `devicecmd`: number of the command, and what became of it; below 0 it was refused.

    Raises:
        BadFrame: it is no result.
    """
    found = _RESULT.search(body.decode("utf-8", "replace"))
    if found is None:
        raise BadFrame("no result of a command", body)
    return int(found[1]), int(found[2])


def reports(table: str, body: bytes, serial: str, unit: str) -> list[AccessReport]:
    """Read an upload. Lines that are not about a person at the terminal are left out.

    Args:
        table: `rtlog` or `ATTLOG`; of others there is nothing to read.
        body: lines; of `rtlog` with named fields in any order, of `ATTLOG` with fields in a fixed one.
        serial: of the terminal.
        unit: of its temperatures, which it does not say.
    """
    lines = body.decode("utf-8", "replace").replace("\r", "\n").split("\n")
    match table.lower():
        case "rtlog":
            rows = (dict(part.split("=", 1) for part in line.split("\t") if "=" in part) for line in lines)
            found = [_event(row, serial, unit) for row in rows]
        case "attlog":
            found = [_attendance(line.split("\t"), serial) for line in lines]
        case _:
            found = []
    return [one for one in found if one is not None]


def _event(row: Mapping[str, str], serial: str, unit: str) -> AccessReport | None:
    at = _TIME.fullmatch(row.get("time", "").strip())
    event = row.get("event", "")
    if at is None or "pin" not in row or not re.fullmatch(r"\d{1,5}", event, re.ASCII):
        return None
    person = row["pin"].strip()
    degrees = _degrees(row.get("convtemperature", "")) or _degrees(row.get("temperature", ""))
    return AccessReport(
        serial=serial,
        number=row.get("index", "").strip(),
        at=f"{at[1]}T{at[2]}",
        person="" if person == "0" else person,
        passed=int(event) in OPENED,
        temperature=(degrees, unit) if degrees else None,
        # 0 is also what a terminal says that does not look for masks
        mask=True if row.get("maskflag", "").strip() == "1" else None,
    )


def _attendance(fields: list[str], serial: str) -> AccessReport | None:
    at = _TIME.fullmatch(fields[1].strip()) if len(fields) >= 4 else None
    if at is None or not fields[0].strip():
        return None
    # it has no number: whoever it is cannot be registered twice in the same second
    return AccessReport(serial, "", f"{at[1]}T{at[2]}", fields[0].strip(), passed=True)


def _degrees(text: str) -> float:
    return float(text) if re.fullmatch(r"\s*\d{1,3}(\.\d{1,3})?\s*", text, re.ASCII) else 0.0
