"""Lists of machines that may enrol by their serial number: CSV, as a spreadsheet writes it; bad lines are named."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from hub.app import NAME
from hub.fleet.live import TerminalKey
from kiosk.wire.serials import NoSerial, serial_of

COLUMNS: Final = ("serial", "hall", "terminal", "role", "group")
ROLES: Final = frozenset({"gate", "desk"})
MOST_LINES: Final = 5000


class BadList(Exception):
    """A list cannot be taken.

    Attributes:
        lines: number of the line and what is wrong there; 0 for the whole file.
    """

    def __init__(self, lines: Sequence[tuple[int, str]]) -> None:
        super().__init__("; ".join(f"line {number}: {what}" if number else what for number, what in lines))
        self.lines = tuple(lines)


@dataclass(frozen=True, slots=True)
class Machine:
    """A line of a list."""

    serial: str
    key: TerminalKey
    role: str
    group: str = ""
    line: int = 0
    """Where it stands in the list."""


def read_list(content: bytes) -> list[Machine]:
    """The machines of a CSV file.

    Args:
        content: with a first line that names the columns `serial, hall, terminal, role, group`; UTF-8, or GB18030 as
            spreadsheets write it; separated by comma, semicolon or tab.

    Raises:
        BadList: names each line that is wrong; none of the others is taken.
    """
    rows, columns = _rows(content)
    wrong: list[tuple[int, str]] = []
    machines: list[Machine] = []
    first: dict[tuple[str, ...], int] = {}
    for number, row in rows:
        given = {name: row[place].strip() if place < len(row) else "" for name, place in columns.items()}
        try:
            machine = _machine(given, number)
        except ValueError as error:
            wrong.append((number, str(error)))
            continue
        for mark in (("serial", machine.serial), ("terminal", machine.key.hall, machine.key.terminal)):
            if mark in first:
                wrong.append((number, f"{' '.join(mark)} stands in line {first[mark]} already"))
            first.setdefault(mark, number)
        machines.append(machine)
    if not wrong and not machines:
        wrong.append((0, "no machine stands in this file"))
    if wrong:
        raise BadList(wrong)
    return machines


def _rows(content: bytes) -> tuple[list[tuple[int, list[str]]], dict[str, int]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise BadList([(0, "the file is neither UTF-8 nor GB18030: save it as CSV (UTF-8)")])
    head = text.split("\n", 1)[0]
    separator = max(",;\t", key=head.count)
    try:
        read = csv.reader(io.StringIO(text), delimiter=separator)
        rows = [(read.line_num, row) for row in read if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise BadList([(0, f"the file is no CSV: {error}")]) from error
    if len(rows) > MOST_LINES:
        raise BadList([(0, f"at most {MOST_LINES} lines at once, these are {len(rows)}")])
    names = [cell.strip().lower() for cell in rows[0][1]] if rows else []
    missing = [name for name in COLUMNS[:4] if name not in names]
    if missing:
        raise BadList([(1, f"the first line names the columns {', '.join(COLUMNS)}; missing: {', '.join(missing)}")])
    return rows[1:], {name: names.index(name) for name in COLUMNS if name in names}


def _machine(given: dict[str, str], line: int) -> Machine:
    """One line.

    Raises:
        ValueError: says what is wrong.
    """
    try:
        serial = serial_of(given["serial"])
    except NoSerial as error:
        raise ValueError(str(error)) from error
    for name in ("hall", "terminal"):
        if not NAME.fullmatch(given[name]):
            raise ValueError(f"{name} {given[name][:40]!r}: small letters, digits, - and _ only, at most 63")
    if given["role"] not in ROLES:
        raise ValueError(f"role {given['role'][:40]!r}: gate or desk")
    group = given.get("group", "")
    if group and not NAME.fullmatch(group):
        raise ValueError(f"group {group[:40]!r}: small letters, digits, - and _ only, at most 63")
    return Machine(serial, TerminalKey(given["hall"], given["terminal"]), given["role"], group, line)
