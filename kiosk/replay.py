"""A terminal's stored passages, decided again: the site file in, what came of it out."""

from pathlib import Path
from uuid import UUID

import anyio

from kiosk.config import Site
from kiosk.gate.replay import Replay, replay
from kiosk.link.identity import load
from kiosk.store.database import Database, StoreError
from kiosk.store.past import Past


async def replay_store(store: Path, rules_key: bytes, only: UUID | None = None) -> Replay:
    """Decide again what a gate's store holds.

    Args:
        store: its `terminal.db`; may be in use.
        rules_key: the hub's signing key, 32 raw bytes.
        only: one passage; None for all of them.

    Raises:
        StoreError: there is none, or it cannot be used.
        kiosk.gate.replay.PassageUnknownError: `only` is not in it.
    """
    if not await anyio.Path(store).exists():
        raise StoreError(f"{store}: nothing was decided here yet")
    database = await Database.open(store)
    try:
        return await replay(Past(database), rules_key, only)
    finally:
        await database.close()


async def replay_site(site: Site, only: UUID | None = None) -> Replay:
    """Decide again what this terminal's gate has decided, see `replay_store`.

    Raises:
        kiosk.link.identity.NotEnrolled: without enrolment there is no key to believe the rules by.
    """
    identity = load(site.identity_of("gate"))
    return await replay_store(site.data / "gate" / "terminal.db", identity.rules_key, only)
