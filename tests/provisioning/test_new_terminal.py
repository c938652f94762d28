"""A new terminal from carton to service by the commands alone: simulated devices, a hub, the real program."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from drivers.simulate.contract import Simulator
from drivers.simulate.gy_614 import Gy614Simulator
from tests.provisioning.technician import barrier_of, tool

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@contextmanager
def process(*arguments: str, log: Path) -> Iterator["subprocess.Popen[str]"]:
    with (
        log.open("w") as out,
        subprocess.Popen(
            [sys.executable, "-m", *arguments], stdout=subprocess.PIPE, stderr=out, text=True, cwd=ROOT
        ) as running,
    ):
        try:
            yield running
        finally:
            running.send_signal(signal.SIGINT)
            try:
                running.wait(30)
            except subprocess.TimeoutExpired:
                running.kill()


def ticket(hub: Path) -> str:
    command = [
        "hub",
        "code",
        "--data",
        str(hub),
        "--hall",
        "weinan",
        "--terminal",
        "gate-1",
        "--role",
        "gate",
        "--json",
    ]
    return subprocess.run(
        [sys.executable, "-m", *command], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout.strip()


@contextmanager
def signed_in(hub: Path, console: str) -> Iterator[httpx.Client]:
    """The technician's browser: an invented person of the hub's own command, signed in with the password."""
    command = ("hub", "staff", "account", "examples", "--hall", "weinan", "--data", str(hub), "--json")
    asked = [sys.executable, "-m", *command]
    made = subprocess.run(asked, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    technician = next(each for each in json.loads(made) if each["id"] == "technician")
    given = {"hall": technician["hall"], "id": technician["id"], "password": technician["password"]}
    with httpx.Client(base_url=console, follow_redirects=True, trust_env=False, timeout=60) as browser:
        assert browser.post("/sign-in", data=given).url.path == "/"
        yield browser


def healthy_at(browser: httpx.Client, within: float) -> str:
    """What the console shows of the terminal, once it is in service."""
    page, deadline = "", time.monotonic() + within
    while time.monotonic() < deadline:
        page = browser.get("/").text
        if 'class="terminal in_service"' in page and "gate-1" in page:
            return page
        time.sleep(0.5)
    raise AssertionError(f"not healthy within {within} s: {page[:6000]}")


def link_of(page: str, sha256: str) -> str:
    """Where the console's overview leads to a report."""
    link = f"/acceptance/weinan/gate-1/{sha256}.pdf"
    assert f'href="{link}"' in page
    return link


def discovered(folder: Path) -> Any:
    """What is plugged in; as a technician would, look again where a busy machine was too slow to hear all of it."""
    found = tool("discover", "--simulate", folder)
    for _ in range(3):
        if not all(one["fits"] for one in found.out["found"]):
            found = tool("discover", "--simulate", folder)
    assert found.code == 0
    assert [one for one in found.out["found"] if not one["fits"]] == []
    return found.out


KINDS = ("id_reader", "camera", "thermometer", "code_scanner", "barrier")


def test_from_carton_to_service(tmp_path: Path, plugged: dict[str, Simulator]) -> None:
    hub, site = tmp_path / "hub", tmp_path / "site.toml"
    found_file, report = tmp_path / "found.json", tmp_path / "acceptance.pdf"
    serve = ("hub", "serve", "--data", str(hub), "--console-port", "0", "--terminal-port", "0")
    with process(*serve, log=tmp_path / "hub.log") as running:
        assert running.stdout is not None
        at = json.loads(running.stdout.readline())

        found = discovered(tmp_path / "plugged")
        found_file.write_text(json.dumps(found))
        barrier = next(one["address"] for one in found["found"] if one["fits"][0]["kind"] == "barrier")
        bind = (
            "bind", "--site", site, "--role", "gate", "--found", found_file, "--hall", "weinan",
            "--hall-name", "示例市政务服务中心", "--terminal", "gate-1", "--lane", "1",
        )  # fmt: skip
        asked = tool(*bind)
        assert asked.code == 1
        assert any(f"--take barrier={barrier}" in line for line in asked.out["open"])
        bound = tool(*bind, "--take", f"barrier={barrier}")
        assert bound.code == 0, bound.out
        assert {one["kind"] for one in bound.out["bound"]} == set(KINDS)
        once = site.read_bytes()
        again = tool(*bind, "--take", f"barrier={barrier}")
        assert not again.out["written"]
        assert site.read_bytes() == once

        checked = tool("check", "--site", site, "--full")
        assert checked.code == 0, [one for one in checked.out["results"] if one["verdict"] == "fail"]
        assert barrier_of(plugged).releases == 0

        thermometer = plugged["thermometer/gy-614"]
        assert isinstance(thermometer, Gy614Simulator)
        thermometer.object_c = 36.8
        calibrated = tool(
            "calibrate",
            "thermometer",
            "--site",
            site,
            "--reference-c",
            "37.0",
            "--reference",
            "BB-1 no 7",
            "--by",
            "t7",
        )
        assert calibrated.code == 0, calibrated.out
        assert abs(calibrated.out["values"]["offset_c"] - 0.2) < 0.2

        assert tool("enrol", "--site", site, "--ticket", ticket(hub)).code == 0
        locked = tool("lockdown", "--site", site, "--dry-run")
        assert {one["state"] for one in locked.out["files"]} <= {"new", "other", "same"}
        assert not locked.out["applied"]
        assert tool("check", "--site", site, "machine").code == 0

        reported = tool("report", "--site", site, "--out", report, "--by", "t7")
        assert reported.code == 0, reported.out
        assert reported.out["signed_as"] == "weinan/gate-1"
        verified = tool("verify", report, "--ca", tmp_path / "identity" / "ca.pem")
        assert verified.code == 0, verified.out
        facts = verified.out["facts"]
        assert facts["calibrations"][0]["reference"] == "BB-1 no 7"
        assert facts["open"] == []
        assert reported.out["hub"] == "the hub has it"
        with signed_in(hub, at["console"]) as browser:
            overview = browser.get("/")
            shown = browser.get(link_of(overview.text, reported.out["sha256"]))
            assert shown.content == report.read_bytes()

            run = ("kiosk", "run", "--site", str(site), "--ui", "none")
            with process(*run, log=tmp_path / "kiosk.log"):
                page = healthy_at(browser, 240)
        assert "gate-1" in page
        assert "Calibration" not in page  # what was calibrated above is in force: nothing to see to
        assert tool("stats", "--site", site).code == 0
        assert tool("doctor", "--site", site).out["findings"] == []
