"""Recognising staff and regulars who consented to it, 1:N. Everybody else is compared with their own card only.

A gallery of N faces mistakes a stranger for one of them up to N times as often as a single comparison does. So it is
asked for a rate, and takes no more people than the shipped table (`rates`) can prove that rate for, among East Asian
people and at the end of the interval, not at its middle. Templates are in this process's memory only: they are
overwritten when a person is removed, when the consent runs out and when the gallery is closed, and are never pickled.
"""

import math
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import TracebackType
from typing import NoReturn, Self

import numpy as np
from numpy.typing import NDArray

from kiosk.vision.faces import Embedding
from kiosk.vision.rates import STRICTEST, Against, rate_of

NUMBERS = 128
"""In an embedding of SFace."""
LEAST_LEAD = 0.06
"""So much more alike than the next one the best has to be: less, and it could be either."""
MOST_LENGTH_ERROR = 1e-3


class Added(StrEnum):
    """What became of a person who was to be added."""

    ADDED = "added"
    FULL = "full"
    """One more, and the stated rate is not proven."""
    NO_CONSENT = "no_consent"
    """There is no reference to a written consent, or its expiry has no time zone."""
    EXPIRED = "expired"
    NOT_A_TEMPLATE = "not_a_template"
    ALREADY_THERE = "already_there"
    TOO_ALIKE = "too_alike"
    """Somebody in the gallery could not be told from this face."""
    CLOSED = "closed"


class Search(StrEnum):
    """What a search found."""

    MATCH = "match"
    AMBIGUOUS = "ambiguous"
    """Two of them could be meant."""
    NONE = "none"
    NOT_COMPARED = "not_compared"
    """The face is no template, the time has no zone, or the gallery is closed."""


@dataclass(frozen=True, slots=True)
class Consent:
    """Why a face may be here.

    Attributes:
        reference: of the signed consent, in the hall's files.
        expires: when it runs out, with a time zone.
    """

    reference: str
    expires: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """The answer of a search.

    Attributes:
        key: under which the person was added; None unless it is a MATCH.
        rate: at most so often a stranger is taken for somebody in this gallery; None unless it is a MATCH.
    """

    outcome: Search
    key: str | None = None
    rate: float | None = None


class Gallery:
    """Faces of consenting staff, and who of them somebody is. One thread at a time.

    Args:
        most: how many people at most.
        false_match_rate: how often a stranger may be taken for one of them.
    """

    def __init__(self, most: int, false_match_rate: float) -> None:
        self._each = max(_worst(against) for against in Against)
        provable = math.floor(false_match_rate / self._each) if 0.0 < false_match_rate <= 1.0 else 0
        self._capacity = max(0, min(most, provable))
        self._templates = np.zeros((self._capacity, NUMBERS), np.float32)
        self._people: dict[str, tuple[int, Consent]] = {}
        self._closed = False

    @property
    def capacity(self) -> int:
        """How many people it takes: `most`, or as many as the stated rate is proven for."""
        return self._capacity

    @property
    def rate(self) -> float:
        """At most so often a stranger is taken for somebody who is in it now."""
        return len(self._people) * self._each

    def __len__(self) -> int:
        return len(self._people)

    def __repr__(self) -> str:
        return f"Gallery({len(self._people)} of {self._capacity})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __reduce__(self) -> NoReturn:
        """Refuse: a pickle would be a copy of the templates.

        Raises:
            TypeError: always.
        """
        raise TypeError("a gallery does not leave its process")

    def add(self, key: str, template: Embedding, consent: Consent, now: datetime) -> Added:
        """Keep a copy of a member of staff's template (of `SFace.template`); the caller drops its own.

        Args:
            key: what a match says, e.g. the staff number.
            template: (128,), of unit length.
            consent: why, and until when.
            now: the time, with its zone.
        """
        refusal = self._refusal(key, template, consent, now)
        if refusal is not None:
            return refusal
        taken = {place for place, _ in self._people.values()}
        place = next(place for place in range(self._capacity) if place not in taken)
        self._templates[place] = template
        self._people[key] = (place, consent)
        return Added.ADDED

    def remove(self, key: str) -> bool:
        """Overwrite a person's template and forget the person. Returns whether there was one."""
        place, _ = self._people.pop(key, (None, None))
        if place is None:
            return False
        self._templates[place] = 0.0
        return True

    def drop_expired(self, now: datetime) -> list[str]:
        """Remove everybody whose consent has run out; their keys."""
        over = [key for key, (_, consent) in self._people.items() if consent.expires <= now]
        for key in over:
            self.remove(key)
        return over

    def template(self, key: str) -> Embedding | None:
        """A copy of somebody's template, to compare pictures with while they are measured; None for nobody here."""
        place, _ = self._people.get(key, (None, None))
        return None if place is None else self._templates[place].copy()

    def search(self, embedding: Embedding, now: datetime) -> Found:
        """Who a face is, among those whose consent holds.

        Args:
            embedding: (128,), of unit length: of a live picture that passed quality and liveness.
            now: the time, with its zone.
        """
        if self._closed or now.tzinfo is None or not _is_template(embedding):
            return Found(Search.NOT_COMPARED)
        self.drop_expired(now)
        alike = sorted(((value, key) for key, value in self._alike(embedding).items()), reverse=True)
        if not alike or alike[0][0] < STRICTEST:
            return Found(Search.NONE)
        if len(alike) > 1 and (alike[1][0] >= STRICTEST or alike[0][0] - alike[1][0] < LEAST_LEAD):
            return Found(Search.AMBIGUOUS)
        return Found(Search.MATCH, alike[0][1], self.rate)

    def close(self) -> None:
        """Overwrite every template. Twice is safe; nothing is added or found afterwards."""
        self._templates[:] = 0.0
        self._people.clear()
        self._closed = True

    def _refusal(self, key: str, template: Embedding, consent: Consent, now: datetime) -> Added | None:
        if self._closed:
            return Added.CLOSED
        if not consent.reference.strip() or consent.expires.tzinfo is None or now.tzinfo is None:
            return Added.NO_CONSENT
        if consent.expires <= now:
            return Added.EXPIRED
        self.drop_expired(now)
        return self._no_room(key, template)

    def _no_room(self, key: str, template: Embedding) -> Added | None:
        if not _is_template(template):
            return Added.NOT_A_TEMPLATE
        if key in self._people:
            return Added.ALREADY_THERE
        if len(self._people) >= self._capacity:
            return Added.FULL
        return Added.TOO_ALIKE if max(self._alike(template).values(), default=-1.0) >= STRICTEST else None

    def _alike(self, embedding: Embedding) -> dict[str, float]:
        return {key: float(self._templates[place] @ embedding) for key, (place, _) in self._people.items()}


def _worst(against: Against) -> float:
    rate = rate_of(STRICTEST, against)
    return max(1.0 if value is None else value for value in (rate.all_at_most, rate.east_asian_at_most))


def _is_template(numbers: NDArray[np.generic]) -> bool:
    if numbers.shape != (NUMBERS,) or numbers.dtype != np.float32 or not np.isfinite(numbers).all():
        return False
    return abs(float(np.linalg.norm(numbers)) - 1.0) <= MOST_LENGTH_ERROR
