"""The rules, applied: evidence in, decision out. Pure, and the same code on the terminal and at the hub.

Two laws hold for any evidence and any rules (tests prove them):
  * missing evidence never admits, where the rules ask for it;
  * more alarming evidence never turns a refusal or referral into an admission.
"""

from collections.abc import Iterator
from datetime import datetime

from kiosk.clock import local_date
from kiosk.wire.evidence import (
    Band,
    CodeChecked,
    CodeStatus,
    Evidence,
    FaceCompared,
    IdentityRead,
    NotMeasured,
    Occupancy,
    TemperatureTaken,
    Why,
)
from kiosk.wire.rules import Decision, Reason, Rules, Verdict

HEALTH = frozenset({Reason.TEMPERATURE_HIGH})
"""Never sent away: somebody who may be ill is looked after by staff, whatever else is wrong."""

REFUSALS = frozenset(
    {
        Reason.DOCUMENT_EXPIRED,
        Reason.DOCUMENT_NOT_YET_VALID,
        Reason.CODE_NOT_KNOWN,
        Reason.CODE_FORGED,
        Reason.CODE_EXPIRED,
        Reason.CODE_NOT_YET,
        Reason.CODE_WRONG_HALL,
        Reason.CODE_OTHER_PERSON,
        Reason.CODE_REVOKED,
        Reason.HALL_FULL,
    }
)
"""Reasons that are certain and that the person can act on. Every other reason is for staff to look at."""

_CODE_REASONS = {
    CodeStatus.NOT_A_CODE: Reason.CODE_NOT_KNOWN,
    CodeStatus.FORGED: Reason.CODE_FORGED,
    CodeStatus.EXPIRED: Reason.CODE_EXPIRED,
    CodeStatus.NOT_YET: Reason.CODE_NOT_YET,
    CodeStatus.WRONG_HALL: Reason.CODE_WRONG_HALL,
    CodeStatus.OTHER_PERSON: Reason.CODE_OTHER_PERSON,
    CodeStatus.REVOKED: Reason.CODE_REVOKED,
}


def _missing(seen: NotMeasured, otherwise: Reason) -> Reason:
    match seen.why:
        case Why.DEVICE_FAULT:
            return Reason.DEVICE_FAULT
        case Why.DECLINED:
            return Reason.ASKED_FOR_STAFF
        case Why.SEVERAL_FACES:
            return Reason.SEVERAL_FACES
        case _:
            return otherwise


def _identity(evidence: Evidence, now: datetime) -> Iterator[Reason]:
    match evidence.identity:
        case NotMeasured() as seen:
            yield _missing(seen, Reason.NO_IDENTITY)
        case IdentityRead() as seen:
            if not seen.number_is_valid:
                yield Reason.NUMBER_INVALID
            today = local_date(now)
            if seen.valid_to is not None and today > seen.valid_to:
                yield Reason.DOCUMENT_EXPIRED
            if today < seen.valid_from:
                yield Reason.DOCUMENT_NOT_YET_VALID


def _face(evidence: Evidence) -> Iterator[Reason]:
    match evidence.face:
        case NotMeasured() as seen:
            yield _missing(seen, Reason.NO_FACE)
        case FaceCompared(band=Band.STAFF):
            yield Reason.FACE_UNSURE
        case FaceCompared(band=Band.REJECT):
            yield Reason.FACE_DIFFERS
        case FaceCompared(band=Band.ACCEPT):
            return


def _temperature(evidence: Evidence, rules: Rules) -> Iterator[Reason]:
    match evidence.temperature:
        case NotMeasured() as seen:
            yield _missing(seen, Reason.NO_TEMPERATURE)
        case TemperatureTaken() as seen:
            ambient_holds = rules.temperature_ambient_min_c <= seen.ambient_c <= rules.temperature_ambient_max_c
            # A hot forehead counts whatever the air is like; a normal one only where the reading can be trusted.
            # Negated comparisons: a value that is no number (NaN) is never taken for a normal one.
            if seen.object_c >= rules.temperature_high_c:
                yield Reason.TEMPERATURE_HIGH
            elif not ambient_holds or not seen.object_c >= rules.temperature_lowest_c:
                yield Reason.NO_TEMPERATURE
            elif not seen.object_c < rules.temperature_unsure_c:
                yield Reason.TEMPERATURE_UNSURE


def _code(evidence: Evidence) -> Iterator[Reason]:
    match evidence.code:
        case NotMeasured(why=Why.UNREADABLE):
            yield Reason.CODE_UNREADABLE
        case NotMeasured() as seen:
            yield _missing(seen, Reason.NO_CODE)
        case CodeChecked(status=CodeStatus.VALID):
            return
        case CodeChecked() as seen:
            yield _CODE_REASONS[seen.status]


def _occupancy(evidence: Evidence, rules: Rules) -> Iterator[Reason]:
    if rules.capacity is None:
        return
    match evidence.occupancy:
        case NotMeasured():
            yield Reason.DEVICE_FAULT
        case Occupancy() as seen:
            companions = evidence.code.companions if isinstance(evidence.code, CodeChecked) else 0
            if seen.inside + 1 + companions > rules.capacity:
                yield Reason.HALL_FULL


def _reasons(evidence: Evidence, rules: Rules, now: datetime) -> Iterator[Reason]:
    """Every reason that speaks against admission.

    What was measured counts even where the rules do not ask for it; what is missing counts only where they do.
    """
    if rules.identity_required or isinstance(evidence.identity, IdentityRead):
        yield from _identity(evidence, now)
    if rules.face_required or isinstance(evidence.face, FaceCompared):
        yield from _face(evidence)
    if rules.temperature_required or isinstance(evidence.temperature, TemperatureTaken):
        yield from _temperature(evidence, rules)
    if rules.code_required or isinstance(evidence.code, CodeChecked):
        yield from _code(evidence)
    yield from _occupancy(evidence, rules)


def _not_reached(evidence: Evidence, reason: Reason) -> bool:
    """Whether a reason only says that something was not asked for any more."""
    parts = {
        Reason.NO_IDENTITY: evidence.identity,
        Reason.NO_FACE: evidence.face,
        Reason.NO_TEMPERATURE: evidence.temperature,
        Reason.NO_CODE: evidence.code,
    }
    part = parts.get(reason)
    return isinstance(part, NotMeasured) and part.why is Why.NOT_REACHED


def speaks_against(evidence: Evidence, rules: Rules, now: datetime) -> bool:
    """Whether something that was seen, or could not be, already rules out admission: there is no need to ask on."""
    return any(not _not_reached(evidence, reason) for reason in _reasons(evidence, rules, now))


def decide(evidence: Evidence, rules: Rules, now: datetime) -> Decision:
    """Decide on one person.

    Args:
        evidence: what was seen.
        rules: the rules in force.
        now: the moment of the decision, with a time zone; document dates are compared in China's.

    Returns:
        ADMIT with the one reason `all_in_order`; REFER where a member of staff has to look, always so for a high
        temperature; REFUSE where the person can mend it and nobody has to look.
    """
    against = tuple(dict.fromkeys(_reasons(evidence, rules, now)))
    if not against:
        return Decision(verdict=Verdict.ADMIT, reasons=(Reason.ALL_IN_ORDER,), rules_version=rules.version)
    told = tuple(reason for reason in against if not _not_reached(evidence, reason)) or against
    if HEALTH.intersection(told):
        verdict = Verdict.REFER
    elif REFUSALS.intersection(told):
        verdict = Verdict.REFUSE
    else:
        verdict = Verdict.REFER
    return Decision(verdict=verdict, reasons=told, rules_version=rules.version)
