"""Proofs of health at the gate: codes of a service, certificates, and whatever else is shown. On virtual time."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import anyio
import msgspec
import pytest

from kiosk.gate.evidence import Who
from kiosk.gate.proofs import AnotherPart
from kiosk.view import gate as view
from kiosk.view.common import CallStaff
from kiosk.wire.digest import person_digest
from kiosk.wire.evidence import (
    CertificateChecked,
    Colour,
    HealthChecked,
    HealthProof,
    Holder,
    NotMeasured,
    Why,
)
from kiosk.wire.rules import Reason, Verdict
from tests.journeys.cast import ScriptedClock, card, facts
from tests.journeys.test_gate_journey import HALL_KEY, RULES, Hall

pytestmark = pytest.mark.anyio

ONLY_HEALTH = msgspec.structs.replace(
    RULES, face_required=False, temperature_required=False, code_required=False, health_required=True
)
NOW = ScriptedClock().start
GREEN = HealthChecked(
    colour=Colour.GREEN,
    service="demo",
    made=NOW - timedelta(hours=1),
    holder=Holder.SAME,
    device="code_scanner",
    at=NOW,
)
CERTIFICATE = CertificateChecked(
    scheme="dcc", answer="valid", holder=Holder.SAME, list_made=NOW, device="code_scanner", at=NOW
)
UNREACHABLE = NotMeasured(why=Why.DEVICE_FAULT, device="health_service", code="timeout")


def code(**change: object) -> HealthChecked:
    return msgspec.structs.replace(GREEN, **change)


def certificate(**change: object) -> CertificateChecked:
    return msgspec.structs.replace(CERTIFICATE, **change)


@dataclass
class _Service:
    """Judges each payload as the script says; what it does not know is no proof of health."""

    says: dict[bytes, HealthProof | Callable[[], HealthProof]]
    asked: list[tuple[bytes, str, datetime]] = field(default_factory=list)

    async def check(self, payload: bytes, who: Who, now: datetime) -> HealthProof | None:
        self.asked.append((payload, who.person, now))
        await anyio.sleep(0.2)
        found = self.says.get(payload)
        return found() if callable(found) else found


def hall_with(says: dict[bytes, HealthProof | Callable[[], HealthProof]], *shown: bytes | None) -> Hall:
    hall = Hall()
    hall.rules = ONLY_HEALTH
    hall.scanner.driver.shown = [*shown, None]
    hall.lane = replace(hall.lane, proofs=_Service(says))
    return hall


def hints(hall: Hall) -> list[view.CodeHint]:
    return [state.hint for state in hall.person.seen if isinstance(state, view.ShowHealth)]


async def test_green_and_ones_own() -> None:
    hall = hall_with({b"H": GREEN}, b"H")
    passage = await hall.one()
    assert passage.decision.verdict is Verdict.ADMIT
    assert facts(passage.evidence.health) == {
        "type": "health_checked", "colour": "green", "service": "demo", "made": "2026-11-23T00:00:00Z",
        "holder": "same", "shown_by": "", "device": "code_scanner",
    }  # fmt: skip
    service = hall.lane.proofs
    assert isinstance(service, _Service)
    assert [(asked[0], asked[1]) for asked in service.asked] == [(b"H", person_digest(card().number, HALL_KEY))]
    assert hall.person.kinds() == ["Welcome", "ShowHealth", "Deciding", "Admitted"]


@pytest.mark.parametrize(
    ("proof", "verdict", "reasons"),
    [
        (code(colour=Colour.YELLOW), Verdict.REFER, (Reason.HEALTH_YELLOW,)),
        (code(colour=Colour.RED), Verdict.REFER, (Reason.HEALTH_RED,)),
        (code(colour=Colour.UNKNOWN), Verdict.REFER, (Reason.HEALTH_UNKNOWN,)),
        (code(made=NOW - timedelta(hours=25)), Verdict.REFUSE, (Reason.HEALTH_OLD,)),
        (code(made=NOW - timedelta(hours=23, minutes=59)), Verdict.ADMIT, (Reason.ALL_IN_ORDER,)),
        (code(made=NOW + timedelta(days=365)), Verdict.REFUSE, (Reason.HEALTH_OLD,)),
        (code(colour=Colour.RED, made=NOW - timedelta(days=2)), Verdict.REFER, (Reason.HEALTH_RED, Reason.HEALTH_OLD)),
        (code(holder=Holder.OTHER), Verdict.REFER, (Reason.HEALTH_OTHER_PERSON,)),
        (code(holder=Holder.UNKNOWN), Verdict.REFER, (Reason.HEALTH_UNKNOWN,)),
        (code(shown_by="e" * 64), Verdict.ADMIT, (Reason.ALL_IN_ORDER,)),
        (UNREACHABLE, Verdict.REFER, (Reason.HEALTH_UNREACHABLE,)),
        (certificate(), Verdict.ADMIT, (Reason.ALL_IN_ORDER,)),
        (certificate(answer="expired"), Verdict.REFUSE, (Reason.CERTIFICATE_EXPIRED,)),
        (certificate(answer="bad_signature"), Verdict.REFER, (Reason.CERTIFICATE_REFUSED,)),
        (certificate(answer="stale_list"), Verdict.REFER, (Reason.CERTIFICATE_UNSURE,)),
        (certificate(holder=Holder.OTHER), Verdict.REFER, (Reason.HEALTH_OTHER_PERSON,)),
        (certificate(scheme="paper"), Verdict.REFER, (Reason.CERTIFICATE_REFUSED,)),
    ],
)
async def test_what_a_proof_is_worth(proof: HealthProof, verdict: Verdict, reasons: tuple[Reason, ...]) -> None:
    passage = await hall_with({b"H": proof}, b"H").one()
    assert passage.evidence.health == proof
    assert (passage.decision.verdict, passage.decision.reasons) == (verdict, reasons)


def _part() -> HealthProof:
    raise AnotherPart


async def test_a_certificate_in_two_parts() -> None:
    hall = hall_with({b"1/2": _part, b"2/2": CERTIFICATE}, b"1/2", b"2/2")
    passage = await hall.one()
    assert passage.evidence.health == CERTIFICATE
    assert passage.decision.verdict is Verdict.ADMIT
    assert hints(hall) == [view.CodeHint.NONE, view.CodeHint.ANOTHER_PART]


async def test_half_a_certificate_is_none() -> None:
    hall = hall_with({b"1/2": _part}, b"1/2")
    passage = await hall.one()
    assert passage.evidence.health == NotMeasured(why=Why.UNREADABLE, device="code_scanner", code="incomplete")
    assert (passage.decision.verdict, passage.decision.reasons) == (Verdict.REFER, (Reason.NO_HEALTH,))


async def test_the_same_part_for_ever_ends() -> None:
    hall = hall_with({b"1/2": _part}, *[b"1/2"] * 100)
    passage = await hall.one()
    assert passage.evidence.health == NotMeasured(why=Why.UNREADABLE, device="code_scanner", code="incomplete")
    service = hall.lane.proofs
    assert isinstance(service, _Service)
    assert len(service.asked) == 12


async def test_three_wrong_things_and_nobody_is_asked_again() -> None:
    hall = hall_with({b"H": GREEN}, b"payment", b"payment", b"payment", b"H")
    passage = await hall.one()
    assert passage.evidence.health == NotMeasured(why=Why.UNREADABLE, device="code_scanner", code="not_health")
    assert (passage.decision.verdict, passage.decision.reasons) == (Verdict.REFER, (Reason.NO_HEALTH,))
    assert hints(hall) == [view.CodeHint.NONE, view.CodeHint.NOT_HEALTH]


async def test_the_wrong_thing_first_costs_nobody_the_way_in() -> None:
    hall = hall_with({b"H": GREEN}, b"payment", b"KA1:whatever", b"H")
    passage = await hall.one()
    assert passage.decision.verdict is Verdict.ADMIT


async def test_nothing_shown() -> None:
    hall = hall_with({})
    passage = await hall.one()
    assert passage.evidence.health == NotMeasured(why=Why.NOT_SHOWN, device="code_scanner")
    assert passage.decision.reasons == (Reason.NO_HEALTH,)
    spent = next(timing.ms for timing in passage.timings if timing.phase == "health")
    assert spent == pytest.approx(hall.lane.pace.code_seconds * 1000)


async def test_a_hall_without_such_a_service_sends_to_staff() -> None:
    hall = hall_with({}, b"H")
    hall.lane = replace(hall.lane, proofs=None)
    passage = await hall.one()
    assert passage.evidence.health == NotMeasured(why=Why.NOT_INSTALLED, device="health_service")
    assert (passage.decision.verdict, passage.decision.reasons) == (Verdict.REFER, (Reason.NO_HEALTH,))


async def test_a_scanner_that_goes_is_no_fault_of_the_person() -> None:
    hall = hall_with({})

    async def unplug() -> None:
        await hall.person.see(view.ShowHealth)
        hall.scanner.plug(False)

    passage = await hall.one(unplug)
    assert passage.evidence.health == NotMeasured(why=Why.DEVICE_FAULT, device="code_scanner", code="not_present")
    assert passage.decision.reasons == (Reason.DEVICE_FAULT,)


async def test_staff_instead_of_a_telephone() -> None:
    hall = hall_with({})

    async def ask() -> None:
        await hall.person.see(view.ShowHealth)
        hall.person.touch(CallStaff())

    passage = await hall.one(ask)
    assert passage.evidence.health == NotMeasured(why=Why.DECLINED)
    assert (passage.decision.verdict, passage.decision.reasons) == (Verdict.REFER, (Reason.ASKED_FOR_STAFF,))
