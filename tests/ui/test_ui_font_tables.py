"""Our reader of fonts against fontTools, which knows all of OpenType."""

from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from ui import text
from ui.font_tables import FontBrokenError, read


@pytest.mark.parametrize("face", [text.REGULAR, text.RARE[0]], ids=lambda face: str(face.name))
def test_it_reads_what_the_library_reads(face: text.Face) -> None:
    path = text.FONTS / face.file
    ours = read(path)
    with TTFont(path, lazy=True) as font:
        em = font["head"].unitsPerEm
        widths = font["hmtx"].metrics
        cmap = font.getBestCmap()
        assert set(ours.glyphs) == set(cmap)
        for code in list(cmap)[::7]:
            assert ours.width(code) == pytest.approx(widths[cmap[code]][0] / em)


def test_a_font_of_the_basic_plane_only(tmp_path: Path) -> None:
    """Format 4, made by the library from a few characters."""
    from fontTools.subset import Options, Subsetter

    options = Options()
    options.notdef_outline = True
    with TTFont(text.FONTS / text.REGULAR.file) as font:
        subsetter = Subsetter(options)
        subsetter.populate(text="甲乙ABC。")
        subsetter.subset(font)
        font["cmap"].tables = [table for table in font["cmap"].tables if table.format == 4]
        assert font["cmap"].tables
        path = tmp_path / "small.ttf"
        font.save(path)
    ours = read(path)
    assert set(ours.glyphs) == {ord(one) for one in "甲乙ABC。"}
    assert ours.width(ord("甲")) == pytest.approx(1.0)
    assert 0.4 < ours.width(ord("A")) < 0.8


@pytest.mark.parametrize(
    "content", [b"", b"no font at all", b"\0\1\0\0\0\1" + b"x" * 40, b"ttcf\0\0\0\0\0\0\0\1\0\0\0\x0c"]
)
def test_what_is_no_font_is_said(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.ttf"
    path.write_bytes(content)
    with pytest.raises(FontBrokenError, match=r"broken\.ttf"):
        read(path)
