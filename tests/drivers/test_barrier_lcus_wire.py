"""LCUS relays on their wire: boards that answer, echo or stay silent, and what is believed of them."""

import contextlib
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from drivers.barrier.lcus_relay import LcusRelay, LcusRelayOptions
from drivers.errors import BadFrame, DeviceFault, DriverError, Effect, LinkError, NoAnswer
from drivers.kinds import BarrierState, Crossing
from drivers.simulate.contract import Garble
from drivers.simulate.lcus_relay import LcusRelaySimulator, Talk


class Bench:
    """Puts boards and drivers together."""

    def __init__(self, folder: Path, stack: contextlib.ExitStack) -> None:
        self.folder = folder
        self.stack = stack

    def plug_in(self, talk: Talk, sensors: bool = True, **options: Any) -> tuple[LcusRelay, LcusRelaySimulator]:
        simulator = LcusRelaySimulator(self.folder, talk=talk, sensors=sensors)
        self.stack.callback(simulator.close)
        driver = LcusRelay(LcusRelayOptions.model_validate({**simulator.options, **options}))
        self.stack.callback(driver.close)
        return driver, simulator


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def slowly(simulator: LcusRelaySimulator) -> bool:
    time.sleep(0.6)  # an answer that was spoilt is waited for 0.3 s; nobody is through a gate as fast
    return simulator.walk_through()


@pytest.fixture
def bench(tmp_path: Path, plugged_in: contextlib.ExitStack) -> Bench:
    return Bench(tmp_path, plugged_in)


@pytest.mark.parametrize("talk", Talk)
def test_beams_tell_whatever_the_board_says(bench: Bench, talk: Talk) -> None:
    driver, simulator = bench.plug_in(talk)
    driver.open()
    driver.probe()
    thread = threading.Thread(target=lambda: simulator.wait_released(20) and simulator.walk_through())
    thread.start()
    assert driver.let_one_pass(60) is Crossing.PASSED
    thread.join()
    until(lambda: not simulator.turnstile.released)


@pytest.mark.parametrize("talk", Talk)
def test_without_a_sensor_nobody_has_ever_passed(bench: Bench, talk: Talk) -> None:
    driver, simulator = bench.plug_in(talk, sensors=False, pulse_seconds=0.8)
    driver.open()
    thread = threading.Thread(target=lambda: simulator.wait_released(20) and simulator.walk_through())
    thread.start()
    assert driver.let_one_pass(10) is Crossing.UNKNOWN
    thread.join()
    assert simulator.releases == 1
    until(lambda: not simulator.turnstile.released)  # nobody says when the board has heard
    assert driver.state() == BarrierState(beam_a=False, beam_b=False, door_open=False)


def test_a_door_contact_alone(bench: Bench) -> None:
    driver, simulator = bench.plug_in(Talk.SILENT, beam_a=None, beam_b=None)
    driver.open()
    thread = threading.Thread(target=lambda: simulator.wait_released(20) and simulator.walk_through())
    thread.start()
    assert driver.let_one_pass(60) is Crossing.PASSED
    thread.join()


def test_a_board_that_only_echoes_is_not_believed(bench: Bench) -> None:
    driver, _ = bench.plug_in(Talk.ECHOES, answers=True)
    with pytest.raises(BadFrame):
        driver.open()


def test_a_board_that_should_answer_and_is_silent(bench: Bench) -> None:
    driver, _ = bench.plug_in(Talk.SILENT, answers=True)
    with pytest.raises(NoAnswer):
        driver.open()


def test_a_relay_that_does_not_obey(bench: Bench) -> None:
    driver, simulator = bench.plug_in(Talk.ANSWERS)
    driver.open()
    simulator.stuck = True
    with pytest.raises(DeviceFault) as caught:
        driver.let_one_pass(5)
    assert caught.value.fault == "relay_stuck"
    assert caught.value.effect is Effect.UNKNOWN


def test_a_release_whose_answer_is_spoilt_is_judged_by_the_beams(bench: Bench) -> None:
    driver, simulator = bench.plug_in(Talk.ANSWERS)
    driver.open()
    simulator.garble(Garble.TRUNCATED)
    thread = threading.Thread(target=lambda: simulator.wait_released(20) and slowly(simulator))
    thread.start()
    assert driver.let_one_pass(60) is Crossing.PASSED
    thread.join()
    simulator.garble(Garble.TRUNCATED)
    with pytest.raises(DriverError) as caught:
        driver.let_one_pass(0.3)
    assert caught.value.effect is Effect.UNKNOWN
    assert not simulator.turnstile.released


def test_a_silent_board_that_was_unplugged_is_noticed_without_sensors(bench: Bench) -> None:
    driver, simulator = bench.plug_in(Talk.SILENT, sensors=False)
    driver.open()
    driver.probe()
    simulator.unplug()
    with pytest.raises(LinkError):
        driver.probe()
    with pytest.raises(LinkError) as caught:
        driver.let_one_pass(5)
    assert caught.value.effect is Effect.NO


def test_open_locks(bench: Bench) -> None:
    driver, simulator = bench.plug_in(Talk.SILENT)
    simulator.turnstile.switch(on=True)
    driver.open()
    until(lambda: not simulator.turnstile.released)


@pytest.mark.parametrize(
    "wrong",
    [
        {"beam_b": None},
        {"inputs_port": ""},
        {"beam_a": None, "beam_b": None, "door": None},
        {"pulse_seconds": 99},
    ],
)
def test_a_site_file_that_cannot_be_meant(bench: Bench, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        bench.plug_in(Talk.SILENT, **wrong)
