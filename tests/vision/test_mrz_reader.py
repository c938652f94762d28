"""Zones in pictures: specimens of invented people, small, skewed and turned, read by the networks that ship."""

import os
import random
from datetime import date
from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks.mrz import measure
from benchmarks.specimens import Degradation, draw, font_name, zone
from kiosk.vision.faces import Image
from kiosk.vision.mrz import MrzKind, MrzStatus
from kiosk.vision.text.bands import lines_of, strips_by_texture
from kiosk.vision.text.engine import RapidText
from kiosk.vision.text.fields import Checked, DocumentKind, Key, read_document
from kiosk.vision.text.lines import Glyph, TextLine, box_quad
from kiosk.vision.text.travel import _laid, read_mrz

TODAY = date(2026, 11, 22)
ERIKSSON = ["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"]


@pytest.fixture(scope="module")
def font() -> str:
    name = font_name()
    if name is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no font of fixed pitch")
        pytest.skip("no font of fixed pitch is on this machine")
    return name


@pytest.mark.parametrize(
    ("kind", "how"),
    [
        (MrzKind.TD3, Degradation(500, 3.0, 0.4, 4.0, 75)),
        (MrzKind.TD1, Degradation(420, -4.0, 0.3, 3.0, 80, turns=2)),
        (MrzKind.TD2, Degradation(600, 1.0, 0.5, 5.0, 60, turns=1)),
    ],
)
def test_small_skewed_and_turned(reader: RapidText, font: str, kind: MrzKind, how: Degradation) -> None:
    lines = zone(random.Random(5), kind)
    result = read_mrz(reader, draw(lines, font, 5, how), TODAY)
    assert result.status is MrzStatus.VALID
    assert list(result.lines) == lines


def test_as_fields_of_a_document(reader: RapidText, font: str) -> None:
    picture = draw(ERIKSSON, font, 1, Degradation(900, 0.0, 0.3, 2.0, 90))
    fields = read_document(picture, DocumentKind.MRZ, reader, TODAY)
    assert {key: field.value for key, field in fields.values.items()} == {
        Key.NUMBER: "L898902C3",
        Key.NAME: "ERIKSSON, ANNA MARIA",
        Key.SEX: "F",
        Key.BIRTH: "1974-08-12",
        Key.VALID_UNTIL: "2012-04-15",
        Key.NATIONALITY: "UTO",
        Key.ISSUER: "UTO",
    }
    assert fields.values[Key.NUMBER].checked is Checked.PASSED
    assert fields.values[Key.NAME].checked is Checked.NONE


@pytest.mark.parametrize("image", [np.zeros((0, 0, 3), np.uint8), np.full((9, 900, 3), 30, np.uint8)])
def test_no_picture_no_zone(reader: RapidText, image: Image) -> None:
    assert read_mrz(reader, image, TODAY).status is MrzStatus.NOT_MRZ


def test_noise_is_no_zone(reader: RapidText) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (300, 500, 3)).astype(np.uint8)
    assert read_mrz(reader, noise, TODAY).status is not MrzStatus.VALID


@pytest.mark.parametrize("skew", [-4.0, 0.0, 4.0])
def test_the_band_is_found_by_its_texture(font: str, skew: float) -> None:
    picture = draw(zone(random.Random(1), MrzKind.TD1), font, 1, Degradation(600, skew, 0.3, 3.0, 80))
    assert 3 in [len(strips) for strips in strips_by_texture(picture)]


@pytest.mark.parametrize("shape", [(1, 1), (8, 40), (3, 500), (200, 10)])
def test_bands_of_any_shape(shape: tuple[int, int]) -> None:
    assert len(lines_of(np.zeros((*shape, 3), np.uint8))) <= shape[0]


def test_lost_fillers_are_put_back_by_the_pitch() -> None:
    text = ERIKSSON[1]
    kept = [place for place, one in enumerate(text) if not (one == "<" and text[place - 1] == "<")]
    glyphs = tuple(Glyph(text[place], 0.9, (place + 0.5) / 44) for place in kept)
    assert len(glyphs) < 44
    assert _laid(glyphs, 44).text == text


def test_a_line_without_glyphs() -> None:
    assert _laid((), 30).text == "<" * 30
    assert TextLine("", 0.0, box_quad(0, 0, 1, 1)).glyphs == ()


def test_benchmark_with_a_folder(tmp_path: Path, font: str) -> None:
    picture = draw(ERIKSSON, font, 1, Degradation(900, 0.0, 0.3, 2.0, 90))
    cv2.imwrite(str(tmp_path / "right.png"), picture)
    cv2.imwrite(str(tmp_path / "none.png"), np.full((80, 80, 3), 200, np.uint8))
    (tmp_path / "right.txt").write_text("\n".join(ERIKSSON), "utf-8")
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff")
    figures = measure(tmp_path, 0, 1, bare=False)
    ours = figures["ours"]
    assert isinstance(ours, dict)
    assert (ours["pictures"], ours["all_check_digits_right"]) == (3, 1)
    assert ours["outcomes"] == {"valid": 1, "not_mrz": 1, "unreadable_file": 1}
    assert ours["with_truth"]["every_character_right"] == 1
