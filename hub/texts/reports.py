"""What the gateway tells of messages it took: that they arrived, or why not. A signed call to the hub.

    POST /api/v1/office/texts/reports   {reports: [{key, state, why}]}  -> {taken, unknown}

`state` is `delivered` or `failed`; `why` of a failed one `bad_number`, `opted_out`, `off`, `full`, or the operator's
own word. Reports may come twice, late and in any order: that a message arrived is the last word.
"""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

import msgspec
from sqlalchemy import Connection, select, update

from hub.store import schema
from hub.texts.contacts import note_bad
from hub.texts.outbox import State
from hub.texts.sending import ABOUT_THE_NUMBER

MOST_REPORTS: Final = 500
_message = schema.text_message


class Report(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What became of one message."""

    key: UUID
    state: Annotated[str, msgspec.Meta(pattern="^(delivered|failed)$")]
    why: Annotated[str, msgspec.Meta(max_length=100, pattern="^[ -~]*$")] = ""


class Reports(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Several of them."""

    reports: Annotated[tuple[Report, ...], msgspec.Meta(max_length=MOST_REPORTS)]


def take(connection: Connection, reports: Reports, now: datetime) -> int:
    """Take reports; how many were about messages of this hub.

    Args:
        connection: Inside a writing transaction.
        reports: As the gateway sent them.
        now: The time.
    """
    taken = 0
    for each in reports.reports:
        row = connection.execute(
            select(_message.c.number, _message.c.contact, _message.c.state, _message.c.sent).where(
                _message.c.key == str(each.key)
            )
        ).one_or_none()
        if row is None:
            continue
        taken += 1
        if row.state == State.DELIVERED.value:
            continue
        good = each.state == "delivered"
        values: dict[str, object] = {
            "state": (State.DELIVERED if good else State.FAILED).value,
            "reported": now,
            "next_try": None,
            "error": "" if good else (each.why or "failed"),
        }
        if row.sent is None:
            values["sent"] = now  # the gateway had it before its answer was noted
        connection.execute(update(_message).where(_message.c.number == row.number).values(values))
        if not good and each.why in ABOUT_THE_NUMBER:
            note_bad(connection, row.contact, each.why)
    return taken
