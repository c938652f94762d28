"""The quick way for what gates send most: passages that nobody was called to, and their ends, many rows a statement.

First it is taken for granted that all is new, in order, and that nothing follows from it: the rows go in, and the
database itself says whether that was so; in a transaction of its own through the driver (`store_at_once`), or beside
other work (`_express`). Where it was not, all is undone and looked at first (`_careful`); what then asks for more goes
the ordinary way of `hub.submissions.intake`, item by item, which alone refuses or postpones. The same rows come of all
of them; `tests/hub/test_quick_intake.py` compares them.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple, cast

import structlog
from sqlalchemy import Connection

from hub.gate.retention import HEALTH_KEPT
from hub.store.writer import Opening
from hub.submissions.dialects import PASSAGE, Batch, Code, Cursor, Dialect, End, Named, Value
from hub.submissions.on_postgresql import Postgresql
from hub.submissions.on_sqlite import Sqlite
from hub.submissions.plain import Began, Ended, Plain, moment_text

DIALECTS: Final[dict[str, Dialect]] = {"sqlite": Sqlite(), "postgresql": Postgresql()}
_log = structlog.get_logger()
_CODE: Final = PASSAGE.index("code_id")
_NOT_ENDED: Final = (None, 0, None, None)
Place = tuple[int, int]
"""Which batch, and which of its items."""


class Given(NamedTuple):
    """Events that may go the quick way, whose they are, and when they came."""

    hall: str
    terminal: str
    now: datetime
    plains: Sequence[Plain]


class Placed(NamedTuple):
    """One of them, and where it came."""

    place: Place
    given: Given
    plain: Plain

    @property
    def name(self) -> Named:
        """Its own."""
        return self.given.hall, self.given.terminal, self.plain.id


class _NotSo(Exception):
    """Something follows from an event, or what it is about is not here."""


def store_at_once(dialect: str, raw: Any, opening: Opening | None, run: Sequence[Given]) -> bool:  # the driver's own
    """Store all, in a transaction of its own, where nothing has to be looked at first.

    Args:
        dialect: The database's name.
        raw: The driver's connection, in no transaction.
        opening: What comes first in the transaction.
        run: At least one event, of any terminals; those of one terminal in its order.

    Returns:
        Whether it is done, durably; else nothing is.

    Raises:
        Exception: The driver's own: nothing is stored, but where the connection broke nobody knows.
    """
    batch, codes = _rows(run, plain_only=True)
    return DIALECTS[dialect].at_once(raw, opening, batch, sorted(codes))


def store_quickly(connection: Connection, run: Sequence[Placed]) -> set[Place]:
    """Store what can be stored at once. Where the database does not like something nothing is stored.

    Args:
        connection: Inside a writing transaction.
        run: At least one event, of any terminals; those of one terminal in its order.

    Returns:
        Places of those that are stored. The others have to go the ordinary way, which says what is wrong.
    """
    dialect = DIALECTS[connection.dialect.name]
    cursor = cast("Cursor", connection.connection.cursor())
    try:
        for attempt in (_express, _careful):
            cursor.execute("SAVEPOINT quick")
            try:
                done = attempt(dialect, cursor, run)
            except Exception as error:  # noqa: BLE001  whatever it is shows where each goes by itself
                if not isinstance(error, _NotSo):
                    _log.debug("not stored at once", attempt=attempt.__name__, why=type(error).__name__)
                # Through SQLAlchemy: a server that is gone shows here, and is told as such.
                connection.exec_driver_sql("ROLLBACK TO SAVEPOINT quick")
                connection.exec_driver_sql("RELEASE SAVEPOINT quick")
            else:
                cursor.execute("RELEASE SAVEPOINT quick")
                return done
    finally:
        cursor.close()
    return set()


def _alone(run: Sequence[Placed]) -> list[Given]:
    return [given._replace(plains=(plain,)) for _, given, plain in run]


def _express(dialect: Dialect, cursor: Cursor, run: Sequence[Placed]) -> set[Place]:
    batch, codes = _rows(_alone(run), plain_only=True)
    if codes and dialect.appointments(cursor, sorted(codes)):
        raise _NotSo
    if not dialect.put(cursor, batch):
        raise _NotSo
    return {each.place for each in run}


def _careful(dialect: Dialect, cursor: Cursor, run: Sequence[Placed]) -> set[Place]:
    named: dict[Named, Placed] = {}
    for each in run:
        named.setdefault(each.name, each)  # the second of the same goes the ordinary way
    for known in dialect.known(cursor, list(named)):
        del named[known]
    codes = {name: what.code_id for name, each in named.items() if isinstance(what := each.plain.what, Began)}
    about = {
        name: (each.given.hall, each.given.terminal, what.passage)
        for name, each in named.items()
        if isinstance(what := each.plain.what, Ended)
    }
    elsewhere = sorted(set(about.values()) - codes.keys())
    if elsewhere:
        codes.update(dialect.codes(cursor, elsewhere))
    asked = sorted({(name[0], code) for name, code in codes.items() if code})
    used = dialect.appointments(cursor, asked) if asked else set()

    def is_plain(name: Named, each: Placed) -> bool:
        """Whether nothing follows from an end but the end; its passage has to be here, and no appointment be used."""
        what = each.plain.what
        if isinstance(what, Began):
            return True
        passage = about[name]
        return passage in codes and not (what.came_in and (name[0], codes[passage]) in used)

    taken = [each for name, each in named.items() if is_plain(name, each)]
    if taken:
        batch, _ = _rows(_alone(taken), plain_only=False)
        if not dialect.put(cursor, batch):
            raise _NotSo
    return {each.place for each in taken}


def _rows(run: Sequence[Given], *, plain_only: bool) -> tuple[Batch, set[Code]]:
    """The rows of events, and the appointment codes of those that began and ended in this run and came in."""
    events: list[tuple[Value, ...]] = []
    began: dict[Named, tuple[Value, ...]] = {}
    here: dict[Named, tuple[Value, ...]] = {}
    ends: dict[Named, End] = {}
    codes: set[Code] = set()
    for hall, terminal, now, plains in run:
        received = moment_text(now)
        for plain in plains:
            what = plain.what
            if type(what) is Ended:
                events.append((hall, terminal, plain.id, plain.seq, "passage_ended", plain.made, received, plain.body))
                about = (hall, terminal, what.passage)
                # What the beams saw last is what counts.
                if (passage := began.get(about)) is None:
                    check = int(plain_only and what.came_in)
                    if check == 0 and about in ends:  # an end before this one had to be looked at
                        check = ends[about][-1]
                    ends[about] = (what.crossed, what.people, what.ended, what.fault, *about, check)
                else:
                    here[about] = (what.crossed, what.people, what.ended, what.fault)
                    if what.came_in and passage[_CODE]:
                        codes.add((hall, str(passage[_CODE])))
            elif type(what) is Began:
                name = (hall, terminal, plain.id)
                began[name] = (
                    *(len(events), *name, what.lane, what.began, what.decided, what.verdict, what.reasons),
                    *(what.rules_version, what.person, what.name_masked, what.number_masked, what.code_id),
                    moment_text(now + HEALTH_KEPT) if what.has_health else None,
                )
                events.append((*name, plain.seq, "passage", plain.made, received, plain.body))
    passages = [(*row, *here.get(name, _NOT_ENDED)) for name, row in began.items()]
    return Batch(events, passages, list(ends.values())), codes
