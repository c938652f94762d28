"""Names: which characters go together, how surnames are said, and what happens when their source is damaged."""

import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from kiosk.input.names import Names
from kiosk.input.pack import Pack
from kiosk.input.pinyin import Mode
from kiosk.input.syllables import Syllables
from kiosk.input.writer import Engines
from provisioning import input_people
from provisioning.input_classes import learn
from provisioning.input_sources import SourceError


def first(engines: Engines, letters: str, mode: Mode = Mode.NAME) -> list[str]:
    engines.pinyin.alike(frozenset())
    return [candidate.text for candidate in engines.pinyin.candidates(letters, mode).page(0)]


@pytest.mark.parametrize(
    ("letters", "name"),
    {
        "shanyumei": "单玉梅",
        "danyumei": "单玉梅",
        "qiujianguo": "仇建国",
        "oujianhua": "区建华",
        "xiewenjie": "解文杰",
        "yuchiming": "尉迟明",
        "lvxiulan": "吕秀兰",
        "lüxiulan": "吕秀兰",
        "LYUxiulan": "吕秀兰",
        "luxiuying": "陆秀英",
        "zhangzihan": "张梓涵",
        "wangxiulian": "王秀莲",
        "lilili": "李丽丽",
        "ouyangjianguo": "欧阳建国",
        "zhangwei": "张伟",
    }.items(),
)
def test_a_name_as_it_is_said(engines: Engines, letters: str, name: str) -> None:
    assert name in first(engines, letters)


def test_one_who_types_a_name_anywhere_is_understood(engines: Engines) -> None:
    for letters, name in {"wangjianguo": "王建国", "lixiuying": "李秀英", "zhanghaoran": "张浩然"}.items():
        assert first(engines, letters, Mode.ANY)[0] == name


def test_a_known_word_is_not_pushed_aside_by_names(engines: Engines) -> None:
    for letters in ("juzhuzheng", "shebaoka", "yiliaobaoxian", "shenqing", "banli"):
        assert first(engines, letters, Mode.ANY)[0] in {"居住证", "社保卡", "医疗保险", "申请", "办理"}


def test_names_come_once_and_in_order(engines: Engines, pack: Pack) -> None:
    lexicon = engines.pinyin.lexicon
    names = Names(pack, lexicon)
    said = tuple(lexicon.syllables.ids[part] for part in ("wang", "jian", "guo"))
    found = names.read(said, 40)
    assert len({name.text for name in found}) == len(found) == 40
    assert [name.cost for name in found] == sorted(name.cost for name in found)
    assert names.is_surname("欧阳")
    assert not names.is_surname("社")


# Classes --------------------------------------------------------------------------------------------------------


def test_characters_of_one_kind_go_together() -> None:
    sides = [("".join(chr(0x4E00 + 40 * kind + place) for place in range(40))) for kind in range(2)]
    # Of each kind three of four pairs are known; the first half of the characters begins, the second half ends.
    known = {
        side[one] + side[20 + other]: 1.0
        for side in sides
        for one in range(20)
        for other in range(20)
        if (one + other) % 4
    }
    characters = "".join(sides)
    even = np.full(len(characters), 1 / len(characters))
    classes = learn(characters, even, even, {pair: 1 / len(known) for pair in known})
    unseen = [classes.likely(40 * kind, 40 * kind + 20) for kind in range(2)]
    mixed = [classes.likely(40 * kind, 60 - 40 * kind) for kind in range(2)]
    assert min(unseen) > 2 * max(mixed)
    assert classes.share.sum() == pytest.approx(1.0)


# The source -----------------------------------------------------------------------------------------------------


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "people" / "wheel.whl"
    monkeypatch.setattr(input_people, "WHEEL", path)
    for kept in (input_people.surnames, input_people.positions, input_people._grams):
        kept.cache_clear()
    return path


def test_a_missing_source_says_what_to_do(wheel: Path) -> None:
    with pytest.raises(SourceError, match="make setup"):
        input_people.surnames()
    wheel.parent.mkdir()
    wheel.write_bytes(b"no archive")
    with pytest.raises(SourceError, match="make setup"):
        input_people.given()


def test_a_source_of_another_shape_says_what_to_do(wheel: Path) -> None:
    wheel.parent.mkdir()
    inner = wheel.with_name("model")
    with zipfile.ZipFile(inner, "w") as model:
        model.writestr("schema.json", "{}")
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.write(inner, "sinonym/data/chinese_japanese_classifier.skops")
    with pytest.raises(SourceError, match="make setup"):
        input_people.pairs(lambda _: 1.0)


def test_a_client_that_brings_nothing_is_said(wheel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(SourceError, match="sinonym"):
        input_people.bring_people(lambda _: None)
    assert not wheel.exists()


def test_those_who_wrote_their_whole_name_do_not_make_a_given_name(wheel: Path) -> None:
    wheel.parent.mkdir()
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("sinonym/data/familyname_orcid.csv", "surname,ppm\n王,60000\n")
        archive.writestr("sinonym/data/givenname_orcid.csv", "character,pinyin,ppm\n王,wang2,19000\n文,wen2,27000\n")
    assert input_people.given() == {"文": 1.0}


def test_syllables_are_numbered_alike_for_names_and_words(pack: Pack) -> None:
    said = Syllables(pack.text("syllables").split(" "))
    assert len(pack.array("name.from")) == len(said.names) + 1
