"""Conditions of use, compensation, and the reading that carries both."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from drivers.kinds import Temperature
from drivers.thermometer.compensation import RULES
from drivers.thermometer.conditions import Conditions, ThermometerOptions


def holds(watch: Conditions, ambient_c: float, at: float) -> bool:
    return watch.reading(36.5, ambient_c, at).conditions_hold


@pytest.mark.parametrize(("ambient", "expected"), [(15.99, False), (16, True), (32, True), (32.01, False)])
def test_ambient_range(ambient: float, expected: bool) -> None:
    assert holds(Conditions(ThermometerOptions()), ambient, 0) is expected


def test_a_sensor_that_drifts_does_not_count_until_it_rests() -> None:
    watch = Conditions(ThermometerOptions(warm_up_minutes=0, drift_c=1.0))
    assert holds(watch, 22.0, 0)
    assert holds(watch, 22.9, 20)
    assert not holds(watch, 23.1, 40)
    assert not holds(watch, 23.1, 59)
    assert holds(watch, 23.1, 100)


def test_slow_change_is_no_drift() -> None:
    watch = Conditions(ThermometerOptions(warm_up_minutes=0, drift_c=1.0))
    assert all(holds(watch, 20 + minute * 0.5, minute * 60) for minute in range(20))


def test_while_it_warms_up_the_limit_is_stricter() -> None:
    watch = Conditions(ThermometerOptions(warm_up_minutes=30, warm_up_drift_c=0.5, drift_c=1.0))
    assert holds(watch, 22.0, 0)
    assert not holds(watch, 22.7, 30)
    assert holds(watch, 22.7, 100)
    assert holds(watch, 22.7, 1800)
    assert holds(watch, 23.4, 1830)
    watch.restart()  # the plug was pulled: it begins anew
    assert holds(watch, 23.4, 1900)
    assert not holds(watch, 24.1, 1930)


def test_many_readings_a_second_do_not_hide_a_drift() -> None:
    watch = Conditions(ThermometerOptions(warm_up_minutes=0, drift_c=1.0))
    verdicts = [holds(watch, 22 + at * 0.002, at / 20) for at in range(1200)]
    assert verdicts[0]
    assert not verdicts[-1]


def test_the_device_can_know_better() -> None:
    assert not Conditions(ThermometerOptions()).reading(36.5, 22, 0, steady=False).conditions_hold
    assert Conditions(ThermometerOptions()).reading(36.5, 22, 0, emissivity=0.9).emissivity == 0.9


def test_a_compensated_value_stands_beside_the_raw_one_and_names_its_rule() -> None:
    reading = Conditions(ThermometerOptions(compensation="axillary-estimate-1")).reading(36.2, 22, 0)
    assert reading.object_c == 36.2
    assert reading.compensated_c == pytest.approx(36.7)
    assert reading.rule == "axillary-estimate-1"


def test_nothing_is_compensated_unasked() -> None:
    reading = Conditions(ThermometerOptions()).reading(36.2, 22, 0)
    assert (reading.compensated_c, reading.rule) == (None, "")


def test_an_unknown_rule_is_an_error_of_the_site_file() -> None:
    with pytest.raises(ValidationError, match="axillary-estimate-1"):
        ThermometerOptions(compensation="make-it-normal")


@pytest.mark.parametrize(("value", "rule"), [(36.6, ""), (None, "axillary-estimate-1")])
def test_neither_goes_without_the_other(value: float | None, rule: str) -> None:
    with pytest.raises(ValueError, match="rule"):
        Temperature(36.1, 22, 0.98, conditions_hold=True, compensated_c=value, rule=rule)


@given(st.sampled_from(sorted(RULES)), st.floats(20, 45), st.floats(0, 5), st.floats(16, 32))
def test_no_rule_flattens_fever(name: str, raw: float, warmer: float, ambient: float) -> None:
    rule = RULES[name]
    assert rule(raw + warmer, ambient) - rule(raw, ambient) == pytest.approx(warmer)
