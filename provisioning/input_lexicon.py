"""Words, characters and places of Chinese input as one tree over syllables."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from kiosk.input.pack import Array
from kiosk.input.syllables import Syllables
from provisioning import input_sources as source
from provisioning.input_sources import Place, Reading

MILLI: Final = 1000
"""Costs are kept in thousandths of a nat: -1000 ln p."""
_NEVER: Final = 65535
_LEVELS: Final = {1: 0.02 / 34, 2: 0.02 / 340, 3: 0.02 / 2900, 4: 0.015 / 41000}
"""How likely a text begins with one place of a level."""
_SERVICE: Final = 4e-5
"""At least this likely is a word of the hall."""
_LONGEST: Final = 9


@dataclass(slots=True)
class _Word:
    """One text under one reading."""

    cost: float
    home: float = math.inf


class Lexicon:
    """Collects words under their readings, then lays them out."""

    def __init__(self) -> None:
        self._words: dict[tuple[Reading, str], _Word] = {}
        self._groups: dict[str, list[int]] = defaultdict(list)
        self._tree: list[tuple[str, int, int, int]] = []

    # Collecting -------------------------------------------------------------------------------------------------

    def add(self, text: str, said: Reading, share: float, *, home: float = 0.0) -> None:
        """A word under a reading; where it is known already, what is likelier counts.

        Args:
            text: the word.
            said: its reading.
            share: how likely it is among all words, 0 when it only stands in addresses.
            home: how likely it is in an address below the street.
        """
        found = self._words.setdefault((said, text), _Word(math.inf))
        found.cost = min(found.cost, -math.log(share) if share else math.inf)
        found.home = min(found.home, -math.log(home) if home else math.inf)

    def take_words(self) -> None:
        """Words of jieba and of Android's keyboard, half and half, and the words of the hall."""
        android: dict[str, dict[Reading, int]] = defaultdict(dict)
        for text, said, count in source.android_words():
            if len(text) > 1:
                android[text][said] = max(count, 1)
        jieba = {text: count for text, count, _ in source.jieba_words() if 1 < len(text) <= _LONGEST}
        whole_android = sum(sum(counts.values()) for counts in android.values())
        whole_jieba = sum(jieba.values())
        for text in jieba.keys() | android.keys():
            counts = android.get(text, {})
            own = source.reading(text)
            readings = {said: count for said, count in counts.items() if len(said) == len(text)}
            if own is not None and (not readings or own in readings):
                readings.setdefault(own, 0)
            base = 0.5 * jieba.get(text, 0) / whole_jieba
            total = sum(readings.values())
            for said, count in readings.items():
                part = count / total if total else 1 / len(readings)
                # Seen by one alone it is less sure.
                share = base * part + 0.5 * count / whole_android
                if share:
                    self.add(text, said, share if counts and text in jieba else share * 0.7)
        for text in source.words_of(source.own("services.txt")):
            spoken = source.reading(text)
            if spoken is not None:
                self.add(text, spoken, _SERVICE * (1.0 if len(text) > 2 else 0.7))

    def take_characters(self) -> None:
        """Every character under every reading, down to the rarest."""
        counted: Counter[str] = Counter({text: count for text, count, _ in source.jieba_words() if len(text) == 1})
        for text, _, count in source.android_words():
            if len(text) == 1:
                counted[text] += count
        whole = sum(counted.values())
        for character in source.characters():
            code = ord(character)
            rare = 3e-9 if code < 0xA000 and code >= 0x4E00 else 1e-9 if code < 0x4E00 else 3e-10
            # A character alone is a word less often than it is counted as one.
            share = 0.35 * counted[character] / whole + rare
            for said, part in source.shares(character).items():
                self.add(character, (said,), share * part)

    def take_streets(self) -> None:
        """What stands in an address below the street office: roads, villages, communities, their endings."""
        stems: list[str] = []
        ends: list[str] = []
        for line in source.own("roads.txt"):
            kind, *words = line.split()
            (stems if kind == "stem" else ends).extend(words)
        for group, mass in ((set(stems), 0.30), (set(ends), 0.35)):
            for text in group:
                for said, extra in source.place_readings(text):
                    self.add(text, said, 0.0, home=mass / len(group) * math.exp(-2 * extra))
        counted = source.villages()
        whole = sum(counted.values())
        for text, count in counted.items():
            if count >= 2:
                for said, extra in source.place_readings(text)[:3]:
                    home = 0.35 * count / whole * math.exp(-2 * extra)
                    self.add(text, said, home * 0.01, home=home)

    def take_places(self, provinces: Iterable[Place]) -> None:
        """The divisions, in full and as people say them."""
        levels: list[list[tuple[Place, int]]] = [[(Place("", 0, children=list(provinces)), 0)]]
        number = 0
        while levels[-1]:
            below: list[tuple[Place, int]] = []
            for place, above in levels[-1]:
                self._tree.append((place.name, place.level, place.code, above))
                below.extend((child, number) for child in place.children)
                number += 1
            levels.append(below)
        counted = Counter(name for name, *_ in self._tree)
        for number, (name, level, _, _) in enumerate(self._tree):
            if not name:
                continue
            self._groups[name].append(number)
            many = counted[name]
            share = _LEVELS[level] * many
            for said, extra in source.place_readings(name):
                self.add(name, said, share * math.exp(-extra), home=share * 0.5 * math.exp(-extra))
            less = source.short(name)
            if less is not None:
                self._groups[less].append(number)
                for said, extra in source.place_readings(less):
                    likely = share * (0.5 if level < 3 else 0.2 if level < 4 else 0.05)
                    self.add(less, said, likely * math.exp(-extra), home=likely * math.exp(-extra))

    def characters(self) -> dict[str, int]:
        """What each character costs at its likeliest reading."""
        found: dict[str, int] = {}
        for (_, text), word in self._words.items():
            if len(text) == 1 and not math.isinf(word.cost):
                found[text] = min(found.get(text, _NEVER), _milli(word.cost))
        return found

    # Laying out -------------------------------------------------------------------------------------------------

    def arrays(self) -> dict[str, Array | str]:
        """Everything as arrays, as `kiosk.input.lexicon` reads them."""
        syllables = Syllables(part for said, _ in self._words for part in said)
        keys: dict[tuple[int, ...], list[tuple[float, str, _Word]]] = defaultdict(list)
        for (said, text), word in self._words.items():
            cost = min(word.cost, word.home + 9.0)
            keys[tuple(syllables.ids[part] for part in said)].append((cost, text, word))
        group = {name: number for number, name in enumerate(self._groups, start=1)}
        layout = _Layout(group)
        layout.lay(keys)
        return {
            "syllables": " ".join(syllables.names),
            **layout.arrays(),
            **self._place_arrays(group),
        }

    def _place_arrays(self, group: dict[str, int]) -> dict[str, Array | str]:
        starts = np.zeros(len(self._groups) + 2, np.uint32)
        members: list[int] = []
        links: dict[int, int] = {}
        for name, number in group.items():
            starts[number] = len(members)
            members.extend(self._groups[name])
            for place in self._groups[name]:
                above = self._tree[place][3]
                while above:
                    links.setdefault(above << 24 | number, place)
                    above = self._tree[above][3]
        starts[-1] = len(members)
        order = sorted(links)
        child = np.zeros(len(self._tree) + 1, np.uint32)
        counted = Counter(above for number, (_, _, _, above) in enumerate(self._tree) if number)
        at = 1
        for number in range(len(self._tree)):
            child[number] = at
            at += counted[number]
        child[-1] = at
        return {
            "place.name": "\n".join(name for name, *_ in self._tree),
            "place.said": "\n".join(_spell(name) for name, *_ in self._tree),
            "place.level": np.array([level for _, level, _, _ in self._tree], np.uint8),
            "place.code": np.array([code for _, _, code, _ in self._tree], np.uint32),
            "place.above": np.array([above for *_, above in self._tree], np.uint32),
            "place.child": child,
            "place.group": starts,
            "place.member": np.array(members, np.uint32),
            "place.link": np.array(order, np.uint64),
            "place.linked": np.array([links[key] for key in order], np.uint32),
        }


def _spell(name: str) -> str:
    found = source.place_readings(name) if name else []
    return " ".join(found[0][0]) if found else ""


class _Layout:
    """The tree in breadth-first order: a node's children lie together, and so do its words."""

    def __init__(self, group: dict[str, int]) -> None:
        self._group = group
        self._label: list[int] = [0]
        self._child: list[int] = []
        self._first: list[int] = []
        self._text: list[str] = []
        self._cost: list[int] = []
        self._home: list[int] = []
        self._place: list[int] = []

    def lay(self, keys: dict[tuple[int, ...], list[tuple[float, str, _Word]]]) -> None:
        order = sorted(keys)
        row = [(0, len(order), 0)]
        made = 1
        while row:
            below: list[tuple[int, int, int]] = []
            for low, high, depth in row:
                self._child.append(made)
                self._first.append(len(self._text))
                start = low
                if depth and low < high and len(order[low]) == depth:
                    self._put(keys[order[low]])
                    start += 1
                for label, begin, end in _runs(order, start, high, depth):
                    self._label.append(label)
                    below.append((begin, end, depth + 1))
                    made += 1
            row = below
        self._child.append(made)
        self._first.append(len(self._text))

    def _put(self, words: list[tuple[float, str, _Word]]) -> None:
        for cost, text, word in sorted(words, key=lambda entry: (entry[0], entry[1])):
            self._text.append(text)
            self._cost.append(_milli(cost))
            self._home.append(_milli(word.home))
            self._place.append(self._group.get(text, 0))

    def arrays(self) -> dict[str, Array | str]:
        blob = "".join(self._text).encode()
        ends = np.cumsum([0, *(len(text.encode()) for text in self._text)], dtype=np.int64)
        return {
            "tree.label": np.array(self._label, np.uint16),
            "tree.child": np.array(self._child, np.uint32),
            "tree.word": np.array(self._first, np.uint32),
            "word.text": np.frombuffer(blob, np.uint8),
            "word.at": ends.astype(np.uint32),
            "word.cost": np.array(self._cost, np.uint16),
            "word.home": np.array(self._home, np.uint16),
            "word.place": np.array(self._place, np.uint16 if len(self._group) < _NEVER else np.uint32),
        }


def _runs(order: list[tuple[int, ...]], low: int, high: int, depth: int) -> Iterator[tuple[int, int, int]]:
    begin = low
    while begin < high:
        label = order[begin][depth]
        end = begin + 1
        while end < high and order[end][depth] == label:
            end += 1
        yield label, begin, end
        begin = end


def _milli(cost: float) -> int:
    return _NEVER if math.isinf(cost) else min(_NEVER - 1, max(1, round(cost * MILLI)))
