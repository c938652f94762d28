"""Handwriting, search by strokes and parts, places: what nobody knows how to type is still found."""

from pathlib import Path

import numpy as np
import pytest

from kiosk.input.handwriting import Handwriting
from kiosk.input.pack import Pack, PackError, write_pack
from kiosk.input.writer import Engines

# 木 written: across, down, left, right; in pixels, y downwards.
TREE = [
    [(30, 80), (100, 78), (170, 80)],
    [(100, 20), (100, 100), (101, 190)],
    [(98, 82), (70, 120), (25, 160)],
    [(102, 82), (130, 120), (178, 158)],
]
TEN = [TREE[0], TREE[1]]


def drawn(strokes: list[list[tuple[int, int]]]) -> list[np.ndarray]:
    return [np.array(stroke, np.float32) for stroke in strokes]


def texts(machine: Handwriting, strokes: list[np.ndarray]) -> list[str]:
    return [guess.character for guess in machine.recognise(strokes)]


def test_a_tree_is_recognised(engines: Engines) -> None:
    assert texts(engines.hand, drawn(TREE))[0] == "木"
    assert texts(engines.hand, drawn(TEN))[0] == "十"
    assert texts(engines.hand, drawn([TREE[0]]))[0] == "一"


def test_size_place_and_order_do_not_matter(engines: Engines) -> None:
    usual = drawn(TREE)
    for strokes in ([stroke * 0.01 for stroke in usual], [stroke + 5000 for stroke in usual], usual[::-1]):
        assert texts(engines.hand, strokes)[0] == "木"


def test_joined_strokes_stay_readable(engines: Engines) -> None:
    one, two, three, four = drawn(TREE)
    assert "木" in texts(engines.hand, [one, two, np.concatenate((three, four))])


@pytest.mark.parametrize(
    "strokes", [[], [np.zeros((0, 2))], [np.zeros((1, 2))], [np.zeros((5, 2))], [np.ones((3, 2))] * 80], ids=str
)
def test_dots_and_nothing(engines: Engines, strokes: list[np.ndarray]) -> None:
    found = engines.hand.recognise(strokes)
    assert len(found) in {0, 10}
    assert all(np.isfinite(guess.score) for guess in found)


def test_by_strokes(engines: Engines) -> None:
    shapes = engines.shapes
    assert [shape.character for shape in shapes.find(begin="1234", count=4)][:1] == ["木"]
    assert "喆" in [shape.character for shape in shapes.find(begin="一丨一", count=12, most=500)]
    assert shapes.find() == []


def test_by_parts_in_any_form(engines: Engines) -> None:
    found = [shape.character for shape in engines.shapes.find(parts="龙天")]
    assert "䶮" in found
    assert "龑" in found
    assert "湄" in [shape.character for shape in engines.shapes.find(parts="水眉")]
    assert "魏" in [shape.character for shape in engines.shapes.find(parts="委鬼")]


def test_by_number(engines: Engines) -> None:
    assert engines.shapes.numbered("U+4DAE") == "䶮"
    assert engines.shapes.numbered("2cc56") == chr(0x2CC56)
    assert engines.shapes.numbered("0041") is None
    assert engines.shapes.numbered("龙") is None


def test_the_younger_standard_characters_have_strokes_and_parts(engines: Engines) -> None:
    for character, count in {"𬱖": 11, "𫰛": 8, "𬍡": 11, "䶮": 9}.items():
        shape = engines.shapes.shape(character)
        assert shape is not None
        assert shape.parts
        assert len(shape.strokes) == count, character


# Places ---------------------------------------------------------------------------------------------------------


def test_provinces_and_what_lies_in_them(engines: Engines) -> None:
    addresses = engines.addresses
    provinces = addresses.children()
    assert len(provinces) == 34
    assert provinces[0].name == "北京市"
    assert "海淀区" in [place.name for place in addresses.children(provinces[0].number)]
    zhejiang = next(place for place in provinces if place.name == "浙江省")
    taizhou = next(place for place in addresses.children(zhejiang.number) if place.name == "台州市")
    assert [place.name for place in addresses.path(taizhou.number)] == ["浙江省", "台州市"]
    assert addresses.text(taizhou.number) == "浙江省台州市"
    with pytest.raises(KeyError):
        addresses.division(10**6)


def test_search_by_name_pinyin_and_initials(engines: Engines) -> None:
    addresses = engines.addresses
    for typed in ("海淀", "haidian", "hdq", "HaiDian Qu"):
        assert "海淀区" in [place.name for place in addresses.search(typed)], typed
    assert addresses.search("yueqing")[0].name == "乐清市"
    assert addresses.search("没有这个地方") == ()
    inside = addresses.search("chaoyang", within=addresses.search("beijing")[0].number)
    assert inside[0].name == "朝阳区"


def test_an_identity_number_knows_its_county(engines: Engines) -> None:
    place = engines.addresses.known(110101)
    assert place is not None
    assert engines.addresses.text(place.number) == "北京市东城区"
    assert engines.addresses.known(999999) is None


# The file -------------------------------------------------------------------------------------------------------


def test_a_missing_or_damaged_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="make setup"):
        Pack(tmp_path / "none")
    bad = tmp_path / "bad"
    bad.write_bytes(b"")
    with pytest.raises(PackError, match="make setup"):
        Pack(bad)
    good = tmp_path / "good"
    write_pack(good, {"a": np.arange(1000, dtype=np.uint32), "b": "文字"})
    pack = Pack(good)
    assert pack.text("b") == "文字"
    assert list(pack.view("a"))[-1] == 999
    whole = good.read_bytes()
    for damaged in (whole[:100], b"X" + whole[1:], whole[:20] + b"\xff" * 40 + whole[60:], whole[:-4000]):
        bad.write_bytes(damaged)
        with pytest.raises(PackError, match="make setup"):
            Pack(bad)
    with pytest.raises(PackError, match="make setup"):
        pack.array("none")
