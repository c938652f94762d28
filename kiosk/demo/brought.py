"""Papers that an applicant brings along: drawn for them alone, each page told from every other by its number."""

import random
from dataclasses import dataclass, field

import numpy as np
import zxingcpp
from numpy.typing import NDArray

from drivers.simulate.frames import Scene
from drivers.simulate.papers import card_side, letter, on_desk

Picture = NDArray[np.uint8]
_MOST_PAGES = 3
"""More pages of one paper nobody brings here; sixty pages are a matter of the journeys' tests."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One side of one sheet.

    Attributes:
        sheet: as it was drawn, (h, w, 3) BGR.
        scene: as the document camera sees it.
    """

    number: str
    sheet: Picture
    scene: Scene


@dataclass
class Folder:
    """What somebody brings along; a paper is drawn when it is asked for.

    Args:
        serial: of the applicant.
        entries: what stands on each paper: who it is of.
    """

    serial: int
    entries: dict[str, str]
    seed: int
    leaves: dict[tuple[str, int, str], Leaf] = field(default_factory=dict)
    laid: list[tuple[str, int, str]] = field(default_factory=list)
    """Which sides were laid down, in this order."""

    def pages(self, title: str, most: int) -> int:
        """How many pages of a paper they have: the first paper has as many as may be, to `_MOST_PAGES`."""
        titles = list(dict.fromkeys(each for each, _, _ in self.laid))
        return min(most, _MOST_PAGES) if titles[:1] == [title] else 1

    def leaf(self, title: str, page: int, side: str) -> Leaf:
        """One side of one page.

        Args:
            title: of the paper.
            page: from 1.
            side: `only`, `front` or `back`.
        """
        key = (title, page, side)
        if key not in self.leaves:
            number = f"{self.serial:03d}-{len(self.leaves) + 1:02d}-{side[0].upper()}{page}"
            draw = letter if side == "only" else card_side
            sheet = draw(title, self.entries, number)
            rng = np.random.default_rng(random.Random(f"{self.seed}/{number}").getrandbits(32))  # noqa: S311  a prop
            self.leaves[key] = Leaf(number, sheet, (on_desk(sheet, rng)[0],))
        return self.leaves[key]


def numbers_on(picture: Picture) -> tuple[str, ...]:
    """The numbers of the sheets a picture shows, from top to bottom; read by a decoder that knows nothing of us."""
    codes = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
    return tuple(code.text for code in sorted(codes, key=lambda code: code.position.top_left.y))
