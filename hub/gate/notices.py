"""What others want to be told, written down in the transaction in which it happens. `hub.gate.notify` sends it."""

from datetime import datetime
from enum import StrEnum

import uuid6
from sqlalchemy import Connection, insert

from hub.fleet.live import TerminalKey
from hub.store import schema


class NoticeKind(StrEnum):
    """What happened."""

    ISOLATION = "isolation"
    """Somebody has a high temperature or a red code."""
    REFERRAL = "referral"
    """Somebody waits for staff for another reason."""
    LANE_ALARM = "lane_alarm"
    CASE_CLOSED = "case_closed"
    SUBMISSION = "submission"
    """Something has come, or a day has: the office goes on with it. `lane` is the receipt's number."""
    TERMINAL = "terminal"
    """Something is wrong with a terminal, or no longer is. `lane` is the device it is about; empty: the terminal."""
    OPINION = "opinion"
    """Somebody complains, or a complaint was not answered in time. `lane` is its code."""
    OVERDUE = "overdue"
    """Something is late: for the supervisor of the hall. `lane` is the receipt's number, or the complaint's code."""
    OVERDUE_AGAIN = "overdue_again"
    """It still is: for the next above."""
    TEXTS = "texts"
    """Messages to citizens do not go out. `lane` is the day."""


def write_down(
    connection: Connection,
    kind: NoticeKind,
    key: TerminalKey,
    *,
    lane: str,
    detail: str,
    at: datetime,
    now: datetime,
    case_number: int | None = None,
) -> None:
    """Write down that something happened.

    Args:
        connection: Inside the writing transaction of what happened.
        kind: What.
        key: Where.
        lane: The lane's name.
        detail: Values of enumerations, separated by spaces: reasons, the trouble, the outcome. Nothing personal.
        at: When it happened.
        now: The time.
        case_number: Of the case it is about.
    """
    connection.execute(
        insert(schema.notice).values(
            id=str(uuid6.uuid7()),
            hall=key.hall,
            kind=kind.value,
            case_number=case_number,
            terminal=key.terminal,
            lane=lane,
            detail=detail,
            at=at,
            made=now,
        )
    )
