"""A terminal proves to its launcher that it works, and goes on giving signs of life (sd_notify(3)).

It is ready when its store takes a write, its vision process answers, its screen is drawn, and the devices that worked
the last time work again. One device fewer is somebody's plug; most of them gone is this release. Without a launcher
(`NOTIFY_SOCKET`) nothing is said.
"""

import os
import socket
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import anyio
import msgspec

from kiosk.log import logger
from kiosk.session import Stage
from kiosk.store.database import Database
from kiosk.view.screen import name_of
from kiosk.vision.client import VisionState
from kiosk.vision.process_state import VisionHealth

_log = logger("proof")
WITHIN_S: Final = 90.0
EVERY_S: Final = 5.0
_AT_REST: Final = frozenset({"gate.Welcome", "gate.LanePaused", "gate.HallFull", "desk.Start", "common.OutOfService"})
"""Views on which nobody is being served."""


_AT_WORK: Final = "technician."
_PAD: Final = "technician.EnterPin"


@dataclass(frozen=True)
class Proof:
    """What is looked at.

    Attributes:
        sight: how the vision process is; None before it was started.
        working: names of the devices that work now.
        picture: the newest picture of the screen; None where none is drawn yet.
        needs_picture: whether there is a screen at all.
        kept: where the names of working devices are kept for the next start.
    """

    database: Database
    sight: Callable[[], VisionHealth | None]
    stage: Stage
    working: Callable[[], Iterable[str]]
    picture: Callable[[], bytes | None]
    needs_picture: bool
    kept: Path


async def failing(proof: Proof) -> str:
    """What does not work; empty where all does."""
    try:
        await proof.database.write(lambda connection: connection.execute("PRAGMA user_version").fetchone())
    except Exception as error:  # noqa: BLE001  whatever it is, the store does not take a write
        return f"store: {error}"
    view = "" if proof.stage.screen is None else name_of(proof.stage.screen.state)
    if view.startswith(_AT_WORK) and view != _PAD:
        return ""  # a technician has taken devices and networks into their own hands
    sight = proof.sight()
    if sight is None or sight.state is not VisionState.READY:
        return f"vision: {'not started' if sight is None else sight.state.value}"
    if proof.stage.screen is None or (proof.needs_picture and proof.picture() is None):
        return "screen: nothing is drawn"
    before, now = set(_remembered(proof.kept)), set(proof.working())
    if len(before & now) * 2 < len(before):
        return f"devices: {', '.join(sorted(before - now))} worked before"
    return ""


def _remembered(file: Path) -> list[str]:
    try:
        return msgspec.json.decode(file.read_bytes(), type=list[str])
    except (OSError, msgspec.DecodeError):
        return []


def _remember(file: Path, names: list[str]) -> None:
    if names and names != _remembered(file):
        with suppress(OSError):
            fresh = file.with_suffix(".new")
            fresh.write_bytes(msgspec.json.encode(names))
            fresh.replace(file)


def _tell(address: str, line: str) -> None:
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
        out.settimeout(0.5)
        out.sendto(line.encode()[:400], address.replace("@", "\0", 1) if address.startswith("@") else address)


async def prove(proof: Proof, address: str | None = None) -> None:
    """Prove it, and go on giving signs of life until cancelled.

    Args:
        proof: what is looked at.
        address: of the launcher; as the environment says where it is None.
    """
    address = os.environ.get("NOTIFY_SOCKET", "") if address is None else address
    if not address:
        return
    why = "it was not looked at"
    with anyio.move_on_after(WITHIN_S):
        while why := await failing(proof):  # noqa: ASYNC110  nobody tells of all these at once
            await anyio.sleep(1.0)
    if why:
        _log.error("self-test failed", why=why)
        _tell(address, f"X_SELFTEST={why}")
    else:
        _log.info("self-test passed")
        _tell(address, "READY=1")
    while True:
        busy = proof.stage.screen is not None and name_of(proof.stage.screen.state) not in _AT_REST
        _tell(address, f"WATCHDOG=1\nX_BUSY={int(busy)}")
        if not why:
            await anyio.to_thread.run_sync(_remember, proof.kept, sorted(proof.working()))
        await anyio.sleep(EVERY_S)
