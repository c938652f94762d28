"""Names of people: a surname, and a given name of one or two characters.

A given name of two costs what its characters cost in their places. Which go together (a grandmother's 秀 with 兰, a
child's 梓 with 涵) comes from a mixture of classes of names: each class has its own characters for the first and for
the second place. Names that were counted as a whole have a cost of their own.
"""

import heapq
from bisect import bisect_left
from collections import defaultdict
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from kiosk.input.lexicon import Lexicon
from kiosk.input.pack import Pack

_IS_NAME: Final = 1500
"""What it costs that a text is a name at all: less than its share of all texts, for words that are known come first."""
_ONE: Final = 1100
"""A given name of one character; about one in three."""
_TWO: Final = 400
_SURNAMES: Final = 8
_MILLI: Final = 1000.0


class Name(NamedTuple):
    """A name; the cost is in thousandths of a nat."""

    cost: int
    text: str


class Names:
    """Names by their syllables.

    Args:
        pack: the data file.
        lexicon: whose numbers of syllables are used.
    """

    def __init__(self, pack: Pack, lexicon: Lexicon) -> None:
        self._surnames = self._table(pack.text("name.surname"), lexicon)
        self._called = frozenset(surname.text for surnames in self._surnames.values() for surname in surnames)
        self._characters = pack.text("name.characters")
        self._from = pack.view("name.from")
        self._alone = pack.view("name.alone")
        self._first: npt.NDArray[np.float32] = np.asarray(pack.array("name.first"), np.float32)
        self._second: npt.NDArray[np.float32] = np.asarray(pack.array("name.second"), np.float32)
        self._pairs = pack.text("name.pairs")
        self._pair_said, self._pair_cost = pack.view("name.pair.said"), pack.view("name.pair.cost")

    @staticmethod
    def _table(text: str, lexicon: Lexicon) -> dict[tuple[int, ...], list[Name]]:
        ids = lexicon.syllables.ids
        found: dict[tuple[int, ...], list[Name]] = defaultdict(list)
        for line in text.split("\n"):
            name, said, cost = line.split("\t")
            found[tuple(ids[part] for part in said.split(" "))].append(Name(int(cost), name))
        for names in found.values():
            names.sort()
        return dict(found)

    def begin(self, said: tuple[int, ...]) -> bool:
        """Whether a name may begin with these syllables."""
        return said[:1] in self._surnames or said[:2] in self._surnames

    def read(self, said: tuple[int, ...], most: int = 12) -> list[Name]:
        """Names of so many syllables, likeliest first.

        Args:
            said: two to four syllables.
            most: how many names at most.
        """
        found: dict[str, int] = {}
        for length in (1, 2):
            surnames = self._surnames.get(said[:length], [])
            given = said[length:]
            if not surnames or not 1 <= len(given) <= 2:
                continue
            for rest in self.given(given, 2 * most):
                for surname in surnames[:_SURNAMES]:
                    text = surname.text + rest.text
                    cost = _IS_NAME + surname.cost + rest.cost
                    found[text] = min(found.get(text, cost), cost)
        return heapq.nsmallest(most, (Name(cost, text) for text, cost in found.items()))

    def is_surname(self, text: str) -> bool:
        """Whether people are called so by surname."""
        return text in self._called

    def surnames(self, said: tuple[int, ...]) -> list[Name]:
        """The surnames of a reading."""
        return self._surnames.get(said, [])

    def given(self, said: tuple[int, ...], most: int) -> list[Name]:
        """Given names of one or two syllables, likeliest first."""
        low, high = self._from[said[0]], self._from[said[0] + 1]
        if len(said) == 1:
            names = (Name(self._alone[at] + _ONE, self._characters[at]) for at in range(low, high))
            return heapq.nsmallest(most, names)
        begin, end = self._from[said[1]], self._from[said[1] + 1]
        found = self._counted(said)
        if low < high and begin < end:
            likely = (self._first[low:high] @ self._second[begin:end].T).reshape(-1)
            count = min(most, len(likely))
            best = np.argpartition(-likely, count - 1)[:count]
            costs = -_MILLI * np.log(likely[best])
            for place, cost in zip(best.tolist(), costs.tolist(), strict=True):
                one, other = divmod(place, end - begin)
                text = self._characters[low + one] + self._characters[begin + other]
                told = round(cost) + _TWO
                found[text] = min(found.get(text, told), told)
        return heapq.nsmallest(most, (Name(cost, text) for text, cost in found.items()))

    def _counted(self, said: tuple[int, ...]) -> dict[str, int]:
        """The given names of two that have a cost of their own."""
        key = said[0] << 16 | said[1]
        found: dict[str, int] = {}
        at = bisect_left(self._pair_said, key)
        while at < len(self._pair_said) and self._pair_said[at] == key:
            found[self._pairs[2 * at : 2 * at + 2]] = self._pair_cost[at] + _TWO
            at += 1
        return found
