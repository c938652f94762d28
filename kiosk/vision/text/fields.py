"""The fields of documents, each with how sure it is and whether something on the paper proves it.

`read_document` looks for captions and reads what stands beside them. What it cannot find is not in its answer.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from kiosk.vision.faces import Image
from kiosk.vision.reading import Checked, DocumentKind, Field, Key, TextProblem
from kiosk.vision.text.layout import Mark, Row, captions_in, rows_of, single_rows, upright
from kiosk.vision.text.lines import Quad, TextEngine, TextError, TextLine, lengths, usable


@dataclass(frozen=True, slots=True)
class Fields:
    """A document that was read.

    Attributes:
        values: only what was found.
        lines: what was recognised on the way, for a text layer.
    """

    kind: DocumentKind
    values: Mapping[str, Field] = field(default_factory=dict)
    problem: TextProblem = TextProblem.NONE
    lines: tuple[TextLine, ...] = ()

    def __getitem__(self, key: str) -> Field | None:
        """The field, or None when it was not found."""
        return self.values.get(key)


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """A page upright, with its lines."""

    engine: TextEngine
    image: Image
    quads: tuple[Quad, ...]
    lines: tuple[TextLine, ...]


__all__ = ["Checked", "DocumentKind", "Field", "Fields", "Key", "Page", "TextProblem", "read_document"]

_SIDES = {
    DocumentKind.ID_FRONT: 640,
    DocumentKind.ID_BACK: 640,
    DocumentKind.LICENCE: 800,
    DocumentKind.FORM: 960,
}
"""The copy on which lines are looked for: a character needs about 10 pixels there."""
_SHORT = 8.5
"""Lines of up to that many heights may be captions."""


def read_document(
    image: Image,
    kind: DocumentKind,
    engine: TextEngine,
    today: date,
    wanted: Collection[str] | None = None,
    captions: Mapping[str, Sequence[str]] | None = None,
) -> Fields:
    """Read the fields of one document.

    Args:
        image: the document, cropped and straightened; turned by quarters is allowed.
        today: decides about the centuries of a machine readable zone.
        wanted: the fields that are needed, or None for all. Fewer are quicker: other lines are not recognised.
        captions: for FORM: what to look for besides lines of the form `caption：value`, by key.

    Returns:
        What was found. Never raises: what goes wrong is `problem`.
    """
    from kiosk.vision.text import cards, licence, script, travel  # noqa: PLC0415  they need the types above

    picture = usable(image)
    if picture is None:
        return Fields(kind, problem=TextProblem.NO_PICTURE)
    try:
        if kind is DocumentKind.MRZ:
            return travel.read(engine, picture, today)
        spellings: Mapping[str, Sequence[str]] = captions or {}
        reader: Callable[[Page], dict[str, Field]]
        match kind:
            case DocumentKind.ID_FRONT:
                spellings, reader = cards.FRONT, cards.read_front
            case DocumentKind.ID_BACK:
                spellings, reader = cards.BACK, cards.read_back
            case DocumentKind.LICENCE:
                spellings, reader = licence.CAPTIONS, licence.read_licence
            case _:
                named = spellings

                def reader(page: Page) -> dict[str, Field]:
                    return licence.read_form(page, named)

        page = _page(engine, picture, kind, spellings, wanted)
        if not any(line.text for line in page.lines):
            return Fields(kind, problem=TextProblem.NO_TEXT)
        values = reader(page)
    except TextError:
        return Fields(kind, problem=TextProblem.NOT_AVAILABLE)
    if wanted is not None:
        values = {key: value for key, value in values.items() if key in wanted}
    problem = TextProblem.NONE if values else TextProblem.OTHER_DOCUMENT
    return Fields(kind, values, problem, tuple(script.printed_line(line) for line in page.lines))


def _page(
    engine: TextEngine,
    image: Image,
    kind: DocumentKind,
    spellings: Mapping[str, Sequence[str]],
    wanted: Collection[str] | None,
) -> Page:
    """Turn a page, find its lines, and recognise as many as are needed; those that told its direction not twice."""
    image, found, known = upright(engine, image, _SIDES[kind])
    quads = single_rows(image, found)
    done = {id(line.quad): line for line in known}
    lines = [done[id(quad)] for quad in quads if id(quad) in done]
    rest = [quad for quad in quads if id(quad) not in done]
    if wanted is not None:
        short = [quad for quad in rest if lengths(quad)[0] <= _SHORT * lengths(quad)[1]]
        rest = [quad for quad in rest if lengths(quad)[0] > _SHORT * lengths(quad)[1]]
        lines += engine.recognise(image, short)
        pick = _headed if kind is DocumentKind.FORM else _near
        rest = pick(engine, image, rest, rows_of(lines), spellings, wanted)
    return Page(engine, image, quads, (*lines, *engine.recognise(image, rest)))


def _headed(
    engine: TextEngine,
    image: Image,
    quads: list[Quad],
    _rows: Sequence[Row],
    spellings: Mapping[str, Sequence[str]],
    wanted: Collection[str],
) -> list[Quad]:
    """Of a form's long lines those that begin with a wanted caption: only their beginnings are read for that."""
    heads = [_head(quad) for quad in quads]
    texts = {text for key in wanted for text in spellings.get(key, (key,))}
    read = ["".join(line.text.split()) for line in engine.recognise(image, heads)]
    return [quad for quad, text in zip(quads, read, strict=True) if any(one in text for one in texts)]


def _head(quad: Quad) -> Quad:
    along, down = lengths(quad)
    share = min(1.0, _SHORT * down / along)
    upper, lower = quad[0] + (quad[1] - quad[0]) * share, quad[3] + (quad[2] - quad[3]) * share
    return np.array([quad[0], upper, lower, quad[3]])


def _near(
    _engine: TextEngine,
    _image: Image,
    quads: list[Quad],
    rows: Sequence[Row],
    spellings: Mapping[str, Sequence[str]],
    wanted: Collection[str],
) -> list[Quad]:
    """The long lines that may hold the values of wanted captions; all of them when a caption was not found."""
    captions = [one for one in captions_in(rows, spellings) if one.key in wanted]
    starts = [(rows[one.row].marks[one.start], rows[one.row].marks[one.end - 1]) for one in captions]
    if set(wanted) - {one.key for one in captions}:
        return quads
    return [quad for quad in quads if any(_beside(quad, *ends) for ends in starts)]


def _beside(quad: Quad, first: Mark, last: Mark) -> bool:
    """Whether a line may hold the value of a caption: to its right, or below within two lines."""
    left, middle = float(quad[:, 0].min()), float(quad[:, 1].mean())
    if abs(middle - last.y) < 1.2 * last.height and left > last.x - last.height:
        return True
    return 0 < middle - first.y < 3 * first.height and left > first.x - 2 * first.height
