"""Names of people: a surname, and a given name of one or two characters."""

import heapq
from collections import defaultdict
from typing import Final, NamedTuple

from kiosk.input.lexicon import Lexicon
from kiosk.input.pack import Pack

_IS_NAME: Final = 3900
"""What it costs that a text is a name at all."""
_ONE: Final = 1100
"""A given name of one character; about one in three."""
_TWO: Final = 400
_APART: Final = 500
"""Two characters that were not seen together as a given name."""
_TOGETHER: Final = 1000
"""A given name that was."""
_UNUSUAL: Final = 5500
"""A character that is in no given name that we know, on top of its cost as a word."""
_SURNAMES: Final = 8
_CHARACTERS: Final = 16


class Name(NamedTuple):
    """A name; the cost is in thousandths of a nat."""

    cost: int
    text: str


class Names:
    """Names by their syllables.

    Args:
        pack: the data file.
        lexicon: whose characters fill up what the tables lack.
    """

    def __init__(self, pack: Pack, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._surnames = self._table(pack.text("name.surname"))
        self._singles = self._table(pack.text("name.single"))
        self._pairs = self._table(pack.text("name.pair"))

    def _table(self, text: str) -> dict[tuple[int, ...], list[Name]]:
        ids = self._lexicon.syllables.ids
        found: dict[tuple[int, ...], list[Name]] = defaultdict(list)
        for line in text.split("\n"):
            name, said, cost = line.split("\t")
            try:
                key = tuple(ids[part] for part in said.split(" "))
            except KeyError:
                continue
            found[key].append(Name(int(cost), name))
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
            for rest in self.given(given, 4 * most):
                for surname in surnames[:_SURNAMES]:
                    text = surname.text + rest.text
                    cost = _IS_NAME + surname.cost + rest.cost
                    found[text] = min(found.get(text, cost), cost)
        return heapq.nsmallest(most, (Name(cost, text) for text, cost in found.items()))

    def surnames(self, said: tuple[int, ...]) -> list[Name]:
        """The surnames of a reading."""
        return self._surnames.get(said, [])

    def given(self, said: tuple[int, ...], most: int) -> list[Name]:
        """Given names of one or two syllables, likeliest first."""
        if len(said) == 1:
            return [Name(cost + _ONE, text) for cost, text in self._characters(said)[:most]]
        found = {name.text: name.cost + _TWO + _TOGETHER for name in self._pairs.get(said, [])}
        first, second = self._characters(said[:1])[:_CHARACTERS], self._characters(said[1:])[:_CHARACTERS]
        for one in first:
            for other in second:
                text = one.text + other.text
                cost = one.cost + other.cost + _TWO + _APART
                found[text] = min(found.get(text, cost), cost)
        return heapq.nsmallest(most, (Name(cost, text) for text, cost in found.items()))

    def _characters(self, said: tuple[int, ...]) -> list[Name]:
        known = self._singles.get(said, [])
        if len(known) >= _CHARACTERS:
            return known
        texts = {name.text for name in known}
        others = (
            Name(word.cost + _UNUSUAL, word.text) for word in self._lexicon.under(said)[:40] if word.text not in texts
        )
        return [*known, *others]
