"""The real terminal takes settings that the hub signed: it starts again by itself, proves them, and tells the hub."""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from hub.fleet.live import TerminalKey
from hub.fleet.site_settings import Place, Scope, put
from tests.hub.conftest import running as hub_running
from tests.releases.test_real_program import SITE

running = hub_running
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]
START = datetime(2026, 11, 22, 1, tzinfo=UTC)


class Program:
    """The terminal, started again whenever it ends by itself, as its unit does."""

    def __init__(self, site: Path, log: Path) -> None:
        self._command = [sys.executable, "-m", "kiosk", "run", "--site", str(site), "--simulate", "--ui", "none"]
        self._log = log
        self.ended: list[int] = []
        self._start()

    def _start(self) -> None:
        with self._log.open("ab") as out:
            self._process = subprocess.Popen(self._command, stdout=out, stderr=out)

    def until(self, done: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + 400
        while not done():
            assert time.monotonic() < deadline, (what, self._log.read_text()[-3000:])
            code = self._process.poll()
            if code is not None:
                self.ended.append(code)
                self._start()
            time.sleep(0.2)

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def test_it_starts_again_with_them_and_goes_back_from_those_that_do_not_do(running: Any, tmp_path: Path) -> None:
    terminal = running.terminal("desk")
    name = terminal.enrolled.terminal
    site = tmp_path / "site.toml"
    site.write_text(SITE.format(name=name))
    shutil.copytree(terminal.folder, tmp_path / "identity")
    key = TerminalKey("weinan", name)

    def publish(text: str) -> None:
        with running.hub.engine.execution_options(writes=True).begin() as connection:
            put(connection, running.hub.signing, "weinan", Place(Scope.TERMINAL, name), text, START)

    def told(what: str) -> Any:
        heard = running.hub.fleet.heard.get(key)
        return None if heard is None else getattr(heard.health, what)

    good = tmp_path / "data/desk/settings/good.json"
    program = Program(site, tmp_path / "log")
    try:
        program.until(lambda: told("editions") is not None, "it reports what it holds")
        assert told("editions")["site"] == 0
        publish("[desk]\nidle_seconds = 90.0\n[desk.devices.camera]\nfps = 15\n")
        program.until(lambda: (told("editions") or {}).get("site") == 1 and good.exists(), "tried and proven")
        assert program.ended == [0]  # it ended by itself, cleanly, once
        publish('[desk.devices.camera]\ndriver = "camera/no-such"\n')
        program.until(lambda: "site" in (told("refused") or {}), "refused, and told")
        assert told("refused")["site"].version == 2
        assert "no-such" in told("refused")["site"].why
        assert told("editions")["site"] == 1
        assert program.ended == [0]  # for what cannot be used nobody's service is broken off
    finally:
        program.stop()
    assert site.read_text() == SITE.format(name=name)
