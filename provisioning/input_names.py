"""What people are called: surnames, characters of given names in their places, and whole given names.

Three sources are blended: counts of ORCID's records and of a corpus of names (`provisioning.input_people`), and our own
list of what each generation is called (`input_words/given.txt`), which knows the names of children.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np

from kiosk.input.pack import Array
from kiosk.input.syllables import Syllables
from provisioning import input_people as people
from provisioning import input_sources as source
from provisioning.input_classes import Classes, Floats, learn
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
_COUNTED: Final = 0.6
"""How much ORCID's counts of surnames weigh against our list."""
_UNCOUNTED: Final = 3e-6
"""A surname that is not among the counted ones is at most this likely; a double one is not counted there."""
_ORCID, _CORPUS, _OWN = 0.6, 0.2, 0.2
"""How much each source of characters weighs."""
_OWN_PAIRS, _CORPUS_PAIRS, _NEWS_PAIRS = 0.5, 0.4, 0.1
"""The same of whole given names; the last are those of people in jieba's dictionary."""
_KNOWN: Final = 0.5
"""How many given names of two are known as a whole."""
_FLOOR: Final = 2e-6
"""Every character of GB 2312 may stand in a name."""
_NAMED: Final = 2e-5
"""A character with at least this share stands in names of our time."""
_PAIRED: Final = 20_000.0
"""The known names count as so many where a character stands in them."""
_PLACED: Final = 20.0
"""And where its syllable stands in the names of the corpus as so many."""


def surnames() -> list[tuple[str, Reading, float]]:
    """Surnames with their readings and how likely each is."""
    found: dict[tuple[str, Reading], float] = {}
    weights: dict[str, float] = {}
    for line in source.own("surnames.txt"):
        weight, told = line.split(":")
        for entry in told.split():
            match = _ENTRY.match(entry)
            if match is None:
                raise source.SourceError(f"surnames.txt: {entry!r} is no surname")
            name, said = match.groups()
            weights[name] = max(weights.get(name, 0.0), float(weight))
            if len(name) > 1:
                spelt = _COMPOUND_READINGS.get(name)
                readings = [tuple(spelt.split())] if spelt else [source.reading(name) or ()]
            else:
                # Said otherwise than usual as a surname; people who do not know type the usual one.
                readings = [(said,)] if said else []
                readings += [(other,) for other in source.common_readings(name)] or [source.reading(name) or ()]
            for place, spoken in enumerate(dict.fromkeys(readings)):
                if spoken:
                    part = 1.0 if place == 0 else 1 / 6
                    found[name, spoken] = max(found.get((name, spoken), 0.0), part)
    likely = _likely_surnames(_shares(weights))
    return [(name, said, part * likely[name]) for (name, said), part in found.items()]


def _likely_surnames(own: Mapping[str, float]) -> dict[str, float]:
    counted = _shares(people.surnames())
    return {
        name: _COUNTED * counted[name] + (1 - _COUNTED) * share
        if name in counted
        else min(share, _UNCOUNTED if len(name) == 1 else 1.0)
        for name, share in own.items()
    }


def _listed() -> tuple[dict[str, float], dict[str, float]]:
    """Weights of the characters and of the given names of two in our own list."""
    single: dict[str, float] = defaultdict(float)
    pairs: dict[str, float] = defaultdict(float)
    for line in source.own("given.txt"):
        head, told = line.split(":")
        kind, weight = head.split()
        for entry in told.split():
            if kind == "single":
                single[entry] = max(single[entry], float(weight))
            elif len(entry) == 2:
                pairs[entry] = max(pairs[entry], float(weight))
    for pair, weighed in pairs.items():
        for character in pair:
            single[character] += weighed / 50
    return single, pairs


def _given() -> tuple[dict[str, float], dict[str, float]]:
    """Shares of the characters of given names, and of whole given names of two."""
    listed, pairs = _listed()
    used = _shares(Counter({word: count for word, count, _ in source.jieba_words() if len(word) == 1}))
    floor = {character: _FLOOR + 20 * _FLOOR * used.get(character, 0.0) for character in _plain()}
    sources = ((people.given(), _ORCID), (people.given_of_corpus(), _CORPUS), (_shares(listed), _OWN), (floor, 1.0))
    blended = _blended(sources)
    single = _shares({one: share for one, share in blended.items() if source.character_readings(one)})
    known = _blended(
        (
            (_shares(pairs), _OWN_PAIRS),
            (_shares(people.pairs(lambda one: single.get(one, 0.0))), _CORPUS_PAIRS),
            (_shares(_in_the_news(single)), _NEWS_PAIRS),
        )
    )
    return single, _shares({pair: share for pair, share in known.items() if pair[0] in single and pair[1] in single})


def _blended(sources: Iterable[tuple[Mapping[str, float], float]]) -> dict[str, float]:
    found: dict[str, float] = defaultdict(float)
    for shares, weight in sources:
        for key, share in shares.items():
            found[key] += weight * share
    return found


def _plain() -> list[str]:
    """The characters of GB 2312."""
    rows = (bytes((high, low)) for high in range(0xB0, 0xF8) for low in range(0xA1, 0xFF))
    return [text for row in rows if source.is_han(text := row.decode("gb2312", "ignore"))]


def _in_the_news(single: Mapping[str, float]) -> dict[str, float]:
    names = {name for name, _, _ in surnames()}
    found: dict[str, float] = defaultdict(float)
    for word, _, kind in source.jieba_words():
        if (
            kind == "nr"
            and len(word) == 3
            and word[0] in names
            and all(single.get(one, 0.0) > 2e-5 for one in word[1:])
        ):
            found[word[1:]] += 1.0
    return found


def arrays(syllables: Syllables) -> dict[str, Array | str]:
    """The tables as `kiosk.input.names` reads them; costs in thousandths of a nat.

    Args:
        syllables: whose numbers they are laid out by.
    """
    single, known = _given()
    characters = list(single)
    usual = np.array(list(single.values()))
    first, second = _placed(single, known)
    classes = learn(characters, first, second, known)
    alone = 0.75 * second + 0.25 * usual
    number = {character: place for place, character in enumerate(characters)}
    rows = sorted(
        (syllables.ids[said], -single[character] * part, number[character], part)
        for character in characters
        for said, part in _readings(character)
        if said in syllables.ids
    )
    at = np.array([place for *_, place, _ in rows])
    parts = np.array([part for *_, part in rows])
    # Each side takes the square root of what is common, so that the program only multiplies.
    weight = parts[:, None] * np.sqrt(classes.share * (1 - _KNOWN))
    begin = np.zeros(len(syllables.names) + 1, np.uint32)
    for said, *_ in rows:
        begin[said + 1] += 1
    return {
        "name.surname": "\n".join(
            sorted(f"{name}\t{' '.join(said)}\t{_cost(part)}" for name, said, part in surnames())
        ),
        "name.characters": "".join(characters[place] for place in at),
        "name.from": np.cumsum(begin, dtype=np.uint32),
        "name.alone": np.array([_cost(share) for share in alone[at] * parts], np.uint16),
        "name.first": np.asarray(classes.first[at] * weight, np.float32),
        "name.second": np.asarray(classes.second[at] * weight, np.float32),
        **_whole_names(known, classes, number, syllables),
    }


def _whole_names(
    known: Mapping[str, float], classes: Classes, number: Mapping[str, int], syllables: Syllables
) -> dict[str, Array | str]:
    rows = []
    for pair, share in known.items():
        cost = _cost(_KNOWN * share + (1 - _KNOWN) * classes.likely(number[pair[0]], number[pair[1]]))
        said = [[syllables.ids[one] for one, _ in _readings(character) if one in syllables.ids] for character in pair]
        rows += [(one << 16 | other, cost, pair) for one in said[0] for other in said[1]]
    rows.sort()
    return {
        "name.pairs": "".join(pair for *_, pair in rows),
        "name.pair.said": np.array([key for key, *_ in rows], np.uint32),
        "name.pair.cost": np.array([cost for _, cost, _ in rows], np.uint16),
    }


def _placed(single: Mapping[str, float], known: Mapping[str, float]) -> tuple[Floats, Floats]:
    """How likely each character is as the first and as the second of two."""
    begins: dict[str, float] = defaultdict(float)
    ends: dict[str, float] = defaultdict(float)
    for pair, share in known.items():
        begins[pair[0]] += _PAIRED * share
        ends[pair[1]] += _PAIRED * share
    syllables = people.positions()
    leads = []
    for character in single:
        said = max(source.shares(character).items(), key=lambda entry: entry[1])[0]
        before, after = syllables.get(said, (0.0, 0.0))
        leading = (before + 50) / (before + after + 100)
        seen = begins[character] + ends[character]
        leads.append((begins[character] + _PLACED * leading) / (seen + _PLACED))
    usual, lead = np.array(list(single.values())), np.array(leads)
    first, second = usual * lead, usual * (1 - lead)
    return np.asarray(first / first.sum()), np.asarray(second / second.sum())


def _readings(character: str) -> list[tuple[str, float]]:
    """The readings that a character may have in a name, and how likely; what is not rare is nearly as likely."""
    found = source.shares(character).items()
    return [(said, max(part, 0.3)) for said, part in found if part >= _MANY_READINGS]


def _shares(counted: Mapping[str, float]) -> dict[str, float]:
    whole = sum(counted.values())
    return {key: count / whole for key, count in counted.items()}


def _cost(share: float) -> int:
    return round(-_MILLI * math.log(share))
