"""The thermometer on its wire."""

import contextlib
from pathlib import Path

import pytest

from drivers.errors import BadFrame
from drivers.simulate.contract import Garble
from drivers.simulate.gy_614 import Gy614Simulator
from drivers.thermometer.gy_614 import Gy614, Gy614Options


@pytest.fixture
def both(tmp_path: Path, plugged_in: contextlib.ExitStack) -> tuple[Gy614, Gy614Simulator]:
    simulator = Gy614Simulator(tmp_path, seed=3)
    plugged_in.callback(simulator.close)
    driver = Gy614(
        Gy614Options(
            port=str(simulator.options["port"]), emissivity=0.97, ambient_max_c=30, warm_up_minutes=0, drift_c=50
        )
    )
    plugged_in.callback(driver.close)
    driver.open()
    return driver, simulator


def test_what_is_before_it(both: tuple[Gy614, Gy614Simulator]) -> None:
    driver, simulator = both
    simulator.object_c, simulator.ambient_c = 36.6, 23.25
    reading = driver.measure()
    assert reading.object_c == pytest.approx(36.6, abs=0.5)
    assert (reading.ambient_c, reading.emissivity, reading.conditions_hold) == (23.25, 0.97, True)
    assert len({driver.measure().object_c for _ in range(20)}) > 1


@pytest.mark.parametrize(("ambient", "holds"), [(15.99, False), (16, True), (30, True), (30.01, False), (-5, False)])
def test_conditions_of_use(both: tuple[Gy614, Gy614Simulator], ambient: float, holds: bool) -> None:
    driver, simulator = both
    simulator.ambient_c = ambient
    assert driver.measure().conditions_hold is holds


def test_it_recovers_by_itself_after_a_spoilt_answer(both: tuple[Gy614, Gy614Simulator]) -> None:
    driver, simulator = both
    simulator.garble(Garble.TRUNCATED)
    with pytest.raises(BadFrame):
        driver.measure()
    assert driver.measure().ambient_c == 22.0
