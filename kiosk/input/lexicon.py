"""The tree of words over syllables, and the places of the country, as `provisioning.input_lexicon` laid them out."""

import heapq
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from kiosk.input.pack import Pack
from kiosk.input.syllables import Syllables

NEVER: Final = 65535
"""The cost of what does not occur."""
ROOT: Final = 0
_CACHED: Final = 20_000


class Word(NamedTuple):
    """One text at a node of the tree.

    Attributes:
        cost: thousandths of a nat, -1000 ln p, among all words.
        home: the same in an address below the street; `NEVER` where it does not stand there.
        place: number of the places that are called so, 0 when none is.
    """

    text: str
    cost: int
    home: int
    place: int


class Lexicon:
    """Words by their syllables.

    Args:
        pack: the data file.
    """

    def __init__(self, pack: Pack) -> None:
        self.syllables = Syllables(pack.text("syllables").split(" "))
        self._label, self._child = pack.view("tree.label"), pack.view("tree.child")
        self._word, self._at = pack.view("tree.word"), pack.view("word.at")
        self._text = pack.view("word.text")
        self._cost, self._home, self._place = pack.view("word.cost"), pack.view("word.home"), pack.view("word.place")
        self._kept: dict[int, tuple[Word, ...]] = {}
        self._heads: dict[tuple[int, int], tuple[Word, ...]] = {}
        self._homes: dict[tuple[int, int], tuple[Word, ...]] = {}

    def step(self, node: int, syllable: int) -> int:
        """The child of a node under a syllable, 0 when there is none."""
        low, high = self._child[node], self._child[node + 1]
        found = bisect_left(self._label, syllable, low, high)
        return found if found < high and self._label[found] == syllable else ROOT

    def steps(self, node: int, low: int, high: int) -> range:
        """The children of a node under syllables `low` to `high`, the latter not included."""
        begin, end = self._child[node], self._child[node + 1]
        return range(bisect_left(self._label, low, begin, end), bisect_left(self._label, high, begin, end))

    def below(self, node: int) -> range:
        """All children of a node."""
        return range(self._child[node], self._child[node + 1])

    def has_words(self, node: int) -> bool:
        """Whether words end here."""
        return bool(self._word[node] != self._word[node + 1])

    def best(self, node: int) -> int:
        """The cost of the likeliest word that ends here, `NEVER` when none does."""
        first = self._word[node]
        return int(self._cost[first]) if first != self._word[node + 1] else NEVER

    def words(self, node: int) -> tuple[Word, ...]:
        """The words that end at a node, likeliest first."""
        found = self._kept.get(node)
        if found is None:
            found = tuple(self._read(number) for number in range(self._word[node], self._word[node + 1]))
            if len(self._kept) >= _CACHED:
                self._kept.clear()
            self._kept[node] = found
        return found

    def head(self, node: int, most: int) -> tuple[Word, ...]:
        """The likeliest words that end at a node: a syllable may be written with a thousand characters."""
        first, last = self._word[node], self._word[node + 1]
        if last - first <= 2 * most or node in self._kept:
            return self.words(node)[:most]
        found = self._heads.get((node, most))
        if found is None:
            found = tuple(self._read(number) for number in range(first, first + most))
            if len(self._heads) >= _CACHED:
                self._heads.clear()
            self._heads[node, most] = found
        return found

    def homely(self, node: int, most: int) -> tuple[Word, ...]:
        """The likeliest words that end at a node and stand in an address below the street."""
        found = self._homes.get((node, most))
        if found is None:
            homes = ((self._home[number], number) for number in range(self._word[node], self._word[node + 1]))
            found = tuple(self._read(number) for home, number in heapq.nsmallest(most, homes) if home != NEVER)
            if len(self._homes) >= _CACHED:
                self._homes.clear()
            self._homes[node, most] = found
        return found

    def each(self, node: int) -> Iterator[Word]:
        """The words that end at a node, likeliest first, read one by one."""
        return (self._read(number) for number in range(self._word[node], self._word[node + 1]))

    def _read(self, number: int) -> Word:
        text = bytes(self._text[self._at[number] : self._at[number + 1]]).decode("utf-8")
        return Word(text, int(self._cost[number]), int(self._home[number]), int(self._place[number]))

    def under(self, said: tuple[int, ...]) -> tuple[Word, ...]:
        """The words of a reading."""
        node = ROOT
        for syllable in said:
            node = self.step(node, syllable)
            if node == ROOT:
                return ()
        return self.words(node)


@dataclass(frozen=True, slots=True)
class Division:
    """A place of the country.

    Attributes:
        number: in the data file; 0 is the country.
        level: 1 province, 2 city, 3 county, 4 street.
        code: of the statistics office; 0 where it has none.
        said: its reading, syllables parted by blanks.
    """

    number: int
    name: str
    level: int
    code: int
    said: str


class Places:
    """The divisions of the country: what lies in what, and what is called how.

    Args:
        pack: the data file.
    """

    def __init__(self, pack: Pack) -> None:
        self._names = pack.text("place.name").split("\n")
        self._said = pack.text("place.said").split("\n")
        self._level, self._code = pack.view("place.level"), pack.view("place.code")
        self._above, self._child = pack.view("place.above"), pack.view("place.child")
        self._group, self._member = pack.view("place.group"), pack.view("place.member")
        self._link, self._linked = pack.view("place.link"), pack.view("place.linked")

    def __len__(self) -> int:
        return len(self._names)

    def division(self, number: int) -> Division:
        """One place."""
        return Division(
            number, self._names[number], int(self._level[number]), int(self._code[number]), self._said[number]
        )

    def children(self, number: int) -> range:
        """The places directly in a place; those of 0 are the provinces."""
        return range(self._child[number], self._child[number + 1])

    def above(self, number: int) -> int:
        """What a place lies in."""
        return int(self._above[number])

    def called(self, group: int) -> tuple[int, ...]:
        """The places that a word may mean."""
        return tuple(self._member[self._group[group] : self._group[group + 1]])

    def within(self, above: int, group: int) -> int:
        """The place in another one that a word means, 0 when there is none."""
        key = above << 24 | group
        found = bisect_left(self._link, key)
        return int(self._linked[found]) if found < len(self._link) and self._link[found] == key else 0
