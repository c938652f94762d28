"""The thermometers on their wires: what each of them sees, knows of itself, and does not let pass."""

import contextlib
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

import pytest

from drivers.contract import Driver
from drivers.errors import BadFrame, DeviceFault, DriverError, NotPresent
from drivers.kinds import Temperature
from drivers.simulate.cjmcu_90614 import Cjmcu90614Simulator
from drivers.simulate.contract import Garble
from drivers.simulate.gy_614 import Gy614Simulator
from drivers.simulate.gy_mcu90640 import GyMcu90640Simulator
from drivers.simulate.lepton import LeptonSimulator
from drivers.simulate.mlx90614 import Mlx90614Simulator
from drivers.simulate.modbus_thermometer import ModbusThermometerSimulator
from drivers.thermometer.cjmcu_90614 import Cjmcu90614
from drivers.thermometer.gy_614 import Gy614
from drivers.thermometer.gy_mcu90640 import GyMcu90640
from drivers.thermometer.lepton_y16 import LeptonY16
from drivers.thermometer.mlx90614_smbus import Mlx90614
from drivers.thermometer.modbus_rtu import ModbusThermometer, temperature_in

Model = tuple[Callable[[Path], "Simulated"], type[Driver]]


class Simulated(Protocol):
    """What the simulators of all models have."""

    object_c: float
    ambient_c: float
    noise_c: float

    @property
    def options(self) -> Mapping[str, str | int | float | bool]: ...

    def drift(self, c_per_s: float) -> None: ...

    def garble(self, how: Garble) -> None: ...

    def close(self) -> None: ...


MODELS: dict[str, Model] = {
    "cjmcu-90614": (Cjmcu90614Simulator, Cjmcu90614),
    "gy-614": (Gy614Simulator, Gy614),
    "gy-mcu90640": (GyMcu90640Simulator, GyMcu90640),
    "lepton-y16": (LeptonSimulator, LeptonY16),
    "mlx90614-smbus": (Mlx90614Simulator, Mlx90614),
    "modbus-rtu": (ModbusThermometerSimulator, ModbusThermometer),
}


class Bench:
    """One model, its simulator and as many drivers as a test wants."""

    def __init__(self, folder: Path, stack: contextlib.ExitStack, model: str) -> None:
        simulate, self._driver = MODELS[model]
        self._stack = stack
        self.simulator = simulate(folder)
        stack.callback(self.simulator.close)

    def made(self, **options: object) -> Driver:
        driver = self._driver(self._driver.options.model_validate({**self.simulator.options, **options}))
        self._stack.callback(driver.close)
        return driver

    def opened(self, **options: object) -> Driver:
        driver = self.made(**options)
        driver.open()
        return driver


def measure(driver: Driver) -> Temperature:
    reading = getattr(driver, "measure")()  # noqa: B009  all of them are thermometers
    assert isinstance(reading, Temperature)
    return reading


@pytest.fixture
def bench(tmp_path: Path, plugged_in: contextlib.ExitStack) -> Callable[[str], Bench]:
    return lambda model: Bench(tmp_path, plugged_in, model)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline


@pytest.mark.parametrize("model", MODELS)
def test_what_is_before_it(bench: Callable[[str], Bench], model: str) -> None:
    table = bench(model)
    forehead = table.simulator
    forehead.object_c, forehead.ambient_c, forehead.noise_c = 36.62, 23.25, 0.0
    driver = table.opened(compensation="axillary-estimate-1")
    until(lambda: measure(driver).object_c == pytest.approx(36.62, abs=0.1))
    reading = measure(driver)
    assert reading.ambient_c == pytest.approx(23.25, abs=0.02)
    assert reading.emissivity == pytest.approx(0.98, abs=1e-4)
    assert reading.conditions_hold
    assert reading.compensated_c == pytest.approx(reading.object_c + 0.5)


@pytest.mark.parametrize("model", MODELS)
def test_a_sensor_that_drifts_says_so(bench: Callable[[str], Bench], model: str) -> None:
    table = bench(model)
    driver = table.opened(drift_c=0.3, warm_up_drift_c=0.3)
    table.simulator.drift(2.0)
    until(lambda: not measure(driver).conditions_hold)


@pytest.mark.parametrize("model", MODELS)
def test_noise_is_seen(bench: Callable[[str], Bench], model: str) -> None:
    table = bench(model)
    table.simulator.noise_c = 0.3
    driver = table.opened()
    first = measure(driver).object_c
    until(lambda: abs(measure(driver).object_c - first) > 0.05)


# ---------------------------------------------------------------------------------------------------------------


def test_a_cjmcu_that_sends_its_own_temperature_first(bench: Callable[[str], Bench]) -> None:
    table = bench("cjmcu-90614")
    table.simulator.object_c, table.simulator.ambient_c, table.simulator.noise_c = 23.0, 36.6, 0.0
    reading = measure(table.opened(ambient_first=True))
    assert (reading.object_c, reading.ambient_c) == (36.6, 23.0)


def test_the_array_delivers_its_raw_picture(bench: Callable[[str], Bench]) -> None:
    table = bench("gy-mcu90640")
    table.simulator.object_c = 36.6
    driver = table.opened(region=[0, 0, 24, 12])
    assert isinstance(driver, GyMcu90640)
    picture, ambient_c = driver.picture()
    assert picture.shape == (24, 32)
    assert picture[12, 16] == pytest.approx(36.6, abs=0.5)
    assert picture.max() > 300  # the broken pixel is in the raw picture …
    assert measure(driver).object_c == pytest.approx(22.0, abs=0.5)  # … and the face is outside of the region
    assert ambient_c == 22.0


def test_an_array_whose_frames_end_in_the_sum_of_words(bench: Callable[[str], Bench]) -> None:
    table = bench("gy-mcu90640")
    assert isinstance(table.simulator, GyMcu90640Simulator)
    table.simulator.sums_words = True
    assert measure(table.opened()).ambient_c == 22.0


@pytest.mark.parametrize(
    "registers",
    [
        {},
        {"address": 5, "ambient_address": 3, "function": 4},
        {"address": 8, "ambient_address": 10, "count": 2, "low_word_first": True, "scale": 0.001},
        {"address": 0, "ambient_address": 1, "signed": False},
    ],
)
def test_register_maps(bench: Callable[[str], Bench], registers: dict[str, object]) -> None:
    table = bench("modbus-rtu")
    table.simulator.object_c, table.simulator.noise_c = 36.6, 0.0
    reading = measure(table.opened(**registers))
    assert reading.object_c == pytest.approx(36.6)
    assert reading.ambient_c == 22.0


def test_own_temperature_in_the_register_before(bench: Callable[[str], Bench]) -> None:
    table = bench("modbus-rtu")
    table.simulator.object_c, table.simulator.noise_c = 36.6, 0.0
    reading = measure(table.opened(address=1, ambient_address=0))
    assert reading.object_c == 22.0
    assert reading.ambient_c == pytest.approx(36.6)


def test_a_register_that_the_sensor_has_not(bench: Callable[[str], Bench]) -> None:
    with pytest.raises(DeviceFault) as caught:
        bench("modbus-rtu").opened(address=400, ambient_address=401)
    assert caught.value.fault == "illegal_address"


def test_below_zero_and_nonsense_in_registers() -> None:
    assert temperature_in([0xFF9C], scale=0.1, signed=True) == -10.0
    with pytest.raises(BadFrame):
        temperature_in([0xFF9C], scale=0.1, signed=False)


def test_a_bare_sensor_knows_its_emissivity_and_its_number(bench: Callable[[str], Bench]) -> None:
    table = bench("mlx90614-smbus")
    assert isinstance(table.simulator, Mlx90614Simulator)
    table.simulator.emissivity = 0.95
    driver = table.opened()
    assert measure(driver).emissivity == pytest.approx(0.95, abs=1e-4)
    assert driver.open().serial == "1A2B00014C5D0090"


def test_a_bare_sensor_that_is_ill(bench: Callable[[str], Bench]) -> None:
    table = bench("mlx90614-smbus")
    driver = table.opened()
    assert isinstance(table.simulator, Mlx90614Simulator)
    table.simulator.sick = True
    with pytest.raises(DeviceFault) as caught:
        measure(driver)
    assert caught.value.fault == "sensor_error"


def test_nobody_at_this_address_of_the_bus(bench: Callable[[str], Bench]) -> None:
    with pytest.raises(NotPresent, match="0x5b"):
        bench("mlx90614-smbus").opened(address=0x5B)


def test_a_word_with_a_wrong_check_is_not_taken(bench: Callable[[str], Bench]) -> None:
    table = bench("mlx90614-smbus")
    driver = table.opened()
    table.simulator.garble(Garble.CHECKSUM)
    with pytest.raises(BadFrame):
        measure(driver)
    assert measure(driver).ambient_c == pytest.approx(22.0, abs=0.02)


def test_a_closed_shutter_is_waited_for(bench: Callable[[str], Bench]) -> None:
    table = bench("lepton-y16")
    driver = table.opened()
    assert isinstance(table.simulator, LeptonSimulator)
    table.simulator.shut(0.4)
    assert measure(driver).object_c == pytest.approx(24.0, abs=0.5)


@pytest.mark.parametrize(("trouble", "fault"), [("shut", "shutter_closed"), ("freeze", "frozen")])
def test_a_picture_that_stands_still_is_not_measured(bench: Callable[[str], Bench], trouble: str, fault: str) -> None:
    table = bench("lepton-y16")
    driver = table.opened()
    getattr(table.simulator, trouble)(60)
    faults: list[str] = []

    def failed() -> bool:
        try:
            measure(driver)
        except DeviceFault as error:
            faults.append(error.fault)
        except DriverError:
            return False
        return bool(faults)

    until(failed)
    assert faults == [fault]
    getattr(table.simulator, trouble)(0)
    assert measure(driver).object_c == pytest.approx(24.0, abs=0.5)


@pytest.mark.parametrize(("what", "value"), [("sensor_c", 33.5), ("flat_field_age_s", 500.0)])
def test_a_flat_field_that_is_too_old(bench: Callable[[str], Bench], what: str, value: float) -> None:
    table = bench("lepton-y16")
    driver = table.opened()
    assert measure(driver).conditions_hold
    setattr(table.simulator, what, value)
    until(lambda: not measure(driver).conditions_hold)


def test_a_camera_that_does_not_measure(bench: Callable[[str], Bench]) -> None:
    table = bench("lepton-y16")
    assert isinstance(table.simulator, LeptonSimulator)
    table.simulator.radiometric = False
    driver = table.made()

    def refused() -> bool:
        driver.close()
        try:
            driver.open()
        except DeviceFault as error:
            return error.fault == "not_radiometric"
        return False

    until(refused)
