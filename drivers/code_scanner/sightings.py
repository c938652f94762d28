"""What counts of the codes that one picture after the other shows. Pure states: they hold codes, and no pictures."""

from dataclasses import replace
from functools import reduce
from operator import xor

from drivers.code_scanner.qr_bits import Part
from drivers.code_scanner.reading import Code, Symbology


class TwoFrames:
    """Lets a payload count when two pictures in a row of those that show codes show it.

    Args:
        within: pictures that may lie between the two, for a hand shakes.
    """

    def __init__(self, within: int = 5) -> None:
        self._within = within
        self._seen: dict[tuple[Symbology, bytes, Part | None], int] = {}
        self._number = 0

    def look(self, codes: tuple[Code, ...]) -> tuple[Code, ...]:
        """Take what one picture shows; returns those of it that were seen before."""
        self._number += 1
        self._seen = {key: number for key, number in self._seen.items() if self._number - number <= self._within}
        known = tuple(code for code in codes if (code.symbology, code.payload, code.part) in self._seen)
        self._seen.update({(code.symbology, code.payload, code.part): self._number for code in codes})
        return known

    def forget(self) -> None:
        """Begin anew: another person stands before the camera."""
        self._seen.clear()


class Linked:
    """Joins codes that belong together (structured append), in whatever order they are shown."""

    def __init__(self) -> None:
        self._parts: dict[int, Code] = {}
        self._total = self._parity = 0

    @property
    def missing(self) -> tuple[int, ...]:
        """Which are still to be shown, counted from 1; empty before the first."""
        return tuple(n + 1 for n in range(self._total) if n not in self._parts)

    def add(self, code: Code) -> Code | None:
        """Take a part; returns the whole with the last one, and a code that stands alone as it is.

        A part of another set begins anew. The whole is refused, and everything forgotten, when its parity is not the
        one that its parts announce: they belong to different messages.
        """
        part = code.part
        if part is None:
            return code
        other = self._parts.get(part.index)
        if (part.total, part.parity) != (self._total, self._parity) or (other and other.payload != code.payload):
            self._parts.clear()
            self._total, self._parity = part.total, part.parity
        self._parts[part.index] = code
        if self.missing:
            return None
        parts = [self._parts[index] for index in range(self._total)]
        payload = b"".join(one.payload for one in parts)
        self.forget()
        if reduce(xor, payload, 0) != part.parity:
            return None
        segments = tuple(segment for one in parts for segment in one.segments)
        return replace(code, payload=payload, segments=segments, part=None)

    def forget(self) -> None:
        """Begin anew."""
        self._parts.clear()
        self._total = self._parity = 0
