"""How rows of events get into PostgreSQL at once: one array a column, and all statements in one message.

An INSERT from arrays costs two thirds of a COPY, and can go in a pipeline, where a COPY cannot: six questions and
answers are one. A statement a row costs six times as much.
"""

import logging
import re
from collections.abc import Sequence
from typing import Any, ClassVar, Final

import psycopg

from hub.store.writer import Opening
from hub.submissions.dialects import (
    END,
    EVENT,
    NO_APPOINTMENT,
    PASSAGE,
    Batch,
    Code,
    Cursor,
    Joined,
    Value,
    as_json,
)

logging.getLogger("psycopg").setLevel(logging.ERROR)  # it warns of each pipeline that was undone, as duplicates are
_MOMENTS: Final = frozenset({"made", "received", "began", "decided", "ended", "health_expires"})
_WHOLE: Final = frozenset({"position", "seq", "rules_version", "people", "asked"})


def _unnested(columns: Sequence[str]) -> str:
    """A table `x` of rows that come as one array a column."""
    arrays = ", ".join("%s::int[]" if column in _WHOLE else "%s::text[]" for column in columns)
    return f"unnest({arrays}) AS x ({', '.join(columns)})"


def _adding_unnested(table: str, columns: Sequence[str]) -> str:
    """Add rows in their order; moments in UTC."""

    def value(column: str) -> str:
        if column == "position":
            return "currval('event_position_seq') - %s + position"
        return f"({column} || '+00')::timestamptz" if column in _MOMENTS else column

    names, values = ", ".join(columns), ", ".join(map(value, columns))
    return f"INSERT INTO {table} ({names}) SELECT {values} FROM {_unnested(columns)}"  # noqa: S608  names of our own


class Postgresql(Joined):
    """Names come as one JSON parameter, rows and ends as arrays."""

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
    _NO_APPOINTMENTS: Final = f"SELECT 1 / (NOT EXISTS ({_APPOINTMENTS}))::int"
    _ADD_EVENTS: Final = _adding_unnested("event", EVENT)
    _ADD_PASSAGES: Final = _adding_unnested("passage", PASSAGE)
    _NOTE: Final = (
        "UPDATE passage AS p SET crossed = x.crossed, people = x.people, ended = (x.ended || '+00')::timestamptz,"  # noqa: S608  texts of our own
        f" fault = x.fault FROM {_unnested(END)}"
        " WHERE p.hall = x.hall AND p.terminal = x.terminal AND p.id = x.id AND (x.asked = 0 OR "
        + NO_APPOINTMENT.format("p")
        + ")"
    )
    _NOTE_ALL: Final = f"WITH noted AS ({_NOTE} RETURNING 1) SELECT 1 / (count(*) = %s)::int FROM noted"  # noqa: S608  a text of our own

    def put(self, cursor: Cursor, batch: Batch) -> bool:
        """See `Dialect`. All writers hold one lock: nobody else takes positions in between."""
        cursor.execute(self._ADD_EVENTS, _arrays(batch.events, _EVENT_IS_SAFE))
        if batch.passages:
            cursor.execute(self._ADD_PASSAGES, self._passages(batch))
        if not batch.ends:
            return True
        cursor.execute(self._NOTE, _arrays(batch.ends, _END_IS_SAFE))
        return cursor.rowcount == len(batch.ends)

    @staticmethod
    def _passages(batch: Batch) -> list[Value]:
        """The values of `_ADD_PASSAGES`: how many events come after the first, and the columns."""
        return [len(batch.events) - 1, *_arrays(batch.passages, _PASSAGE_IS_SAFE)]

    def at_once(self, raw: Any, opening: Opening | None, batch: Batch, codes: Sequence[Code]) -> bool:
        """See `Dialect`. All goes in one message, and one answer comes: what is not so fails with a division by 0."""
        try:
            with raw.pipeline(), raw.cursor() as cursor:
                if opening is not None:
                    cursor.execute(*opening)
                if codes:
                    cursor.execute(self._NO_APPOINTMENTS, (as_json(codes),))
                cursor.execute(self._ADD_EVENTS, _arrays(batch.events, _EVENT_IS_SAFE))
                if batch.passages:
                    cursor.execute(self._ADD_PASSAGES, self._passages(batch))
                if batch.ends:
                    cursor.execute(self._NOTE_ALL, (*_arrays(batch.ends, _END_IS_SAFE), len(batch.ends)))
                cursor.execute("COMMIT")  # with all the rest: `commit` waits for what was sent before
        except (psycopg.IntegrityError, psycopg.DataError):  # among these, the division
            raw.rollback()
            return False
        return True


_CONTROL: Final = re.compile(r"\\[bfnrtu]")
_EVENT_IS_SAFE: Final = (True,) * len(EVENT)
"""Names, numbers, moments, and JSON, in which there are no control characters."""
_FREE: Final = frozenset({"lane", "reasons", "person", "name_masked", "number_masked", "code_id", "fault"})
_PASSAGE_IS_SAFE: Final = tuple(column not in _FREE for column in PASSAGE)
_END_IS_SAFE: Final = tuple(column not in _FREE for column in END)
_IN_ARRAY: Final = str.maketrans({"\\": "\\\\", '"': '\\"'})


def _arrays(rows: Sequence[Sequence[Value]], safe: Sequence[bool]) -> list[str]:
    """Rows as one array literal a column: as JSON, which is the same but for how control characters are written."""
    return [_array(column, is_safe=is_safe) for column, is_safe in zip(zip(*rows, strict=True), safe, strict=True)]


def _array(values: Sequence[Value], *, is_safe: bool) -> str:
    text = as_json(values)[1:-1]
    if not is_safe and _CONTROL.search(text):
        text = ",".join("null" if each is None else f'"{str(each).translate(_IN_ARRAY)}"' for each in values)
    return f"{{{text}}}"
