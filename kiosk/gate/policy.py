"""The rules, applied: evidence in, decision out. Pure, and the same code on the terminal and at the hub.

Three laws hold for any evidence and any rules (tests prove them):
  * missing evidence never admits, where the rules ask for it;
  * more alarming evidence never turns a refusal or referral into an admission;
  * whoever is on the watch list is referred to staff, whatever else there is: neither admitted nor sent away.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from kiosk.clock import local_date
from kiosk.wire.evidence import (
    Band,
    CertificateChecked,
    CodeChecked,
    CodeStatus,
    Colour,
    DocumentKind,
    Evidence,
    FaceCompared,
    HealthChecked,
    Holder,
    Identity,
    IdentityRead,
    LivenessChecked,
    MaskSeen,
    MaskWorn,
    NotMeasured,
    Occupancy,
    TemperatureTaken,
    Watched,
    Why,
)
from kiosk.wire.rules import Decision, MaskRule, Reason, Rules, Verdict

HEALTH = frozenset({Reason.TEMPERATURE_HIGH, Reason.HEALTH_RED})
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
        Reason.CODE_CANCELLED,
        Reason.CODE_USED,
        Reason.PARTY_TOO_LARGE,
        Reason.MASK_MISSING,
        Reason.HEALTH_OLD,
        Reason.CERTIFICATE_EXPIRED,
        Reason.HALL_FULL,
    }
)
"""Reasons that are certain and that the person can act on. Every other reason is for staff to look at."""

_FOR_STAFF = frozenset({Reason.ASKED_FOR_STAFF, Reason.ON_WATCH_LIST})
"""Staff come, whatever else there is that the person could mend."""

_CODE_REASONS = {
    CodeStatus.NOT_A_CODE: Reason.CODE_NOT_KNOWN,
    CodeStatus.FORGED: Reason.CODE_FORGED,
    CodeStatus.EXPIRED: Reason.CODE_EXPIRED,
    CodeStatus.NOT_YET: Reason.CODE_NOT_YET,
    CodeStatus.WRONG_HALL: Reason.CODE_WRONG_HALL,
    CodeStatus.OTHER_PERSON: Reason.CODE_OTHER_PERSON,
    CodeStatus.REVOKED: Reason.CODE_REVOKED,
    CodeStatus.CANCELLED: Reason.CODE_CANCELLED,
    CodeStatus.USED: Reason.CODE_USED,
}
_COLOURS = {
    Colour.YELLOW: Reason.HEALTH_YELLOW,
    Colour.RED: Reason.HEALTH_RED,
    Colour.UNKNOWN: Reason.HEALTH_UNKNOWN,
}
_CLOCKS_DIFFER = timedelta(minutes=5)
"""So far ahead of ours another service's clock may be."""
_CERTIFICATE_EXPIRED = frozenset({"expired", "not_yet_valid"})
_CERTIFICATE_FOR_STAFF = frozenset({"stale_list", "unknown_issuer", "cannot_check"})


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


def is_recognised(identity: Identity) -> bool:
    """Whether somebody came without a document, by their face among those who agreed to it."""
    return isinstance(identity, IdentityRead) and identity.document is DocumentKind.RECOGNISED


def _identity(evidence: Evidence, rules: Rules, now: datetime) -> Iterator[Reason]:
    match evidence.identity:
        case NotMeasured() as seen:
            yield _missing(seen, Reason.NO_IDENTITY)
        case IdentityRead() as seen:
            if is_recognised(seen) and not (rules.face_identifies and isinstance(evidence.face, FaceCompared)):
                yield Reason.NO_IDENTITY
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


def _liveness(evidence: Evidence) -> Iterator[Reason]:
    match evidence.liveness:
        case NotMeasured() as seen:
            yield _missing(seen, Reason.NO_LIVENESS)
        case LivenessChecked(passed=passed):
            if not passed:
                yield Reason.NOT_ALIVE


def _mask(evidence: Evidence) -> Iterator[Reason]:
    match evidence.mask:
        case NotMeasured() as seen:
            yield _missing(seen, Reason.NO_MASK_SEEN)
        case MaskSeen(worn=MaskWorn.BARE):
            yield Reason.MASK_MISSING
        case MaskSeen(worn=MaskWorn.UNSURE):
            yield Reason.NO_MASK_SEEN
        case MaskSeen():
            return


def _health(evidence: Evidence, rules: Rules, now: datetime) -> Iterator[Reason]:
    match evidence.health:
        case NotMeasured(why=Why.DEVICE_FAULT, device="health_service"):
            yield Reason.HEALTH_UNREACHABLE
        case NotMeasured() as seen:
            yield _missing(seen, Reason.NO_HEALTH)
        case HealthChecked() as seen:
            yield from _health_code(seen, rules, now)
        case CertificateChecked() as seen:
            yield from _certificate(seen, rules)


def _health_code(seen: HealthChecked, rules: Rules, now: datetime) -> Iterator[Reason]:
    if seen.colour is not Colour.GREEN:
        yield _COLOURS[seen.colour]
    if "gateway" not in rules.health_schemes:
        yield Reason.CERTIFICATE_REFUSED
    if not -_CLOCKS_DIFFER <= now - seen.made <= timedelta(hours=rules.health_most_hours):
        yield Reason.HEALTH_OLD
    match seen.holder:
        case Holder.OTHER:
            yield Reason.HEALTH_OTHER_PERSON
        case Holder.UNKNOWN:
            yield Reason.HEALTH_UNKNOWN
        case Holder.SAME:
            return


def _certificate(seen: CertificateChecked, rules: Rules) -> Iterator[Reason]:
    if seen.scheme not in rules.health_schemes:
        yield Reason.CERTIFICATE_REFUSED
    elif seen.answer in _CERTIFICATE_EXPIRED:
        yield Reason.CERTIFICATE_EXPIRED
    elif seen.answer in _CERTIFICATE_FOR_STAFF:
        yield Reason.CERTIFICATE_UNSURE
    elif seen.answer != "valid":
        yield Reason.CERTIFICATE_REFUSED
    match seen.holder:
        case Holder.OTHER:
            yield Reason.HEALTH_OTHER_PERSON
        case Holder.UNKNOWN:
            yield Reason.CERTIFICATE_UNSURE
        case Holder.SAME:
            return


def _temperature(evidence: Evidence, rules: Rules) -> Iterator[Reason]:
    match evidence.temperature:
        case NotMeasured() as seen:
            yield _missing(seen, Reason.NO_TEMPERATURE)
        case TemperatureTaken() as seen:
            ambient_holds = rules.temperature_ambient_min_c <= seen.ambient_c <= rules.temperature_ambient_max_c
            # A hot forehead counts whatever the air is like; a normal one only where the reading can be trusted.
            # Negated comparisons: a value that is no number (NaN) is never taken for a normal one.
            if seen.counts_c >= rules.temperature_high_c:
                yield Reason.TEMPERATURE_HIGH
            elif not ambient_holds or not seen.counts_c >= rules.temperature_lowest_c:
                yield Reason.NO_TEMPERATURE
            elif not seen.counts_c < rules.temperature_unsure_c:
                yield Reason.TEMPERATURE_UNSURE


def _code(evidence: Evidence, rules: Rules) -> Iterator[Reason]:
    match evidence.code:
        case NotMeasured(why=Why.UNREADABLE):
            yield Reason.CODE_UNREADABLE
        case NotMeasured() as seen:
            yield _missing(seen, Reason.NO_CODE)
        case CodeChecked(status=CodeStatus.VALID, companions=companions):
            if 1 + companions > rules.party_most:
                yield Reason.PARTY_TOO_LARGE
        case CodeChecked() as seen:
            yield _CODE_REASONS[seen.status]


def _occupancy(evidence: Evidence, rules: Rules, now: datetime) -> Iterator[Reason]:
    match evidence.occupancy:
        case NotMeasured():
            if rules.capacity is not None:
                yield Reason.DEVICE_FAULT
        case Occupancy() as seen:
            companions = evidence.code.companions if isinstance(evidence.code, CodeChecked) else 0
            if rules.capacity is not None and seen.inside + 1 + companions > rules.capacity:
                yield Reason.HALL_FULL
            soon = timedelta(minutes=rules.passback_minutes)
            if soon and seen.last_entered is not None and now - seen.last_entered < soon:
                yield Reason.ALREADY_INSIDE


def _reasons(evidence: Evidence, rules: Rules, now: datetime) -> Iterator[Reason]:
    """Every reason that speaks against admission.

    What was measured counts even where the rules do not ask for it; what is missing counts only where they do.
    """
    if rules.identity_required or isinstance(evidence.identity, IdentityRead):
        yield from _identity(evidence, rules, now)
    if rules.face_required or isinstance(evidence.face, FaceCompared):
        yield from _face(evidence)
    alive = rules.liveness_required or is_recognised(evidence.identity)  # a photograph has a face, and no card
    if alive or isinstance(evidence.liveness, LivenessChecked):
        yield from _liveness(evidence)
    if rules.mask is MaskRule.REQUIRE:
        yield from _mask(evidence)
    if rules.temperature_required or isinstance(evidence.temperature, TemperatureTaken):
        yield from _temperature(evidence, rules)
    if (rules.code_required and not rules.walk_in) or isinstance(evidence.code, CodeChecked):
        yield from _code(evidence, rules)
    if rules.health_required or isinstance(evidence.health, HealthChecked | CertificateChecked):
        yield from _health(evidence, rules, now)
    yield from _occupancy(evidence, rules, now)
    if isinstance(evidence.watch, Watched):
        yield Reason.ON_WATCH_LIST


def _not_reached(evidence: Evidence, reason: Reason) -> bool:
    """Whether a reason only says that something was not asked for any more."""
    parts = {
        Reason.NO_IDENTITY: evidence.identity,
        Reason.NO_FACE: evidence.face,
        Reason.NO_TEMPERATURE: evidence.temperature,
        Reason.NO_CODE: evidence.code,
        Reason.NO_LIVENESS: evidence.liveness,
        Reason.NO_MASK_SEEN: evidence.mask,
        Reason.NO_HEALTH: evidence.health,
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
        temperature, for whoever asked for staff and for whoever is on the watch list; REFUSE where the person can mend
        it and nobody has to look.
    """
    against = tuple(dict.fromkeys(_reasons(evidence, rules, now)))
    if not against:
        return Decision(verdict=Verdict.ADMIT, reasons=(Reason.ALL_IN_ORDER,), rules_version=rules.version)
    told = tuple(reason for reason in against if not _not_reached(evidence, reason)) or against
    if HEALTH.intersection(told) or _FOR_STAFF.intersection(told):
        verdict = Verdict.REFER
    elif REFUSALS.intersection(told):
        verdict = Verdict.REFUSE
    else:
        verdict = Verdict.REFER
    return Decision(verdict=verdict, reasons=told, rules_version=rules.version)
