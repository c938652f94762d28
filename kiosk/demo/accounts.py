"""The accounts: what the terminals stored, what the hub holds, what the crowd saw, and what each person deserved."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import Protocol

import msgspec
import pysqlite3.dbapi2 as sqlite

from kiosk.demo.people import GateCase, Visitor
from kiosk.wire.events import Crossed, Envelope, Passage, PassageEnded, ReceiptGiven, Submission
from kiosk.wire.rules import Verdict

_INTERRUPTED = {Crossed.UNKNOWN, Crossed.NOT_RELEASED}


class _Visit(Protocol):
    @property
    def visitor(self) -> Visitor: ...
    @property
    def walked(self) -> int: ...
    @property
    def interrupted(self) -> int: ...
    @property
    def told(self) -> list[str]: ...
    @property
    def stuck_at(self) -> str: ...


class _Application(Protocol):
    @property
    def number(self) -> str: ...
    @property
    def numbers(self) -> list[str]: ...
    @property
    def stuck_at(self) -> str: ...
    @property
    def interrupted(self) -> int: ...


@dataclass
class HubBook:
    """What the hub's database holds of this demonstration's terminals."""

    passages: dict[str, Passage] = field(default_factory=dict)
    ends: dict[str, PassageEnded] = field(default_factory=dict)
    submissions: dict[str, Submission] = field(default_factory=dict)
    receipts: list[ReceiptGiven] = field(default_factory=list)
    ids: Counter[str] = field(default_factory=Counter)
    papers: set[str] = field(default_factory=set)


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


def read_terminal(data: Path) -> TerminalBook:
    """Read a terminal's store."""
    file = data / "terminal.db"
    passages = _rows(file, "SELECT id, verdict, coalesce(crossed, '') FROM passage")
    submissions = _rows(file, "SELECT id, number FROM submission")
    states = Counter(str(row[0]) for row in _rows(file, "SELECT state FROM outbox"))
    return TerminalBook(
        {str(i): (str(v), str(c)) for i, v, c in passages},
        {str(i): str(n) for i, n in submissions},
        states["waiting"],
        states["dead"],
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


def compare(
    hub: HubBook,
    gate: TerminalBook,
    desk: TerminalBook,
    visits: Sequence[_Visit],
    applications: Sequence[_Application],
    digest_of: Mapping[str, str],
    kills: int = 0,
) -> Accounts:
    """Hold all the books against each other.

    Args:
        kills: how often the gate was killed: so many passages may have ended unseen.
        digest_of: the digest that stands for a person at this hall, by identity number.
    """
    accounts = Accounts(kills=kills)
    _terminals_against_hub(hub, gate, desk, accounts)
    _people_against_hub(hub, visits, digest_of, accounts)
    unseen = sum(end.fault == "restarted" for end in hub.ends.values())
    if unseen > kills:
        accounts.wrong(f"{unseen} passages ended unseen by a restart, but the gate was killed {kills} times")
    _receipts_against_hub(hub, applications, accounts)
    return accounts


def _terminals_against_hub(hub: HubBook, gate: TerminalBook, desk: TerminalBook, accounts: Accounts) -> None:
    missing = [*(gate.passages.keys() - hub.passages.keys()), *(desk.submissions.keys() - hub.submissions.keys())]
    accounts.lost += len(missing)
    for identifier in missing:
        accounts.wrong(f"the hub lacks {identifier}")
    for identifier in hub.passages.keys() - gate.passages.keys():
        accounts.wrong(f"the hub has passage {identifier}, the gate does not")
    for identifier, known in gate.passages.items():
        if identifier in hub.passages:
            _one_passage(hub, identifier, known, accounts)
    for identifier, count in (hub.ids - Counter(set(hub.ids))).items():
        accounts.duplicated += count
        accounts.wrong(f"the hub holds {identifier} {count + 1} times")
    papers = {paper.sha256: made.number for made in hub.submissions.values() for paper in made.papers}
    for sha256 in papers.keys() - hub.papers:
        accounts.lost += 1
        accounts.wrong(f"the hub lacks a paper of submission {papers[sha256]}")
    for name, book in (("gate", gate), ("desk", desk)):
        if book.waiting or book.dead:
            accounts.wrong(f"the {name}'s outbox still holds {book.waiting} waiting and {book.dead} dead")


def _one_passage(hub: HubBook, identifier: str, known: tuple[str, str], accounts: Accounts) -> None:
    end = hub.ends.get(identifier)
    if end is None:
        accounts.lost += 1
        accounts.wrong(f"the hub does not know how passage {identifier} ended")
    elif (hub.passages[identifier].decision.verdict.value, end.crossed.value) != known:
        accounts.wrong(f"passage {identifier} is {'/'.join(known)} at the gate and different at the hub")


def _of_person(passage: Passage) -> str:
    return getattr(passage.evidence.identity, "person", "")


def _people_against_hub(
    hub: HubBook, visits: Sequence[_Visit], digest_of: Mapping[str, str], accounts: Accounts
) -> None:
    unknown = [p for p in hub.passages.values() if not _of_person(p)]
    for visit in visits:
        visitor = visit.visitor
        if visit.stuck_at:
            accounts.wrong(f"{visitor.case.value}: nobody served them; on the screen: {visit.stuck_at}")
        if visitor.case is GateCase.READER_UNPLUGGED:
            continue  # nobody knows who it was; counted below
        digest = digest_of[visitor.person.number]
        mine = sorted(
            (p for p in hub.passages.values() if _of_person(p) == digest), key=lambda passage: passage.id.bytes
        )
        _one_person(hub, visit, mine, accounts)
    deserved = [v for v in visits if v.visitor.case is GateCase.READER_UNPLUGGED]
    interrupted = sum(v.interrupted for v in visits)
    if not len(deserved) <= len(unknown) <= len(deserved) + interrupted:
        accounts.wrong(f"{len(unknown)} passages without an identity, {len(deserved)} were deserved")
    for passage in unknown:
        if passage.decision.verdict is not Verdict.REFER:
            accounts.wrong(f"passage {passage.id} has no identity and is {passage.decision.verdict.value}")


def _one_person(hub: HubBook, visit: _Visit, mine: list[Passage], accounts: Accounts) -> None:
    visitor = visit.visitor
    who = f"{visitor.case.value} ({visitor.person.number[-4:]})"
    deserved = visitor.deserved
    if not mine:
        accounts.lost += 1
        accounts.wrong(f"{who}: no passage at the hub")
        return
    finished = [p for p in mine if hub.ends[str(p.id)].crossed not in _INTERRUPTED] if _all_ended(hub, mine) else []
    if len(finished) > 1 or (len(mine) > 1 and not visit.interrupted and "not_released" not in visit.told):
        accounts.duplicated += len(mine) - 1
        accounts.wrong(f"{who}: {len(mine)} passages, {len(finished)} of them through the barrier")
    last = finished[-1] if finished else mine[-1]
    seen = frozenset(last.decision.reasons)
    if (last.decision.verdict, seen) != (deserved.verdict, deserved.reasons):
        reasons = ", ".join(sorted(reason.value for reason in seen))
        accounts.wrong(f"{who}: {last.decision.verdict.value} ({reasons}) instead of {deserved.verdict.value}")
    end = hub.ends.get(str(last.id))
    if end is None:
        return
    # Somebody who has just walked through does not notice that the gate is killed behind them.
    unseen = end.crossed is Crossed.UNKNOWN and (visit.interrupted or accounts.kills)
    if end.crossed is not deserved.crossed and not unseen:
        accounts.wrong(f"{who}: {end.crossed.value} at the barrier instead of {deserved.crossed.value}")


def _all_ended(hub: HubBook, passages: Iterable[Passage]) -> bool:
    return all(str(p.id) in hub.ends for p in passages)


def _receipts_against_hub(hub: HubBook, applications: Sequence[_Application], accounts: Accounts) -> None:
    numbers = Counter(s.number for s in hub.submissions.values())
    for application in applications:
        if application.stuck_at:
            accounts.wrong(f"an applicant gave up; on the screen: {application.stuck_at}")
        if not application.number:
            accounts.wrong("an applicant left without a receipt")
        if len(application.numbers) > 1:
            accounts.duplicated += len(application.numbers) - 1
            accounts.wrong(f"one applicant got the receipts {', '.join(application.numbers)}")
        if application.number and not numbers[application.number]:
            accounts.lost += 1
            accounts.wrong(f"the hub lacks the submission of receipt {application.number}")
    given = {number for application in applications for number in application.numbers}
    for number, count in numbers.items():
        if count > 1:
            accounts.duplicated += count - 1
            accounts.wrong(f"receipt number {number} was given {count} times")
        if number not in given:
            accounts.duplicated += 1
            accounts.wrong(f"submission {number} belongs to nobody's receipt")


def phases(hub: HubBook) -> dict[str, dict[str, float]]:
    """Median and 95th percentile of each phase, in milliseconds."""
    times: dict[str, list[float]] = {}
    for passage in hub.passages.values():
        for timing in passage.timings:
            times.setdefault(timing.phase, []).append(timing.ms)
    for submission in hub.submissions.values():
        for timing in submission.timings:
            times.setdefault(timing.phase, []).append(timing.ms)
    return {phase: spread(values) for phase, values in sorted(times.items())}


def spread(values: Sequence[float]) -> dict[str, float]:
    """`p50` and `p95` of some values."""
    if len(values) == 1:
        return {"p50": round(values[0], 1), "p95": round(values[0], 1)}
    cuts = quantiles(values, n=20, method="inclusive")
    return {"p50": round(cuts[9], 1), "p95": round(cuts[18], 1)}
