"""A technician ends the program on its screen: nobody starts it again, and no release is blamed."""

import subprocess
import sys
from pathlib import Path

from provisioning.releases.boot import trial
from provisioning.releases.boot.disk import Home
from provisioning.releases.boot.launcher import LEFT, Launcher
from tests.releases.conftest import PATIENT

PROGRAM = """
import os, socket, sys, time
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
    out.sendto(b"READY=1", os.environ["NOTIFY_SOCKET"])
time.sleep(1.0)
open(sys.argv[1], "a").write("x")
sys.exit(78)
"""


def _home(folder: Path) -> Home:
    home = Home(folder / "home")
    (home.releases / "1.0.0/bin").mkdir(parents=True)
    (home.releases / "1.0.0/bin/python").symlink_to(sys.executable)
    home.link(home.current, "releases/1.0.0")
    return home


def test_the_launcher_ends_too_and_starts_it_once(tmp_path: Path) -> None:
    home, starts = _home(tmp_path), tmp_path / "starts"
    launcher = Launcher(home, "desk", [sys.executable, "-c", PROGRAM, str(starts)], PATIENT)
    launcher.run()
    assert launcher.left
    assert starts.read_text() == "x"
    assert trial.state_of(home)["refused"] == ""


def test_the_command_ends_with_the_code_that_its_unit_knows(tmp_path: Path) -> None:
    home = _home(tmp_path)
    command = [sys.executable, "-m", "provisioning.releases.boot", "--home", str(home.path), "--name", "desk", "--"]
    done = subprocess.run(
        [*command, sys.executable, "-c", PROGRAM, str(tmp_path / "starts")],
        check=False,
        capture_output=True,
        timeout=50,
    )
    assert done.returncode == LEFT, done.stderr.decode()


def test_the_exit_codes_of_program_launcher_and_unit_are_one(tmp_path: Path) -> None:
    from kiosk.__main__ import LEFT_TO_TECHNICIAN
    from kiosk.config import read_site
    from provisioning.lockdown.audit import plan
    from tests.provisioning.test_technician_tools import SITE

    assert LEFT_TO_TECHNICIAN == LEFT
    site, root = tmp_path / "site.toml", tmp_path / "root"
    site.write_text(SITE, encoding="utf-8")
    (root / "etc").mkdir(parents=True)
    plan(read_site(site), root, apply=True)
    unit = (root / "etc/systemd/system/kiosk-desk.service").read_text()
    assert f"RestartPreventExitStatus={LEFT}" in unit
    assert f"SuccessExitStatus={LEFT}" in unit
