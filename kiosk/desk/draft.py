"""What a citizen is filling in. Immutable: *back* is the draft before, and nothing has to be undone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from drivers.kinds import IdCard
from kiosk.desk.delivery import PREFIX, delivery_queries
from kiosk.desk.texts import PREFIX as TEXTS
from kiosk.desk.texts import texts_queries, texts_verdict
from kiosk.vision.observation import PaperPage, PaperProblem
from kiosk.wire.answers import Verdict, asked, clean, papers_wanted, standing, verdict
from kiosk.wire.catalogue import Item, PaperWanted, Query
from kiosk.wire.earlier import EarlierOffer
from kiosk.wire.events import Signature


class Paid(StrEnum):
    """Whether the fee was paid."""

    NO = "no"
    """It is free, or paid at a window."""
    YES = "yes"
    UNSURE = "unsure"
    """A code was shown, and then the line went down: the office will see."""


@dataclass(frozen=True, slots=True)
class Page:
    """One captured page.

    Attributes:
        back: the other side of a card; None where there is none.
        grade: its provenance, A to D (`kiosk.wire.events.Paper`).
        device: what it was captured with.
        doubt: what may be wrong with it, of a page that came from elsewhere.
    """

    page: PaperPage
    captured: datetime
    back: PaperPage | None = None
    grade: str = "C"
    device: str = "camera"
    doubt: PaperProblem = PaperProblem.NONE


@dataclass(frozen=True, slots=True, repr=False)
class Draft:
    """An application as far as it has come. `repr` is masked.

    Attributes:
        answers: in the order given, one a key.
        pages: by the key of the paper, those of one paper in their order.
        settled: questions answered before the form began (eligibility): they are not asked again.
        deferred: papers that follow later.
        resumed: it was saved earlier: one goes on where something is missing.
        facts: what earlier answers of the same person said, by fact (`Query.prefill`).
        order: the order at the payment gateway that was made for it, whatever became of it.
        paid: the order was paid, or may have been when the line went down.
        signature: over everything; given last, and never kept for another day.
        earlier: by the key of the paper, what was handed in before and serves again.
        texts: it is asked whether messages are wanted: this hall sends some.
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
    order: UUID | None = None
    paid: Paid = Paid.NO
    signature: Signature | None = None
    earlier: tuple[tuple[str, EarlierOffer], ...] = ()
    texts: bool = False

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
        given = self.given(query.key)
        return texts_verdict(query, given) or verdict(query, given, self.counted(), today)

    # Papers -----------------------------------------------------------------------------------------------------

    def papers(self) -> tuple[PaperWanted, ...]:
        """The papers that apply now."""
        return papers_wanted(self.item, dict(self.answers))

    def delivery_asked(self) -> tuple[Query, ...]:
        """How the result and the news of it come to the person: the questions that apply now."""
        answers = dict(self.answers)
        return (*delivery_queries(self.item, answers), *(texts_queries(answers) if self.texts else ()))

    def pages_of(self, paper: PaperWanted) -> tuple[Page, ...]:
        """The captured pages of a paper, in their order."""
        return tuple(page for key, page in self.pages if key == paper.key)

    def with_pages(self, key: str, pages: Sequence[Page]) -> Self:
        """With these pages of a paper instead of those before; with some it does not follow later."""
        rest = tuple(entry for entry in self.pages if entry[0] != key)
        made = replace(self, pages=(*rest, *((key, page) for page in pages)))
        if not pages:
            return made
        others = tuple(entry for entry in made.earlier if entry[0] != key)
        return replace(made, deferred=made.deferred - {key}, earlier=others)

    def earlier_of(self, paper: PaperWanted) -> EarlierOffer | None:
        """What was handed in before and serves again as this paper."""
        return next((offer for key, offer in self.earlier if key == paper.key), None)

    def with_earlier(self, key: str, offer: EarlierOffer | None) -> Self:
        """With a paper that was handed in before, instead of pages; None takes it away."""
        rest = tuple(entry for entry in self.earlier if entry[0] != key)
        if offer is None:
            return replace(self, earlier=rest)
        made = replace(self.with_pages(key, ()), earlier=(*rest, (key, offer)))
        return replace(made, deferred=made.deferred - {key})

    def with_deferred(self, key: str) -> Self:
        """With a paper that follows later."""
        return replace(self.with_pages(key, ()).with_earlier(key, None), deferred=self.deferred | {key})

    def there(self, paper: PaperWanted) -> bool:
        """Whether a paper was captured, or follows later by right."""
        here = bool(self.pages_of(paper)) or self.earlier_of(paper) is not None
        return here or (paper.key in self.deferred and paper.deferrable_days > 0)

    def owed(self) -> tuple[PaperWanted, ...]:
        """The papers that follow later."""
        follow = (paper for paper in self.papers() if paper.key in self.deferred and not self.pages_of(paper))
        return tuple(paper for paper in follow if self.earlier_of(paper) is None)

    def handed_in(self) -> Self:
        """Without what does not apply any more: so it is handed in."""
        keys = {paper.key for paper in self.papers()}
        return replace(
            self,
            answers=(*self.counted().items(), *((q.key, self.given(q.key)) for q in self.delivery_asked())),
            pages=tuple(entry for entry in self.pages if entry[0] in keys),
            deferred=frozenset(self.deferred & keys),
            earlier=tuple(entry for entry in self.earlier if entry[0] in keys),
        )

    def moved_to(self, item: Item) -> Self:
        """The same answers and papers under another version of the item, as far as it knows them."""
        questions = {query.key for query in item.form}
        papers = {paper.key for paper in item.papers}
        return replace(
            self,
            item=item,
            answers=tuple(one for one in self.answers if one[0] in questions or one[0].startswith((PREFIX, TEXTS))),
            pages=tuple(entry for entry in self.pages if entry[0] in papers),
            settled=frozenset(self.settled & questions),
            deferred=frozenset(self.deferred & papers),
            earlier=tuple(entry for entry in self.earlier if entry[0] in papers),
        )


def card_facts(card: IdCard) -> dict[str, str]:
    """What a card says, by fact."""
    return {
        "address": card.appended_address or card.address,
        "post_address": card.appended_address or card.address,
        "post_name": card.name,
        "name": card.name,
        "number": card.number,
        "birth": card.birth.isoformat(),
        "sex": card.sex,
        "valid_to": card.valid_to.isoformat() if card.valid_to else "",
    }
