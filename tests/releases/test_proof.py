"""What a terminal looks at before it says that it works, and what it says."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import anyio
import msgspec
import pytest

from kiosk import proof as proofs
from kiosk.proof import Proof, failing, prove
from kiosk.release import release_report
from kiosk.session import Stage
from kiosk.store.database import Database
from kiosk.view.common import Language
from kiosk.view.desk import ReadingCard, Start
from kiosk.view.screen import name_of
from kiosk.vision.client import VisionState

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@dataclass
class Health:
    state: VisionState = VisionState.READY


@pytest.fixture
async def proof(tmp_path: Path) -> Any:
    database = await Database.open(tmp_path / "terminal.db")
    stage = Stage("desk", lambda _screen: None, Language.ZH_HANS)
    stage.show(ReadingCard())
    yield Proof(
        database=database,
        sight=Health,  # type: ignore[arg-type]  # stands for the vision process: only its state is looked at
        stage=stage,
        working=lambda: ["id_reader", "camera", "printer"],
        picture=lambda: b"png",
        needs_picture=True,
        kept=tmp_path / "ready.json",
    )
    await database.close()


async def test_each_part_is_looked_at(proof: Proof) -> None:
    assert await failing(proof) == ""
    assert (await failing(replace(proof, picture=lambda: None))).startswith("screen")
    assert await failing(replace(proof, picture=lambda: None, needs_picture=False)) == ""
    blind = replace(proof, sight=lambda: Health(VisionState.BACKING_OFF))  # type: ignore[arg-type,return-value]  # see there
    assert (await failing(blind)).startswith("vision")
    proof.kept.write_bytes(msgspec.json.encode(["camera", "id_reader", "printer"]))
    assert await failing(replace(proof, working=lambda: ["camera", "printer"])) == ""  # one is somebody's plug
    assert "id_reader" in await failing(replace(proof, working=lambda: ["camera"]))
    await proof.database.close()
    assert (await failing(proof)).startswith("store")


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as made:
        made.bind(str(tmp_path / "n"))
        made.settimeout(50)
        yield made


async def heard(proof: Proof, tmp_path: Path, listener: socket.socket, count: int) -> list[str]:
    lines: list[str] = []
    async with anyio.create_task_group() as group:
        group.start_soon(prove, proof, str(tmp_path / "n"))
        while len(lines) < count:
            lines += (await anyio.to_thread.run_sync(listener.recv, 400)).decode().splitlines()
        group.cancel_scope.cancel()
    return lines


async def test_it_says_ready_lives_and_is_busy(proof: Proof, tmp_path: Path, listener: socket.socket) -> None:
    assert await heard(proof, tmp_path, listener, 3) == ["READY=1", "WATCHDOG=1", "X_BUSY=1"]
    assert msgspec.json.decode(proof.kept.read_bytes()) == ["camera", "id_reader", "printer"]


async def test_it_says_what_fails(
    proof: Proof, tmp_path: Path, listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proofs, "WITHIN_S", 0.2)
    lines = await heard(replace(proof, picture=lambda: None), tmp_path, listener, 3)
    assert lines == ["X_SELFTEST=screen: nothing is drawn", "WATCHDOG=1", "X_BUSY=1"]
    assert not proof.kept.exists()


async def test_without_a_launcher_nothing_is_said(proof: Proof) -> None:
    with anyio.fail_after(50):
        await prove(proof, "")
    assert release_report({}) is None


async def test_views_at_rest_have_these_names() -> None:
    from kiosk.view import common, desk, gate

    names = {
        f"{module.__name__.rpartition('.')[2]}.{name}"
        for module in (common, desk, gate)
        for name in vars(module)
        if name[0].isupper()
    }
    assert names >= proofs._AT_REST
    assert name_of(Start.__new__(Start)) == "desk.Start"
