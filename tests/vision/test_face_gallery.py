import copy
import pickle
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from kiosk.vision.faces import Embedding
from kiosk.vision.gallery import NUMBERS, Added, Consent, Found, Gallery, Search
from kiosk.vision.rates import EAST_ASIAN_STRANGERS, binomial_bounds

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
YEAR = Consent("consent-2026-0001", NOW + timedelta(days=365))
PERCENT = 0.01


def someone(seed: int) -> Embedding:
    numbers = np.random.default_rng(seed).normal(size=NUMBERS).astype(np.float32)
    return numbers / np.float32(np.linalg.norm(numbers))


def alike(one: Embedding, similarity: float, seed: int = 999) -> Embedding:
    """Another picture of the same face: of that cosine to the first."""
    other = someone(seed)
    other = other - one * np.float32(other @ one)
    other = other / np.float32(np.linalg.norm(other))
    return np.asarray(one * np.float32(similarity) + other * np.float32(np.sqrt(1 - similarity**2)), np.float32)


@pytest.fixture
def gallery() -> Gallery:
    return Gallery(most=20, false_match_rate=PERCENT)


def test_a_member_of_staff_is_found_with_the_rate_and_a_stranger_is_not(gallery: Gallery) -> None:
    for seed in range(5):
        assert gallery.add(f"staff-{seed}", someone(seed), YEAR, NOW) is Added.ADDED
    found = gallery.search(alike(someone(3), 0.6), NOW)
    assert (found.outcome, found.key) == (Search.MATCH, "staff-3")
    worst = binomial_bounds(round(6.4e-5 * EAST_ASIAN_STRANGERS), EAST_ASIAN_STRANGERS)[1]
    assert found.rate == pytest.approx(5 * worst)
    assert gallery.search(someone(77), NOW) == Found(Search.NONE)
    assert gallery.search(alike(someone(3), 0.49), NOW) == Found(Search.NONE)


def test_who_could_be_two_people_is_neither(gallery: Gallery) -> None:
    one = someone(1)
    two = alike(one, 0.45)
    gallery.add("staff-1", one, YEAR, NOW)
    gallery.add("staff-2", two, YEAR, NOW)
    between = one + two
    between /= np.float32(np.linalg.norm(between))
    assert gallery.search(between, NOW) == Found(Search.AMBIGUOUS)
    assert gallery.search(alike(one, 0.95, seed=5), NOW).key == "staff-1"


def test_it_does_not_grow_beyond_the_rate_that_it_can_prove() -> None:
    worst = binomial_bounds(round(6.4e-5 * EAST_ASIAN_STRANGERS), EAST_ASIAN_STRANGERS)[1]
    gallery = Gallery(most=1000, false_match_rate=0.001)
    assert gallery.capacity == int(0.001 / worst) == 7
    said = [gallery.add(f"staff-{seed}", someone(seed), YEAR, NOW) for seed in range(9)]
    assert said == [Added.ADDED] * 7 + [Added.FULL] * 2
    assert gallery.rate <= 0.001
    assert Gallery(most=3, false_match_rate=PERCENT).capacity == 3
    assert [Gallery(9, rate).capacity for rate in (0.0, -1.0, float("nan"), float("inf"), 1e-9)] == [0] * 5
    assert Gallery(-4, PERCENT).add("staff-1", someone(1), YEAR, NOW) is Added.FULL


def test_nobody_is_in_it_without_consent_or_after_its_end(gallery: Gallery) -> None:
    day = Consent("consent-2", NOW + timedelta(days=1))
    assert gallery.add("a", someone(1), Consent("  ", YEAR.expires), NOW) is Added.NO_CONSENT
    assert gallery.add("a", someone(1), Consent("c", datetime(2027, 1, 1)), NOW) is Added.NO_CONSENT  # noqa: DTZ001  no zone
    assert gallery.add("a", someone(1), Consent("c", NOW), NOW) is Added.EXPIRED
    assert gallery.add("a", someone(1), day, NOW) is Added.ADDED
    assert gallery.search(someone(1), NOW + timedelta(hours=23)).key == "a"
    assert gallery.search(someone(1), NOW + timedelta(days=1)) == Found(Search.NONE)
    assert len(gallery) == 0
    assert not gallery._templates.any()


def test_the_same_key_and_the_same_face_are_taken_once(gallery: Gallery) -> None:
    gallery.add("a", someone(1), YEAR, NOW)
    assert gallery.add("a", someone(2), YEAR, NOW) is Added.ALREADY_THERE
    assert gallery.add("b", alike(someone(1), 0.7), YEAR, NOW) is Added.TOO_ALIKE


def test_templates_are_overwritten_when_removed_and_when_closed(gallery: Gallery) -> None:
    for seed in range(3):
        gallery.add(f"staff-{seed}", someone(seed), YEAR, NOW)
    memory = gallery._templates  # the very memory, not a copy
    place = gallery._people["staff-1"][0]
    assert memory[place] @ someone(1) == pytest.approx(1, abs=1e-5)
    assert gallery.remove("staff-1")
    assert not gallery.remove("staff-1")
    assert not memory[place].any()
    assert gallery.search(someone(1), NOW) == Found(Search.NONE)
    assert memory.any()
    with gallery:
        pass
    assert not memory.any()
    gallery.close()
    assert (len(gallery), gallery.add("x", someone(1), YEAR, NOW)) == (0, Added.CLOSED)
    assert gallery.search(someone(0), NOW) == Found(Search.NOT_COMPARED)


def test_a_place_that_was_freed_is_used_again_and_only_that_one(gallery: Gallery) -> None:
    small = Gallery(2, PERCENT)
    small.add("a", someone(1), YEAR, NOW)
    small.add("b", someone(2), YEAR, NOW)
    small.remove("a")
    assert small.add("c", someone(3), YEAR, NOW) is Added.ADDED
    assert [small.search(someone(seed), NOW).key for seed in (1, 2, 3)] == [None, "b", "c"]


def test_a_gallery_does_not_leave_its_process(gallery: Gallery) -> None:
    gallery.add("staff-1", someone(1), YEAR, NOW)
    for copying in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="does not leave"):
            copying(gallery)
    assert "staff" not in repr(gallery)


@pytest.mark.parametrize(
    "numbers",
    [
        np.full(NUMBERS, np.nan, np.float32),
        np.zeros(NUMBERS, np.float32),
        someone(1) * np.float32(2),
        someone(1).astype(np.float64),
        someone(1)[:64],
        someone(1)[None],
        np.empty(0, np.float32),
        np.full(NUMBERS, np.inf, np.float32),
    ],
    ids=["nan", "zero", "long", "double", "short", "flat", "empty", "infinite"],
)
def test_what_is_no_template_is_neither_kept_nor_found(gallery: Gallery, numbers: Embedding) -> None:
    assert gallery.add("a", numbers, YEAR, NOW) is Added.NOT_A_TEMPLATE
    gallery.add("b", someone(1), YEAR, NOW)
    assert gallery.search(numbers, NOW) == Found(Search.NOT_COMPARED)
    assert gallery.search(someone(1), NOW.replace(tzinfo=None)) == Found(Search.NOT_COMPARED)
