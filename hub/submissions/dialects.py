"""How rows of events get into each database at once, through its own driver: a builder in between costs as much again.

SQLite takes them one after the other in C. PostgreSQL takes them by COPY, which costs a third of the next best
(`json_to_recordset`) and a sixth of a statement a row.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, ClassVar, Final, NamedTuple, Protocol

import msgspec

Named = tuple[str, str, str]
"""Hall, terminal, id."""
Code = tuple[str, str]
"""Hall, code of an appointment."""
Value = str | int | None
EVENT: Final = ("position", "hall", "terminal", "id", "seq", "kind", "made", "received", "body")
PASSAGE: Final = (
    *("hall", "terminal", "id", "position", "lane", "began", "decided", "verdict", "reasons", "rules_version"),
    *("person", "name_masked", "number_masked", "code_id", "health_expires", "crossed", "people", "ended", "fault"),
)
_MOMENTS: Final = frozenset({"made", "received", "began", "decided", "ended", "health_expires"})


End = tuple[str, int, str, str, str, str, str, int]
"""How a passage that is stored already ended: crossed, people, ended, fault; its hall, terminal and id; and 1 where it
is not noted if an appointment was used by it."""
_OF_AN_END: Final = 8


class Batch(NamedTuple):
    """Rows by their tables, as `EVENT` and `PASSAGE` name them; ends, one of each passage."""

    events: list[tuple[Value, ...]]
    passages: list[tuple[Value, ...]]
    ends: list[End]


class Cursor(Protocol):
    """As much of a driver's cursor as both have."""

    rowcount: int

    def execute(self, sql: str, parameters: Sequence[object] = ..., /) -> object:
        """Run a statement."""
        ...

    def executemany(self, sql: str, parameters: Sequence[Sequence[object]], /) -> object:
        """Run it for each."""
        ...

    def close(self) -> None:
        """Give it back."""
        ...

    def fetchone(self) -> tuple[Any, ...] | None:  # a row's types are the database's
        """The next row."""
        ...

    def fetchall(self) -> list[tuple[Any, ...]]:  # a row's types are the database's
        """All rows."""
        ...


class Dialect(Protocol):
    """How one database is spoken to. Moments are texts in UTC (`hub.submissions.plain.moment_text`)."""

    def known(self, cursor: Cursor, names: Sequence[Named]) -> set[Named]:
        """Which of these events are stored."""
        ...

    def codes(self, cursor: Cursor, names: Sequence[Named]) -> dict[Named, str]:
        """The appointment codes of these passages, as far as they are here."""
        ...

    def appointments(self, cursor: Cursor, codes: Sequence[Code]) -> set[Code]:
        """Which of these are an appointment."""
        ...

    def positions(self, cursor: Cursor, count: int) -> int:
        """Take the next so many positions of events; the first of them."""
        ...

    def put(self, cursor: Cursor, batch: Batch) -> bool:
        """Add the rows and note the ends; whether every end was noted."""
        ...


def _json(what: object) -> str:
    return msgspec.json.encode(what).decode()


def _three(rows: Iterable[Sequence[Any]]) -> set[Named]:  # as the driver has them
    return {(row[0], row[1], row[2]) for row in rows}


_NO_APPOINTMENT = (
    "code_id = '' OR NOT EXISTS (SELECT 1 FROM appointment AS a WHERE a.code_id = {0}.code_id AND a.hall = {0}.hall)"
)


class _Joined:
    """What is asked alike, each database with joins of its own."""

    _KNOWN: ClassVar[str]
    _CODES: ClassVar[str]
    _APPOINTMENTS: ClassVar[str]

    def known(self, cursor: Cursor, names: Sequence[Named]) -> set[Named]:
        """See `Dialect`."""
        cursor.execute(self._KNOWN, (_json(names),))
        return _three(cursor.fetchall())

    def codes(self, cursor: Cursor, names: Sequence[Named]) -> dict[Named, str]:
        """See `Dialect`."""
        cursor.execute(self._CODES, (_json(names),))
        return {(row[0], row[1], row[2]): row[3] for row in cursor.fetchall()}

    def appointments(self, cursor: Cursor, codes: Sequence[Code]) -> set[Code]:
        """See `Dialect`."""
        cursor.execute(self._APPOINTMENTS, (_json(codes),))
        return {(row[0], row[1]) for row in cursor.fetchall()}


_AT_ONCE: Final = (100, 20, 5, 1)
"""So many rows a statement: each of these sizes is compiled once."""


def _of_sizes(statement: str, columns: int) -> dict[int, str]:
    """A statement by how many rows it takes, their values in place of `{}`."""
    row = f"({', '.join('?' * columns)})"
    return {rows: statement.format(", ".join([row] * rows)) for rows in _AT_ONCE}


def _adding(table: str, columns: Sequence[str]) -> dict[int, str]:
    return _of_sizes(f"INSERT INTO {table} ({', '.join(columns)}) VALUES {{}}", len(columns))  # noqa: S608  names of our own


def _in_parts(cursor: Cursor, statements: Mapping[int, str], rows: Sequence[Sequence[Value]]) -> int:
    """Run the largest statements that rows fill; how many rows they changed."""
    at, changed = 0, 0
    for size in _AT_ONCE:
        while len(rows) - at >= size:
            cursor.execute(statements[size], tuple(chain.from_iterable(rows[at : at + size])))
            changed += cursor.rowcount
            at += size
    return changed


class Sqlite(_Joined):
    """One JSON array of names is joined; rows are added many a statement.

    Python's lock is let go of and waited for at each step of a statement, and the event loop is at work meanwhile: a
    statement a row costs more in waiting than in writing.
    """

    _JOIN: Final = (
        "SELECT t.hall, t.terminal, t.id{} FROM json_each(?) AS j JOIN {} AS t"
        " ON t.hall = json_extract(j.value, '$[0]') AND t.terminal = json_extract(j.value, '$[1]')"
        " AND t.id = json_extract(j.value, '$[2]')"
    )
    _KNOWN: ClassVar[str] = _JOIN.format("", "event")
    _CODES: ClassVar[str] = _JOIN.format(", t.code_id", "passage")
    _APPOINTMENTS: ClassVar[str] = (
        "SELECT t.hall, t.code_id FROM json_each(?) AS j JOIN appointment AS t"
        " ON t.code_id = json_extract(j.value, '$[1]') AND t.hall = json_extract(j.value, '$[0]')"
    )
    _ADD_EVENTS: Final = _adding("event", EVENT)
    _ADD_PASSAGES: Final = _adding("passage", PASSAGE)
    _NOTE_ENDS: Final = _of_sizes(
        "UPDATE passage SET crossed = v.column1, people = v.column2, ended = v.column3, fault = v.column4"  # noqa: S608  texts of our own
        " FROM (VALUES {}) AS v WHERE passage.hall = v.column5 AND passage.terminal = v.column6"
        " AND passage.id = v.column7 AND (v.column8 = 0 OR " + _NO_APPOINTMENT.format("passage") + ")",
        _OF_AN_END,
    )

    def positions(self, cursor: Cursor, count: int) -> int:  # noqa: ARG002  explicit positions move the sequence
        """See `Dialect`."""
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = 'event'")
        row = cursor.fetchone()
        return 1 if row is None else int(row[0]) + 1

    def put(self, cursor: Cursor, batch: Batch) -> bool:
        """See `Dialect`."""
        _in_parts(cursor, self._ADD_EVENTS, batch.events)
        _in_parts(cursor, self._ADD_PASSAGES, batch.passages)
        return _in_parts(cursor, self._NOTE_ENDS, batch.ends) == len(batch.ends)


class Postgresql(_Joined):
    """Rows come by COPY, names and ends as one JSON parameter."""

    _JOIN: Final = (
        "SELECT t.hall, t.terminal, t.id{} FROM json_array_elements(%s::json) AS j JOIN {} AS t"
        " ON t.hall = j->>0 AND t.terminal = j->>1 AND t.id = j->>2"
    )
    _KNOWN: ClassVar[str] = _JOIN.format("", "event")
    _CODES: ClassVar[str] = _JOIN.format(", t.code_id", "passage")
    _APPOINTMENTS: ClassVar[str] = (
        "SELECT t.hall, t.code_id FROM json_array_elements(%s::json) AS j JOIN appointment AS t"
        " ON t.hall = j->>0 AND t.code_id = j->>1"
    )
    _POSITIONS: Final = "SELECT setval('event_position_seq', nextval('event_position_seq') + %s) - %s"
    _END: Final = (
        "UPDATE passage AS p SET crossed = x->>0, people = (x->>1)::int, ended = (x->>2 || '+00')::timestamptz,"  # noqa: S608  texts of our own
        " fault = x->>3 FROM json_array_elements(%s::json) AS x"
        " WHERE p.hall = x->>4 AND p.terminal = x->>5 AND p.id = x->>6 AND ((x->>7)::int = 0 OR "
        + _NO_APPOINTMENT.format("p")
        + ")"
    )

    def positions(self, cursor: Cursor, count: int) -> int:
        """See `Dialect`. All writers hold one lock: nobody else takes any in between."""
        cursor.execute(self._POSITIONS, (count - 1, count - 1))
        row = cursor.fetchone()
        assert row is not None  # a SELECT without FROM has one
        return int(row[0])

    def put(self, cursor: Cursor, batch: Batch) -> bool:
        """See `Dialect`."""
        _copy(cursor, "event", EVENT, batch.events)
        if batch.passages:
            _copy(cursor, "passage", PASSAGE, batch.passages)
        if not batch.ends:
            return True
        cursor.execute(self._END, (_json(batch.ends),))
        return cursor.rowcount == len(batch.ends)


_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _copied(value: Value) -> str:
    if value is None:
        return "\\N"
    return value.translate(_ESCAPES) if isinstance(value, str) and not value.isalnum() else str(value)


def _copy(cursor: Any, table: str, columns: Sequence[str], rows: Sequence[Sequence[Value]]) -> None:  # psycopg's own
    zoned = [column in _MOMENTS for column in columns]
    lines = [
        "\t".join(
            [
                f"{value}+00" if moment and value is not None else _copied(value)
                for value, moment in zip(row, zoned, strict=True)
            ]
        )
        for row in rows
    ]
    with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
        copy.write("\n".join(lines) + "\n")


DIALECTS: Final[dict[str, Dialect]] = {"sqlite": Sqlite(), "postgresql": Postgresql()}
