"""Rare characters: by parts, by strokes, by code; every one of the standard is drawn on the screen and on paper."""

from pathlib import Path

import pytest

from drivers.kinds import Line, PrintJob
from drivers.printer.escpos import EscPosOptions
from drivers.printer.raster import Fonts, _covered, render
from kiosk.input.pack import PLACE, Pack
from kiosk.input.shapes import Shapes
from kiosk.input.writer import Engines, Source, Writer
from ui import text
from ui.parts import PARTS

NAMES = "㛃𠅤𬍤䶮𬱖𫄧𠮷"
"""Characters of names that few fonts have."""


@pytest.fixture(scope="module")
def machine() -> Engines:
    if not PLACE.is_file():
        pytest.skip(f"{PLACE.name} is missing: run `make setup`")
    return Engines(Pack())


@pytest.fixture(scope="module")
def shapes(machine: Engines) -> Shapes:
    return machine.shapes


@pytest.mark.parametrize(
    ("parts", "wanted", "within"),
    [
        ("氵木", "沐", 1),
        ("土口", "𠮷", 3),
        ("石石石", "磊", 3),
        ("龙天", "䶮", 2),
        ("门言", "訚", 2),
        ("吉吉", "喆", 3),
        ("水木", "沐", 3),
    ],
)
def test_by_parts_the_plainest_first(shapes: Shapes, parts: str, wanted: str, within: int) -> None:
    assert wanted in shapes.made_of(parts)[:within]


def test_each_part_key_finds_characters(shapes: Shapes) -> None:
    keys = "".join(PARTS)
    assert len(set(keys)) == len(keys)
    assert not text.missing(keys)
    for page in PARTS:
        assert len(page) <= 28
    few = [key for key in keys if len(shapes.find(parts=key, most=12)) < 12]
    assert not few


def test_by_code_of_unicode_and_of_gb18030(shapes: Shapes) -> None:
    assert shapes.coded("4DAE") == ("䶮",)
    assert shapes.coded("U+20BB7") == ("𠮷",)
    assert shapes.coded("CED2") == ("我",)
    assert shapes.coded("9FA6")[0] == "龦"
    for wrong in ("", "41", "0041", "FFFF", "FFFFFFFF", "G", "110000", "81308130"):
        assert shapes.coded(wrong) == ()


def test_every_character_is_found_by_its_gb18030_code(shapes: Shapes) -> None:
    for code in (*range(0x3400, 0x4DC0, 97), *range(0x4E00, 0x9FF0, 211), *range(0x20000, 0x2FA1E, 2011)):
        character = chr(code)
        assert character in shapes.coded(character.encode("gb18030").hex()) or not text.face_of(character)


def test_names_are_written_by_strokes_by_parts_and_by_code(machine: Engines) -> None:
    for name in NAMES:
        shape = machine.shapes.shape(name)
        assert shape is not None
        for source, keys in ((Source.STROKES, shape.strokes), (Source.CODE, f"{ord(name):X}")):
            writer = Writer(machine)
            writer.use(source)
            for key in keys:
                writer.key(key)
            assert name in writer.draft.candidates, (name, source)
            writer.pick(writer.draft.candidates.index(name))
            assert writer.finish() == name
    writer = Writer(machine)
    writer.use(Source.PARTS)
    for key in "龙天":
        writer.key(key)
    assert writer.draft.composing == "龙天"
    assert "䶮" in writer.draft.candidates
    writer.delete()
    assert writer.draft.composing == "龙"
    for key in ("A", "1", "", "xy"):
        writer.key(key)
    assert writer.draft.composing == "龙"


BLOCKS = (
    (0x4E00, 0x9FEF),
    (0x3400, 0x4DB5),
    (0x20000, 0x2A6D6),
    (0x2A700, 0x2B734),
    (0x2B740, 0x2B81D),
    (0x2B820, 0x2CEA1),
    (0x2CEB0, 0x2EBE0),
)
"""Implementation levels 1 and 2 of GB 18030-2022 lie in these, the 8,105 characters of 2013 among them; level 3 ends
with Extension F."""


def _standard() -> list[str]:
    return [chr(code) for low, high in BLOCKS for code in range(low, high + 1)]


def test_every_character_of_the_standard_has_a_glyph_on_the_screen() -> None:
    absent = [character for character in _standard() if text.face_of(character) is None]
    assert not absent


def test_every_character_of_the_standard_has_a_glyph_on_paper() -> None:
    options = EscPosOptions()
    covered: set[int] = set()
    for path in (options.font, *options.fonts_rare):
        if not Path(path).is_file():
            pytest.skip(f"{Path(path).name} is missing: run `make setup`")
        covered |= _covered(Path(path))
    assert not [character for character in _standard() if ord(character) not in covered]


def test_rare_names_are_printed_as_they_are_written() -> None:
    """Each leaves its own dots, and none is the mark for a missing character."""
    options = EscPosOptions()
    fonts = Fonts(Path(options.font), Path(options.font_bold), tuple(Path(p) for p in options.fonts_rare))
    dots = {sign: render(PrintJob("test", (Line(sign),)), 576, fonts).tobytes() for sign in (*NAMES, "〓", "口")}
    assert len(set(dots.values())) == len(dots)
