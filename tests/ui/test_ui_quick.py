"""What makes the screens quick: shapes computed once, parts that stay, texts kept for two screens and no longer."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from kiosk.view import desk
from ui import masks
from ui.samples import samples

SAMPLES = samples()
MakeTerminal = Callable[..., "Terminal"]  # type: ignore[name-defined]  # noqa: F821  the fixture's class, in conftest.py


@pytest.mark.parametrize(("radius", "weight"), [(8.0, 0.0), (8.0, 1.0), (3.5, 2.0), (0.0, 1.0)])
def test_a_rounded_shape_is_the_same_on_all_sides(radius: float, weight: float) -> None:
    shape, inner = masks.rounded(radius, weight)
    assert shape.shape[0] == 2 * masks.corner_px(radius, weight) + 1
    for mask in (shape, inner):
        assert np.array_equal(mask, mask[::-1])
        assert np.array_equal(mask, mask.T)
    assert shape.max() == 1.0
    missing = shape.size - float(shape.sum())
    assert missing == pytest.approx((4 - math.pi) * radius**2, abs=1.0)
    assert float(inner.sum()) <= float(shape.sum())


def test_a_dot_and_a_line_cover_what_they_should() -> None:
    dot = masks.stroked([[(20.0, 20.0)]], 40, 6.0)
    assert float(dot.sum()) == pytest.approx(math.pi * 36, rel=0.02)
    line = masks.stroked([[(8.0, 20.0), (32.0, 20.0)]], 40, 3.0)
    assert float(line.sum()) == pytest.approx(24 * 6 + math.pi * 9, rel=0.03)
    assert not masks.stroked([[(80.0, 80.0), (90.0, 80.0)]], 40, 3.0).any(), "outside of the picture"


def test_an_edge_is_mixed_with_its_inside_and_leaves_no_dark_rim() -> None:
    shape, inner = masks.rounded(8.0, 0.0)
    red = (1.0, 0.0, 0.0, 1.0)
    pixels = np.frombuffer(masks.coloured(shape, inner, red, red), np.uint8).reshape(*shape.shape, 4)
    seen = pixels[pixels[:, :, 3] > 0]
    assert (seen[:, 0] == 255).all()
    assert not seen[:, 1:3].any()


def test_one_more_digit_leaves_the_keys_where_they_are(terminal: MakeTerminal) -> None:
    from ui.focus import in_order
    from ui.widgets.key_pad import KeyPad

    one = terminal()
    one.show(SAMPLES["desk.Question-digits"])
    sheet = one.stage.sheet

    def pad() -> object:
        return next(widget for widget in in_order(sheet) if isinstance(widget, KeyPad))

    before = pad()
    sheet._press("7")
    assert sheet.value == "18507"
    assert pad() is before
    assert not sheet.drawing


def test_what_was_shown_of_a_person_is_kept_no_longer_than_they_are_there(terminal: MakeTerminal) -> None:
    from ui.widgets.text import LATELY

    def held(words: str) -> bool:
        return any(words in str(key[0]) for kept in (LATELY._now, LATELY._before) for key in kept)

    one = terminal()
    one.show(replace(SAMPLES["desk.Question-phone-filled"], value="13912345678"))  # type: ignore[call-arg]
    assert held("139 1234 5678")
    one.show(SAMPLES["desk.ChooseItem"])
    assert held("139 1234 5678"), "one may go back to it"
    one.show(SAMPLES["desk.Start"])
    assert not held("139 1234 5678")
    one.show(SAMPLES["desk.ChooseItem"])
    assert held("退出"), "what is on every screen is drawn once"


def test_a_page_is_made_small_before_it_is_drawn(kivy: object) -> None:
    from ui.widgets.photograph import _texture

    page = SAMPLES["desk.CheckPaper"]
    assert isinstance(page, desk.CheckPaper)
    small = _texture(page.page, (200, 300))
    assert small is not None
    assert small.size[0] <= 200
    assert small.size[1] <= 300
    assert max(small.size[0] / 200, small.size[1] / 300) == pytest.approx(1.0, abs=0.01)
    assert _texture(b"\xff\xd8 no picture", (200, 300)) is None
    assert _texture(b"", (200, 300)) is None
