"""Pinyin to Chinese: what may be meant by the letters typed so far, likeliest first, down to the rarest character."""

import heapq
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from kiosk.input.lattice import Lattice
from kiosk.input.lexicon import NEVER, ROOT, Lexicon, Places, Word
from kiosk.input.names import Name, Names
from kiosk.input.pack import Pack
from kiosk.input.syllables import LONGEST as LONGEST_SYLLABLE
from kiosk.input.syllables import Fuzzy

LONGEST: Final = 160
"""Letters that are read at once; more are not taken."""
_VISITS: Final = 3000
"""Nodes of the tree that are looked at for abbreviations."""
_SENTENCES: Final = 6
_WORDS_FIRST: Final = 4
"""Of the first nine, so many are not names where both are likely and the words are known ones."""
_ONE_SYLLABLE_FIRST: Final = 7
"""The same for what may be one syllable (`xian`)."""
_UNKNOWN_FIRST: Final = 1
"""The same for three syllables that are no word."""
_UNKNOWN_MOST: Final = 2
"""At most so many there, if they are likelier than names."""
_KNOWN_NAMES: Final = 2
_PHRASES: Final = 40
_SHORT: Final = 6
"""Letters of what is rather two syllables than three."""


class Mode(StrEnum):
    """What is being written."""

    ANY = "any"
    NAME = "name"
    """Of a person: names first."""
    ADDRESS = "address"


class Kind(StrEnum):
    """Where a candidate comes from."""

    SENTENCE = "sentence"
    NAME = "name"
    SHORT = "short"
    """Its initials were typed."""
    AHEAD = "ahead"
    """Longer than what was typed."""
    PHRASE = "phrase"
    CHARACTER = "character"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A text that may be meant.

    Attributes:
        used: how many of the letters typed (apostrophes counted) it stands for; the others stay.
    """

    text: str
    used: int
    kind: Kind


class Pinyin:
    """What may be meant by letters. Keeps nothing but the work of the last call, which the next one goes on with.

    Args:
        pack: the data file.
        fuzzy: sounds that may stand for each other.
    """

    def __init__(self, pack: Pack, fuzzy: frozenset[Fuzzy] = frozenset()) -> None:
        self._lexicon, self._places = Lexicon(pack), Places(pack)
        self._names = Names(pack, self._lexicon)
        self._lattice = Lattice(self._lexicon, self._places, fuzzy)

    @property
    def lexicon(self) -> Lexicon:
        """The words."""
        return self._lexicon

    @property
    def places(self) -> Places:
        """The divisions."""
        return self._places

    def alike(self, fuzzy: frozenset[Fuzzy]) -> None:
        """From now on these sounds may stand for each other."""
        self._lattice = Lattice(self._lexicon, self._places, fuzzy)

    def forget(self) -> None:
        """Nothing of what was typed stays."""
        self._lattice.read("")

    def candidates(self, typed: str, mode: Mode = Mode.ANY, *, places: tuple[int, ...] = ()) -> "Candidates":
        """What may be meant by letters.

        Args:
            typed: letters, apostrophes between syllables, digits and signs; ü may be typed v or ü.
            mode: what is being written.
            places: numbers of the divisions that the text before ends with.
        """
        plain = _plain(typed)
        self._lattice.read(plain, home=mode is Mode.ADDRESS, places=places)
        return Candidates(self._list(plain, mode))

    # In order ---------------------------------------------------------------------------------------------------

    def _list(self, typed: str, mode: Mode) -> Iterator[Candidate]:
        if not self._lattice.letters:
            return
        seen: set[str] = set()
        for candidate in itertools.chain(self._whole(typed, mode), self._phrases(typed), self._characters(typed)):
            if candidate.text not in seen:
                seen.add(candidate.text)
                yield candidate

    def _whole(self, typed: str, mode: Mode) -> Iterator[Candidate]:
        """What stands for everything that was typed."""
        size = len(typed)
        rows = [(row.cost, row.text, Kind.SENTENCE) for row in self._lattice.rows()]
        exact = bool(rows)
        rows += [(row.cost, row.text, Kind.SENTENCE) for row in self._lattice.unfinished()]
        names = [] if mode is Mode.ADDRESS else self._people(40 if mode is Mode.NAME else 12)
        if not rows:
            rows += [(word.cost + 1000, word.text, Kind.SHORT) for word in self._abbreviated()]
        rows.sort()
        one = exact and self._is_one()
        if not names:
            # A long text has few good sentences; what it begins with helps more than a tenth one.
            sentences = [Candidate(text, size, kind) for _, text, kind in rows]
            yield from sentences if one else sentences[:_SENTENCES]
            yield from self._direct(size)
            return
        people = [(name.cost, name.text, Kind.NAME) for name in names]
        if mode is Mode.NAME:
            # Some people are in the dictionary as a whole.
            people += [(word.cost, word.text, Kind.NAME) for word in self._known_names()]
            yield from (Candidate(text, size, kind) for _, text, kind in sorted(people))
            yield from (Candidate(text, size, kind) for _, text, kind in rows)
            return
        # Both are likely: the likeliest of all first, each with room on the first page.
        least = _WORDS_FIRST if one or len(self._lattice.letters) < _SHORT else _UNKNOWN_FIRST
        if self._lattice.letters in self._lexicon.syllables.ids:
            least = _ONE_SYLLABLE_FIRST
        # Beyond the least, a word stays when it is likelier than the name whose place it takes.
        kept = [
            row
            for at, row in enumerate(rows[: max(least, _UNKNOWN_MOST)])
            if at < least or row < people[min(8 - at, len(people) - 1)]
        ]
        first = sorted(kept + people[: 9 - len(kept)])
        yield from (Candidate(text, size, kind) for _, text, kind in first)
        yield from self._direct(size)
        yield from (Candidate(text, size, kind) for _, text, kind in sorted(rows + people))

    def _direct(self, size: int) -> Iterator[Candidate]:
        """The words that have this very reading."""
        for node, _ in self._lattice.nodes(len(self._lattice.letters)):
            for word in self._lexicon.words(node):
                if len(word.text) > 1:
                    yield Candidate(word.text, size, Kind.PHRASE)

    def _known_names(self) -> list[Word]:
        """The likeliest words of this very reading that may be a name of three or four characters."""
        nodes = self._lattice.nodes(len(self._lattice.letters))
        words = sorted((word for node, _ in nodes for word in self._lexicon.words(node)), key=lambda word: word.cost)
        names = (word for word in words if len(word.text) in {3, 4} and self._names.is_surname(word.text[0]))
        return list(itertools.islice(names, _KNOWN_NAMES))

    def _is_one(self) -> bool:
        return any(end == len(self._lattice.letters) for end in self._lattice.ends()[:1])

    def _people(self, most: int) -> list[Name]:
        letters = self._lattice.letters
        if not letters.isalpha() or len(letters) > 24:
            return []
        found: dict[str, int] = {}
        cuts = set(self._lattice.cuts)
        for said in self._lexicon.syllables.read(letters):
            if 2 <= len(said) <= 4 and self._names.begin(said) and self._fits(said, letters, cuts):
                for name in self._names.read(said, most):
                    found[name.text] = min(found.get(name.text, name.cost), name.cost)
        return sorted(Name(cost, text) for text, cost in found.items())[:most]

    def _fits(self, said: tuple[int, ...], letters: str, cuts: set[int]) -> bool:
        """Whether a reading is cut where apostrophes stand."""
        if not cuts:
            return True
        names = self._lexicon.syllables.names
        ends, at = {0}, 0
        for number in said:
            at += len(names[number])
            ends.add(at)
        return at == len(letters) and cuts <= ends

    def _phrases(self, typed: str) -> Iterator[Candidate]:
        """Words that the letters begin with, longest first."""
        whole = len(self._lattice.letters)
        found = 0
        for end in self._lattice.ends():
            if end == whole or found >= _PHRASES:
                continue
            nodes = self._lattice.nodes(end)
            words = sorted((word.cost + cost, word) for node, cost in nodes for word in self._lexicon.words(node))
            for _, word in words[:6]:
                if len(word.text) > 1:
                    found += 1
                    yield Candidate(word.text, _used(typed, end), Kind.PHRASE)

    def _characters(self, typed: str) -> Iterator[Candidate]:
        """Every character of the first syllable, likeliest first; of every syllable it may be."""
        letters = self._lattice.letters
        for end in range(min(LONGEST_SYLLABLE, len(letters)), 0, -1):
            number = self._lexicon.syllables.ids.get(letters[:end])
            node = ROOT if number is None else self._lexicon.step(ROOT, number)
            if node != ROOT:
                used = _used(typed, end)
                yield from (Candidate(word.text, used, Kind.CHARACTER) for word in self._lexicon.each(node))
        begun = (end for end in range(min(LONGEST_SYLLABLE, len(letters)), 0, -1))
        end = next((end for end in begun if self._lexicon.syllables.begins(letters[:end])), 0)
        if end:
            nodes = self._lexicon.steps(ROOT, *self._lexicon.syllables.within(letters[:end]))
            used = _used(typed, end)
            alike = heapq.merge(*(self._lexicon.each(node) for node in nodes), key=lambda word: word.cost)
            yield from (Candidate(word.text, used, Kind.CHARACTER) for word in alike)

    # Initials ---------------------------------------------------------------------------------------------------

    def _abbreviated(self) -> list[Word]:
        """Words of which initials or parts were typed (`sbk`, `shebk`): the likeliest."""
        letters = self._lattice.letters
        syllables, lexicon = self._lexicon.syllables, self._lexicon
        found: dict[str, Word] = {}
        visits = 0
        stack: list[tuple[int, int]] = [(0, ROOT)]
        while stack and visits < _VISITS:
            at, node = stack.pop()
            if at == len(letters):
                for word in lexicon.words(node)[:2]:
                    if len(word.text) > 1:
                        found[word.text] = word
                continue
            for end in range(min(len(letters), at + 6), at, -1):
                part = letters[at:end]
                if not syllables.begins(part):
                    continue
                exact = syllables.ids.get(part)
                # A part in the middle is a whole syllable or its initial; only the last may break off anywhere.
                if end < len(letters) and exact is None and part not in _STARTS:
                    continue
                low, high = (exact, exact + 1) if exact is not None and len(part) > 1 else syllables.within(part)
                steps = lexicon.steps(node, low, high)
                visits += len(steps)
                stack.extend((end, child) for child in steps)
        return sorted(found.values(), key=lambda word: word.cost if word.cost != NEVER else word.home)[:12]


_STARTS: Final = frozenset("bpmfdtnlgkhjqxrzcsywaoe") | {"zh", "ch", "sh"}


class Candidates:
    """A long list that is only made as far as somebody turns its pages."""

    def __init__(self, source: Iterator[Candidate]) -> None:
        self._source = source
        self._made: list[Candidate] = []

    def page(self, number: int, size: int = 9) -> tuple[Candidate, ...]:
        """One page, counted from 0; empty past the end."""
        self._make((number + 1) * size)
        return tuple(self._made[number * size : (number + 1) * size])

    def more(self, number: int, size: int = 9) -> bool:
        """Whether another page follows."""
        self._make((number + 1) * size + 1)
        return len(self._made) > (number + 1) * size

    def whole(self) -> tuple[Candidate, ...]:
        """All."""
        self._made.extend(self._source)
        return tuple(self._made)

    def _make(self, count: int) -> None:
        if len(self._made) < count:
            self._made.extend(itertools.islice(self._source, count - len(self._made)))


def _plain(typed: str) -> str:
    """Small letters, ü as v, blanks as apostrophes; no longer than what is read."""
    plain = typed.lower().replace("u:", "v").replace("ü", "v").replace(" ", "'").replace("’", "'")
    return plain[:LONGEST]


def _used(typed: str, letters: int) -> int:
    """How many signs the first letters take up, apostrophes after them included."""
    seen = 0
    for place, sign in enumerate(typed):
        if sign == "'":
            continue
        if seen == letters:
            return place
        seen += 1
    return len(typed)
