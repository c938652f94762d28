"""The outbox as the link sees it: what waits for the hub, and what becomes of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol
from uuid import UUID

from kiosk.wire.events import Answer


@dataclass(frozen=True, slots=True)
class Waiting:
    """One event that the hub has not acknowledged.

    Attributes:
        body: JSON of its `Envelope`.
        papers: SHA-256 names of the sealed papers that have to be at the hub before it.
    """

    seq: int
    id: UUID
    made: datetime
    body: bytes
    papers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Depth:
    """How much waits, how much the hub refused for good, and since when the oldest waits."""

    waiting: int
    dead: int
    oldest: datetime | None


class Outbox(Protocol):
    """The durable queue to the hub."""

    async def due(self, limit: int) -> list[Waiting]:
        """What is to be sent now, in the terminal's order."""
        ...

    async def settle(self, answers: Sequence[Answer]) -> None:
        """Take the hub's word for each event."""
        ...

    async def postpone(self, seqs: Sequence[int], seconds: float) -> None:
        """Do not offer these again for a while."""
        ...

    def paper_path(self, sha256: str) -> Path:
        """Where a sealed paper lies."""
        ...

    async def paper_done(self, sha256: str) -> None:
        """The hub has this paper whole."""
        ...

    async def depth(self) -> Depth:
        """How much waits."""
        ...
