"""The desk's other services, walked; `tests.ui.walking` says when and in what."""

import pytest

from kiosk.view.common import Language
from tests.ui.walking import wrong_in, wrong_on_panel
from ui.surface import Mounting
from ui.walk import MOUNTINGS, QUICK

SHARE = "afterwards"


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("language", "mode"), QUICK)
def test_every_screen_is_as_it_has_to_be(kivy: object, language: Language, mode: str) -> None:
    assert wrong_in(SHARE, language, mode) == ""


@pytest.mark.timeout(300)
@pytest.mark.parametrize("mounting", MOUNTINGS)
def test_other_panels_are_walked_too(kivy: object, mounting: Mounting) -> None:
    assert wrong_on_panel(SHARE, mounting) == ""
