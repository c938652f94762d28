"""How rows of events get into SQLite at once: many a statement, one after the other in C."""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, ClassVar, Final

import pysqlite3.dbapi2 as sqlite

from hub.store.writer import Opening
from hub.submissions.dialects import END, EVENT, NO_APPOINTMENT, PASSAGE, Batch, Code, Cursor, Joined, Value, placed

_AT_ONCE: Final = (*range(160, 20, -20), *range(20, 0, -1))
"""So many rows a statement: each of these sizes is compiled once, and kept (`hub.store.engine`)."""


def _of_sizes(statement: str, columns: int) -> dict[int, str]:
    """A statement by how many rows it takes, their values in place of `{}`."""
    row = f"({', '.join('?' * columns)})"
    return {rows: statement.format(", ".join([row] * rows)) for rows in _AT_ONCE}


def _adding(table: str, columns: Sequence[str]) -> dict[int, str]:
    return _of_sizes(f"INSERT INTO {table} ({', '.join(columns)}) VALUES {{}}", len(columns))  # noqa: S608  names of our own


def _in_parts(cursor: Cursor, statements: Mapping[int, str], rows: Sequence[Sequence[Value]]) -> int:
    """Run the largest statements that rows fill; how many rows they changed."""
    at, changed = 0, 0
    while (left := len(rows) - at) > 0:
        size = left if left in statements else next(each for each in _AT_ONCE if each < left)
        cursor.execute(statements[size], tuple(chain.from_iterable(rows[at : at + size])))
        changed += cursor.rowcount
        at += size
    return changed


class Sqlite(Joined):
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
        " AND passage.id = v.column7 AND (v.column8 = 0 OR " + NO_APPOINTMENT.format("passage") + ")",
        len(END),
    )

    def put(self, cursor: Cursor, batch: Batch) -> bool:
        """See `Dialect`."""
        _in_parts(cursor, self._ADD_EVENTS, batch.events)
        if batch.passages:
            _in_parts(cursor, self._ADD_PASSAGES, placed(batch, cursor.lastrowid - len(batch.events) + 1))
        return _in_parts(cursor, self._NOTE_ENDS, batch.ends) == len(batch.ends)

    def at_once(self, raw: Any, opening: Opening | None, batch: Batch, codes: Sequence[Code]) -> bool:  # noqa: ARG002  PostgreSQL's
        """See `Dialect`."""
        cursor = raw.cursor()
        cursor.execute("BEGIN IMMEDIATE")
        try:
            done = not (codes and self.appointments(cursor, codes)) and self.put(cursor, batch)
            if done:
                cursor.execute("COMMIT")
        except sqlite.IntegrityError:
            done = False
        finally:
            if raw.in_transaction:  # not where a fault has undone it already
                cursor.execute("ROLLBACK")
            cursor.close()
        return done
