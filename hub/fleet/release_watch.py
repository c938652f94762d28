"""Looks after releases while the hub serves: halts a roll-out that fails, and keeps the repository's stamp fresh."""

from functools import partial
from typing import Final

import anyio
import structlog
from anyio.to_thread import run_sync
from sqlalchemy import Connection

from hub.app import Hub
from hub.audit.chain import Actor, Who, append
from hub.fleet.live import TerminalKey
from hub.fleet.releases import Releases, are_known, failed, halt, listed, wanted_of
from hub.rules.stages import stages
from kiosk.wire.fleet import Health
from kiosk.wire.release import KIND

_log = structlog.get_logger()
LOOK_S: Final = 5.0


def refusing(told: dict[TerminalKey, Health]) -> dict[TerminalKey, Health]:
    """Of terminals that took any release back, what they said. Mostly there is none, and nothing is asked for."""
    return {key: each for key, each in told.items() if each.release is not None and each.release.refused}


def to_halt(connection: Connection, told: dict[TerminalKey, Health]) -> list[tuple[str, str, list[str]]]:
    """Roll-outs that a terminal failed at of which nobody knew: hall, release, and all that have failed at it.

    Args:
        connection: For reading.
        told: Of `refusing`.
    """
    found = []
    for hall in sorted({key.hall for key in told}):
        known = stages(connection, KIND, hall)
        wanted = wanted_of(connection, known[0]) if known else None
        if wanted is None or wanted.halted:
            continue
        bad = failed(told, hall, wanted.release)
        if bad and not are_known(known[0].halted_why, bad):
            found.append((hall, wanted.release, bad))
    return found


def _halt(hub: Hub, hall: str, release: str, why: str, connection: Connection) -> None:
    if halt(connection, hub.signing, hall, hub.now()) is not None:
        who = Who(Actor.HUB, hall)
        append(connection, who, "rollout_halted", f"{KIND} {release}"[:64], hub.now(), detail={"why": why})


async def watch(hub: Hub) -> None:
    """Halt a roll-out as soon as one terminal took the release back, and keep the stamp fresh, until the hub stops."""
    releases = Releases(hub.data)
    while not hub.stopping.is_set():
        with anyio.move_on_after(LOOK_S):
            await hub.stopping.wait()
            return
        try:
            await _look(hub, releases)
        except Exception as error:  # noqa: BLE001  a database that restarts, or a full disk, must not end the hub
            _log.error("roll-outs are not looked at", why=type(error).__name__)


async def _look(hub: Hub, releases: Releases) -> None:
    now = hub.now()
    if await run_sync(releases.due, now):
        await run_sync(releases.restamp, now)
    if told := refusing({key: heard.health for key, heard in hub.fleet.heard.items()}):
        for hall, release, bad in await hub.read(lambda connection: to_halt(connection, told)):
            await hub.writer.do(partial(_halt, hub, hall, release, listed(bad)))
            hub.fleet.changed.fire()
