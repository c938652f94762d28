"""One terminal of the kill storm, as its own process: `python -m benchmarks.kill_terminal FOLDER SEED`.

It has the product's store, ledger, outbox and uplink. What it told a citizen goes to FOLDER/told.log, line by line,
after the ledger said that it is kept. When FOLDER/stop is there it makes no more, and ends once its outbox is empty.
"""

import os
import random
import sys
from pathlib import Path

import anyio
import structlog

from benchmarks.hub_events import Inventor
from kiosk.clock import WallClock
from kiosk.link.client import HubClient
from kiosk.link.identity import load
from kiosk.link.sync import Pace, Uplink
from kiosk.store.database import Database
from kiosk.store.ledger import Ledger
from kiosk.store.stored_outbox import StoredOutbox
from kiosk.wire.events import Crossed
from kiosk.wire.fleet import Health, Signed

_PACE = Pace(health=2.0, screen=3600, signed=5.0, look=0.5, first_pause=0.05, longest_pause=0.5)


async def run(folder: Path, seed: int) -> None:
    """Work until told to stop, and until all has arrived.

    Args:
        folder: Holds `identity/`; gets the store, the papers and `told.log`.
        seed: Of what is made.
    """
    structlog.configure(logger_factory=structlog.WriteLoggerFactory(file=sys.stderr))
    identity, clock, chance = load(folder / "identity"), WallClock(), random.Random(seed)
    database = await Database.open(folder / "terminal.db")
    ledger, outbox = Ledger(database, folder / "papers", clock), StoredOutbox(database, folder / "papers")
    await ledger.recover()
    enrolled = identity.enrolled
    inventor = Inventor(identity.terminal, identity.hub_recipient, identity.hall_key, enrolled.receipt_range)
    told = os.open(folder / "told.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def tell(line: str) -> None:
        os.write(told, line.encode() + b"\n")

    async def health() -> Health:
        depth = await outbox.depth()
        return Health(
            terminal=identity.terminal,
            role="gate",
            version="0",
            made=clock.now(),
            in_service=True,
            view="Welcome",
            rules_version=1,
            outbox_waiting=depth.waiting,
            outbox_dead=depth.dead,
        )

    async def screen() -> None:
        return None

    async def apply(signed: Signed) -> None:
        await ledger.keep_signed(signed)

    async def make() -> None:
        while not (folder / "stop").exists():
            passage = inventor.passage()
            await ledger.keep_passage(passage)
            tell(f"passage {passage.id}")
            await ledger.end_passage(passage.id, Crossed.PASSED, people=1)
            if chance.random() < 0.3:
                paper = inventor.paper(chance.randint(1000, 600_000))
                await ledger.keep_paper(paper)
                made = await ledger.submit(inventor.submission([paper]), enrolled.receipt_range)
                tell(f"submission {made.id} {made.number}")
                await ledger.give_receipt(made.id, printed=True)
            await anyio.sleep(chance.uniform(0, 0.15))

    async with HubClient(identity, deadline=5.0) as hub:
        uplink = Uplink(
            hub, outbox, rules_key=identity.rules_key, health=health, screen=screen, apply=apply, pace=_PACE
        )
        ledger.on_queued = uplink.wake
        async with anyio.create_task_group() as group:
            group.start_soon(uplink.run)
            await make()
            while (await outbox.depth()).waiting:  # noqa: ASYNC110  the outbox has no event for being empty
                await anyio.sleep(0.05)
            group.cancel_scope.cancel()
    depth = await outbox.depth()
    await database.close()
    tell(f"empty {depth.dead}")


if __name__ == "__main__":
    anyio.run(run, Path(sys.argv[1]), int(sys.argv[2]))
