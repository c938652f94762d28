"""Before one starts: does the person qualify, and what is needed. The ineligible are told here, not at the end."""

from collections.abc import Mapping
from datetime import date

from drivers.kinds import IdCard
from kiosk.clock import local_date
from kiosk.desk.desk import Desk
from kiosk.desk.form import question, words
from kiosk.desk.session import Session
from kiosk.view import desk as view
from kiosk.view.common import Back, Next
from kiosk.wire.answers import GOOD, clean, renewal, verdict
from kiosk.wire.catalogue import Delivery, Eligibility, Extension, Item, PaperWanted, Query, Refusal, Text


def asked(item: Item, answers: Mapping[str, str]) -> list[Eligibility]:
    """The eligibility questions that apply."""
    return [
        one
        for one in item.eligibility
        if all(answers.get(condition.key, "") in condition.values for condition in one.query.only_if)
    ]


def refusal(one: Eligibility, value: str, today: date) -> Refusal | None:
    """Why an answer disqualifies; None when it does not."""
    window = one.query.window
    said = value if window is None else renewal(window, date.fromisoformat(value), today).state
    return next((refused for refused in one.refusals if said in refused.answers), None)


def refusal_of(item: Item, query: Query, value: str, today: date) -> Refusal | None:
    """Why an answer of the form disqualifies; None when it does not."""
    if not value:
        return None
    for one in item.eligibility:
        if one.query.key == query.key:
            return refusal(one, value, today)
    return None


def age_refusal(item: Item, card: IdCard, today: date) -> view.NotEligible | None:
    """Told to somebody too young or too old; None when the age is right or does not matter."""
    ages = item.ages
    if ages is None:
        return None
    before_birthday = (today.month, today.day) < (card.birth.month, card.birth.day)
    years = today.year - card.birth.year - before_birthday
    if ages.least <= years <= ages.most:
        return None
    return view.NotEligible(words(item.title), words(ages.reason), words(ages.instead), final=True)


def not_eligible(item: Item, refused: Refusal) -> view.NotEligible:
    """A refusal as a view state."""
    return view.NotEligible(words(item.title), words(refused.reason), words(refused.instead))


def _paper_line(paper: PaperWanted) -> view.PaperLine:
    return view.PaperLine(words(paper.title), words(paper.line), paper.deferrable_days, maybe=bool(paper.only_if))


class Threshold:
    """The way to the form of one item.

    Args:
        desk: the desk.
        session: of the person.
        item: the item.
        identified: the card was read; otherwise it is asked for next.

    Attributes:
        identified: see above.
        answers: to the eligibility questions.
    """

    def __init__(self, desk: Desk, session: Session, item: Item, *, identified: bool) -> None:
        self._desk, self._session, self._item = desk, session, item
        self.identified = identified
        self._crossed = False
        self.answers: dict[str, str] = {}

    async def cross(self) -> bool:
        """Ask and tell; once more it only tells. False when the person went back or does not qualify."""
        at = len(asked(self._item, self.answers)) if self._crossed else 0
        while True:
            questions = asked(self._item, self.answers)
            if at < 0:
                return False
            if at < len(questions):
                forward = await self._ask(questions[at], at + 1, len(questions))
                if forward is None:
                    return False
            else:
                forward = await self._tell()
                if forward:
                    self._crossed = True
                    return True
            at += 1 if forward else -1

    async def _ask(self, one: Eligibility, step: int, steps: int) -> bool | None:
        """One question. None is: choose something else."""
        query, found = one.query, GOOD
        value = self.answers.get(query.key, "")
        while True:
            state = question(query, step=step, steps=steps, value=value, found=found, part=view.Part.ELIGIBILITY)
            match await self._session.ask(state):
                case view.Answer(key=key, value=given) if key == query.key:
                    value = clean(query, given)
                    today = local_date(self._desk.clock.now())
                    found = verdict(query, value, self.answers, today)
                    if not found.good:
                        continue
                    self.answers[key] = value
                    refused = refusal(one, value, today)
                    if refused is None:
                        return True
                    if not await tell_refused(self._session, not_eligible(self._item, refused)):
                        return None
                case Back():
                    return False

    async def _tell(self) -> bool:
        """What is needed, how long it takes, what it costs. Whether to go on."""
        item = self._item
        notices = [*(extension.basis for extension in self._extensions()), *item.notices]
        state = before_you_start(item, notices, identified=self.identified)
        while True:
            match await self._session.ask(state):
                case Next():
                    return True
                case Back():
                    return False

    def _extensions(self) -> list[Extension]:
        """Rules by which a date that was given counts as a later one."""
        today = local_date(self._desk.clock.now())
        found = [
            renewal(one.query.window, date.fromisoformat(self.answers[one.query.key]), today).extension
            for one in asked(self._item, self.answers)
            if one.query.window is not None and one.query.key in self.answers
        ]
        return [extension for extension in found if extension is not None]


def before_you_start(item: Item, notices: list[Text], *, identified: bool) -> view.BeforeYouStart:
    """What is needed for an item, as a view state."""
    return view.BeforeYouStart(
        title=words(item.title),
        needs=tuple(words(need) for need in item.needs),
        minutes=item.minutes,
        working_days=item.working_days,
        fee=words(item.fee),
        statutory_days=item.statutory_days,
        papers=tuple(_paper_line(paper) for paper in item.papers),
        handled=view.Handled(item.handling.value),
        decided_by=words(item.decided_by),
        result_from=words(item.result_from),
        courier=Delivery.COURIER in item.delivery,
        notices=tuple(words(notice) for notice in notices),
        identified=identified,
    )


async def tell_refused(session: Session, state: view.NotEligible) -> bool:
    """Say why not. True goes back to change the answer, False to something else."""
    while True:
        match await session.ask(state):
            case Back():
                return True
            case Next():
                return False
