import pytest

from drivers.contract import Kind
from hub.console.words import WORDS
from kiosk.view.screen import STATES


@pytest.mark.parametrize("name", sorted(STATES))
def test_every_view_state_has_words_for_staff(name: str) -> None:
    assert name in WORDS


def test_every_kind_of_a_device_has_words() -> None:
    assert {kind.value for kind in Kind} <= set(WORDS)
