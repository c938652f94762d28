"""A draft that goes on at a window: sealed under a key that stands in a code on paper, and nowhere else.

From the one secret in the code come the draft's name at the hub and the key of its seal (AES-256-GCM). Whoever has the
hub's disk has neither; whoever has the code alone has no draft.
"""

import base64
import os
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kiosk.wire.earlier import EarlierOffer
from kiosk.wire.events import Person
from kiosk.wire.evidence import Moment, Name, Wire

SECRET_BYTES: Final = 20
PREFIX: Final = "KW1:"
_LETTERS: Final = 32
_NONCE: Final = 12
_INFO: Final = b"kiosk window draft 1"
_MISREAD: Final = str.maketrans("018", "OIB")


class NotADraft(Exception):
    """The code is none, or opens something else, or what it opens is damaged."""


class DraftPage(Wire, frozen=True, kw_only=True):
    """One page of a paper: JPEG, and its other side where it is a card."""

    front: bytes
    back: bytes = b""


class DraftPaper(Wire, frozen=True, kw_only=True):
    """One paper as far as it was captured."""

    kind: Name
    captured: Moment
    device: Name
    grade: Annotated[str, msgspec.Meta(pattern="^[ABCD]$")]
    pages: Annotated[tuple[DraftPage, ...], msgspec.Meta(min_length=1, max_length=200)]


class HandedDraft(Wire, frozen=True, kw_only=True):
    """Everything that goes on at the window.

    Attributes:
        answers: By the key of the question.
        deferred: Papers that follow by right.
        earlier: Papers that were handed in before, by the key of the paper.
        order: At the payment gateway.
    """

    item: Name
    item_version: int
    began: Moment
    person: Person
    answers: dict[str, str]
    papers: tuple[DraftPaper, ...] = ()
    deferred: tuple[Name, ...] = ()
    earlier: dict[str, EarlierOffer] = msgspec.field(default_factory=dict)
    order: UUID | None = None


def new_secret() -> bytearray:
    """A secret; overwrite it when it is not needed any more."""
    return bytearray(os.urandom(SECRET_BYTES))


def _derived(secret: bytes | bytearray, what: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt=None, info=_INFO + b" " + what).derive(bytes(secret))


def name_of(secret: bytes | bytearray) -> UUID:
    """The draft's name at the hub."""
    return UUID(bytes=_derived(secret, b"name", 16), version=5)


def code_of(secret: bytes | bytearray) -> str:
    """What stands in the QR code: letters and digits that can be typed, too."""
    return PREFIX + base64.b32encode(bytes(secret)).decode()


def grouped(code: str) -> str:
    """A code as people read it: groups of four."""
    letters = code.removeprefix(PREFIX)
    return " ".join(letters[at : at + 4] for at in range(0, len(letters), 4))


def secret_of(typed: str) -> bytearray:
    """The secret of a code that was scanned or typed: blanks, case and 0/1/8 for O/I/B do not matter.

    Raises:
        NotADraft: It is no such code.
    """
    text = "".join(typed.split()).replace("-", "").upper()
    letters = text.removeprefix(PREFIX).translate(_MISREAD)
    if len(letters) != _LETTERS:
        raise NotADraft("a code has 32 letters and digits")
    try:
        return bytearray(base64.b32decode(letters))
    except ValueError as error:
        raise NotADraft("a code has the letters A to Z and the digits 2 to 7") from error


def sealed(draft: HandedDraft, secret: bytes | bytearray) -> bytes:
    """Seal a draft under a secret."""
    nonce = os.urandom(_NONCE)
    key = AESGCM(_derived(secret, b"seal", 32))
    return nonce + key.encrypt(nonce, msgspec.msgpack.encode(draft), name_of(secret).bytes)


def opened(body: bytes, secret: bytes | bytearray) -> HandedDraft:
    """Open a draft.

    Raises:
        NotADraft: This secret does not open it, or it is damaged.
    """
    key = AESGCM(_derived(secret, b"seal", 32))
    try:
        plain = key.decrypt(body[:_NONCE], body[_NONCE:], name_of(secret).bytes)
        return msgspec.msgpack.decode(plain, type=HandedDraft)
    except (InvalidTag, ValueError, msgspec.MsgspecError) as error:
        raise NotADraft("this code does not open it") from error


def is_over(expires: datetime, now: datetime) -> bool:
    """Whether it cannot be opened any more."""
    return now >= expires
