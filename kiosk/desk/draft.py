"""What a citizen is filling in. Immutable: *back* is the draft before, and nothing has to be undone."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from drivers.kinds import IdCard
from kiosk.vision.observation import PaperPage
from kiosk.wire.catalogue import Item, PaperWanted, Query


@dataclass(frozen=True, slots=True)
class Page:
    """One captured paper."""

    page: PaperPage
    captured: datetime


@dataclass(frozen=True, slots=True, repr=False)
class Draft:
    """An application as far as it has come. `repr` is masked.

    Attributes:
        answers: in the order given; the last of a key counts.
        pages: by the key of the paper.
    """

    card: IdCard
    item: Item
    began: datetime
    answers: tuple[tuple[str, str], ...] = ()
    pages: tuple[tuple[str, Page], ...] = ()

    def __repr__(self) -> str:
        return f"Draft({self.item.key}, {len(self.answers)} answers, {len(self.pages)} pages)"

    def answer(self, query: Query) -> str:
        """The answer to a question: given, else prefilled, else empty."""
        for key, value in reversed(self.answers):
            if key == query.key:
                return value
        return self.card.address if query.prefill == "address" else ""

    def with_answer(self, key: str, value: str) -> Self:
        """With one more answer."""
        return replace(self, answers=(*(a for a in self.answers if a[0] != key), (key, value)))

    def page(self, paper: PaperWanted) -> Page | None:
        """The captured page of a paper."""
        return next((page for key, page in self.pages if key == paper.key), None)

    def with_page(self, key: str, page: Page | None) -> Self:
        """With a page captured, or with none again."""
        rest = tuple(entry for entry in self.pages if entry[0] != key)
        return replace(self, pages=rest if page is None else (*rest, (key, page)))
