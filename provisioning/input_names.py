"""What people are called: surnames, characters of given names, and whole given names."""

import math
import re
from collections import defaultdict
from typing import Final

from kiosk.input.pack import Array
from provisioning import input_sources as source
from provisioning.input_sources import Reading

_MILLI: Final = 1000
_ENTRY: Final = re.compile(r"(\w+?)(?:\(([a-z]+)\))?$")
_COMPOUND_READINGS: Final = {
    "万俟": "mo qi",
    "尉迟": "yu chi",
    "澹台": "tan tai",
    "令狐": "ling hu",
    "宰父": "zai fu",
    "长孙": "zhang sun",
    "鲜于": "xian yu",
    "拓跋": "tuo ba",
    "单于": "chan yu",
    "乐正": "yue zheng",
}
_MANY_READINGS: Final = 0.1
"""A reading of a character that makes up at least this share of its uses may be the one of a name."""


def _surnames() -> list[tuple[str, Reading, float]]:
    found: dict[tuple[str, Reading], float] = {}
    for line in source.own("surnames.txt"):
        weight, told = line.split(":")
        for entry in told.split():
            match = _ENTRY.match(entry)
            if match is None:
                raise source.SourceError(f"surnames.txt: {entry!r} is no surname")
            name, said = match.groups()
            if len(name) > 1:
                spelt = _COMPOUND_READINGS.get(name)
                readings = [tuple(spelt.split())] if spelt else [source.reading(name) or ()]
            else:
                # Said otherwise than usual as a surname; people who do not know type the usual one.
                readings = [(said,)] if said else []
                readings += [(other,) for other in source.common_readings(name)] or [source.reading(name) or ()]
            for place, spoken in enumerate(dict.fromkeys(readings)):
                if spoken:
                    key = (name, spoken)
                    found[key] = max(found.get(key, 0.0), float(weight) / (1 if place == 0 else 6))
    total = sum(found.values())
    return [(name, said, weight / total) for (name, said), weight in found.items()]


def _given() -> tuple[dict[str, float], dict[str, float]]:
    """Weights of the characters of given names, and of whole given names of two."""
    single: dict[str, float] = defaultdict(float)
    pair: dict[str, float] = defaultdict(float)
    for line in source.own("given.txt"):
        head, told = line.split(":")
        kind, weight = head.split()
        for entry in told.split():
            if kind == "single":
                single[entry] = max(single[entry], float(weight))
            elif len(entry) == 2:
                pair[entry] = max(pair[entry], float(weight))
                for character in entry:
                    single[character] += 1.0
    surnames = {name for name, _, _ in _surnames()}
    for word, _, kind in source.jieba_words():
        if kind == "nr" and len(word) == 3 and word[0] in surnames and all(c in single for c in word[1:]):
            pair[word[1:]] += 1.0
            for character in word[1:]:
                single[character] += 0.3
    return single, pair


def arrays() -> dict[str, Array | str]:
    """The tables, one line an entry, with costs in thousandths of a nat."""
    single, pair = _given()
    singles, pairs = sum(single.values()), sum(pair.values())
    lines: dict[str, list[str]] = {"name.surname": [], "name.single": [], "name.pair": []}
    for name, spoken, share in _surnames():
        lines["name.surname"].append(f"{name}\t{' '.join(spoken)}\t{_cost(share)}")
    for character, weight in single.items():
        for said, part in source.shares(character).items():
            if part >= _MANY_READINGS:
                lines["name.single"].append(f"{character}\t{said}\t{_cost(weight / singles * max(part, 0.3))}")
    for name, weight in pair.items():
        for spoken in _readings(name):
            lines["name.pair"].append(f"{name}\t{' '.join(spoken)}\t{_cost(weight / pairs)}")
    return {key: "\n".join(sorted(set(told))) for key, told in lines.items()}


def _readings(name: str) -> list[Reading]:
    found: list[Reading] = [()]
    for character in name:
        likely = [said for said, part in source.shares(character).items() if part >= _MANY_READINGS]
        found = [(*before, said) for before in found for said in likely]
    return found[:4]


def _cost(share: float) -> int:
    return round(-_MILLI * math.log(share))
