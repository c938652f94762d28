"""Every line of a page, for the text layer of its document."""

import numpy as np

from kiosk.vision.faces import Image
from kiosk.vision.reading import PageLines, PrintedLine, TextProblem
from kiosk.vision.text.engine import SIDE
from kiosk.vision.text.layout import single_rows, upright
from kiosk.vision.text.lines import Quad, TextEngine, TextError, usable
from kiosk.vision.text.script import printed_line

SURE = 0.5
"""What is read with less is more often a stain or a seal than text: searching finds nothing there."""
_QUARTERS = 4


def read_lines(image: Image, engine: TextEngine) -> PageLines:
    """Read every line of a page.

    Args:
        image: the page, cropped and straightened; turned by quarters is allowed.
        engine: finds and recognises.

    Returns:
        The lines with their corners in the pixels of `image` as it was given. Never raises: what goes wrong is
        `problem`.
    """
    picture = usable(image)
    if picture is None:
        return PageLines(problem=TextProblem.NO_PICTURE)
    try:
        turned, found, known = upright(engine, picture, SIDE)
        quads = single_rows(turned, found)
        done = {id(line.quad): line for line in known}
        rest = iter(engine.recognise(turned, [quad for quad in quads if id(quad) not in done]))
        read = [done[id(quad)] if id(quad) in done else next(rest) for quad in quads]
    except TextError:
        return PageLines(problem=TextProblem.NOT_AVAILABLE)
    quarters = _turned(picture, turned)
    height, width = picture.shape[:2]
    lines = tuple(
        PrintedLine(text, _corners(back(line.quad, quarters, width, height)))
        for line in read
        if line.score >= SURE and (text := printed_line(line).text.strip())
    )
    return PageLines(lines, TextProblem.NONE if lines else TextProblem.NO_TEXT)


def _turned(picture: Image, turned: Image) -> int:
    """By how many quarters, counter-clockwise, a picture was turned."""
    if turned is picture:
        return 0
    return next((count for count in range(1, _QUARTERS) if np.array_equal(np.rot90(picture, count), turned)), 0)


def back(quad: Quad, quarters: int, width: int, height: int) -> Quad:
    """Corners on a page that was turned by quarters, counter-clockwise, as they were before.

    Args:
        quad: (4, 2), on the turned page.
        quarters: how often it was turned.
        width: of the page before, in pixels.
        height: the same.
    """
    points = np.asarray(quad, np.float64)
    for turn in range(quarters, 0, -1):
        across = width if turn % 2 else height
        points = np.column_stack([across - points[:, 1], points[:, 0]])
    return points


def _corners(
    quad: Quad,
) -> tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]:
    one, two, three, four = ((round(float(x), 1), round(float(y), 1)) for x, y in quad)
    return one, two, three, four
