"""The places of an address, from province to street: what lies where, and search by name, pinyin or initials."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Final

from kiosk.input.lexicon import Division, Places
from kiosk.input.syllables import initial

_MOST: Final = 60


class Addresses:
    """Places to pick.

    Args:
        places: the divisions.
    """

    def __init__(self, places: Places) -> None:
        self._places = places

    def division(self, number: int) -> Division:
        """One place.

        Raises:
            KeyError: there is none of that number.
        """
        if not 0 <= number < len(self._places):
            raise KeyError(f"no place has the number {number}")
        return self._places.division(number)

    def children(self, number: int = 0) -> tuple[Division, ...]:
        """What lies in a place, the provinces without one, in the order of the statistics office."""
        return tuple(self._places.division(child) for child in self._places.children(number))

    def path(self, number: int) -> tuple[Division, ...]:
        """The province, city, county and street of a place, itself last."""
        found: list[Division] = []
        while number:
            found.append(self._places.division(number))
            number = self._places.above(number)
        return tuple(reversed(found))

    def text(self, number: int) -> str:
        """A place as an address begins: 浙江省台州市黄岩区东城街道."""
        return "".join(place.name for place in self.path(number))

    def begun(self, text: str) -> tuple[int, str]:
        """The place that an address begins with, as small as it can be read, and what stands after it.

        What a card leaves out is passed over: 河北省正定县 names no city, 海淀区 no province. A place whose name stands
        for several is left to whoever knows.

        Args:
            text: e.g. the address of an identity card.

        Returns:
            Its number, 0 where the text begins with no place, and the rest.
        """
        text = text.strip()
        number, rest = 0, text
        while rest:
            found = self._first(number, rest)
            if found is None:
                break
            number, rest = found.number, rest[len(found.name) :]
        return number, rest

    def _first(self, above: int, text: str) -> Division | None:
        """The only place below another one that a text begins with: directly in it, or one or two levels deeper."""
        level = [above]
        for _ in range(3):
            level = [child for one in level for child in self._places.children(one)]
            names = [place for place in map(self._places.division, level) if text.startswith(place.name)]
            longest = max((len(place.name) for place in names), default=0)
            found = [place for place in names if len(place.name) == longest]
            if found:
                return found[0] if len(found) == 1 else None
        return None

    def known(self, code: int) -> Division | None:
        """The place of a code of six or nine digits (an ID number begins with its county's), None without one."""
        number = self._codes.get(code)
        return None if number is None else self._places.division(number)

    @cached_property
    def _codes(self) -> dict[int, int]:
        found: dict[int, int] = {}
        for number in range(1, len(self._places)):
            code = self._places.division(number).code
            if code:
                while code < 100_000:
                    code *= 10
                found.setdefault(code, number)
        return found

    def search(self, text: str, within: int = 0, most: int = _MOST) -> tuple[Division, ...]:
        """Places below a place: by a part of the name, by pinyin from its beginning, by initials.

        Args:
            text: 海淀, haidian, hd.
            within: the place that they lie in at any depth.
            most: how many at most.

        Returns:
            First those that are called just so (xian is 西安, before 咸阳), then the larger places; among equals what
            begins so before what only contains it.
        """
        wanted = text.lower().replace(" ", "").replace("'", "").replace("ü", "v")
        if not wanted:
            return self.children(within)[:most]
        blobs = (self._spelt, self._initials, self._starts) if wanted.isascii() else (self._named,)
        found: dict[int, tuple[bool, int, int]] = {}
        for rank, blob in enumerate(blobs):
            for number, begins in blob.find(wanted, anywhere=not wanted.isascii()):
                if number not in found and self._inside(number, within):
                    place = self._places.division(number)
                    found[number] = (not _whole(place, wanted), place.level, rank if begins else rank + 1)
        order = sorted(found, key=lambda number: (found[number], number))
        return tuple(self._places.division(number) for number in order[:most])

    def _inside(self, number: int, within: int) -> bool:
        while number and number != within:
            before, number = number, self._places.above(number)
            if number == within:
                return before != 0
        return False

    @cached_property
    def _named(self) -> "_Lines":
        return _Lines(place.name for place in self._all())

    @cached_property
    def _spelt(self) -> "_Lines":
        return _Lines(place.said.replace(" ", "") for place in self._all())

    @cached_property
    def _initials(self) -> "_Lines":
        return _Lines("".join(part[:1] for part in place.said.split(" ")) for place in self._all())

    @cached_property
    def _starts(self) -> "_Lines":
        """Initials with zh, ch, sh in full."""
        return _Lines("".join(initial(part) or part[:1] for part in place.said.split(" ")) for place in self._all())

    def _all(self) -> Iterator[Division]:
        return (self._places.division(number) for number in range(len(self._places)))


def _whole(place: Division, wanted: str) -> bool:
    """Whether somebody has named a place in full, with or without its last syllable: 市, 区, 镇."""
    said = place.said.split(" ")
    if wanted.isascii():
        return wanted in ("".join(said), "".join(said[:-1]))
    return wanted in (place.name, place.name[:-1])


class _Lines:
    """Many short texts as one, which is searched some hundred times quicker than one by one."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._text = "\n" + "\n".join(lines) + "\n"
        self._ends = [place for place, sign in enumerate(self._text) if sign == "\n"]

    def find(self, wanted: str, *, anywhere: bool) -> Iterator[tuple[int, bool]]:
        """The numbers of the lines that begin so, or hold it anywhere, each with whether it begins so."""
        sought = wanted if anywhere else "\n" + wanted
        at = self._text.find(sought)
        while at >= 0:
            start = at if anywhere else at + 1
            number = bisect_left(self._ends, start) - 1
            yield number, self._ends[number] == start - 1
            at = self._text.find(sought, at + len(wanted))
