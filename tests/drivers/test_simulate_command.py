"""`python -m drivers.simulate`: what it prints is what a driver needs."""

import signal
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from drivers.registry import driver_class
from drivers.simulate.__main__ import WHERE, start
from drivers.simulate.contract import Simulator


def test_a_simulator_runs_until_it_is_interrupted() -> None:
    command = [sys.executable, "-m", "drivers.simulate", "thermometer", "gy-614"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None
            site = tomllib.loads("".join(running.stdout.readline() for _ in range(2)))
            found = driver_class(site.pop("driver"))
            driver = found(found.options.model_validate(site))
            assert driver.open().model == "GY-614"
            driver.close()
            running.send_signal(signal.SIGINT)
            assert running.wait(20) == 0
        finally:
            running.kill()
    assert not Path(site["port"]).exists()


def test_an_unknown_model() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "drivers.simulate", "thermometer", "none"], capture_output=True, check=False
    )
    assert done.returncode == 2
    assert b"gy-614" in done.stderr


@pytest.mark.parametrize("key", WHERE)
def test_every_simulator_names_its_driver_and_its_options(key: str, tmp_path: Path) -> None:
    simulator = start(key, tmp_path)
    try:
        assert simulator.driver == key
        driver_class(key).options.model_validate(dict(simulator.options))
        shared: list[Callable[[], None]] = [simulator.unplug, simulator.unplug, simulator.replug, simulator.replug]
        for call in shared:
            call()
    finally:
        simulator.close()
        simulator.close()


def test_an_address_left_behind_is_taken_over(tmp_path: Path) -> None:
    key = "thermometer/gy-614"
    (tmp_path / "thermometer").symlink_to("/dev/pts/99999")
    simulator: Simulator = start(key, tmp_path)
    try:
        found = driver_class(key)
        driver = found(found.options.model_validate(dict(simulator.options)))
        driver.open()
        driver.close()
    finally:
        simulator.close()
