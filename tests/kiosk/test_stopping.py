"""Ctrl-C, and once more while everything is being stopped: nothing is left half stopped."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

PROGRAM = """
import sys
from pathlib import Path
import anyio
from kiosk.__main__ import _until_signal

async def work():
    Path(sys.argv[1], "began").touch()
    try:
        await anyio.sleep_forever()
    finally:
        with anyio.CancelScope(shield=True):
            Path(sys.argv[1], "stopping").touch()
            await anyio.sleep(1.0)
            Path(sys.argv[1], "stopped").touch()

print(anyio.run(_until_signal, work))
"""


def _until(file: Path, within: float = 40.0) -> None:
    deadline = time.monotonic() + within
    while not file.exists():
        assert time.monotonic() < deadline, f"{file.name}: not within {within:.0f} s"
        time.sleep(0.02)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_second_signal_while_it_stops_leaves_nothing_running(root: Path, tmp_path: Path, number: int) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(tmp_path)], cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        try:
            _until(tmp_path / "began")
            running.send_signal(number)
            _until(tmp_path / "stopping")
            for _ in range(3):
                running.send_signal(number)
                time.sleep(0.1)
            out, error = running.communicate(timeout=40)
        finally:
            running.kill()
    assert (tmp_path / "stopped").exists(), error.decode()
    assert (running.returncode, out.decode().strip()) == (0, "None"), error.decode()
