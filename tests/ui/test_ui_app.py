"""The whole application in its own process: from the first import to the end."""

import subprocess
import sys
from pathlib import Path

import pytest

from ui.options import Options, WindowMode
from ui.prepare import prepare
from ui.samples import NOW

SCRIPT = """
import sys, threading
from pathlib import Path
from kiosk.view import gate
from kiosk.view.common import NO_MODES, Language
from kiosk.view.screen import Screen
from ui.app import Bridge, Options, WindowMode, run
from ui.samples import NOW, SamplePicture
assert "kivy" not in sys.modules
shots = []
bridge = Bridge(lambda touch: None, shots.append)

def core():
    bridge.show(Screen("gate", gate.Welcome("甲大厅", "1"), Language.EN, NO_MODES, 7))
    assert bridge.wait_drawn(7, 100), "never drawn"
    bridge.show(Screen("gate", gate.LookAtCamera("王*明"), Language.EN, NO_MODES, 8))
    assert bridge.wait_drawn(8, 100), "never drawn"
    bridge.stop()
    bridge.stop()

thread = threading.Thread(target=core)
thread.start()
options = Options(now=lambda: NOW, home=Path(sys.argv[1]), window=WindowMode.WINDOW)
run("gate", bridge, SamplePicture(paper=False), options)
thread.join()
from kivy.core.window import Window
import os
assert tuple(Window.size) == (540, 960), Window.size
assert os.environ["SDL_VIDEODRIVER"] == "offscreen"
bridge.show(Screen("gate", gate.Deciding(), Language.EN, NO_MODES, 9))
print("ended", bridge.drawn)
"""


@pytest.mark.timeout(300)
def test_the_app_runs_from_another_threads_screens_and_ends(tmp_path: Path, root: Path) -> None:
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "PYTHONPATH": str(root)}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path / "home")],
        env=environment, capture_output=True, text=True, timeout=240, check=False, cwd=root,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["ended", "8"]
    assert "off-screen" in done.stderr, "the missing display is said"


@pytest.mark.timeout(300)
def test_a_bridge_that_was_stopped_before_ends_at_once(tmp_path: Path, root: Path) -> None:
    script = SCRIPT.replace("thread.start()", "bridge.stop(); thread = threading.Thread(); thread.start()", 1)
    script = script.replace('print("ended", bridge.drawn)', 'print("ended")')
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "home")],
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "PYTHONPATH": str(root)},
        capture_output=True, text=True, timeout=240, check=False, cwd=root,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["ended"]


def test_configuring_too_late_is_an_error(kivy: object, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="imported before"):
        prepare(Options(now=lambda: NOW, home=tmp_path, window=WindowMode.OFFSCREEN))


def test_kivy_is_locked_down(kivy: object) -> None:
    from kivy.config import Config

    assert Config.get("kivy", "exit_on_escape") == "0"
    assert dict(Config.items("input")) == {"mouse": "mouse,disable_multitouch"}
    assert Config.get("graphics", "multisamples") == "0"
