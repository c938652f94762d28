from datetime import UTC, date, datetime

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.view import common, desk, gate
from kiosk.view.screen import (
    INTENTS,
    STATES,
    Screen,
    State,
    Touch,
    name_of,
    screen_from_json,
    screen_to_json,
    touch_from_json,
    touch_to_json,
)

# JSON has no infinity; no journey makes one.
st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))
# On a busy machine an example may take long, and its data long to draw; neither says anything about the code.
at_any_speed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize("name", sorted(STATES))
@at_any_speed
@given(data=st.data())
def test_every_view_state_survives_json(name: str, data: st.DataObject) -> None:
    state: State = data.draw(st.from_type(STATES[name]))
    screen = Screen("desk", state, common.Language.EN, common.Modes(large=True), number=7)
    assert screen_from_json(screen_to_json(screen)) == screen


@pytest.mark.parametrize("name", sorted(INTENTS))
@at_any_speed
@given(data=st.data())
def test_every_intent_survives_json(name: str, data: st.DataObject) -> None:
    touch = Touch(data.draw(st.from_type(INTENTS[name])), 3)
    assert touch_from_json(touch_to_json(touch)) == touch


@at_any_speed
@given(st.binary(max_size=200))
def test_what_is_no_touch_is_refused(garbage: bytes) -> None:
    with pytest.raises(msgspec.MsgspecError):
        touch_from_json(garbage)


def test_an_unknown_state_is_refused() -> None:
    screen = Screen("gate", gate.Deciding(), common.Language.EN, common.Modes(), number=1)
    with pytest.raises(msgspec.ValidationError, match="no view state"):
        screen_from_json(screen_to_json(screen).replace(b"gate.Deciding", b"gate.Nothing"))


def test_names_say_where_a_state_lives() -> None:
    assert name_of(gate.Welcome("a", "b")) == "gate.Welcome"
    done = desk.Done(
        "1", desk.NO_WORDS, datetime(2026, 1, 1, tzinfo=UTC), date(2026, 1, 2), "", "", desk.Receipt.PRINTED
    )
    assert name_of(done) == "desk.Done"


def test_an_answer_does_not_show_itself_in_logs() -> None:
    assert "13800138000" not in repr(desk.Answer("phone", "13800138000"))
