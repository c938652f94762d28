"""Handing in at a window what somebody began at a desk: the same submission as a desk makes, in the window's name."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

import img2pdf
import msgspec
from anyio.to_thread import run_sync
from sqlalchemy import Connection, func, select
from uuid6 import uuid7

from hub.app import Hub
from hub.audit.chain import Who
from hub.fleet.live import TerminalKey
from hub.office import drafts
from hub.office.advance import OfficeRefused
from hub.office.calendar import calendar_of
from hub.office.drafts import WINDOW, window_number
from hub.phone.pictures import Pages
from hub.store import schema
from hub.submissions.check import check_batch
from kiosk.clock import local_date
from kiosk.wire.answers import clean, first_wrong, papers_wanted, standing
from kiosk.wire.catalogue import Item, PaperWanted
from kiosk.wire.digest import person_digest
from kiosk.wire.events import Content, Deferred, Envelope, Fate, Paper, Submission
from kiosk.wire.masking import mask_name, mask_number
from kiosk.wire.sealing import recipient_of, seal
from kiosk.wire.texts import TextsWanted
from kiosk.wire.window import DraftPaper, HandedDraft

_DEVICE: Final = "window"


class NotWhole(Exception):
    """It cannot be handed in yet.

    Attributes:
        kind: `answer` or `paper`.
        what: The question, or the paper, in words.
    """

    def __init__(self, kind: str, what: str) -> None:
        super().__init__(what)
        self.kind, self.what = kind, what


def with_answers(item: Item, draft: HandedDraft, given: Mapping[str, str]) -> dict[str, str]:
    """The draft's answers with those that were changed at the window, in their canonical form."""
    queries = {query.key: query for query in item.form}
    changed = {key: clean(queries[key], value) for key, value in given.items() if key in queries}
    return {**draft.answers, **changed}


def missing(item: Item, draft: HandedDraft, answers: Mapping[str, str]) -> list[PaperWanted]:
    """The papers that apply and are not there."""
    there = {paper.kind for paper in draft.papers} | set(draft.earlier)
    return [paper for paper in papers_wanted(item, answers) if paper.key not in there]


def _bound(pages: tuple[bytes, ...]) -> bytes:
    """Pages as one PDF; the pictures go in as they are."""
    return bytes(img2pdf.convert(*pages))


def _sides(paper: DraftPaper) -> tuple[bytes, ...]:
    return tuple(side for page in paper.pages for side in (page.front, page.back) if side)


async def hand_in(
    hub: Hub,
    hall: str,
    who: Who,
    draft_id: UUID,
    item: Item,
    draft: HandedDraft,
    answers: Mapping[str, str],
    brought: Mapping[str, Pages],
    *,
    original_seen: bool,
    texts: TextsWanted | None = None,
) -> str:
    """Hand a draft in for its person.

    Args:
        hub: The hub.
        hall: Where.
        who: Of the window.
        draft_id: The draft, which nobody opens afterwards.
        item: As it is published now.
        draft: What was opened.
        answers: As they are now.
        brought: Papers that were brought to the window.
        original_seen: The clerk has compared the papers with the originals (grade B).
        texts: Where messages go; None where none are wanted.

    Returns:
        The receipt's number.

    Raises:
        NotWhole: Something is missing or wrong.
        OfficeRefused: It was handed in meanwhile, or is over.
    """
    now = hub.now()
    counted = standing(item, answers)
    wrong = first_wrong(item, counted, local_date(now))
    if wrong is not None:
        raise NotWhole("answer", wrong[0].title.zh_hans)
    lacking = [each for each in missing(item, draft, counted) if each.key not in brought]
    required = next((each for each in lacking if not each.deferrable_days), None)
    if required is not None:
        raise NotWhole("paper", required.title.zh_hans)

    def keep() -> list[Paper]:
        return _kept(hub, hall, item, draft, counted, brought, now, original_seen=original_seen)

    papers = await run_sync(keep)
    form = {query.key for query in item.form}
    content = Content(person=draft.person, answers={key: value for key, value in counted.items() if key in form})
    hall_key = await run_sync(hub.data.hall_key, hall)
    sealed = await run_sync(seal, msgspec.json.encode(content), recipient_of(hub.unsealing))
    number_sealed = b""
    if texts is not None:
        number_sealed = await run_sync(seal, msgspec.json.encode(texts), recipient_of(hub.unsealing))

    def work(connection: Connection) -> str:
        drafts.look_at(connection, hall, draft_id, now)
        calendar = calendar_of(connection, hall)
        promised = calendar.after(local_date(now), item.working_days).day if item.working_days else None
        made = Submission(
            id=uuid7(),
            number=window_number(connection, hall, now),
            item=item.key,
            item_version=item.version,
            began=draft.began,
            submitted=now,
            promised=promised,
            person=person_digest(draft.person.number, hall_key),
            name_masked=mask_name(draft.person.name),
            number_masked=mask_number(draft.person.number),
            content_sealed=sealed,
            papers=tuple(papers),
            deferred=tuple(
                Deferred(kind=each.key, due=calendar.after(local_date(now), each.deferrable_days).day)
                for each in lacking
            ),
            payment=draft.order,
            texts_sealed=number_sealed,
        )
        event = schema.event
        newest = connection.scalar(
            select(func.max(event.c.seq)).where(event.c.hall == hall, event.c.terminal == WINDOW)
        )
        envelope = msgspec.json.encode(Envelope(seq=(newest or 0) + 1, made=now, event=made))
        items = check_batch(b"[" + envelope + b"]", hub.unsealing)
        hub.intake.look_up(items)
        (answer,) = hub.intake.store(connection, TerminalKey(hall, WINDOW), items, now)
        if answer.fate is not Fate.STORED:
            raise OfficeRefused("invalid", answer.detail)
        drafts.note_handed_in(connection, draft_id, made.number, who, now)
        return made.number

    return await hub.writer.do(work)


def _kept(
    hub: Hub,
    hall: str,
    item: Item,
    draft: HandedDraft,
    answers: Mapping[str, str],
    brought: Mapping[str, Pages],
    now: datetime,
    *,
    original_seen: bool,
) -> list[Paper]:
    """Seal and store the papers, durably."""
    recipient = recipient_of(hub.unsealing)
    captured = {paper.kind: paper for paper in draft.papers}
    made: list[Paper] = []

    def keep(kind: str, content: bytes, when: datetime, device: str, grade: str, pages: int) -> Paper:
        sealed = seal(content, recipient)
        name = hashlib.sha256(sealed).hexdigest()
        hub.papers.add(f"office/{hall}", name, 0, len(sealed), sealed)
        return Paper(sha256=name, bytes=len(sealed), kind=kind, captured=when, device=device, grade=grade, pages=pages)

    for wanted in papers_wanted(item, answers):
        key = wanted.key
        if key in brought:
            pages = brought[key]
            grade = "B" if original_seen else "C" if pages.photo else "D"
            made.append(keep(key, _bound(pages.pages), now, _DEVICE, grade, len(pages.pages)))
        elif key in captured:
            paper = captured[key]
            grade = "B" if original_seen else paper.grade
            made.append(keep(key, _bound(_sides(paper)), paper.captured, paper.device, grade, len(paper.pages)))
        elif key in draft.earlier:
            offer = draft.earlier[key]
            made.append(
                Paper(
                    sha256=offer.sha256,
                    bytes=offer.bytes,
                    kind=key,
                    captured=offer.captured,
                    device=offer.device,
                    grade=offer.grade,
                    pages=offer.pages,
                    earlier=offer.number,
                )
            )
    return made
