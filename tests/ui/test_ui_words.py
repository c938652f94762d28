"""Catalogues, reasons and breaking of lines: no window needed."""

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from kiosk.view.common import Language
from kiosk.wire.rules import Reason
from ui import text, theme
from ui.language import LOCALE, messages, speech
from ui.png import png
from ui.reasons import REASONS

KEYWORDS = {"say": None, "words": None, "N_": None}
FOREIGN = [Language.ZH_HANT, Language.EN]


@pytest.fixture(scope="module")
def sources(root: Path) -> set[str]:
    found = extract_from_dir(str(root / "ui"), method_map=[("**.py", "python")], keywords=KEYWORDS)
    return {message for _, _, message, _, _ in found if isinstance(message, str)}


def test_extraction_sees_the_screens(sources: set[str]) -> None:
    assert {"请把身份证平放在感应区", "下一步", "暂停服务"} <= sources
    assert len(sources) > 150


@pytest.mark.parametrize("language", FOREIGN)
def test_catalogue_is_complete_and_not_stale(language: Language, sources: set[str]) -> None:
    with (LOCALE / f"{language}.po").open("rb") as file:
        catalogue = read_po(file, locale=language.replace("-", "_"))
    translated = {message.id: message.string for message in catalogue if message.id}
    assert set(translated) == sources
    assert all(translated.values())
    assert not any(message.fuzzy for message in catalogue if message.id)
    for source, target in translated.items():
        assert sorted(re.findall(r"{\w+}", str(source))) == sorted(re.findall(r"{\w+}", str(target))), source


def test_traditional_has_no_simplified_only_character() -> None:
    simplified = set(
        "个为么从传储关内写准则刚务动区厅压号启员响围场垫备复帮开执择换摄断时显暂检机标样测满点现画码确离纸经结络继续维编网脸规认设证话询请读调败费转边过还这进远选长门问间闸随隐预题额马验齐头对数没扫与"
    )
    allowed = set("准")
    say = speech(Language.ZH_HANT)
    with (LOCALE / "zh-Hant.po").open("rb") as file:
        for message in read_po(file, locale="zh_Hant"):
            if message.id:
                wrong = set(str(message.string)) & (simplified - allowed)
                assert not wrong, (message.string, wrong)
    assert say("请进") == "請進"


def test_english_has_no_han() -> None:
    with (LOCALE / "en.po").open("rb") as file:
        for message in read_po(file, locale="en"):
            assert not re.search(r"[\u3000-\u9fff\uff00-\uffef]", str(message.string)), message.string
            # In a Chinese font these are as wide as a character.
            assert not re.search("[“”‘’]", str(message.string)), message.string


def test_chinese_uses_full_width_punctuation(sources: set[str]) -> None:
    for source in sources:
        assert not re.search(r"[\u4e00-\u9fff}][,:;?!](?=[\u4e00-\u9fff{]|$)", source), source


def test_every_reason_has_words_in_every_language() -> None:
    assert set(REASONS) == {reason.value for reason in Reason}
    for advice in REASONS.values():
        for language in FOREIGN:
            say = speech(language)
            for words in advice:
                assert say(words)
        assert speech(Language.EN)(advice.what) != advice.what
        assert speech(Language.EN)(advice.next) != advice.next


def test_lines_end_by_the_chinese_rules() -> None:
    words = "读卡器没有读到证件，请把身份证平放在感应区。（如仍不行，请找工作人员）"
    for room in range(4, 40):
        lines = text.broken(words, float(room))
        assert "".join(lines) == words
        for line in lines:
            assert line[0] not in "，。）", (room, lines)
            assert line[-1] != "（", (room, lines)
            assert text.width(line) <= room


def test_no_single_character_is_left_alone() -> None:
    words = "请把身份证平放在感应区"
    lines = text.broken(words, 10.5)
    assert lines == ["请把身份证平", "放在感应区"]


def test_words_of_latin_are_not_broken_while_smaller_letters_help() -> None:
    fit = text.fitted("Change", (120, 80), 40, 32)
    assert fit.lines == ["Change"]
    assert not fit.cut
    tight = text.fitted("Change the telephone number now", (110, 60), 40, 32)
    assert tight.cut
    assert tight.lines[-1].endswith("…")


def test_rare_characters_go_to_their_font() -> None:
    assert text.missing("王㛃𠅤𬍤䶮𬱖𫄧𠮷") == set()
    assert [(face.name, piece) for face, piece in text.runs("王𠮷明")] == [
        ("noto", "王"),
        ("hana-a", "𠮷"),
        ("noto", "明"),
    ]
    assert text.markup("[王]&𠮷") == "&bl;王&br;&amp;[font=hana-a]𠮷[/font]"
    assert [face.name for face, _ in text.runs("\U0002b825")] == ["hana-b"]
    assert text.missing("\U000e0fff") == {"\U000e0fff"}


def test_numbers_are_grouped() -> None:
    assert text.grouped("3101260000000421") == "3101 2600 0000 0421"
    assert text.grouped("QJ-2026-17") == "QJ-2026-17"


@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        (theme.INK, theme.PAPER), (theme.INK_SOFT, theme.PAPER), (theme.INK_SOFT, theme.SURFACE),
        (theme.INK_SOFT, theme.SAND), (theme.WHITE, theme.BLUE), (theme.WHITE, theme.BLUE_PRESSED),
        (theme.BLUE, theme.SURFACE), (theme.BLUE, theme.BLUE_TINT), (theme.BLUE, theme.BLUE_TINT_PRESSED),
        (theme.HELP, theme.HELP_TINT), (theme.HELP, theme.HELP_TINT_PRESSED), (theme.AMBER_INK, theme.AMBER_TINT),
        (theme.INK, theme.AMBER), (theme.WHITE, theme.GREEN), (theme.WHITE, theme.RED), (theme.INK, theme.BLUE_TINT),
    ],
)  # fmt: skip
def test_text_stands_out_from_its_ground(ink: theme.Colour, ground: theme.Colour) -> None:
    assert theme.contrast(ink, ground) >= 4.5


def test_contrast_is_that_of_the_published_examples() -> None:
    assert theme.contrast((0, 0, 0, 1), (1, 1, 1, 1)) == pytest.approx(21.0)
    grey = 0x77 / 255
    assert theme.contrast((grey, grey, grey, 1), (1, 1, 1, 1)) == pytest.approx(4.48, abs=0.01)


def test_png_is_read_by_another_decoder() -> None:
    from io import BytesIO

    from PIL import Image

    pixels = bytes(range(2 * 3 * 3))
    with Image.open(BytesIO(png(2, 3, pixels))) as picture:
        assert picture.size == (2, 3)
        assert picture.convert("RGB").tobytes() == pixels
    with pytest.raises(ValueError, match="18 bytes"):
        png(2, 3, b"")


@pytest.mark.parametrize("language", FOREIGN)
def test_our_own_reading_of_a_catalogue_is_gettexts(language: Language) -> None:
    path = LOCALE / f"{language}.po"
    with path.open("rb") as file:
        expected = {one.id: one.string for one in read_po(file, locale=language.replace("-", "_")) if one.id}
    assert messages(path.read_text(encoding="utf-8")) == expected


def test_a_catalogue_of_several_lines_and_escapes() -> None:
    catalogue = '#: ui/a.py\nmsgid ""\n"一行\\n"\n"\\"两\\"行"\nmsgstr "one \\\\ line"\n\nmsgid "无"\nmsgstr ""\n'
    assert messages(catalogue) == {'一行\n"两"行': "one \\ line"}
