"""From letters to sentences: every way to cut them into syllables, every word that fits, the likeliest rows of words.

The work is kept from key to key: a new letter only adds the column at its end, a deleted one drops it.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from kiosk.input.lexicon import NEVER, ROOT, Lexicon, Places, Word
from kiosk.input.syllables import LONGEST, Fuzzy

_KEPT: Final = 10
"""Rows of words that are kept at each letter."""
_ONE: Final = 10
"""Words of one syllable that are tried in a row."""
_UNIT_ONE: Final = 100
"""The same after a number: a room (室) is a rare word elsewhere."""
_HOMELY: Final = 4
"""Words of one syllable that are tried besides in an address: those that stand in many."""
_MANY: Final = 24
"""Words of several syllables that are tried in a row."""
_AWAY: Final = 3000
"""What a word costs in an address that usually does not stand there."""
_FUZZY: Final = 4000
"""What a sound costs that stands for another one."""
_SIGN: Final = 500
"""What a digit or another sign costs."""
_NEXT_PLACE: Final = 700
"""What it costs that a place is followed by one that lies in it."""
_UNIT: Final = 700
"""What a word costs that is counted by the number before it."""
_UNITS: Final = frozenset(
    (*"号栋幢座楼层室房户门组队弄巷排院区期米元年月日岁天个人份张件次时点分", "单元", "号院", "号楼", "万元")
)
_AT_HOME: Final = 2500
"""What it costs to begin with what stands below the street."""


class Row(NamedTuple):
    """A row of words.

    Attributes:
        cost: thousandths of a nat.
        places: the divisions that the last place may be.
        home: whether an address has begun.
        words: how many words.
    """

    cost: int
    text: str
    places: tuple[int, ...]
    home: bool
    words: int


class _State(NamedTuple):
    start: int
    node: int
    cost: int
    length: int


@dataclass(slots=True)
class _Column:
    """What is known when the letters up to here have been read.

    Attributes:
        states: words that have begun and may go on here.
        rows: the likeliest rows of words that end here.
    """

    states: list[_State] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)


class Lattice:
    """Sentences for letters.

    Args:
        lexicon: the words.
        places: the divisions.
        fuzzy: sounds that may stand for each other.
    """

    def __init__(self, lexicon: Lexicon, places: Places, fuzzy: frozenset[Fuzzy] = frozenset()) -> None:
        self._lexicon, self._places, self._fuzzy = lexicon, places, fuzzy
        self._syllables = lexicon.syllables
        self._typed = ""
        self._letters = ""
        self._cuts: list[bool] = []
        self._first = Row(0, "", (), home=False, words=0)
        self._columns = [self._begin()]

    def _begin(self) -> _Column:
        return _Column([_State(0, ROOT, 0, 0)], [self._first])

    # Letters ----------------------------------------------------------------------------------------------------

    def read(self, typed: str, *, home: bool = False, places: tuple[int, ...] = ()) -> None:
        """Read letters; an apostrophe parts syllables, signs and digits stand for themselves.

        Args:
            typed: a-z, ' and whatever else.
            home: the text is an address.
            places: the divisions that the text before may have ended with.
        """
        first = Row(0, "", places, home or bool(places), 0)
        if first != self._first:
            self._first, self._typed, self._letters, self._cuts = first, "", "", []
            self._columns = [self._begin()]
        same = 0
        while same < min(len(typed), len(self._typed)) and typed[same] == self._typed[same]:
            same += 1
        if same < len(self._typed):
            # A cut belongs to the letter after it, so what lies before stays as it was.
            letters = len(typed[:same].replace("'", ""))
            self._letters = self._letters[:letters]
            del self._columns[letters + 1 :]
            del self._cuts[letters:]
        cut = same > 0 and typed[same - 1] == "'"
        for letter in typed[same:]:
            if letter == "'":
                cut = True
                continue
            self._letters += letter
            self._cuts.append(cut)
            cut = False
            self._columns.append(self._column(len(self._letters)))
        self._typed = typed

    @property
    def letters(self) -> str:
        """What was read, without apostrophes."""
        return self._letters

    @property
    def cuts(self) -> tuple[int, ...]:
        """Before which letters an apostrophe stood."""
        return tuple(place for place, cut in enumerate(self._cuts) if cut)

    def rows(self, end: int | None = None) -> list[Row]:
        """The likeliest rows of words for the first letters, all of them when `end` is left out."""
        return self._columns[len(self._letters) if end is None else end].rows

    def ends(self) -> list[int]:
        """Where a word that begins with the first letter may end, last first; with the tree's nodes see `nodes`."""
        return sorted({end for end, column in enumerate(self._columns) if self._first_nodes(column)}, reverse=True)

    def nodes(self, end: int) -> list[tuple[int, int]]:
        """The tree's nodes that the first letters lead to, each with what it costs to take them so."""
        return self._first_nodes(self._columns[end])

    def _first_nodes(self, column: _Column) -> list[tuple[int, int]]:
        return [
            (state.node, state.cost)
            for state in column.states
            if state.start == 0 and state.node != ROOT and self._lexicon.has_words(state.node)
        ]

    # Columns ----------------------------------------------------------------------------------------------------

    def _column(self, end: int) -> _Column:
        column = _Column()
        last = self._letters[end - 1]
        if not ("a" <= last <= "z"):
            column.rows = [row._replace(cost=row.cost + _SIGN, text=row.text + last) for row in self._before(end)]
            if column.rows:
                column.states.append(_State(end, ROOT, 0, 0))
            return column
        for begin, syllable, cost in self._last_syllables(end):
            for state in self._columns[begin].states:
                node = self._lexicon.step(state.node, syllable)
                if node != ROOT:
                    column.states.append(_State(state.start, node, state.cost + cost, state.length + 1))
        column.rows = self._sentences(column.states)
        if column.rows:
            column.states.append(_State(end, ROOT, 0, 0))
        return column

    def _before(self, end: int) -> list[Row]:
        return self._columns[end - 1].rows

    def _last_syllables(self, end: int) -> Iterator[tuple[int, int, int]]:
        ids = self._syllables.ids
        for begin in range(end - 1, max(-1, end - LONGEST - 1), -1):
            number = ids.get(self._letters[begin:end])
            if number is not None and self._columns[begin].states:
                yield begin, number, 0
                for other in self._syllables.alike(number, self._fuzzy) if self._fuzzy else ():
                    yield begin, other, _FUZZY
            if self._cuts[begin]:
                return

    def _sentences(self, states: list[_State], most: int = 0) -> list[Row]:
        """The likeliest rows for words that all end at one letter; of each ending `most` are tried when it is given."""
        found: dict[str, Row] = {}
        worst = math.inf
        for state in sorted(states, key=lambda state: -state.length):
            words = self._tried(state, most)
            if not words:
                continue
            for row in self._columns[state.start].rows:
                if row.cost + state.cost >= worst:
                    break
                for word in words:
                    made = self._follow(row, word, state.cost)
                    if made.cost >= worst:
                        continue
                    known = found.get(made.text)
                    if known is None or made.cost < known.cost:
                        found[made.text] = made
            if len(found) > 4 * _KEPT:
                kept = sorted(found.values())[:_KEPT]
                found = {row.text: row for row in kept}
            if len(found) >= _KEPT:
                worst = sorted(row.cost for row in found.values())[_KEPT - 1]
        return sorted(found.values())[:_KEPT]

    def _tried(self, state: _State, most: int) -> tuple[Word, ...]:
        """The words that are tried for one ending."""
        counted = state.length == 1 and self._letters[state.start - 1 : state.start].isdigit()
        words = self._lexicon.head(state.node, most or (_UNIT_ONE if counted else _ONE if state.length == 1 else _MANY))
        if state.length == 1 and not most and any(row.home for row in self._columns[state.start].rows):
            # An alley (巷) is a rare word, and common in addresses.
            words = (*words, *(word for word in self._lexicon.homely(state.node, _HOMELY) if word not in words))
        return words

    def _follow(self, row: Row, word: Word, extra: int) -> Row:
        cost = word.cost
        home = row.home
        places: tuple[int, ...] = ()
        if home:
            cost = min(cost + _AWAY, word.home)
        elif row.words == 0 and word.home != NEVER:
            cost = min(cost, word.home + _AT_HOME)
        if word.place:
            if row.places:
                places = tuple(p for p in (self._places.within(a, word.place) for a in row.places) if p)
                if places:
                    cost = min(cost, self._inside(row.places[0]))
                elif row.words == 0 or not home:
                    places = self._places.called(word.place)
            else:
                places = self._places.called(word.place)[:16] if not home or row.words == 0 else ()
            home = home or bool(places)
        if word.text in _UNITS and row.text[-1:].isdigit():
            cost = min(cost, _UNIT)
        return Row(row.cost + cost + extra, row.text + word.text, places, home, row.words + 1)

    def _inside(self, place: int) -> int:
        """What one of the places in a place costs after it."""
        return round(1000 * math.log(len(self._places.children(place)) + 1)) + _NEXT_PLACE

    # What is not whole yet ---------------------------------------------------------------------------------------

    def unfinished(self) -> list[Row]:
        """Rows of words whose last syllable is only begun (`beijings`)."""
        end = len(self._letters)
        found: dict[str, Row] = {}
        for begin in range(end - 1, max(-1, end - LONGEST), -1):
            part = self._letters[begin:end]
            if not self._syllables.begins(part):
                continue
            low, high = self._syllables.within(part)
            states = [
                _State(state.start, node, state.cost + 1500, state.length + 1)
                for state in self._columns[begin].states
                for node in self._lexicon.steps(state.node, low, high)
                if self._lexicon.has_words(node) and (state.length or begin == 0)
            ]
            # Only what may be meant: the likeliest words of a long list.
            states.sort(key=lambda state: self._lexicon.best(state.node))
            for row in self._sentences(states[:40], 3):
                known = found.get(row.text)
                if known is None or row.cost < known.cost:
                    found[row.text] = row
            if self._cuts[begin]:
                break
        return sorted(found.values())[:_KEPT]
