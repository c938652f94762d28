"""Whole lists typed in one go: what is meant stands among the first nine, as often as the citizen may expect."""

from collections.abc import Sequence

import pytest

from benchmarks.ime import LISTS, Item, read_list
from kiosk.input.pinyin import Mode
from kiosk.input.writer import Engines

PAGE = 9


def ranks(engines: Engines, items: Sequence[Item], mode: Mode = Mode.ANY) -> list[int]:
    """Where each item stands on the first page, 0 where it does not."""
    found = []
    for item in items:
        engines.pinyin.forget()
        page = [candidate.text for candidate in engines.pinyin.candidates(item.letters, mode).page(0, PAGE)]
        found.append(page.index(item.meant) + 1 if item.meant in page else 0)
    engines.pinyin.forget()
    return found


def shares(told: list[int]) -> tuple[float, float]:
    return sum(rank == 1 for rank in told) / len(told), sum(rank > 0 for rank in told) / len(told)


@pytest.mark.parametrize(
    ("name", "mode", "first", "page"),
    [
        ("ime_people", Mode.ANY, 0.52, 0.92),
        ("ime_people", Mode.NAME, 0.58, 0.92),
        ("ime_names", Mode.ANY, 0.48, 0.94),
        ("ime_addresses_2", Mode.ANY, 0.80, 0.97),
        ("ime_addresses_2", Mode.ADDRESS, 0.80, 0.97),
        ("ime_services_2", Mode.ANY, 0.90, 0.98),
    ],
)
def test_a_list_is_found(engines: Engines, name: str, mode: Mode, first: float, page: float) -> None:
    engines.pinyin.alike(frozenset())
    items = read_list(LISTS / f"{name}.tsv")
    at_once, on_page = shares(ranks(engines, items, mode))
    assert on_page >= page
    assert at_once >= first


def test_no_generation_is_left_out(engines: Engines) -> None:
    engines.pinyin.alike(frozenset())
    items = read_list(LISTS / "ime_people.tsv")
    for kind in {item.kind for item in items}:
        told = ranks(engines, [item for item in items if item.kind == kind], Mode.NAME)
        assert shares(told)[1] >= 0.84, kind
