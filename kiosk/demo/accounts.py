"""The accounts: what the terminals stored, what the hub holds, what the crowd saw, and what each person deserved."""

from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import quantiles
from typing import Protocol

import msgspec

from kiosk.demo.books import Accounts, HubBook, TerminalBook
from kiosk.demo.gate_accounts import Visited, counts_at_hub, people_against_hub


class _Application(Protocol):
    @property
    def number(self) -> str: ...
    @property
    def numbers(self) -> list[str]: ...
    @property
    def stuck_at(self) -> str: ...
    @property
    def interrupted(self) -> int: ...


def compare(
    hub: HubBook,
    gate: TerminalBook,
    desk: TerminalBook,
    visits: Sequence[Visited],
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
    people_against_hub(hub, visits, digest_of, accounts)
    counts_at_hub(hub, accounts)
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


class _Replayed(msgspec.Struct):
    passages: int
    same: int


def check_replays(found: Mapping[str, object], passages: int, accounts: Accounts) -> None:
    """Every passage was decided again, and decided the same.

    Args:
        found: what `stage_crew.replays` returned.
        passages: how many there are.
    """
    for name, told in found.items():
        replayed = msgspec.convert(told, _Replayed)
        if (replayed.passages, replayed.same) != (passages, passages):
            accounts.wrong(f"the {name} decides {replayed.same} of {replayed.passages} passages again as they were")


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
