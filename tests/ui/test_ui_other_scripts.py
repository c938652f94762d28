"""Uyghur and Tibetan: letters are joined and stacked, numbers stand right, the mirrored screen swaps its sides."""

from pathlib import Path

import numpy as np
import pytest

from ui.other_scripts import shaping
from ui.other_scripts.shaping import ShapingMissingError, Writing, broken, check, drawn, runs, width
from ui.samples import HALL, NOW

UYGHUR = "زالدا 37 ئادەم بار"
TIBETAN = "ཐོབ་ཐང་ལག་ཁྱེར་ཚོར་ལེན་ས་ཁོངས་སུ་བཞག་རོགས།"


@pytest.fixture(autouse=True)
def _installed() -> None:
    for writing in Writing:
        try:
            check(writing)
        except ShapingMissingError as error:
            pytest.skip(str(error))


def ink(words: str, writing: Writing) -> np.ndarray:
    wide = round(width(words, writing, 48)) + 8
    return np.asarray(drawn([words], writing, 48, wide, "start")) > 128


def test_arabic_letters_are_joined() -> None:
    """Joined letters are narrower than the same ones apart, and hang together."""
    joined = width("بار", Writing.ARABIC, 64)
    apart = sum(width(sign, Writing.ARABIC, 64) for sign in "بار")
    assert joined < 0.85 * apart


def test_a_line_begins_at_the_right_and_a_number_reads_from_the_left() -> None:
    placed = runs(UYGHUR, Writing.ARABIC)
    assert placed[-1].words.startswith("زالدا")  # the first word stands at the right edge
    assert [run.words.strip() for run in placed if run.rightwards] == ["37"]
    assert placed[0].words.strip().endswith("بار")
    mixed = runs("ئىسمى 王小明 12-3", Writing.ARABIC)
    rightwards = [run.words.strip() for run in mixed if run.rightwards and run.words.strip()]
    assert "".join(rightwards).replace(" ", "") == "王小明12-3"


def test_a_tibetan_line_runs_rightwards() -> None:
    assert runs("མི་ 37 ཡོད།", Writing.TIBETAN)[0].words.startswith("མི")


def test_tibetan_letters_are_stacked() -> None:
    """A subjoined letter goes below, and takes no width of its own."""
    assert width("རྒྱ", Writing.TIBETAN, 64) < 0.7 * sum(width(sign, Writing.TIBETAN, 64) for sign in "རགཡ")
    high = np.flatnonzero(ink("རྒྱ", Writing.TIBETAN).any(axis=1)).size
    low = np.flatnonzero(ink("ར", Writing.TIBETAN).any(axis=1)).size
    assert high > 1.4 * low


def test_lines_end_where_they_may() -> None:
    for room in (150, 300, 600):
        lines = broken(TIBETAN, Writing.TIBETAN, 40, room)
        assert "".join(lines) == TIBETAN
        assert all(line[-1] in "་།" for line in lines)
        lines = broken(UYGHUR, Writing.ARABIC, 40, room)
        assert " ".join(lines) == UYGHUR
    assert len(broken(TIBETAN, Writing.TIBETAN, 40, 300)) > 1


def test_a_missing_font_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shaping, "NOTO", Path("/nowhere"))
    with pytest.raises(ShapingMissingError, match="fonts-noto-core"):
        check(Writing.TIBETAN)


def test_the_screen_in_both_is_drawn_and_fits(kivy: object, root: Path) -> None:
    from PIL import Image

    from ui.other_scripts.welcome import TIBETAN as IN_TIBETAN
    from ui.other_scripts.welcome import UYGHUR as IN_UYGHUR
    from ui.other_scripts.welcome import OtherWelcome
    from ui.snapshot import drawn as shot_of
    from ui.surface import Surface

    whole = Image.new("RGB", (2 * 550, 960), "#8c8c8c")
    for place, words in enumerate((IN_UYGHUR, IN_TIBETAN)):
        screen = OtherWelcome(Surface(scale=0.5, now=lambda: NOW, hall=HALL), words)
        assert len(screen.texts) == 4
        for text in screen.texts:
            assert text.fits, text.content
            assert text.letters >= 32
        shot = shot_of(screen, 540, 960)
        picture = Image.frombytes("RGB", (shot.width, shot.height), shot.rgb)
        pixels = np.asarray(picture.convert("L"))
        # The staff's sign stands at the beginning of its button: on the right in Uyghur, on the left in Tibetan.
        button = pixels[880:936, 40:500] < 150
        left, right = int(button[:, :60].sum()), int(button[:, -60:].sum())
        assert (right > 3 * left) if words is IN_UYGHUR else (left > 3 * right)
        whole.paste(picture, (place * 550, 0))
    out = root / "out" / "screens"
    out.mkdir(parents=True, exist_ok=True)
    whole.save(out / "other-scripts.png", compress_level=1)
