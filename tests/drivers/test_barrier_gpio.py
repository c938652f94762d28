"""A gate at the pins of the computer, through gpiozero's stand-in for them."""

import contextlib
from pathlib import Path

import gpiozero
import pytest
from pydantic import ValidationError

from drivers.barrier.gpio import Gpio, GpioOptions
from drivers.errors import DeviceFault, DriverError, Effect, LinkError, NotPresent
from drivers.kinds import BarrierState, Crossing
from drivers.simulate.contract import Garble
from drivers.simulate.gpio import GpioSimulator

Both = tuple[Gpio, GpioSimulator]


@pytest.fixture
def both(tmp_path: Path, plugged_in: contextlib.ExitStack) -> Both:
    simulator = GpioSimulator(tmp_path)
    plugged_in.callback(simulator.close)
    driver = Gpio(GpioOptions.model_validate(simulator.options))
    plugged_in.callback(driver.close)
    driver.open()
    return driver, simulator


def test_closing_lets_the_relay_go(both: Both) -> None:
    driver, simulator = both
    driver.release()
    assert simulator.turnstile.released
    driver.close()
    assert not simulator.turnstile.released


def test_open_locks(both: Both) -> None:
    driver, simulator = both
    driver.release()
    driver.open()
    assert not simulator.turnstile.released


def test_one_lost_sample_is_a_lost_link(both: Both) -> None:
    driver, simulator = both
    simulator.garble(Garble.CHECKSUM)
    with pytest.raises(LinkError):
        driver.state()


def test_a_chip_that_vanishes_while_it_is_watched(both: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    driver, simulator = both
    looks: list[int] = []
    inputs = simulator.turnstile.inputs

    def look() -> int:
        looks.append(1)
        if len(looks) == 4:
            simulator.unplug()
        return inputs()

    monkeypatch.setattr(simulator.turnstile, "inputs", look)
    with pytest.raises(LinkError) as caught:
        driver.let_one_pass(10)
    assert caught.value.effect is Effect.YES
    assert not simulator.turnstile.released


def test_without_inputs_nobody_has_ever_passed(both: Both, plugged_in: contextlib.ExitStack) -> None:
    both[0].close()
    driver = Gpio(GpioOptions(relay="17", pulse_seconds=0.2))
    plugged_in.callback(driver.close)
    driver.open()
    assert driver.let_one_pass(5) is Crossing.UNKNOWN
    assert both[1].releases == 1
    assert not both[1].turnstile.released


def test_contacts_the_other_way_round(both: Both, plugged_in: contextlib.ExitStack) -> None:
    both[0].close()
    options = {**both[1].options, "invert_beams": True, "invert_door": True}
    driver = Gpio(GpioOptions.model_validate(options))
    plugged_in.callback(driver.close)
    driver.open()
    assert driver.state() == BarrierState(beam_a=True, beam_b=True, door_open=True)


@pytest.mark.parametrize("wrong", [{"relay": "99"}, {"door": "J8:1"}, {"door": "17"}])
def test_a_pin_that_is_not_there_or_taken(both: Both, plugged_in: contextlib.ExitStack, wrong: dict[str, str]) -> None:
    both[0].close()
    driver = Gpio(GpioOptions.model_validate({**both[1].options, **wrong}))
    plugged_in.callback(driver.close)
    with pytest.raises(DeviceFault) as caught:
        driver.open()
    assert caught.value.fault == "bad_pin"
    # nothing is left taken
    again = Gpio(GpioOptions.model_validate(both[1].options))
    plugged_in.callback(again.close)
    again.open()


def test_beams_come_in_pairs() -> None:
    with pytest.raises(ValidationError):
        GpioOptions(relay="17", beam_a="22")


def test_a_computer_without_pins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpiozero.Device, "pin_factory", None)
    with pytest.raises(DriverError) as missing:
        Gpio(GpioOptions(relay="17", pin_factory="rpigpio")).open()
    assert isinstance(missing.value, NotPresent)
    with pytest.raises(DeviceFault) as unknown:
        Gpio(GpioOptions(relay="17", pin_factory="none")).open()
    assert unknown.value.fault == "bad_pin_factory"
