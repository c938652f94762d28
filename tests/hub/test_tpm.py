"""A terminal whose key only its own TPM opens: enrolled, renewed, signing, and of no use anywhere else (swtpm)."""

import contextlib
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
import pytest
from cryptography.hazmat.primitives import serialization

from kiosk import tpm
from kiosk.clock import WallClock
from kiosk.link.client import HubClient
from kiosk.link.identity import NotEnrolled, load
from kiosk.link.renewal import BEFORE, Renewal, expires
from kiosk.wire import identity as files
from provisioning.enrol import EnrolmentFailed, ExitCode, enrol
from provisioning.signing import sign, signer_of
from provisioning.talk import CannotDo
from tests.hub.test_renewal import end_soon

Running = Any
_NEEDED = ("swtpm", "tpm2_create", "tpm2_unseal")
pytestmark = pytest.mark.skipif(
    any(shutil.which(tool) is None for tool in _NEEDED),
    reason="no simulated TPM: install swtpm, tpm2-tools and libtss2-tcti-swtpm0",
)
Machine = Callable[[str], contextlib.AbstractContextManager[None]]


class Later:
    """The wall clock, some days on."""

    def __init__(self, days: int) -> None:
        self.ahead = timedelta(days=days)

    def now(self) -> Any:
        return WallClock().now() + self.ahead


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A machine with a TPM of its own, by its name; the same name is the same TPM again."""

    @contextlib.contextmanager
    def on(name: str) -> Iterator[None]:
        state, socket = tmp_path / f"{name}.tpm", tmp_path / f"{name}.sock"
        state.mkdir(exist_ok=True)
        lines = ("--server", f"type=unixio,path={socket}", "--ctrl", f"type=unixio,path={socket}.ctrl")
        process = subprocess.Popen(
            [
                "swtpm",
                "socket",
                "--tpm2",
                "--tpmstate",
                f"dir={state}",
                "--flags",
                "not-need-init,startup-clear",
                *lines,
            ],
            stderr=subprocess.DEVNULL,
        )
        monkeypatch.setenv(tpm.TCTI, f"swtpm:path={socket}")
        try:
            deadline = time.monotonic() + 30
            while not (socket.exists() and Path(f"{socket}.ctrl").exists()):
                assert time.monotonic() < deadline, "swtpm does not come up"
                time.sleep(0.05)
            yield
        finally:
            monkeypatch.delenv(tpm.TCTI)
            process.terminate()
            process.wait(10)

    return on


def reached(folder: Path) -> bool:
    """Whether the hub answers to it."""

    async def ask() -> bool:
        async with HubClient(load(folder)) as hub:
            await hub.time()
        return True

    return anyio.run(ask)


def test_only_this_machine_has_the_identity(running: Running, tmp_path: Path, machine: Machine) -> None:
    folder, said = tmp_path / "id", []
    with machine("ours"):
        enrol(running.ticket("gate-tpm"), folder, WallClock(), said.append)
        assert any("TPM" in step for step in said)
        pem = (folder / files.KEY).read_bytes()
        with pytest.raises(TypeError, match="encrypted"):
            serialization.load_pem_private_key(pem, None)
        assert reached(folder)
        signed = sign(b"a report", folder)
        assert signer_of(signed, (folder / files.CA).read_bytes(), WallClock().now())
    with machine("ours"):  # after a power cut
        assert reached(folder)
    with machine("another"):  # the disk was carried away
        with pytest.raises(NotEnrolled, match="from another machine"):
            load(folder).tls()
        with pytest.raises(CannotDo, match="from another machine"):
            sign(b"a report", folder)
    with pytest.raises(NotEnrolled, match="cannot be used"):  # no TPM at all
        load(folder).tls()


def test_a_renewed_key_is_sealed_too(running: Running, machine: Machine) -> None:
    with machine("ours"):
        terminal = running.terminal()
        folder = terminal.folder
        name = terminal.enrolled.terminal
        enrol(running.ticket(name), folder, WallClock(), lambda _step: None, again=True)
        assert tpm.is_sealed(folder)
        end_soon(running, terminal)
        soon = Later((expires(folder) - WallClock().now() - BEFORE).days + 1)

        async def renew() -> bool:
            identity = load(folder)
            async with HubClient(identity) as hub:
                return await Renewal(identity, hub, soon).once()

        assert anyio.run(renew)
        assert b"BEGIN ENCRYPTED PRIVATE KEY" in (folder / files.RENEWED).read_bytes()
        assert reached(folder)


def test_enrolled_again_without_it_nothing_of_it_stays(running: Running, tmp_path: Path, machine: Machine) -> None:
    folder = tmp_path / "id"
    with machine("ours"):
        enrol(running.ticket("gate-tpm-twice"), folder, WallClock(), lambda _step: None)
        assert tpm.is_sealed(folder)
    enrol(running.ticket("gate-tpm-twice"), folder, WallClock(), lambda _step: None, again=True, with_tpm=False)
    assert not tpm.is_sealed(folder)
    assert reached(folder)


def test_a_tpm_that_does_not_answer_says_how_to_go_on(
    running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(tpm.TCTI, f"swtpm:path={tmp_path / 'nobody.sock'}")
    with pytest.raises(EnrolmentFailed, match="--no-tpm") as caught:
        enrol(running.ticket("gate-tpm-dead"), tmp_path / "id", WallClock(), lambda _step: None)
    assert caught.value.code is ExitCode.CANNOT_STORE
