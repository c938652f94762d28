"""What a demonstration came to, as one JSON object."""

from collections import Counter
from collections.abc import Sequence

from kiosk.demo.accounts import phases
from kiosk.demo.books import Accounts, HubBook, TerminalBook
from kiosk.demo.desk_walk import Application
from kiosk.demo.people import Crowd
from kiosk.demo.plan import Plan
from kiosk.demo.visit import Visit
from kiosk.wire.rules import Verdict


def report(
    plan: Plan,
    people: Crowd,
    hub: HubBook,
    gate: TerminalBook,
    desk: TerminalBook,
    visited: Sequence[Visit],
    applied: Sequence[Application],
    result: Accounts,
) -> dict[str, object]:
    """The accounts; `agrees` says whether everything is as it should be."""
    verdicts = [verdict for verdict, _ in gate.passages.values()]
    reasons = Counter(reason.value for passage in hub.passages.values() for reason in passage.decision.reasons)
    cases = Counter([*(v.case.value for v in people.visitors), *(f"desk_{a.case.value}" for a in people.applicants)])
    if plan.hub_down != "never":
        cases[f"hub_down_for_the_{plan.hub_down}"] = 1
    return {
        "agrees": not result.differences,
        "people": len(people.visitors),
        "passages": len(gate.passages),
        "admitted": verdicts.count(Verdict.ADMIT.value),
        "refused": verdicts.count(Verdict.REFUSE.value),
        "referred": verdicts.count(Verdict.REFER.value),
        "reasons": dict(sorted(reasons.items())),
        "submissions": len(desk.submissions),
        "receipts": sum(bool(a.receipt) for a in applied),
        "receipts_printed": sum("printed" in a.receipt for a in applied),
        "hub_passages": len(hub.passages),
        "hub_submissions": len(hub.submissions),
        "hub_cases": len(hub.cases),
        "lost": result.lost,
        "duplicated": result.duplicated,
        "phases": phases(hub),
        "cases": dict(sorted(cases.items())),
        "interrupted": sum(v.interrupted for v in visited) + sum(a.interrupted for a in applied),
        "reader_back_ms": [v.back_ms for v in visited if v.back_ms is not None],
        "differences": result.differences,
        "seed": plan.seed,
    }
