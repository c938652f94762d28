"""Reads the machine readable zone out of a picture: which strips may be its lines, and what they say together.

Lines are looked for twice: as dense horizontal texture (classical, quick, whatever the font), and by the text detector.
What was recognised is laid on the zone's fixed pitch, for readers lose fillers that stand beside each other. The check
digits choose among the tries, and end them.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.faces import Image
from kiosk.vision.mrz import MrzResult, MrzStatus, Part, parse
from kiosk.vision.mrz_forms import ALPHABET, FILLER, SHAPES
from kiosk.vision.text.bands import END_MARGIN, strips_by_texture, strips_of_lines
from kiosk.vision.text.fields import Checked, DocumentKind, Field, Fields, Key, TextProblem
from kiosk.vision.text.lines import Glyph, TextEngine, TextError, TextLine, box_quad, lengths, usable

LEAST_ALPHABET = 0.6
"""Lines of which fewer glyphs would be in the zone's alphabet anyway are other text."""
LEAST_GLYPHS = 20
SIDE = 960
_MOST_GROUPS = 4
_DOUBT = 0.02


@dataclass(frozen=True, slots=True)
class _Read:
    """A strip as text, with what else each character may be."""

    text: str
    others: tuple[str, ...]


def read_mrz(engine: TextEngine, image: Image, today: date) -> MrzResult:
    """Find the zone in a picture and read it.

    Args:
        image: a document of any size, turned by any quarter, a little skewed.
        today: decides about centuries.

    Returns:
        The best of all tries: the first in which every check digit is right, or the one in which fewest are wrong.

    Raises:
        TextError: the models cannot be loaded.
    """
    picture = usable(image)
    best = MrzResult(MrzStatus.NOT_MRZ)
    if picture is None:
        return best
    for strips in _tries(engine, picture):
        valid: list[MrzResult] = []
        for result in _readings(engine, strips, today):
            if result.status is MrzStatus.VALID:
                valid.append(result)
                if not result.repaired and not result.doubtful:
                    return _agreed(valid)
            elif result.kind is not None and (best.kind is None or len(result.failed) < len(best.failed)):
                best = result
        if valid:
            return _agreed(valid)
    return best


def _agreed(valid: Sequence[MrzResult]) -> MrzResult:
    """Of several readings in which every check digit is right the commonest, the last one first.

    Where they say different numbers, the number is in doubt: one check digit lets one wrong reading of ten pass.
    """
    counts = Counter(result.lines for result in reversed(valid))
    chosen = next(result for result in reversed(valid) if result.lines == counts.most_common(1)[0][0])
    if len({result.number for result in valid}) > 1 and Part.NUMBER not in chosen.doubtful:
        return replace(chosen, doubtful=(*chosen.doubtful, Part.NUMBER))
    return chosen


def read(engine: TextEngine, image: Image, today: date) -> Fields:
    """The zone as fields of a document."""
    try:
        zone = read_mrz(engine, image, today)
    except TextError:
        return Fields(DocumentKind.MRZ, problem=TextProblem.NOT_AVAILABLE)
    if zone.status is MrzStatus.NOT_MRZ:
        return Fields(DocumentKind.MRZ, problem=TextProblem.OTHER_DOCUMENT)

    def checked(part: Part) -> Checked:
        if part in zone.failed or Part.COMPOSITE in zone.failed:
            return Checked.FAILED
        return Checked.NONE if part in zone.doubtful else Checked.PASSED

    name = f"{zone.surname}, {zone.given_names}" if zone.given_names else zone.surname
    texts = {
        Key.NUMBER: (zone.number, checked(Part.NUMBER)),
        Key.NAME: (name, Checked.NONE),
        Key.SEX: (zone.sex, Checked.NONE),
        Key.BIRTH: (zone.birth.isoformat() if zone.birth else "", checked(Part.BIRTH)),
        Key.VALID_UNTIL: (zone.expiry.isoformat() if zone.expiry else "", checked(Part.EXPIRY)),
        Key.NATIONALITY: (zone.nationality, Checked.NONE),
        Key.ISSUER: (zone.issuer, Checked.NONE),
    }
    score = 1.0 if zone.status is MrzStatus.VALID else 0.5
    values = {
        str(key): Field(text, score, proof, repaired=zone.repaired and proof is Checked.PASSED)
        for key, (text, proof) in texts.items()
        if text
    }
    whole = box_quad(0, 0, image.shape[1], image.shape[0])
    return Fields(DocumentKind.MRZ, values, lines=tuple(TextLine(line, score, whole) for line in zone.lines))


# Tries --------------------------------------------------------------------------------------------------------------


def _tries(engine: TextEngine, image: Image) -> Iterator[list[Image]]:
    """Groups of strips that may be a zone, likeliest first."""
    yield from strips_by_texture(image)
    for turns in (0, 1):
        turned = np.ascontiguousarray(np.rot90(image, turns))
        quads = engine.find(turned, SIDE)
        yield from islice(strips_of_lines(turned, quads), _MOST_GROUPS)
        if any(lengths(quad)[0] > 5 * lengths(quad)[1] for quad in quads):
            return  # its text runs this way


def _readings(engine: TextEngine, strips: list[Image], today: date) -> Iterator[MrzResult]:
    """What a group says: as it is, and upside down when that reads better."""
    lines = _recognised(engine, strips)
    turned = [np.ascontiguousarray(np.rot90(strip, 2)) for strip in reversed(strips)]
    other = _recognised(engine, turned) if _mean(lines) < 0.85 else []
    if other and _mean(other) > _mean(lines):
        strips, lines = turned, other
    if not any(_is_zone_line(line) for line in lines):
        return
    yield from _understood(lines, today)
    for change in (_sharpened, _wider, _narrower):
        changed = [change(strip) for strip in strips]
        more = _recognised(engine, changed)
        yield from _understood(more, today)


def _recognised(engine: TextEngine, strips: Sequence[Image]) -> list[TextLine]:
    lines: list[TextLine] = []
    for strip in strips:
        whole = box_quad(0, 0, strip.shape[1], strip.shape[0])
        lines += engine.recognise(strip, [whole], ALPHABET)
    return lines


def _mean(lines: Sequence[TextLine]) -> float:
    return sum(line.score for line in lines) / len(lines) if lines else 0.0


def _is_zone_line(line: TextLine) -> bool:
    if len(line.glyphs) < LEAST_GLYPHS:
        return False
    return sum(glyph.raw.upper() in ALPHABET for glyph in line.glyphs) >= LEAST_ALPHABET * len(line.glyphs)


def _sharpened(strip: Image) -> Image:
    soft = cv2.GaussianBlur(strip, (0, 0), max(1.0, strip.shape[0] / 24))
    return np.asarray(cv2.addWeighted(strip, 2.0, soft, -1.0, 0), np.uint8)


def _wider(strip: Image) -> Image:
    size = (round(strip.shape[1] * 1.25), strip.shape[0])
    return np.asarray(cv2.resize(strip, size, interpolation=cv2.INTER_CUBIC), np.uint8)


def _narrower(strip: Image) -> Image:
    size = (round(strip.shape[1] * 0.85), strip.shape[0])
    return np.asarray(cv2.resize(strip, size, interpolation=cv2.INTER_AREA), np.uint8)


# The pitch ----------------------------------------------------------------------------------------------------------


def _understood(lines: Sequence[TextLine], today: date) -> Iterator[MrzResult]:
    """Every run of two or three lines as every form that it may have."""
    width_seen = _width_seen(lines)
    for count, width in sorted(SHAPES, key=lambda shape: abs(shape[1] - width_seen)):
        for start in range(len(lines) - count + 1):
            group = lines[start : start + count]
            if not all(_is_zone_line(line) or len(line.glyphs) > 8 for line in group):
                continue
            if max(len(line.glyphs) for line in group) > width + 3:
                continue
            for reads in _gridded(group, width):
                result = parse([read.text for read in reads], today, [read.others for read in reads])
                if result.status is not MrzStatus.NOT_MRZ:
                    yield result


def _width_seen(lines: Sequence[TextLine]) -> float:
    """How many characters a line has room for, by the usual distance of its glyphs."""
    rooms = []
    for line in lines:
        if len(line.glyphs) >= LEAST_GLYPHS:
            pitch = float(np.median(np.diff([glyph.place for glyph in line.glyphs])))
            along, down = lengths(line.quad)
            rooms.append((1.0 - 2 * END_MARGIN * down / along) / max(pitch, 1e-3))
    return float(np.median(rooms)) if rooms else 0.0


def _gridded(group: Sequence[TextLine], width: int) -> Iterator[list[_Read]]:
    plain = [_plain(line.glyphs) for line in group]
    laid = [_laid(line.glyphs, width) for line in group]
    yield [one if len(one.text) == width else other for one, other in zip(plain, laid, strict=True)]
    yield laid
    if any(len(one.text) != width for one in plain):
        yield plain


def _plain(glyphs: Sequence[Glyph]) -> _Read:
    return _Read("".join(glyph.char for glyph in glyphs), tuple(_other(glyph) for glyph in glyphs))


def _other(glyph: Glyph) -> str:
    return "".join(character for character, probability in glyph.others if probability >= _DOUBT)


def _laid(glyphs: Sequence[Glyph], width: int) -> _Read:
    """Glyphs laid on a pitch of so many places; what is empty is a filler, or the same character once more."""
    places = np.array([glyph.place for glyph in glyphs])
    cells = _cells(places, width)
    text, others = [""] * width, [""] * width
    scores = [0.0] * width
    for glyph, cell in zip(glyphs, cells, strict=True):
        if 0 <= cell < width and glyph.score > scores[cell]:
            text[cell], others[cell], scores[cell] = glyph.char, _other(glyph), glyph.score
    for cell in range(width):
        if not text[cell]:
            before = text[cell - 1] if cell else FILLER
            after = next((one for one in text[cell + 1 :] if one), FILLER)
            text[cell] = FILLER if FILLER in {before, after} else before
            others[cell] = "".join(one for one in dict.fromkeys(before + after) if one != text[cell])
    return _Read("".join(text), tuple(others))


def _cells(places: NDArray[np.float64], width: int) -> NDArray[np.intp]:
    """The pitch and the start under which the glyphs lie nearest to the middles of places."""
    if len(places) < 2:
        return np.zeros(len(places), np.intp)
    best, cells = np.inf, np.zeros(len(places), np.intp)
    span = float(places[-1] - places[0])
    for last in range(len(places) - 2, width):
        if last < 1:
            continue
        pitch = span / last
        for shift in (-0.2, -0.1, 0.0, 0.1, 0.2):
            at = (places - places[0]) / pitch + shift
            nearest = np.rint(at)
            # Two glyphs in one place are as bad as one between two.
            clash = float((np.diff(nearest) < 1).sum())
            wrong = float(np.abs(at - nearest).mean()) + 0.5 * clash / len(places)
            # The last place is usually seen: of nearly equal pitches the one that fills the line.
            wrong += 0.004 * (width - 1 - last)
            if wrong < best:
                best, cells = wrong, nearest.astype(np.intp)
    return cells
