"""The steps of one item: what is needed, each question, each paper, the check. *Back* works everywhere."""

from drivers.kinds import IdCard
from kiosk.clock import local_date
from kiosk.desk.desk import Desk
from kiosk.desk.draft import Draft, Page
from kiosk.desk.form import problem_of, question, shown, words
from kiosk.desk.papers import capture
from kiosk.desk.session import Session
from kiosk.view import desk as view
from kiosk.view.common import Back, Next, Words
from kiosk.wire.catalogue import PaperWanted, Query
from kiosk.wire.masking import mask_name, mask_number


class Application:
    """The steps of one item: what is needed, each question, each paper, the check."""

    def __init__(self, desk: Desk, session: Session, draft: Draft) -> None:
        self._desk, self._session, self._draft = desk, session, draft
        item = draft.item
        self._steps: tuple[Query | PaperWanted | None, ...] = (*item.form, *item.papers, None)
        self._count = len(self._steps)

    async def run(self) -> Draft | None:
        """Walk the steps; None when the person went back before the first."""
        at, edited = -1, False
        while True:
            step = self._steps[at] if at >= 0 else None
            if at < 0:
                if not await self._told():
                    return None
                forward = True
            elif step is None:
                edit = await self._check(at + 1)
                if edit is None:
                    return self._draft
                at, edited = edit, True
                continue
            elif isinstance(step, Query):
                forward = await self._question(step, at + 1)
            else:
                forward = await self._paper(step, at + 1)
            # What was changed from the check page returns to it.
            at = at - 1 if not forward else self._count - 1 if edited else at + 1
            edited = edited and forward and at < self._count - 1

    async def _told(self) -> bool:
        """What is needed, how long it takes, what it costs. Whether to go on."""
        item = self._draft.item
        state = view.BeforeYouStart(
            title=words(item.title),
            needs=tuple(words(need) for need in item.needs),
            minutes=item.minutes,
            working_days=item.working_days,
            fee=words(item.fee),
        )
        while True:
            match await self._session.ask(state):
                case Next():
                    return True
                case Back():
                    return False

    async def _question(self, query: Query, step: int) -> bool:
        problem = view.AnswerProblem.NONE
        value = self._draft.answer(query)
        while True:
            state = question(query, step=step, steps=self._count, value=value, problem=problem)
            match await self._session.ask(state):
                case view.Answer(key=key, value=given) if key == query.key:
                    value = given.strip()
                    problem = problem_of(value, query, local_date(self._desk.clock.now()))
                    if problem is view.AnswerProblem.NONE:
                        self._draft = self._draft.with_answer(key, value)
                        return True
                case Back():
                    return False

    async def _paper(self, paper: PaperWanted, step: int) -> bool:
        """Capture one paper and have it checked. False is back."""
        while True:
            page = self._draft.page(paper)
            if page is None:
                taken = await capture(self._desk, self._session, paper, step, self._count)
                if taken is None:
                    return False
                page = Page(taken, self._desk.clock.now())
                self._draft = self._draft.with_page(paper.key, page)
            match await self._session.ask(
                view.CheckPaper(step=step, steps=self._count, title=words(paper.title), page=page.page.preview)
            ):
                case Next():
                    return True
                case view.Retake():
                    self._draft = self._draft.with_page(paper.key, None)
                case Back():
                    return False

    async def _check(self, step: int) -> int | None:
        """Show everything. None is: hand it in; else the step to go to."""
        draft = self._draft
        rows = [_name_row(draft.card)]
        rows += [view.ReviewRow(q.key, words(q.title), shown(draft.answer(q), q)) for q in draft.item.form]
        rows += [view.ReviewRow(p.key, words(p.title), _CAPTURED) for p in draft.item.papers]
        pages = [page.page.preview for _, page in draft.pages]
        state = view.Review(
            step=step,
            steps=self._count,
            title=words(draft.item.title),
            rows=tuple(rows),
            page=pages[0] if pages else b"",
        )
        while True:
            match await self._session.ask(state):
                case Next():
                    return None
                case Back():
                    return self._count - 2
                case view.Edit(key=key):
                    for at, part in enumerate(self._steps):
                        if part is not None and part.key == key:
                            return at


_CAPTURED = Words("已拍摄 1 页", "已拍攝 1 頁", "1 page photographed")


def _name_row(card: IdCard) -> view.ReviewRow:
    name = mask_name(card.name)
    number = mask_number(card.number)
    who = f"{name} {number[:6]} {number[6:14]} {number[14:]}"
    return view.ReviewRow("", Words("申请人", "申請人", "Applicant"), Words(who, who, who))
