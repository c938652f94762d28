import math

import pytest

from kiosk.vision.engines import CARDS
from kiosk.vision.rates import TABLE, Against, binomial_bounds, lowest_similarity, rate_of


@pytest.mark.parametrize(
    ("hits", "tries", "low", "high"),
    [  # of R's binom.test and of the closed forms at the ends
        (0, 10, 0.0, 1 - 0.025 ** (1 / 10)),
        (10, 10, 0.025 ** (1 / 10), 1.0),
        (5, 10, 0.1870860, 0.8129140),
        (1, 100, 0.0002531, 0.0544594),
        (50, 1000, 0.0373354, 0.0653905),
        (0, 3_000_000, 0.0, 1.229626e-6),
    ],
)
def test_bounds_are_those_of_clopper_and_pearson(hits: int, tries: int, low: float, high: float) -> None:
    got = binomial_bounds(hits, tries)
    assert got[0] == pytest.approx(low, rel=2e-4, abs=1e-9)
    assert got[1] == pytest.approx(high, rel=2e-4)


def test_bounds_say_what_they_promise() -> None:
    for hits, tries in ((3, 40), (7, 500), (60, 94_000), (50_740, 59_000_000)):
        low, high = binomial_bounds(hits, tries)
        assert low < hits / tries < high
        if tries <= 500:  # by adding up the distribution itself
            at_most = sum(math.comb(tries, k) * high**k * (1 - high) ** (tries - k) for k in range(hits + 1))
            at_least = sum(math.comb(tries, k) * low**k * (1 - low) ** (tries - k) for k in range(hits, tries + 1))
            assert at_most == pytest.approx(0.025, rel=1e-6)
            assert at_least == pytest.approx(0.025, rel=1e-6)


def test_of_nothing_nothing_is_known() -> None:
    assert [binomial_bounds(*case) for case in ((0, 0), (1, 0), (-1, 5), (6, 5))] == [(0.0, 1.0)] * 4


def test_between_two_rows_the_higher_rate_holds() -> None:
    at, above = rate_of(0.40, Against.PHOTO), rate_of(0.4199, Against.PHOTO)
    assert at == above
    assert (at.all, at.east_asian) == (1.9e-4, 8.9e-4)
    assert at.all_at_most is not None
    assert at.east_asian_at_most is not None
    assert at.all_at_most > 1.9e-4
    assert at.east_asian_at_most > 8.9e-4
    assert rate_of(0.99) == rate_of(TABLE[-1].similarity)


def test_what_was_not_measured_has_no_rate() -> None:
    for value in (0.2, -1.0, float("nan"), float("inf"), float("-inf")):
        assert rate_of(value).all is None
        assert rate_of(value).east_asian_at_most is None
    assert (rate_of(0.31).all, rate_of(0.31).east_asian) == (7.3e-3, 0.01)
    assert (rate_of(0.31, Against.PHOTO).east_asian, rate_of(0.29).east_asian) == (None, None)


def test_every_column_falls_as_the_similarity_rises() -> None:
    assert [row.similarity for row in TABLE] == sorted({row.similarity for row in TABLE})
    for column in ("photo", "photo_east_asian", "chip", "chip_east_asian"):
        rates = [getattr(row, column) for row in TABLE if getattr(row, column) is not None]
        assert rates == sorted(rates, reverse=True)


def test_the_shipped_limits_come_from_the_table() -> None:
    assert lowest_similarity(1e-3) == CARDS["sface"].bands.accept == 0.40
    for against in Against:
        accepted = rate_of(0.40, against).east_asian
        assert accepted is not None
        assert accepted <= 1e-3
    assert lowest_similarity(3e-3) == 0.363
    with pytest.raises(ValueError, match="no similarity is known"):
        lowest_similarity(1e-9)
