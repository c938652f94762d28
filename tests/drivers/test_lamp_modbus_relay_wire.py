"""The signal light, against a pymodbus server."""

import contextlib
from pathlib import Path

import pytest

from drivers.errors import DeviceFault, Remedy
from drivers.kinds import Light
from drivers.lamp.modbus_relay import ModbusRelayLamp, ModbusRelayLampOptions
from drivers.simulate.modbus_lamp import ModbusLampSimulator
from drivers.transport import modbus_rtu

SHOWN = {
    Light.OFF: set(),
    Light.HERE: {"white"},
    Light.GOOD: {"green"},
    Light.STOP: {"red"},
    Light.STAFF: {"red", "white"},
}


@pytest.fixture
def both(tmp_path: Path, plugged_in: contextlib.ExitStack) -> tuple[ModbusRelayLamp, ModbusLampSimulator]:
    simulator = ModbusLampSimulator(tmp_path)
    plugged_in.callback(simulator.close)
    driver = ModbusRelayLamp(ModbusRelayLampOptions(**simulator.options))
    plugged_in.callback(driver.close)
    driver.open()
    return driver, simulator


def test_reading_coils_is_the_published_request() -> None:
    # Waveshare Modbus RTU Relay: "read states of relays"
    assert modbus_rtu.read_coils(1, 0, 8) == bytes.fromhex("01 01 00 00 00 08 3D CC")


def test_every_light_after_every_other(both: tuple[ModbusRelayLamp, ModbusLampSimulator]) -> None:
    driver, simulator = both
    for first in Light:
        for second in Light:
            driver.show(first)
            before = len(simulator.journal)
            driver.show(second)
            assert simulator.lit == SHOWN[second]
            # never green together with red, not even for the moment in which they change
            assert all(not {"red", "green"} <= lit for lit in simulator.journal[before:])


def test_a_new_start_is_dark(both: tuple[ModbusRelayLamp, ModbusLampSimulator]) -> None:
    driver, simulator = both
    driver.show(Light.STOP)
    driver.close()
    assert simulator.lit == {"red"}
    driver.open()
    assert simulator.lit == set()


def test_a_lamp_that_does_not_go_out(both: tuple[ModbusRelayLamp, ModbusLampSimulator]) -> None:
    driver, simulator = both
    simulator.stick("green")
    with pytest.raises(DeviceFault) as raised:
        driver.show(Light.STOP)
    assert (raised.value.fault, raised.value.remedy) == ("relay_stuck", Remedy.TECHNICIAN)
    driver.show(Light.GOOD)


def test_lamps_on_other_coils(tmp_path: Path, plugged_in: contextlib.ExitStack) -> None:
    simulator = ModbusLampSimulator(tmp_path)
    plugged_in.callback(simulator.close)
    driver = ModbusRelayLamp(ModbusRelayLampOptions(**simulator.options, red=2, white=0))
    plugged_in.callback(driver.close)
    driver.open()
    driver.show(Light.STOP)
    assert simulator.lit == {"white"}  # as it is wired in the simulator
