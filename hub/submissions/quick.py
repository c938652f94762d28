"""The quick way for what gates send most: passages that nobody was called to, and their ends, many rows a statement.

First it is taken for granted that all is new, in order, and that nothing follows from it (`_express`): the rows go in,
and the database itself says whether that was so. Where it was not, all is undone and looked at first (`_careful`); what
then asks for more goes the ordinary way of `hub.submissions.intake`, item by item, which alone refuses or
postpones. The same rows come of all three; `tests/hub/test_quick_intake.py` compares them.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple, cast

import structlog
from sqlalchemy import Connection

from hub.submissions.dialects import DIALECTS, PASSAGE, Batch, Code, Cursor, Dialect, End, Named, Value
from hub.submissions.plain import Began, Ended, Plain

_log = structlog.get_logger()
_CODE: Final = PASSAGE.index("code_id")
_NOT_ENDED: Final = (None, 0, None, None)
Place = tuple[int, int]
"""Which batch, and which of its items."""


class Given(NamedTuple):
    """An event that may go the quick way, and whose it is; moments as `hub.submissions.plain` writes them."""

    place: Place
    hall: str
    terminal: str
    plain: Plain
    received: str
    health_expires: str

    @property
    def name(self) -> Named:
        """Its own."""
        return self.hall, self.terminal, self.plain.id


class _NotSo(Exception):
    """Something follows from an event, or what it is about is not here."""


def store_quickly(connection: Connection, run: Sequence[Given]) -> set[Place]:
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


def _express(dialect: Dialect, cursor: Cursor, run: Sequence[Given]) -> set[Place]:
    batch, codes = _rows(run, dialect.positions(cursor, len(run)), plain_only=True)
    if codes and dialect.appointments(cursor, sorted(codes)):
        raise _NotSo
    if not dialect.put(cursor, batch):
        raise _NotSo
    return {each.place for each in run}


def _careful(dialect: Dialect, cursor: Cursor, run: Sequence[Given]) -> set[Place]:
    named: dict[Named, Given] = {}
    for each in run:
        named.setdefault(each.name, each)  # the second of the same goes the ordinary way
    for known in dialect.known(cursor, list(named)):
        del named[known]
    codes = {name: what.code_id for name, each in named.items() if isinstance(what := each.plain.what, Began)}
    about = {
        name: (each.hall, each.terminal, what.passage)
        for name, each in named.items()
        if isinstance(what := each.plain.what, Ended)
    }
    elsewhere = sorted(set(about.values()) - codes.keys())
    if elsewhere:
        codes.update(dialect.codes(cursor, elsewhere))
    asked = sorted({(name[0], code) for name, code in codes.items() if code})
    used = dialect.appointments(cursor, asked) if asked else set()

    def is_plain(name: Named, each: Given) -> bool:
        """Whether nothing follows from an end but the end; its passage has to be here, and no appointment be used."""
        what = each.plain.what
        if isinstance(what, Began):
            return True
        passage = about[name]
        return passage in codes and not (what.came_in and (each.hall, codes[passage]) in used)

    taken = [each for name, each in named.items() if is_plain(name, each)]
    if taken:
        batch, _ = _rows(taken, dialect.positions(cursor, len(taken)), plain_only=False)
        if not dialect.put(cursor, batch):
            raise _NotSo
    return {each.place for each in taken}


def _rows(run: Sequence[Given], first: int, *, plain_only: bool) -> tuple[Batch, set[Code]]:
    """The rows of events, and the appointment codes of those that began and ended in this run and came in."""
    events: list[tuple[Value, ...]] = []
    began: dict[Named, tuple[Value, ...]] = {}
    here: dict[Named, tuple[Value, ...]] = {}
    ends: dict[Named, End] = {}
    codes: set[Code] = set()
    for position, (_, hall, terminal, plain, received, health_expires) in enumerate(run, first):
        what, name = plain.what, plain.id
        kind = "passage" if type(what) is Began else "passage_ended"
        events.append((position, hall, terminal, name, plain.seq, kind, plain.made, received, plain.body))
        if type(what) is Ended:
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
            began[hall, terminal, name] = (
                *(hall, terminal, name, position, what.lane, what.began, what.decided, what.verdict, what.reasons),
                *(what.rules_version, what.person, what.name_masked, what.number_masked, what.code_id),
                health_expires if what.has_health else None,
            )
    passages = [(*row, *here.get(name, _NOT_ENDED)) for name, row in began.items()]
    return Batch(events, passages, list(ends.values())), codes
