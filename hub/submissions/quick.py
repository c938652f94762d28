"""The quick way for what gates send most: passages that nobody was called to, and their ends, many rows a statement.

Only what is new, in order and asks for nothing else goes this way. All else, and whatever the database does not like,
goes the ordinary way of `hub.submissions.intake`, item by item, which alone refuses or postpones. The same rows come of
both; `tests/hub/test_quick_intake.py` compares them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Protocol

import msgspec
from sqlalchemy import Connection

from hub.fleet.live import TerminalKey
from hub.gate.ingest import CAME_IN
from hub.gate.retention import HEALTH_KEPT, has_health
from kiosk.wire.events import Envelope, Passage, PassageEnded
from kiosk.wire.evidence import CodeChecked, IdentityRead
from kiosk.wire.rules import Verdict

_EVENT: Final = {
    "position": "integer",
    "hall": "text",
    "terminal": "text",
    "id": "text",
    "seq": "integer",
    "kind": "text",
    "made": "timestamptz",
    "received": "timestamptz",
    "body": "text",
}
_PASSAGE: Final = {
    "hall": "text",
    "terminal": "text",
    "id": "text",
    "position": "integer",
    "lane": "text",
    "began": "timestamptz",
    "decided": "timestamptz",
    "verdict": "text",
    "reasons": "text",
    "rules_version": "integer",
    "person": "text",
    "name_masked": "text",
    "number_masked": "text",
    "code_id": "text",
    "health_expires": "timestamptz",
    "people": "integer",
}
_ENDED: Final = {
    "crossed": "text",
    "people": "integer",
    "ended": "timestamptz",
    "fault": "text",
    "hall": "text",
    "terminal": "text",
    "id": "text",
}
_MOST_SEQ: Final = 2**31
Row = tuple[object, ...]
Place = tuple[int, int]
"""Which batch, and which of its items."""
Named = tuple[str, str, str]
"""Hall, terminal, id."""


@dataclass(frozen=True, slots=True)
class Plain:
    """An event that may go the quick way.

    Attributes:
        body: Its JSON as it is stored.
    """

    place: Place
    key: TerminalKey
    envelope: Envelope
    body: str
    now: datetime

    @property
    def name(self) -> Named:
        """Its own."""
        return self.key.hall, self.key.terminal, str(self.envelope.event.id)


class _Dialect(Protocol):
    """How one database is spoken to without a builder in between."""

    def moment(self, moment: datetime) -> object:
        """As it is given."""
        ...

    def known(self, connection: Connection, names: Sequence[Named]) -> set[Named]:
        """Which of these events are stored."""
        ...

    def codes(self, connection: Connection, names: Sequence[Named]) -> dict[Named, str]:
        """The appointment codes of these passages, as far as they are here."""
        ...

    def appointments(self, connection: Connection, codes: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
        """Which of these, hall and code, are an appointment."""
        ...

    def positions(self, connection: Connection, count: int) -> int:
        """Take the next so many positions of events; the first of them. All writers wait for each other."""
        ...

    def insert(self, connection: Connection, table: str, columns: dict[str, str], rows: list[Row]) -> None:
        """Add rows."""
        ...

    def end(self, connection: Connection, rows: list[Row]) -> None:
        """Note how passages ended."""
        ...


def _json(what: object) -> str:
    return msgspec.json.encode(what).decode()


class _Sqlite:
    """One JSON array of names is joined; rows are added one after the other in C."""

    _JOIN = (
        "SELECT t.hall, t.terminal, t.id{} FROM json_each(?) AS j JOIN {} AS t"
        " ON t.hall = json_extract(j.value, '$[0]') AND t.terminal = json_extract(j.value, '$[1]')"
        " AND t.id = json_extract(j.value, '$[2]')"
    )

    def moment(self, moment: datetime) -> object:
        return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")  # as SQLAlchemy keeps it

    def known(self, connection: Connection, names: Sequence[Named]) -> set[Named]:
        rows = connection.exec_driver_sql(self._JOIN.format("", "event"), (_json(names),))
        return {(row[0], row[1], row[2]) for row in rows}

    def codes(self, connection: Connection, names: Sequence[Named]) -> dict[Named, str]:
        rows = connection.exec_driver_sql(self._JOIN.format(", t.code_id", "passage"), (_json(names),))
        return {(row[0], row[1], row[2]): row[3] for row in rows}

    def appointments(self, connection: Connection, codes: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
        sql = (
            "SELECT t.hall, t.code_id FROM json_each(?) AS j JOIN appointment AS t"
            " ON t.hall = json_extract(j.value, '$[0]') AND t.code_id = json_extract(j.value, '$[1]')"
        )
        return {(row[0], row[1]) for row in connection.exec_driver_sql(sql, (_json(codes),))}

    def positions(self, connection: Connection, count: int) -> int:  # noqa: ARG002  explicit positions move the sequence
        row = connection.exec_driver_sql("SELECT seq FROM sqlite_sequence WHERE name = 'event'").first()
        return 1 if row is None else int(row[0]) + 1

    def insert(self, connection: Connection, table: str, columns: dict[str, str], rows: list[Row]) -> None:
        marks = ", ".join("?" for _ in columns)
        sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608  names of our own
        connection.exec_driver_sql(sql, rows)

    def end(self, connection: Connection, rows: list[Row]) -> None:
        connection.exec_driver_sql(
            "UPDATE passage SET crossed = ?, people = ?, ended = ?, fault = ?"
            " WHERE hall = ? AND terminal = ? AND id = ?",
            rows,
        )


class _Postgresql:
    """Everything travels as one JSON parameter: half the cost of arrays, a tenth of a statement a row."""

    _JOIN = (
        "SELECT t.hall, t.terminal, t.id{} FROM jsonb_array_elements(%s::jsonb) AS j JOIN {} AS t"
        " ON t.hall = j->>0 AND t.terminal = j->>1 AND t.id = j->>2"
    )

    def moment(self, moment: datetime) -> object:
        return moment

    def known(self, connection: Connection, names: Sequence[Named]) -> set[Named]:
        rows = connection.exec_driver_sql(self._JOIN.format("", "event"), (_json(names),))
        return {(row[0], row[1], row[2]) for row in rows}

    def codes(self, connection: Connection, names: Sequence[Named]) -> dict[Named, str]:
        rows = connection.exec_driver_sql(self._JOIN.format(", t.code_id", "passage"), (_json(names),))
        return {(row[0], row[1], row[2]): row[3] for row in rows}

    def appointments(self, connection: Connection, codes: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
        sql = (
            "SELECT t.hall, t.code_id FROM jsonb_array_elements(%s::jsonb) AS j JOIN appointment AS t"
            " ON t.hall = j->>0 AND t.code_id = j->>1"
        )
        return {(row[0], row[1]) for row in connection.exec_driver_sql(sql, (_json(codes),))}

    def positions(self, connection: Connection, count: int) -> int:
        sql = "SELECT setval('event_position_seq', nextval('event_position_seq') + %s) - %s"
        return int(connection.exec_driver_sql(sql, (count - 1, count - 1)).scalar_one())

    @staticmethod
    def _recordset(columns: dict[str, str]) -> str:
        typed = ", ".join(f"{name} {kind}" for name, kind in columns.items())
        return f"jsonb_to_recordset(%s::jsonb) AS x({typed})"

    @staticmethod
    def _records(columns: dict[str, str], rows: list[Row]) -> str:
        return _json([dict(zip(columns, row, strict=True)) for row in rows])

    def insert(self, connection: Connection, table: str, columns: dict[str, str], rows: list[Row]) -> None:
        names = ", ".join(columns)
        sql = f"INSERT INTO {table} ({names}) SELECT {names} FROM {self._recordset(columns)}"  # noqa: S608  our names
        connection.exec_driver_sql(sql, (self._records(columns, rows),))

    def end(self, connection: Connection, rows: list[Row]) -> None:
        sql = (
            "UPDATE passage AS p SET crossed = x.crossed, people = x.people, ended = x.ended, fault = x.fault"  # noqa: S608  names of our own
            f" FROM {self._recordset(_ENDED)} WHERE p.hall = x.hall AND p.terminal = x.terminal AND p.id = x.id"
        )
        connection.exec_driver_sql(sql, (self._records(_ENDED, rows),))


_DIALECTS: Final[dict[str, _Dialect]] = {"sqlite": _Sqlite(), "postgresql": _Postgresql()}


def may_be_quick(envelope: Envelope) -> bool:
    """Whether an event is of the kind that goes the quick way, as far as it alone shows."""
    event = envelope.event
    if not -_MOST_SEQ < envelope.seq < _MOST_SEQ:
        return False
    if isinstance(event, Passage):
        return (
            event.decision.verdict is not Verdict.REFER
            and abs(event.decision.rules_version) < _MOST_SEQ
            and "\x00" not in event.lane + event.name_masked + event.number_masked
        )
    return isinstance(event, PassageEnded) and "\x00" not in event.fault


def store_quickly(connection: Connection, run: Sequence[Plain]) -> set[Place]:
    """Store what can be stored at once.

    Args:
        connection: Inside a writing transaction; on an error the caller goes back to before the call.
        run: Events that `may_be_quick`, of any terminals.

    Returns:
        Places of those that are stored. The others have to go the ordinary way.
    """
    dialect = _DIALECTS[connection.dialect.name]
    named: dict[Named, Plain] = {}
    for each in run:
        named.setdefault(each.name, each)  # the second of the same goes the ordinary way
    for known in dialect.known(connection, list(named)):
        del named[known]
    codes = {name: _code_of(each.envelope.event) for name, each in named.items() if _is_passage(each)}
    about = {
        name: (each.key.hall, each.key.terminal, str(each.envelope.event.passage))
        for name, each in named.items()
        if isinstance(each.envelope.event, PassageEnded)
    }
    elsewhere = sorted(set(about.values()) - codes.keys())
    if elsewhere:
        codes.update(dialect.codes(connection, elsewhere))
    asked = sorted({(name[0], code) for name, code in codes.items() if code})
    appointments = dialect.appointments(connection, asked) if asked else set()
    taken = [
        (name, each)
        for name, each in named.items()
        if name not in about or _is_plain_end(each.envelope.event, about[name], codes, appointments)
    ]
    if taken:
        _insert(connection, dialect, taken, about)
    return {each.place for _, each in taken}


def _is_passage(each: Plain) -> bool:
    return isinstance(each.envelope.event, Passage)


def _code_of(event: object) -> str:
    code = event.evidence.code if isinstance(event, Passage) else None
    return code.code_id if isinstance(code, CodeChecked) else ""


def _is_plain_end(event: object, passage: Named, codes: dict[Named, str], appointments: set[tuple[str, str]]) -> bool:
    """Whether nothing follows from an end but the end; its passage has to be here, and no appointment be used."""
    if not isinstance(event, PassageEnded) or passage not in codes:
        return False
    came_in = event.crossed in CAME_IN or event.people > 0
    return not came_in or (passage[0], codes[passage]) not in appointments


def _insert(
    connection: Connection, dialect: _Dialect, taken: Sequence[tuple[Named, Plain]], about: dict[Named, Named]
) -> None:
    first = dialect.positions(connection, len(taken))
    moment = dialect.moment
    events: list[Row] = []
    passages: list[Row] = []
    ends: dict[Named, Row] = {}
    for position, (name, each) in enumerate(taken, first):
        envelope, event = each.envelope, each.envelope.event
        kind = "passage" if isinstance(event, Passage) else "passage_ended"
        made, received = moment(envelope.made), moment(each.now)
        events.append((position, *name, envelope.seq, kind, made, received, each.body))
        if isinstance(event, PassageEnded):
            # What the beams saw last is what counts.
            ends[about[name]] = (event.crossed.value, event.people, moment(event.ended), event.fault, *about[name])
        elif isinstance(event, Passage):
            passages.append(_passage_row(event, name, position, each.now, moment))
    dialect.insert(connection, "event", _EVENT, events)
    if passages:
        dialect.insert(connection, "passage", _PASSAGE, passages)
    if ends:
        dialect.end(connection, list(ends.values()))


def _passage_row(
    event: Passage, name: Named, position: int, now: datetime, moment: Callable[[datetime], object]
) -> Row:
    identity = event.evidence.identity
    return (
        *name,
        position,
        event.lane,
        moment(event.began),
        moment(event.decided),
        event.decision.verdict.value,
        " ".join(dict.fromkeys(reason.value for reason in event.decision.reasons)),
        event.decision.rules_version,
        identity.person if isinstance(identity, IdentityRead) else None,
        event.name_masked,
        event.number_masked,
        _code_of(event),
        moment(now + HEALTH_KEPT) if has_health(event) else None,
        0,
    )
