"""The books of a demonstration: what the terminals stored, what the hub holds, and what is found wrong with them."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pysqlite3.dbapi2 as sqlite

from kiosk.wire.events import Envelope, Passage, PassageEnded, ReceiptGiven, Submission


@dataclass
class HubBook:
    """What the hub's database holds of this demonstration's terminals."""

    passages: dict[str, Passage] = field(default_factory=dict)
    ends: dict[str, PassageEnded] = field(default_factory=dict)
    submissions: dict[str, Submission] = field(default_factory=dict)
    receipts: list[ReceiptGiven] = field(default_factory=list)
    ids: Counter[str] = field(default_factory=Counter)
    papers: set[str] = field(default_factory=set)
    verdicts: dict[str, int] = field(default_factory=dict)
    """Of its register, by which it counts and searches."""
    crossings: dict[str, str] = field(default_factory=dict)
    """The same: what the barrier saw, by passage."""
    cases: set[str] = field(default_factory=set)
    """Passages of which staff have a case."""


def read_hub(data: Path) -> HubBook:
    """Read the hub's database and paper folder. The events are decoded anew, from what was stored."""
    book = HubBook()
    with_rows = _rows(data / "hub.db", "SELECT terminal, seq, made, body FROM event ORDER BY position")
    for _terminal, _seq, _made, body in with_rows:
        event = msgspec.json.decode(str(body).encode(), type=Envelope).event
        book.ids[str(event.id)] += 1
        match event:
            case Passage():
                book.passages[str(event.id)] = event
            case PassageEnded():
                book.ends[str(event.passage)] = event
            case Submission():
                book.submissions[str(event.id)] = event
            case ReceiptGiven():
                book.receipts.append(event)
    file = data / "hub.db"
    for identifier, verdict, crossed in _rows(file, "SELECT id, verdict, coalesce(crossed, '') FROM passage"):
        book.verdicts[str(verdict)] = book.verdicts.get(str(verdict), 0) + 1
        book.crossings[str(identifier)] = str(crossed)
    book.cases = {str(row[0]) for row in _rows(file, "SELECT passage FROM gate_case")}
    book.papers = {path.name for path in (data / "papers").rglob("*") if path.is_file() and len(path.name) == 64}
    return book


def _rows(path: Path, sql: str) -> list[tuple[object, ...]]:
    connection = sqlite.connect(str(path), timeout=10.0)
    try:
        return list(connection.execute(sql).fetchall())
    finally:
        connection.close()


@dataclass
class TerminalBook:
    """What a terminal's own store holds."""

    passages: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Verdict and what the barrier saw, by id."""
    submissions: dict[str, str] = field(default_factory=dict)
    """Receipt number by id."""
    waiting: int = 0
    dead: int = 0
    rules: int = 0
    """Version of the rules in force."""
    appointments: int = 0
    """Number of the newest change of the appointments it knows."""


def read_terminal(data: Path) -> TerminalBook:
    """Read a terminal's store."""
    file = data / "terminal.db"
    passages = _rows(file, "SELECT id, verdict, coalesce(crossed, '') FROM passage")
    submissions = _rows(file, "SELECT id, number FROM submission")
    states = Counter(str(row[0]) for row in _rows(file, "SELECT state FROM outbox"))
    rules = _rows(file, "SELECT coalesce(max(version), 0) FROM signed WHERE kind = 'rules'")
    upto = _rows(file, "SELECT coalesce(max(upto), 0) FROM appointment_list")
    return TerminalBook(
        {str(i): (str(v), str(c)) for i, v, c in passages},
        {str(i): str(n) for i, n in submissions},
        states["waiting"],
        states["dead"],
        int(str(rules[0][0])),
        int(str(upto[0][0])),
    )


@dataclass
class Accounts:
    """The result. `differences` is empty when everything agrees."""

    kills: int = 0
    lost: int = 0
    duplicated: int = 0
    differences: list[str] = field(default_factory=list)

    def wrong(self, what: str) -> None:
        """Note a difference."""
        self.differences.append(what)
