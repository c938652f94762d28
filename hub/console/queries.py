"""What the console reads from the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, and_, func, select, tuple_

from hub.console.words import Language
from hub.fleet.acceptance import Acceptance, newest_of_each
from hub.fleet.live import TerminalKey
from hub.office.items import published
from hub.store import schema
from kiosk.clock import CHINA, local_date
from kiosk.wire.events import Envelope

LIST_ROWS = 200

_PASSAGE = (
    "position",
    "hall",
    "terminal",
    "id",
    "lane",
    "decided",
    "verdict",
    "reasons",
    "name_masked",
    "number_masked",
)


@dataclass(frozen=True)
class Counts:
    """What happened since midnight in China, and in all."""

    admit: int
    refuse: int
    refer: int
    submissions: int
    refused_events: int
    all_passages: int
    all_submissions: int


@dataclass(frozen=True)
class Enrolled:
    """A terminal that has a record."""

    hall: str
    terminal: str
    role: str
    accepted: Acceptance | None


def _of(query: Any, column: Any, halls: frozenset[str] | None) -> Any:
    """Only these halls' rows; None for all."""
    return query if halls is None else query.where(column.in_(sorted(halls)))


def counts(connection: Connection, now: datetime, halls: frozenset[str] | None = None) -> Counts:
    """The figures of the day, of all halls or of these."""
    midnight = datetime.combine(local_date(now), time(), CHINA)
    passage, submission, refused = schema.passage, schema.submission, schema.refused
    verdicts: dict[str, int] = {
        row.verdict: row.passages
        for row in connection.execute(
            _of(
                select(passage.c.verdict, func.count().label("passages"))
                .where(passage.c.decided >= midnight)
                .group_by(passage.c.verdict),
                passage.c.hall,
                halls,
            )
        )
    }

    def number(table: Any, *where: Any) -> int:
        query = select(func.count()).select_from(table).where(*where)
        return int(connection.scalar(_of(query, table.c.hall, halls)) or 0)

    return Counts(
        admit=verdicts.get("admit", 0),
        refuse=verdicts.get("refuse", 0),
        refer=verdicts.get("refer", 0),
        submissions=number(submission, submission.c.submitted >= midnight),
        refused_events=number(refused, refused.c.received >= now - timedelta(days=1)),
        all_passages=number(passage),
        all_submissions=number(submission),
    )


def terminals(connection: Connection, halls: frozenset[str] | None = None) -> list[Enrolled]:
    """All terminals, or these halls', by hall and name."""
    table, reports = schema.terminal, newest_of_each(connection)
    return [
        Enrolled(row.hall, row.terminal, row.role, reports.get(TerminalKey(row.hall, row.terminal)))
        for row in connection.execute(_of(select(table), table.c.hall, halls).order_by(table.c.hall, table.c.terminal))
    ]


def newest_position(connection: Connection) -> int:
    """The position of the newest event; 0 before the first."""
    return connection.scalar(select(func.max(schema.event.c.position))) or 0


def passages(connection: Connection, halls: frozenset[str] | None = None) -> Sequence[Row[Any]]:
    """The newest passages of all halls or of these, newest first."""
    table = schema.passage
    query = _of(select(table), table.c.hall, halls)
    return connection.execute(query.order_by(table.c.position.desc()).limit(LIST_ROWS)).all()


def submissions(connection: Connection, halls: frozenset[str] | None = None) -> Sequence[Row[Any]]:
    """The newest submissions of all halls or of these, newest first."""
    table = schema.submission
    query = _of(select(table), table.c.hall, halls)
    return connection.execute(query.order_by(table.c.position.desc()).limit(LIST_ROWS)).all()


@dataclass(frozen=True)
class Change:
    """A row that came or changed."""

    row: Row[Any]
    new: bool


@dataclass(frozen=True)
class Changes:
    """What came after a position."""

    position: int
    overflow: bool
    """More than a list holds: show the list afresh."""
    changes: list[Change]


def changes(
    connection: Connection, what: str, after: int, halls: frozenset[str] | None = None, upto: int | None = None
) -> Changes:
    """Rows that came or changed after a position, oldest first.

    Args:
        connection: For reading.
        what: `passage` or `submission`.
        after: Position of the last event that was shown.
        halls: Whose; None for all.
        upto: Position of the last event to show; None for the newest.
    """
    position = newest_position(connection) if upto is None else upto
    event = schema.event
    table, second = (schema.passage, "passage_ended") if what == "passage" else (schema.submission, "receipt_given")
    found = connection.execute(
        _of(
            select(event.c.position, event.c.kind, event.c.hall, event.c.terminal, event.c.id, event.c.body)
            .where(event.c.position > after, event.c.position <= position, event.c.kind.in_([what, second]))
            .order_by(event.c.position)
            .limit(2 * LIST_ROWS + 1),
            event.c.hall,
            halls,
        )
    ).all()
    if len(found) > 2 * LIST_ROWS:
        return Changes(position, overflow=True, changes=[])
    came: dict[tuple[str, str, str], bool] = {}
    for each in found:
        if each.kind == what:
            came[each.hall, each.terminal, each.id] = True
        else:
            about = msgspec.json.decode(each.body, type=_About).event
            which = (each.hall, each.terminal, str(getattr(about, what)))
            came.setdefault(which, False)
    whole = select(table).where(tuple_(table.c.hall, table.c.terminal, table.c.id).in_(list(came)))
    rows = {(row.hall, row.terminal, row.id): row for row in connection.execute(whole)} if came else {}
    result = [Change(rows[which], new) for which, new in came.items() if which in rows]
    return Changes(position, overflow=False, changes=result)


class _Parent(msgspec.Struct):
    passage: str = ""
    submission: str = ""


class _About(msgspec.Struct):
    event: _Parent


@dataclass(frozen=True)
class Detail:
    """A passage or submission with its event."""

    row: Row[Any]
    envelope: Envelope
    received: datetime
    papers: Sequence[Row[Any]]


def detail(connection: Connection, what: str, hall: str, terminal: str, key: str) -> Detail | None:
    """One passage or submission; None when there is none. What is sealed stays sealed."""
    table = schema.passage if what == "passage" else schema.submission
    event, paper = schema.event, schema.paper
    row = connection.execute(
        select(table).where(table.c.hall == hall, table.c.terminal == terminal, table.c.id == key)
    ).one_or_none()
    if row is None:
        return None
    stored = connection.execute(select(event.c.body, event.c.received).where(event.c.position == row.position)).one()
    papers = connection.execute(
        select(paper)
        .where(and_(paper.c.hall == hall, paper.c.terminal == terminal, paper.c.submission == key))
        .order_by(paper.c.place)
    ).all()
    return Detail(row, msgspec.json.decode(stored.body, type=Envelope), stored.received, papers)


class _Title(msgspec.Struct, frozen=True):
    zh_hans: str = ""
    zh_hant: str = ""
    en: str = ""

    def of(self, language: Language) -> str:
        """In a language; simplified where there is no other."""
        wanted = {Language.HANT: self.zh_hant, Language.EN: self.en}
        return wanted.get(language, self.zh_hans) or self.zh_hans


class _Item(msgspec.Struct):
    key: str
    title: _Title
    department: _Title = _Title()


class _Catalogue(msgspec.Struct):
    items: list[_Item]


def item_titles(connection: Connection, language: Language) -> dict[str, str]:
    """Titles of the items in the newest catalogues by key, and of their departments by their Chinese names."""
    table = schema.published
    titles: dict[str, str] = {}
    for (body,) in connection.execute(
        select(table.c.body).where(table.c.kind == "catalogue").order_by(table.c.version)
    ).all():
        try:
            items = msgspec.json.decode(body, type=_Catalogue).items
        except msgspec.DecodeError:
            continue  # the hub publishes a catalogue without knowing its form; then keys are shown
        for item in items:
            title = item.title.of(language)
            if title:
                titles[item.key] = title
            if item.department.zh_hans:
                titles[item.department.zh_hans] = item.department.of(language)
    return titles


def department_names(connection: Connection, hall: str, language: Language) -> dict[str, str]:
    """What the departments of a hall's items are called, by key; in the catalogue's order."""
    catalogue = published(connection, hall)
    names: dict[str, str] = {}
    for item in () if catalogue is None else catalogue.items:
        title = {Language.HANT: item.department.zh_hant, Language.EN: item.department.en}
        names.setdefault(item.department_key, title.get(language) or item.department.zh_hans)
    return names
