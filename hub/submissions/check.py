"""What can be said of a batch without the database: is each item one of ours, and what is sealed in it what it must be?

Opening what is sealed takes most of the time, and holds Python's lock: large batches, as they come after an hour
without a line, are checked in a process of their own (`check_elsewhere`), so that nobody at a gate waits for them.
"""

import os
from typing import Final
from uuid import UUID

import msgspec
import structlog
from anyio import BrokenWorkerProcess, CapacityLimiter, to_process, to_thread

from hub.submissions.plain import Plain, plain_of
from hub.submissions.sealed import Inside, Refused, check_sealed
from kiosk.wire.events import MAX_BATCH, MAX_EVENT_BYTES, Envelope, PassageEnded

_log = structlog.get_logger()
_MAX_DETAIL: Final = 360
_DECODER: Final = msgspec.json.Decoder(Envelope)
_TOGETHER: Final = msgspec.json.Decoder(list[Envelope])
_RAW: Final = msgspec.json.Decoder(list[msgspec.Raw])
_BAD_JSON: Final = (msgspec.DecodeError, UnicodeError, RecursionError)
_NOTHING: Final = Inside()


class NotABatch(Exception):
    """The body is no JSON array of at most `MAX_BATCH` items."""


class _Sequence(msgspec.Struct):
    """Whatever else an unreadable item is, its sequence number may be readable."""

    seq: int


class _Identified(msgspec.Struct):
    """Its event's id may be readable too."""

    id: UUID


class _Carrier(msgspec.Struct):
    event: _Identified


class Checked(msgspec.Struct, frozen=True, gc=False):
    """One item after the checks that need no database."""

    seq: int
    id: UUID | None
    envelope: Envelope | None
    refusal: str = ""
    inside: Inside = _NOTHING
    plain: Plain | None = None
    """Its rows, where it may go the quick way."""

    def whole(self) -> Envelope | None:
        """The envelope, also where it was left behind in another process; None for one that is refused."""
        if self.envelope is None and self.plain is not None:
            return _DECODER.decode(self.plain.body)
        return self.envelope


def _plainly(error: Exception) -> str:
    return str(error)[:_MAX_DETAIL]


def _look(envelope: Envelope, identity: str) -> Checked:
    event = envelope.event
    try:
        inside = _NOTHING if type(event) is PassageEnded else check_sealed(event, identity)
    except Refused as error:
        return Checked(envelope.seq, event.id, None, _plainly(error))
    return Checked(envelope.seq, event.id, envelope, "", inside, plain_of(envelope))


def _form(raw: bytes) -> Checked:
    try:
        if len(raw) > MAX_EVENT_BYTES:
            raise Refused(f"an event has at most {MAX_EVENT_BYTES} bytes, this one {len(raw)}")  # noqa: TRY301  one way out
        envelope = _DECODER.decode(raw)
    except (*_BAD_JSON, Refused) as error:
        seq, event_id = 0, None
        try:  # whatever else it is, its number and id may be readable
            seq = msgspec.json.decode(raw, type=_Sequence).seq
            event_id = msgspec.json.decode(raw, type=_Carrier).event.id
        except _BAD_JSON:
            pass
        return Checked(seq, event_id, None, _plainly(error))
    return Checked(envelope.seq, envelope.event.id, envelope)


def _check(raw: bytes, identity: str) -> Checked:
    item = _form(raw)
    return item if item.envelope is None else _look(item.envelope, identity)


def check_form(body: bytes) -> list[Checked]:
    """As `check_batch`, for who has no key: what is sealed stays so.

    Raises:
        NotABatch: It is no such array at all.
    """
    return [_form(bytes(item)) for item in _items(body)]


def _items(body: bytes) -> list[msgspec.Raw]:
    try:
        items = _RAW.decode(body)
    except _BAD_JSON as error:
        raise NotABatch(f"not a JSON array: {_plainly(error)}") from error
    if len(items) > MAX_BATCH:
        raise NotABatch(f"at most {MAX_BATCH} events at once, not {len(items)}")
    return items


def check_batch(body: bytes, identity: str) -> list[Checked]:
    """Decode a batch and make the checks that need no database.

    Args:
        body: JSON array of `Envelope`.
        identity: The hub's age identity.

    Raises:
        NotABatch: It is no such array at all.
    """
    if len(body) <= MAX_EVENT_BYTES:  # then no item is too large
        try:
            envelopes = _TOGETHER.decode(body)
        except _BAD_JSON:
            pass  # one by one, to see which
        else:
            if len(envelopes) <= MAX_BATCH:
                return [_look(each, identity) for each in envelopes]
    return [_check(bytes(item), identity) for item in _items(body)]


def _check_lightly(body: bytes, identity: str) -> list[Checked]:
    """As `check_batch`, without what its reader can do without: it has to be carried from process to process."""
    return [
        item if item.plain is None else msgspec.structs.replace(item, envelope=None)
        for item in check_batch(body, identity)
    ]


class Elsewhere:
    """Checks batches in other processes: one core stays for those who wait at a gate.

    The processes are made when the first large batch comes, and end with the hub.
    """

    def __init__(self) -> None:
        self._limiter: CapacityLimiter | None = None

    async def check(self, body: bytes, identity: str) -> list[Checked]:
        """As `check_batch`; items with rows come without envelope. Where a process dies a thread does its work."""
        if self._limiter is None:  # belongs to the event loop
            self._limiter = CapacityLimiter(os.cpu_count() or 1)
        try:
            return await to_process.run_sync(_check_lightly, body, identity, limiter=self._limiter)
        except BrokenWorkerProcess as error:
            _log.warning("no process for checking", why=str(error)[:200])
            return await to_thread.run_sync(check_batch, body, identity)
