"""The real terminal under the launcher: it proves itself, tells the hub which release it is, and is found out when its
self-test fails.
"""

import shutil
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from benchmarks.provisioning import checkout_as_release
from hub.fleet.live import TerminalKey
from provisioning.releases.boot import trial
from provisioning.releases.boot.disk import Home
from provisioning.releases.boot.launcher import Launcher, Limits
from tests.hub.conftest import running as hub_running

running = hub_running
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
SITE = """\
hall = "weinan"
hall_name = "示例市政务服务中心"
terminal = "{name}"

[desk]

[desk.devices.id_reader]
driver = "id_reader/sam-v-serial"
port = "/dev/ttyS1"

[desk.devices.camera]
driver = "camera/uvc"
device = "/dev/video0"

[desk.devices.printer]
driver = "printer/escpos-serial"
port = "/dev/ttyS2"
"""


def test_it_proves_itself_and_tells_the_hub(running: Any, tmp_path: Path) -> None:
    terminal = running.terminal("desk")
    name = terminal.enrolled.terminal
    site = tmp_path / "site.toml"
    site.write_text(SITE.format(name=name))
    shutil.copytree(terminal.folder, tmp_path / "identity")
    home = Home(tmp_path / "home")
    checkout_as_release(home.releases / "0.1.0")
    trial.begin(home, "0.1.0", ("desk",))
    said: list[str] = []
    command = ["{python}", "-m", "kiosk", "run", "--site", str(site), "--simulate", "--ui", "none"]
    launcher = Launcher(home, "desk", command, Limits(start=200, prove=6.0, silence=60), said.append)
    thread = threading.Thread(target=launcher.run)
    thread.start()
    try:
        deadline = time.monotonic() + 240
        key = TerminalKey("weinan", name)

        def told() -> object:
            heard = running.hub.fleet.heard.get(key)
            return None if heard is None or heard.health.release is None else heard.health.release.phase

        while told() != "proven":
            assert time.monotonic() < deadline, (said, trial.state_of(home))
            time.sleep(0.2)
        release = running.hub.fleet.heard[key].health.release
        assert (release.running, release.refused) == ("0.1.0", "")
        assert trial.trial_of(home) is None
        assert (tmp_path / "data/desk/ready.json").exists()  # what worked, for the next release's test
    finally:
        launcher.stop()
        thread.join()
