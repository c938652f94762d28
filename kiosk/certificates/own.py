"""Our own appointment codes as certificates: signature and dates.

Hall and person are for the gate to check (`kiosk.gate.codes`).
"""

from datetime import datetime

from kiosk.certificates.answers import CertificateAnswer as Answer
from kiosk.certificates.answers import Reading, Reason, Refused, Usage
from kiosk.certificates.dates import check_token
from kiosk.wire import codes
from kiosk.wire.trust import Scheme


def read(text: str, hub_key: bytes, now: datetime) -> Reading:
    """Read and check a code.

    Args:
        text: as scanned, with its prefix.
        hub_key: the hub's signing key, 32 raw bytes.
        now: the moment of the check.

    Raises:
        Refused: With the answer.
    """
    try:
        claims = codes.read(text.encode(), hub_key)
    except codes.CodeRefused as refused:
        if refused.problem is codes.CodeProblem.FORGED:
            raise Refused(Answer.BAD_SIGNATURE, Reason.SIGNATURE_WRONG) from refused
        raise Refused(Answer.MALFORMED, Reason.DAMAGED) from refused
    check_token(claims.not_before, claims.expires, now)
    return Reading(
        Answer.VALID,
        scheme=Scheme.OWN_CODE,
        key_id=claims.code_id,
        not_before=claims.not_before,
        expires=claims.expires,
        usage=Usage.UNRESTRICTED,
        code=claims,
    )
