"""The simulated OSDP device before an independent controller, where that is installed: `judges/osdp_controller.py`."""

import contextlib
import json
import os
import subprocess
from pathlib import Path

import pytest

from drivers.simulate.osdp import OsdpSimulator

JUDGE = os.environ.get("KIOSK_OSDP_JUDGE", "")
KEY = bytes(range(16)).hex()

pytestmark = pytest.mark.skipif(not JUDGE, reason="KIOSK_OSDP_JUDGE names no Python with the package osdp 1.6")


@pytest.mark.parametrize("key", ["", KEY], ids=["clear", "secured"])
def test_an_independent_controller_releases_the_gate(
    key: str, tmp_path: Path, plugged_in: contextlib.ExitStack
) -> None:
    simulator = OsdpSimulator(tmp_path, key=key)
    plugged_in.callback(simulator.close)
    program = Path(__file__).parent / "judges" / "osdp_controller.py"
    done = subprocess.run(
        [JUDGE, program, simulator.address, "101", *([key] if key else [])],
        stdout=subprocess.PIPE,
        check=True,
        timeout=50,
    )
    judged = json.loads(done.stdout)
    assert judged["secure"] is bool(key)
    assert judged["serial"] == 0xDEADBEAF
    assert "OutputControl" in judged["able"]
    assert judged["obeyed"]
    assert simulator.releases == 1
    if key:
        # the first report says that all is free, the next ones that the door opened
        assert judged["reports"][0] == [False] * 8
        assert [False, False, True, False, False, False, False, False] in judged["reports"]
