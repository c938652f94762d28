"""Items that are done at once (即办件) decide themselves, where their data says how; everything else waits for staff.

A decision is made in ONE transaction with its document: accepted, granted, and the result is there. Whatever does not
fit (other answers, papers that somebody has to look at, a fee that is not paid) stays in the queue of the window.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec
import structlog
from anyio.to_thread import run_sync
from sqlalchemy import Connection, select

from hub.app import Hub
from hub.audit.chain import Actor, Who
from hub.office import payments, staff_steps
from hub.office.advance import OfficeRefused, advance
from hub.office.items import facts
from hub.office.records import Record, record_of
from hub.office.result_page import NoFont, ResultPage, drawn
from hub.office.states import Step
from hub.store import schema
from kiosk.clock import local_date
from kiosk.wire.answers import asked, fee_due, papers_wanted, standing
from kiosk.wire.catalogue import Automatic, Condition, Item, Query
from kiosk.wire.events import Content, Envelope, Submission
from kiosk.wire.masking import mask_name, mask_number
from kiosk.wire.progress import Standing
from kiosk.wire.requests import OrderState
from kiosk.wire.sealing import CannotUnseal, recipient_of, seal, unseal

_log = structlog.get_logger()
_AT_ONE_LOOK: Final = 20


@dataclass(frozen=True, slots=True)
class Candidate:
    """A submission that may decide itself."""

    record: Record
    item: Item
    rule: Automatic
    made: Submission
    paid: int | None
    """Fen of its paid order; None where there is none, or it is not paid."""


class Deciders:
    """Decides what decides itself. Remembers what is for staff, so that it is not opened again at each look.

    Args:
        hub: The hub.
    """

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._for_staff: set[tuple[str, OrderState | None]] = set()

    async def look(self) -> int:
        """Decide what is due; how many were."""
        found = await self._hub.read(self._candidates)
        decided = 0
        for each in found:
            decided += await self._decide(each)
        return decided

    def _candidates(self, connection: Connection) -> list[Candidate]:
        handling, event, submission = schema.handling, schema.event, schema.submission
        rows = connection.execute(
            select(handling)
            .where(
                handling.c.standing == Standing.RECEIVED.value,
                handling.c.working_days == 0,
                handling.c.deferred_due.is_(None),
                handling.c.corrections == 0,
            )
            .order_by(handling.c.counted_from.desc())
            .limit(500)
        ).all()
        found: list[Candidate] = []
        for row in rows:
            record = record_of(row)
            order = None if record.payment is None else payments.find_order(connection, UUID(record.payment))
            seen = (record.number, None if order is None else order.state)
            if seen in self._for_staff:
                continue
            item = facts(connection, record.hall, record.item).item
            if item is None or item.automatic is None:
                self._for_staff.add(seen)
                continue
            body = connection.scalar(
                select(event.c.body)
                .join(submission, submission.c.position == event.c.position)
                .where(submission.c.number == record.number)
            )
            made = msgspec.json.decode(body or b"null", type=Envelope).event
            assert isinstance(made, Submission)
            self._for_staff.add(seen)  # unless it is decided now
            paid = order.fen if order is not None and order.state is OrderState.PAID else None
            found.append(Candidate(record, item, item.automatic, made, paid))
            if len(found) >= _AT_ONE_LOOK:
                break
        return found

    async def _decide(self, one: Candidate) -> bool:
        try:
            page = await run_sync(_page, one, self._hub.unsealing, self._hub.now())
            if page is None:
                return False
            name, size = await run_sync(_kept, self._hub, one.record, page)
            await self._hub.writer.do(lambda connection: _made(connection, one, name, size, self._hub.now()))
        except OfficeRefused as error:
            _log.info("not decided by itself", number=one.record.number, why=error.kind)
            return False
        except (CannotUnseal, msgspec.DecodeError, NoFont) as error:
            _log.error("an item cannot decide itself", item=one.item.key, why=type(error).__name__)
            return False
        _log.info("decided by itself", item=one.item.key)
        return True


def _page(one: Candidate, identity: str, now: datetime) -> bytes | None:
    """The document; None where it is for staff."""
    content = msgspec.json.decode(unseal(one.made.content_sealed, identity), type=Content)
    fee = _may(one, content)
    if fee is None:
        return None
    day = local_date(now).isoformat()
    queries = {query.key: query for query in asked(one.item, content.answers)}
    shown = {key: _shown(queries[key], value) for key, value in content.answers.items() if key in queries}
    places = {
        **dict.fromkeys((query.key for query in one.item.form), "—"),
        **shown,
        "name": mask_name(content.person.name),
        "number": mask_number(content.person.number),
        "day": day,
        "receipt": one.record.number,
        "fee": f"{fee / 100:.2f}",
    }
    return drawn(
        ResultPage(
            title=one.rule.title,
            office=one.item.department.zh_hans,
            lines=tuple((line.caption, line.value.format(**places)) for line in one.rule.lines),
            note=one.rule.note,
            day=day,
        )
    )


def _may(one: Candidate, content: Content) -> int | None:
    """The fee in fen when it decides itself; None where it is for staff."""
    answers = standing(one.item, content.answers)
    if not all(_holds(condition, answers) for condition in one.rule.only_if):
        return None
    if not one.rule.papers and (one.made.papers or papers_wanted(one.item, content.answers)):
        return None
    if one.made.item_version < one.item.accepts_version:
        return None
    fee = fee_due(one.item, content.answers)
    if fee is None or (fee > 0 and one.paid != fee):
        return None
    return fee


def _holds(condition: Condition, answers: dict[str, str]) -> bool:
    given = answers.get(condition.key, "").split(",")
    return any(value in given for value in condition.values)


def _shown(query: Query, value: str) -> str:
    titles = {choice.key: choice.title.zh_hans for choice in query.choices}
    return "、".join(titles.get(each, each) for each in value.split(",")) if titles else value


def _kept(hub: Hub, record: Record, pdf: bytes) -> tuple[str, int]:
    sealed = seal(pdf, recipient_of(hub.unsealing))
    name = hashlib.sha256(sealed).hexdigest()
    hub.papers.add(f"office/{record.decides}", name, 0, len(sealed), sealed)
    return name, len(pdf)


def _made(connection: Connection, one: Candidate, name: str, size: int, now: datetime) -> Record:
    """Accepted, granted, and the document is there."""
    who = Who(Actor.HUB, one.record.decides)
    rule = {"rule": f"{one.item.key} {one.item.version}"}
    record = staff_steps.begin_work(connection, one.record, Step.ACCEPT, who, now)
    record = advance(connection, record, Step.GRANT, who, now, values={"reason": ""}, detail=rule)
    return staff_steps.add_result(
        connection, record.number, record.version, who, now, title=one.rule.title, sha256=name, size=size
    )
