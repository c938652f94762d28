"""A sealed draft as the desk hands it to the store: no database is known here."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class StoredDraft:
    """A sealed draft.

    Attributes:
        person: digest of the owner's number.
        item: key of the item, and its `version`.
        kept: the person asked for it; otherwise an interruption left it.
    """

    person: str
    item: str
    version: int
    saved: datetime
    expires: datetime
    kept: bool
    body: bytes


@dataclass(frozen=True, slots=True)
class StoredRegular:
    """Somebody who agreed.

    Attributes:
        id: what a recognition says.
        person: digest of the document's number.
        name: masked.
        consent: reference of the signed consent.
        body: sealed.
    """

    id: str
    person: str
    name: str
    consent: str
    enrolled: datetime
    expires: datetime
    body: bytes
