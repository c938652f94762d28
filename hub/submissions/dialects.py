"""What the two databases have in common where rows of events get into them at once, through their own drivers."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, Final, NamedTuple, Protocol

import msgspec

from hub.store.writer import Opening

Named = tuple[str, str, str]
"""Hall, terminal, id."""
Code = tuple[str, str]
"""Hall, code of an appointment."""
Value = str | int | None
EVENT: Final = ("hall", "terminal", "id", "seq", "kind", "made", "received", "body")
PASSAGE: Final = (
    *("position", "hall", "terminal", "id", "lane", "began", "decided", "verdict", "reasons", "rules_version"),
    *("person", "name_masked", "number_masked", "code_id", "health_expires", "crossed", "people", "ended", "fault"),
)
End = tuple[str, int, str, str, str, str, str, int]
"""How a passage that is stored already ended: crossed, people, ended, fault; its hall, terminal and id; and 1 where it
is not noted if an appointment was used by it."""
END: Final = ("crossed", "people", "ended", "fault", "hall", "terminal", "id", "asked")


class Batch(NamedTuple):
    """Rows by their tables, as `EVENT` and `PASSAGE` name them; ends, one of each passage.

    Positions are given by the database, one after the other: a passage has its event's place in `events` instead.
    """

    events: list[tuple[Value, ...]]
    passages: list[tuple[Value, ...]]
    ends: list[End]


class Cursor(Protocol):
    """As much of a driver's cursor as both have."""

    rowcount: int
    lastrowid: int
    """SQLite's alone: the position that was given last."""

    def execute(self, sql: str, parameters: Sequence[object] = ..., /) -> object:
        """Run a statement."""
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

    def put(self, cursor: Cursor, batch: Batch) -> bool:
        """Add the rows and note the ends; whether every end was noted."""
        ...

    def at_once(self, raw: Any, opening: Opening | None, batch: Batch, codes: Sequence[Code]) -> bool:
        """A transaction of its own: the rows, if all is new, every end can be noted, and no code is an appointment.

        Args:
            raw: The driver's own connection, in no transaction.
            opening: What comes first in it.
            batch: The rows.
            codes: Of passages that came in.

        Returns:
            Whether they are there, durably; else nothing is.

        Raises:
            Exception: The driver's own: the database is away, full or locked.
        """
        ...


def as_json(what: object) -> str:
    """A parameter that is joined, or part of one."""
    return msgspec.json.encode(what).decode()


def _three(rows: Iterable[Sequence[Any]]) -> set[Named]:  # as the driver has them
    return {(row[0], row[1], row[2]) for row in rows}


NO_APPOINTMENT = (
    "code_id = '' OR NOT EXISTS (SELECT 1 FROM appointment AS a WHERE a.code_id = {0}.code_id AND a.hall = {0}.hall)"
)


class Joined:
    """What is asked alike, each database with joins of its own."""

    _KNOWN: ClassVar[str]
    _CODES: ClassVar[str]
    _APPOINTMENTS: ClassVar[str]

    def known(self, cursor: Cursor, names: Sequence[Named]) -> set[Named]:
        """See `Dialect`."""
        cursor.execute(self._KNOWN, (as_json(names),))
        return _three(cursor.fetchall())

    def codes(self, cursor: Cursor, names: Sequence[Named]) -> dict[Named, str]:
        """See `Dialect`."""
        cursor.execute(self._CODES, (as_json(names),))
        return {(row[0], row[1], row[2]): row[3] for row in cursor.fetchall()}

    def appointments(self, cursor: Cursor, codes: Sequence[Code]) -> set[Code]:
        """See `Dialect`."""
        cursor.execute(self._APPOINTMENTS, (as_json(codes),))
        return {(row[0], row[1]) for row in cursor.fetchall()}


def placed(batch: Batch, first: int) -> list[tuple[Value, ...]]:
    """The rows of passages, with the positions of their events; the first event's is given."""
    return [(first + int(str(row[0])), *row[1:]) for row in batch.passages]
