"""Appointment codes at the door: whether one is good here, now, and for this person. Offline."""

from datetime import datetime, timedelta

from kiosk.wire.codes import CodeProblem, CodeRefused, read
from kiosk.wire.evidence import CodeChecked, CodeStatus, NotMeasured, Why


def check(
    payload: bytes,
    *,
    public_key: bytes,
    hall: str,
    person: str,
    now: datetime,
    device: str,
    early: timedelta = timedelta(0),
    late: timedelta = timedelta(0),
) -> CodeChecked | NotMeasured:
    """Check a shown code.

    Args:
        payload: what the scanner gave.
        public_key: the hub's signing key, 32 raw bytes.
        hall: this hall.
        person: digest of the person in front; empty when nobody was identified.
        now: the moment of the check.
        device: name of the scanner.
        early: how long before its time a code is good.
        late: and how long after it.

    Returns:
        What the check said; `NotMeasured(UNREADABLE)` for one of ours that is damaged.
    """
    try:
        claims = read(payload, public_key)
    except CodeRefused as refused:
        if refused.problem is CodeProblem.UNREADABLE:
            return NotMeasured(why=Why.UNREADABLE, device=device)
        forged = refused.problem is CodeProblem.FORGED
        status = CodeStatus.FORGED if forged else CodeStatus.NOT_A_CODE
        return CodeChecked(status=status, device=device, at=now)
    if claims.hall != hall:
        status = CodeStatus.WRONG_HALL
    elif claims.person and claims.person != person:
        status = CodeStatus.OTHER_PERSON
    elif now < claims.not_before - early:
        status = CodeStatus.NOT_YET
    elif now >= claims.expires + late:
        status = CodeStatus.EXPIRED
    else:
        status = CodeStatus.VALID
    return CodeChecked(status=status, code_id=claims.code_id, companions=claims.companions, device=device, at=now)
