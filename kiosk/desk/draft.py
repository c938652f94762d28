"""What a citizen is filling in. Immutable: *back* is the draft before, and nothing has to be undone."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Self

from drivers.kinds import IdCard
from kiosk.vision.observation import PaperPage
from kiosk.wire.answers import Verdict, asked, clean, papers_wanted, standing, verdict
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
        answers: in the order given, one a key.
        pages: by the key of the paper.
        settled: questions answered before the form began (eligibility): they are not asked again.
        deferred: papers that follow later.
        resumed: it was saved earlier: one goes on where something is missing.
        facts: what earlier answers of the same person said, by fact (`Query.prefill`).
    """

    card: IdCard
    item: Item
    began: datetime
    answers: tuple[tuple[str, str], ...] = ()
    pages: tuple[tuple[str, Page], ...] = ()
    settled: frozenset[str] = frozenset()
    deferred: frozenset[str] = frozenset()
    facts: Mapping[str, str] = field(default_factory=dict)
    resumed: bool = False

    def __repr__(self) -> str:
        return f"Draft({self.item.key}, {len(self.answers)} answers, {len(self.pages)} pages)"

    # Answers ----------------------------------------------------------------------------------------------------

    def given(self, key: str) -> str:
        """What was answered; empty when nothing was."""
        return next((value for given, value in self.answers if given == key), "")

    def answer(self, query: Query) -> str:
        """The answer to a question: given, else prefilled, else empty."""
        return self.given(query.key) or clean(query, self.prefilled(query))

    def prefilled(self, query: Query) -> str:
        """What the card, or an earlier answer, says to a question."""
        if not query.prefill:
            return ""
        return self.facts.get(query.prefill) or card_facts(self.card).get(query.prefill, "")

    def with_answer(self, key: str, value: str) -> Self:
        """With one more answer; an empty one takes it away."""
        rest = tuple(answer for answer in self.answers if answer[0] != key)
        return replace(self, answers=(*rest, (key, value)) if value else rest)

    def counted(self) -> dict[str, str]:
        """The answers that are handed in: to questions that apply."""
        return {
            key: value
            for key, value in standing(self.item, dict(self.answers)).items()
            if any(query.key == key for query in self.item.form)
        }

    def asked(self) -> tuple[Query, ...]:
        """The questions that apply now."""
        return asked(self.item, dict(self.answers))

    def verdict(self, query: Query, today: date) -> Verdict:
        """Whether what was answered to a question is an answer."""
        return verdict(query, self.given(query.key), self.counted(), today)

    # Papers -----------------------------------------------------------------------------------------------------

    def papers(self) -> tuple[PaperWanted, ...]:
        """The papers that apply now."""
        return papers_wanted(self.item, dict(self.answers))

    def page(self, paper: PaperWanted) -> Page | None:
        """The captured page of a paper."""
        return next((page for key, page in self.pages if key == paper.key), None)

    def with_page(self, key: str, page: Page | None) -> Self:
        """With a page captured, or with none again."""
        rest = tuple(entry for entry in self.pages if entry[0] != key)
        made = replace(self, pages=rest if page is None else (*rest, (key, page)))
        return made if page is None else replace(made, deferred=made.deferred - {key})

    def with_deferred(self, key: str) -> Self:
        """With a paper that follows later."""
        return replace(self.with_page(key, None), deferred=self.deferred | {key})

    def there(self, paper: PaperWanted) -> bool:
        """Whether a paper was captured, or follows later by right."""
        return self.page(paper) is not None or (paper.key in self.deferred and paper.deferrable_days > 0)

    def handed_in(self) -> Self:
        """Without what does not apply any more: so it is handed in."""
        keys = {paper.key for paper in self.papers()}
        return replace(
            self,
            answers=tuple(self.counted().items()),
            pages=tuple(entry for entry in self.pages if entry[0] in keys),
            deferred=frozenset(self.deferred & keys),
        )

    def moved_to(self, item: Item) -> Self:
        """The same answers and papers under another version of the item, as far as it knows them."""
        questions = {query.key for query in item.form}
        papers = {paper.key for paper in item.papers}
        return replace(
            self,
            item=item,
            answers=tuple(answer for answer in self.answers if answer[0] in questions),
            pages=tuple(entry for entry in self.pages if entry[0] in papers),
            settled=frozenset(self.settled & questions),
            deferred=frozenset(self.deferred & papers),
        )


def card_facts(card: IdCard) -> dict[str, str]:
    """What a card says, by fact."""
    return {
        "address": card.appended_address or card.address,
        "name": card.name,
        "number": card.number,
        "birth": card.birth.isoformat(),
        "sex": card.sex,
        "valid_to": card.valid_to.isoformat() if card.valid_to else "",
    }
