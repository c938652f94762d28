"""Chinese input: is what was meant among the first candidates, how long does a key take, how good is librime.

A list has lines of pinyin, TAB, what was meant, and perhaps TAB and a kind. The whole pinyin is typed key by key, no
blanks; a hit is exactly the expected text. Nothing of the list but the letters reaches the engine.
"""

import resource
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.ime_peer import Rime
from kiosk.input.pack import PLACE, Pack
from kiosk.input.pinyin import Mode, Pinyin

LISTS: Final = Path(__file__).parent / "data"
_PAGE: Final = 9


@dataclass(frozen=True, slots=True)
class Item:
    """What is typed and what is meant."""

    letters: str
    meant: str
    kind: str


def read_list(path: Path) -> list[Item]:
    """The items of a list.

    Raises:
        ValueError: a line is none; says which.
    """
    items = []
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        parts = [part.strip() for part in line.split("\t")]
        if len(parts) < 2 or not parts[0] or not parts[1]:
            raise ValueError(f"{path}, line {number}: pinyin, a tabulator, and what is meant")
        items.append(Item(parts[0].replace(" ", ""), parts[1], parts[2] if len(parts) > 2 else path.stem))
    if not items:
        raise ValueError(f"{path} has no items: lines of pinyin, a tabulator, and what is meant")
    return items


def measure(paths: Sequence[Path], *, misses: int = 0) -> dict[str, object]:
    """Type every item and look where it stands.

    Args:
        paths: lists; without one, those of this folder.
        misses: how many of those that are not found to name.

    Returns:
        `rank1` and `rank9` as shares, over all and by kind; `ms_key`, the 95th percentile of the milliseconds a key
        takes, and `ms_key_cpu`, the same without waiting for others on a busy machine; `name_field`, the shares of what
        is of a kind `name` where the question asks for a name; and the shares of librime where it is installed.
    """
    files = list(paths) or sorted(LISTS.glob("ime_*.tsv"))
    items = [item for path in files for item in read_list(path)]
    began = time.perf_counter()
    engine = Pinyin(Pack())
    loaded = time.perf_counter() - began
    engine.candidates("ni").page(0)  # the first touch of the file is not a key's
    took: list[float] = []
    worked: list[float] = []
    ranks: list[int] = []
    for item in items:
        engine.forget()
        page: tuple[str, ...] = ()
        for end in range(1, len(item.letters) + 1):
            start, work = time.perf_counter(), time.thread_time()
            page = tuple(candidate.text for candidate in engine.candidates(item.letters[:end]).page(0, _PAGE))
            took.append((time.perf_counter() - start) * 1000)
            worked.append((time.thread_time() - work) * 1000)
        ranks.append(page.index(item.meant) + 1 if item.meant in page else 0)
    figures: dict[str, object] = {
        "items": len(items),
        **_shares(ranks),
        "by_kind": _by_kind(items, ranks),
        "ms_key": round(float(np.percentile(took, 95)), 2),
        "ms_key_cpu": round(float(np.percentile(worked, 95)), 2),
        "ms_key_median": round(float(np.median(took)), 2),
        "ms_key_max": round(max(took), 2),
        "load_ms": round(loaded * 1000, 1),
        "file_mb": round(PLACE.stat().st_size / 1e6, 1),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "name_field": _name_field(engine, items),
        "librime": _peer(items),
    }
    if misses:
        missed = (item for item, rank in zip(items, ranks, strict=True) if not rank)
        figures["missed"] = [f"{item.letters} {item.meant}" for item, _ in zip(missed, range(misses), strict=False)]
    return figures


def _name_field(engine: Pinyin, items: Sequence[Item]) -> object:
    """The same where the question asks for a name, for items whose kind says that they are names."""
    ranks = []
    for item in items:
        if item.kind.split(" ")[0] == "name":
            engine.forget()
            page = [candidate.text for candidate in engine.candidates(item.letters, Mode.NAME).page(0, _PAGE)]
            ranks.append(page.index(item.meant) + 1 if item.meant in page else 0)
    return {"items": len(ranks), **_shares(ranks)} if ranks else "no item is of the kind name"


def _shares(ranks: Iterable[int]) -> dict[str, object]:
    told = list(ranks)
    return {
        "rank1": round(sum(rank == 1 for rank in told) / len(told), 4),
        "rank9": round(sum(0 < rank <= _PAGE for rank in told) / len(told), 4),
    }


def _by_kind(items: Sequence[Item], ranks: Sequence[int]) -> dict[str, object]:
    found: dict[str, list[int]] = defaultdict(list)
    for item, rank in zip(items, ranks, strict=True):
        found[item.kind].append(rank)
    return {kind: {"items": len(told), **_shares(told)} for kind, told in sorted(found.items())}


def _peer(items: Sequence[Item]) -> object:
    rime = Rime.start()
    if rime is None:
        return "not installed (Debian: librime1, rime-data-luna-pinyin)"
    with rime:
        took: list[float] = []
        ranks: list[int] = []
        for item in items:
            start = time.perf_counter()
            page = rime.page(item.letters)
            took.append((time.perf_counter() - start) * 1000 / len(item.letters))
            ranks.append(page.index(item.meant) + 1 if item.meant in page else 0)
    return {
        **_shares(ranks),
        "by_kind": _by_kind(items, ranks),
        "ms_key": round(float(np.percentile(took, 95)), 2),
    }
