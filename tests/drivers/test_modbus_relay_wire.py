"""The barrier on its wire: a turnstile behind a pymodbus server."""

import contextlib
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from drivers.barrier.modbus_relay import ModbusRelay, ModbusRelayOptions, PulseBy
from drivers.errors import DeviceFault, DriverError, Effect, LinkError, NoAnswer
from drivers.kinds import BarrierState, Crossing
from drivers.simulate.contract import Garble
from drivers.simulate.modbus_relay import ModbusRelaySimulator

CLOSED = BarrierState(beam_a=False, beam_b=False, door_open=False)
Both = tuple[ModbusRelay, ModbusRelaySimulator]


@pytest.fixture(params=PulseBy)
def both(request: pytest.FixtureRequest, tmp_path: Path, plugged_in: contextlib.ExitStack) -> Both:
    simulator = ModbusRelaySimulator(tmp_path, pulse_by=request.param)
    plugged_in.callback(simulator.close)
    driver = ModbusRelay(ModbusRelayOptions.model_validate(simulator.options))
    plugged_in.callback(driver.close)
    driver.open()
    return driver, simulator


@contextlib.contextmanager
def somebody(simulator: ModbusRelaySimulator, does: Callable[[], bool]) -> Iterator[list[bool]]:
    did: list[bool] = []
    thread = threading.Thread(target=lambda: did.append(simulator.wait_released(20) and does()))
    thread.start()
    yield did
    thread.join()


def watched(simulator: ModbusRelaySimulator) -> bool:
    """Wait until the driver looks at the beams: then the echo of its release is through."""
    looked = threading.Event()
    inputs = simulator.turnstile.inputs

    def look() -> int:
        looked.set()
        return inputs()

    simulator.turnstile.inputs = look  # type: ignore[method-assign]  # nothing else tells when it is asked
    return looked.wait(20)


def done(call: Callable[[], None]) -> bool:
    call()
    return True


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("person", "crossing"),
    [
        ("walk_through", Crossing.PASSED),
        ("turn_back", Crossing.TURNED_BACK),
        ("tailgate", Crossing.TAILGATED),
        ("hold_open", Crossing.HELD_OPEN),
    ],
)
def test_what_people_do(both: Both, person: str, crossing: Crossing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drivers.barrier.passage_beams.CLOSING_S", 1.5)
    driver, simulator = both
    does: Callable[[], bool] = getattr(simulator, person)
    with somebody(simulator, does) as did:
        assert driver.let_one_pass(10) is crossing
    assert did == [True]
    assert simulator.releases == 1
    assert not simulator.turnstile.released


def test_nobody_comes(both: Both) -> None:
    driver, simulator = both
    assert driver.let_one_pass(0.3) is Crossing.NOBODY
    assert driver.state() == CLOSED
    assert not simulator.turnstile.released
    assert not simulator.walk_through()


def test_one_release_lets_one_person_in(both: Both) -> None:
    driver, simulator = both
    with somebody(simulator, simulator.walk_through):
        driver.let_one_pass(10)
    assert not simulator.walk_through()
    assert [what for _, what in simulator.journal].count("passed") == 1


def test_open_locks(both: Both) -> None:
    driver, simulator = both
    simulator.turnstile.switch(on=True)
    assert driver.state().door_open
    driver.open()
    assert not simulator.turnstile.released
    until(lambda: driver.state() == CLOSED)


def test_a_lost_sample_is_not_a_lost_passage(both: Both) -> None:
    driver, simulator = both

    def walk() -> bool:
        assert watched(simulator)
        simulator.garble(Garble.TRUNCATED)
        time.sleep(0.5)  # he waits until it was spoilt; a spoilt look takes 0.3 s
        return simulator.walk_through()

    with somebody(simulator, walk):
        assert driver.let_one_pass(60) is Crossing.PASSED


def test_the_gate_is_locked_even_if_the_answer_to_locking_is_spoilt(both: Both) -> None:
    driver, simulator = both
    asked: list[bool] = []
    switch = simulator.turnstile.switch

    def spoilt_once(*, on: bool) -> None:
        if not on and not asked:
            simulator.garble(Garble.TRUNCATED)
        elif not on:
            assert not simulator.turnstile.released
        asked.append(on)
        switch(on=on)

    def walk() -> bool:
        simulator.turnstile.switch = spoilt_once  # type: ignore[method-assign]  # nothing else tells when it locks
        return simulator.walk_through()

    with somebody(simulator, walk):
        assert driver.let_one_pass(60) is Crossing.PASSED
    assert asked == [False, False]


def test_a_release_without_an_echo_is_unknown_and_locked_again(both: Both) -> None:
    driver, simulator = both
    simulator.garble(Garble.TRUNCATED)
    with pytest.raises(DriverError) as caught:
        driver.let_one_pass(5)
    assert caught.value.effect is Effect.UNKNOWN
    assert simulator.releases == 1
    assert not simulator.turnstile.released


def test_a_board_that_is_not_there_was_not_told(both: Both) -> None:
    driver, simulator = both
    simulator.unplug()
    with pytest.raises(LinkError) as caught:
        driver.let_one_pass(5)
    assert caught.value.effect is Effect.NO
    assert simulator.releases == 0


def test_unplugged_after_the_release_is_known_to_have_released(both: Both) -> None:
    driver, simulator = both
    with somebody(simulator, lambda: watched(simulator) and done(simulator.unplug)), pytest.raises(LinkError) as caught:
        driver.let_one_pass(10)
    assert caught.value.effect is Effect.YES
    simulator.replug()
    driver.close()
    driver.open()
    assert not simulator.turnstile.released


def test_a_board_that_falls_silent_while_watched(both: Both) -> None:
    driver, simulator = both
    hang = lambda: simulator.hang(60)  # noqa: E731  one line for one step
    with somebody(simulator, lambda: watched(simulator) and done(hang)), pytest.raises(NoAnswer) as caught:
        driver.let_one_pass(60)
    assert caught.value.effect is Effect.YES


def test_closing_from_another_thread_ends_a_passage(both: Both) -> None:
    driver, simulator = both
    with somebody(simulator, lambda: watched(simulator) and done(driver.close)), pytest.raises(LinkError):
        driver.let_one_pass(15)


def test_a_dead_host_cannot_leave_the_gate_open(tmp_path: Path, plugged_in: contextlib.ExitStack) -> None:
    simulator = ModbusRelaySimulator(tmp_path)
    plugged_in.callback(simulator.close)
    port = str(simulator.options["port"])
    code = (
        "from drivers.barrier.modbus_relay import *;"
        f"d = ModbusRelay(ModbusRelayOptions(port={port!r}, pulse_seconds=1.5)); d.open(); d.let_one_pass(15)"
    )
    with subprocess.Popen([sys.executable, "-c", code]) as child:
        assert simulator.wait_released(30)
        child.kill()
        child.wait()
    until(lambda: not simulator.turnstile.released)
    until(lambda: not simulator.turnstile.door_open)
    driver = ModbusRelay(ModbusRelayOptions(port=port))
    plugged_in.callback(driver.close)
    driver.open()
    with somebody(simulator, simulator.walk_through):
        assert driver.let_one_pass(60) is Crossing.PASSED


def test_wiring_that_is_the_other_way_round(both: Both, plugged_in: contextlib.ExitStack) -> None:
    driver, simulator = both
    driver.close()
    options = {**simulator.options, "invert_beams": True, "invert_door": True, "beam_a": 4, "beam_b": 3, "door": 5}
    other = ModbusRelay(ModbusRelayOptions.model_validate(options))
    plugged_in.callback(other.close)
    other.open()
    assert other.state() == BarrierState(beam_a=True, beam_b=True, door_open=True)


@pytest.mark.parametrize("wrong", [{"coil": 20}, {"door": 40}])
def test_a_relay_or_input_that_the_board_has_not(
    both: Both, plugged_in: contextlib.ExitStack, wrong: dict[str, int]
) -> None:
    driver, simulator = both
    driver.close()
    other = ModbusRelay(ModbusRelayOptions.model_validate({**simulator.options, **wrong}))
    plugged_in.callback(other.close)
    with pytest.raises(DeviceFault) as caught:
        other.open()
    assert caught.value.fault == "illegal_address"


# The fire alarm ------------------------------------------------------------------------------------------------


def opened(driver: ModbusRelay) -> None:
    """Open it; a busy machine is slower than the wire at times."""
    for _ in range(5):
        with contextlib.suppress(NoAnswer):
            driver.open()
            return
        driver.close()
    driver.open()


@pytest.fixture(params=PulseBy)
def wired(request: pytest.FixtureRequest, tmp_path: Path, plugged_in: contextlib.ExitStack) -> Both:
    simulator = ModbusRelaySimulator(tmp_path, pulse_by=request.param, with_fire=True)
    plugged_in.callback(simulator.close)
    driver = ModbusRelay(ModbusRelayOptions.model_validate(simulator.options))
    plugged_in.callback(driver.close)
    opened(driver)
    return driver, simulator


def test_in_a_fire_the_gate_opens_and_stays_open_until_it_is_over(wired: Both) -> None:
    driver, simulator = wired
    assert driver.state() == CLOSED
    simulator.set_fire(on=True)
    assert driver.state().fire
    for _ in range(3):
        driver.probe()
        assert simulator.turnstile.released
    driver.lock()
    assert simulator.turnstile.released, "nothing locks in a fire"
    assert simulator.walk_through(), "whoever leaves gets out"
    simulator.set_fire(on=False)
    assert not driver.state().fire
    until(lambda: not simulator.turnstile.released)
    until(lambda: driver.state() == CLOSED)


def test_a_fire_in_the_middle_of_a_passage_keeps_the_gate_open(wired: Both) -> None:
    driver, simulator = wired

    def passes_in_the_fire() -> bool:
        simulator.set_fire(on=True)
        return simulator.walk_through()

    with somebody(simulator, passes_in_the_fire) as did:
        driver.let_one_pass(3.0)
    assert did == [True]
    assert driver.state().fire
    time.sleep(1.1)
    driver.probe()
    assert simulator.turnstile.released
    simulator.set_fire(on=False)
    driver.probe()
    until(lambda: not simulator.turnstile.released)
    with somebody(simulator, simulator.walk_through):
        assert driver.let_one_pass(3.0) is Crossing.PASSED, "afterwards all is as before"


def test_a_driver_that_comes_back_in_the_fire_opens_again(wired: Both) -> None:
    driver, simulator = wired
    simulator.set_fire(on=True)
    driver.state()
    driver.close()
    opened(driver)
    assert simulator.turnstile.released


def test_an_alarm_that_breaks_its_circuit_is_wired_the_other_way_round(tmp_path: Path) -> None:
    simulator = ModbusRelaySimulator(tmp_path, with_fire=True)
    with contextlib.closing(simulator):
        options = {**simulator.options, "invert_fire": True}
        driver = ModbusRelay(ModbusRelayOptions.model_validate(options))
        with contextlib.closing(driver):
            opened(driver)
            assert driver.state().fire, "a cut cable is a fire"
            assert simulator.turnstile.released
            simulator.set_fire(on=True)
            assert not driver.state().fire


def test_where_no_alarm_is_wired_the_input_is_not_asked_for(both: Both) -> None:
    driver, simulator = both
    simulator.set_fire(on=True)
    assert driver.state() == CLOSED
    assert not simulator.turnstile.released
