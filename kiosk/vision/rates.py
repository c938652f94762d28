"""What a similarity of SFace is worth: how often two strangers reach it.

The table was measured on Labelled Faces in the Wild, photograph against photograph and photograph against a simulated
card's photo (102x126, JPEG of at most 1.7 kB), every stranger against every other; among East Asian people apart, for
their strangers look more alike to the network. Public figures, photographs, no real cards: measure again in the field
(`python -m benchmarks faces --all --chip`, docs/decisions/0008). Between two rows the rate of the lower one holds;
below the first row, and where there is no figure, the rate is not measured.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import cache

CONFIDENCE = 0.95
STRANGERS = 59_000_000
"""Comparisons of strangers behind the columns of all people."""
FOLD_STRANGERS = 324_000
"""The same in the rows that were measured on one fold (435 people), with the template of `SFace.template`."""
EAST_ASIAN_STRANGERS = 94_000
"""Behind the columns of East Asian people (145 of them): the smallest rate that these can prove is 3e-5."""


class Against(Enum):
    """What the live picture is compared with."""

    PHOTO = "photo"
    CHIP = "chip"


@dataclass(frozen=True, slots=True)
class Row:
    """The share of comparisons of strangers that reach `similarity`; None where not measured.

    Attributes:
        strangers: how many comparisons of them are behind `photo` and `chip`.
    """

    similarity: float
    photo: float | None
    photo_east_asian: float | None
    chip: float | None
    chip_east_asian: float | None
    strangers: int = STRANGERS


TABLE = (
    Row(0.280, 1.7e-2, None, 1.3e-2, None, FOLD_STRANGERS),
    Row(0.300, 9.4e-3, None, 7.3e-3, None, FOLD_STRANGERS),
    Row(0.307, None, None, None, 1.0e-2),
    Row(0.320, None, 1.0e-2, None, None),
    Row(0.330, 3.6e-3, None, 2.8e-3, None, FOLD_STRANGERS),
    Row(0.363, 8.6e-4, 2.9e-3, 7.5e-4, 2.4e-3),
    Row(0.380, 4.4e-4, 1.5e-3, 3.9e-4, 1.4e-3),
    Row(0.400, 1.9e-4, 8.9e-4, 1.7e-4, 6.4e-4),
    Row(0.420, 8.2e-5, 4.7e-4, 7.2e-5, 2.5e-4),
    Row(0.450, 2.2e-5, 2.3e-4, 1.8e-5, 1.4e-4),
    Row(0.500, 2.5e-6, 6.4e-5, 1.8e-6, 2.0e-5),
)
"""Of the weights fb143eea… only: other weights need a table of their own."""
STRICTEST = TABLE[-1].similarity
"""Above it nothing is measured; what lies above is worth no more than this row."""


@dataclass(frozen=True, slots=True)
class FalseMatchRate:
    """How often two strangers are at least as alike; None where that is not measured.

    Attributes:
        all: among all people.
        east_asian: among East Asian people.
        all_at_most: the end of its 95 % interval (Clopper and Pearson); pairs share people, so the truth is wider.
        east_asian_at_most: the same among East Asian people.
    """

    all: float | None
    east_asian: float | None
    all_at_most: float | None
    east_asian_at_most: float | None


def rate_of(similarity: float, against: Against = Against.CHIP) -> FalseMatchRate:
    """The false match rate of an acceptance at this similarity. Of what is no number, nothing is measured."""
    photo = against is Against.PHOTO
    everybody: tuple[float | None, int] = (None, 0)
    east_asian: float | None = None
    for row in TABLE:
        if not (math.isfinite(similarity) and row.similarity <= similarity):
            break
        share = row.photo if photo else row.chip
        everybody = everybody if share is None else (share, row.strangers)
        among = row.photo_east_asian if photo else row.chip_east_asian
        east_asian = east_asian if among is None else among
    return FalseMatchRate(everybody[0], east_asian, _at_most(*everybody), _at_most(east_asian, EAST_ASIAN_STRANGERS))


def lowest_similarity(false_match_rate: float) -> float:
    """The lowest row of the table that keeps to a rate in every column, East Asian people and card's photos included.

    Raises:
        ValueError: the table proves no rate that low.
    """
    for row in TABLE:
        rates = [rate_of(row.similarity, against) for against in Against]
        columns = [value for rate in rates for value in (rate.all, rate.east_asian)]
        if all(value is not None and value <= false_match_rate for value in columns):
            return row.similarity
    raise ValueError(f"no similarity is known to keep to a false match rate of {false_match_rate}")


def binomial_bounds(hits: int, tries: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """The exact interval of a share (Clopper and Pearson 1934).

    Args:
        hits: how many of them, 0 to `tries`.
        tries: how many there were; of none at all nothing is known: (0, 1).
        confidence: that the interval holds the share, for independent tries.
    """
    tail = (1.0 - confidence) / 2.0
    if tries <= 0 or not 0 <= hits <= tries:
        return 0.0, 1.0
    low = 0.0 if hits == 0 else _share_where(lambda p: _at_least(hits, tries, p) < tail)
    high = 1.0 if hits == tries else _share_where(lambda p: _at_least(hits + 1, tries, p) < 1.0 - tail)
    return low, high


@cache
def _at_most(rate: float | None, tries: int) -> float | None:
    return None if rate is None else binomial_bounds(round(rate * tries), tries)[1]


def _share_where(below: Callable[[float], bool]) -> float:
    """Where a rising function of a share crosses its limit, by halving."""
    low, high = 0.0, 1.0
    for _ in range(80):
        middle = (low + high) / 2.0
        if below(middle):
            low = middle
        else:
            high = middle
    return high


def _at_least(hits: int, tries: int, share: float) -> float:
    """The chance of at least `hits` (1 or more) in `tries`: the regularised incomplete beta function."""
    if share <= 0.0 or share >= 1.0:
        return float(share >= 1.0)
    a, b = float(hits), float(tries - hits + 1)
    front = math.exp(
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(share) + b * math.log1p(-share)
    )
    if share < (a + 1.0) / (a + b + 2.0):
        return front * _fraction(a, b, share) / a
    return 1.0 - front * _fraction(b, a, 1.0 - share) / b


def _fraction(a: float, b: float, x: float) -> float:
    """The continued fraction of the incomplete beta function (DLMF 8.17.22), evaluated by Lentz's method."""
    tiny = 1e-300
    c, d = 1.0, 1.0 / _not_zero(1.0 - (a + b) * x / (a + 1.0), tiny)
    result = d
    for m in range(1, 20_000):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1.0 / _not_zero(1.0 + term * d, tiny)
            c = _not_zero(1.0 + term / c, tiny)
            result *= c * d
        if abs(c * d - 1.0) < 1e-12:
            break
    return result


def _not_zero(value: float, tiny: float) -> float:
    return value if abs(value) > tiny else tiny
