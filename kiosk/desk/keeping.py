"""A draft sealed so that it comes back to its owner only.

The key is derived from what stands on the owner's card, its photo included, and the hall's key: with the terminal's
disk alone nothing can be opened, nor by somebody who merely knows the number.
"""

import os
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from drivers.kinds import IdCard
from kiosk.desk.draft import Draft, Page
from kiosk.wire.catalogue import Item
from kiosk.wire.earlier import EarlierOffer

_INFO: Final = b"kiosk draft 1"
_NONCE: Final = 12


class NotYours(Exception):
    """It cannot be opened with this card, or is damaged."""


class _Kept(msgspec.Struct, frozen=True):
    """What is sealed. The item goes with it: the draft keeps the version it began with."""

    item: Item
    began: datetime
    answers: tuple[tuple[str, str], ...]
    settled: frozenset[str]
    pages: tuple[tuple[str, Page], ...]
    deferred: frozenset[str]
    order: UUID | None = None
    """Made at the payment gateway: whoever comes back does not pay again."""
    earlier: tuple[tuple[str, EarlierOffer], ...] = ()


def _key(card: IdCard, hall_key: bytes) -> AESGCM:
    written = msgspec.msgpack.encode(
        (card.number, card.name, card.issuer, card.birth.isoformat(), card.valid_from.isoformat(), card.photo)
    )
    return AESGCM(HKDF(SHA256(), 32, salt=hall_key, info=_INFO).derive(written))


def sealed(draft: Draft, hall_key: bytes) -> bytes:
    """Seal a draft to the card of its owner."""
    kept = _Kept(
        draft.item,
        draft.began,
        draft.answers,
        draft.settled,
        draft.pages,
        draft.deferred,
        draft.order,
        draft.earlier,
    )
    nonce = os.urandom(_NONCE)
    return nonce + _key(draft.card, hall_key).encrypt(nonce, msgspec.msgpack.encode(kept), _INFO)


def opened(body: bytes, card: IdCard, hall_key: bytes) -> Draft:
    """Open a sealed draft.

    Raises:
        NotYours: with this card it cannot be opened, or this release cannot read it.
    """
    try:
        plain = _key(card, hall_key).decrypt(body[:_NONCE], body[_NONCE:], _INFO)
        kept = msgspec.msgpack.decode(plain, type=_Kept)
    except (InvalidTag, ValueError, msgspec.MsgspecError) as error:
        raise NotYours("not with this card") from error
    return Draft(
        card,
        kept.item,
        kept.began,
        kept.answers,
        kept.pages,
        kept.settled,
        kept.deferred,
        order=kept.order,
        earlier=kept.earlier,
    )


def expiry(item: Item, now: datetime) -> datetime:
    """Until when a draft of an item is kept."""
    return now + timedelta(days=item.draft_days)
