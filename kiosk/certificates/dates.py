"""Dates of tokens and of what they state, against the moment of the check."""

from datetime import UTC, datetime, timedelta

from kiosk.certificates.answers import CertificateAnswer as Answer
from kiosk.certificates.answers import Reason, Refused, Statement

ELSEWHERE = timedelta(hours=14)
"""A date without a time is over when it is over everywhere: time zones reach from UTC-12 to UTC+14."""


def check_token(begins: datetime | None, ends: datetime | None, now: datetime, *, last_counts: bool = False) -> None:
    """Whether a token is in its time; it counts from its first moment on.

    Args:
        begins, ends: of the token, where given.
        now: the moment of the check.
        last_counts: whether it still counts at the very moment `ends`: not for a JWT (RFC 7519), but for an EU DCC,
            which is rejected after it (HCERT 3.3.1; 17 published vectors are checked at just that moment).

    Raises:
        Refused: NOT_YET_VALID or EXPIRED.
    """
    if ends is not None and (now > ends if last_counts else now >= ends):
        raise Refused(Answer.EXPIRED, Reason.PAST, ends.isoformat())
    if begins is not None and now < begins:
        raise Refused(Answer.NOT_YET_VALID, Reason.FUTURE, begins.isoformat())


def check_statement(statement: Statement, now: datetime) -> None:
    """Whether a statement is about the past, and in the days that it names itself.

    Raises:
        Refused: NOT_YET_VALID or EXPIRED.
    """
    latest, earliest = ((now + shift).astimezone(UTC).date() for shift in (ELSEWHERE, -ELSEWHERE))
    for begins in (statement.on, statement.valid_from):
        if begins is not None and begins > latest:
            raise Refused(Answer.NOT_YET_VALID, Reason.STATEMENT_FUTURE)
    if statement.valid_until is not None and statement.valid_until < earliest:
        raise Refused(Answer.EXPIRED, Reason.STATEMENT_PAST)
