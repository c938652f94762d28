"""Cases in the console: what was seen, what staff did, and the way to an outcome. Nobody overwrites a colleague."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec
from fastapi import APIRouter, Depends, Request
from sqlalchemy import Connection, Row, select
from starlette.exceptions import HTTPException
from starlette.responses import Response, StreamingResponse

from hub.console import queries
from hub.console.answers import ThesePages
from hub.console.gate_evidence import Told, told
from hub.console.gate_forms import Form, check_origin, form_of
from hub.console.gate_live import parts_stream
from hub.console.gate_questions import questions_of
from hub.console.gate_view import ActingView, ThisView, View, actor
from hub.console.watch_view import watch_told
from hub.gate import cases
from hub.gate.cases import READING_C, Case, CaseRefused, Move, Step
from hub.rules.publish import RULES
from hub.rules.stages import edition
from hub.store import schema
from kiosk.wire.events import Passage
from kiosk.wire.rules import Reason, Rules

OUTCOMES: Final = (Move.CLEAR, Move.SEND_HOME, Move.HAND_OVER)
QUESTIONS_MOST: Final = 40

router = APIRouter(prefix="/gate/{hall}", dependencies=[Depends(check_origin)])


@dataclass(frozen=True, slots=True)
class Message:
    """Somebody who was told of a case, or is to be."""

    kind: str
    receiver: str
    address: str
    """A telephone number with its middle hidden; empty for a webhook."""
    delivered: datetime | None
    waits: bool
    """It is tried again."""
    error: str


@dataclass(frozen=True, slots=True)
class File:
    """All that is known of a case."""

    case: Case
    steps: list[Step]
    evidence: list[Told]
    row: Row[Any] | None
    """The passage."""
    rules: Rules | None
    messages: list[Message]
    questions: tuple[str, ...]

    @property
    def answers(self) -> dict[str, Step]:
        """The newest answer to each question."""
        return {step.question: step for step in self.steps if step.what == Move.ASK.value}

    @property
    def second_reading(self) -> float | None:
        """The newest temperature that staff took; None when there is none, or when its time of keeping is over."""
        taken = [step.temperature_c for step in self.steps if step.temperature_c is not None]
        return taken[-1] if taken else None

    @property
    def reading_needed(self) -> bool:
        """Whether it can be cleared by a second reading only, and there is none."""
        hot = Reason.TEMPERATURE_HIGH.value in self.case.reasons
        return hot and self.case.state is not cases.CaseState.SECOND_READING

    @property
    def still_warm(self) -> bool:
        """Whether the second reading is no normal one either."""
        limit = Rules.temperature_unsure_c if self.rules is None else self.rules.temperature_unsure_c
        return self.second_reading is not None and self.second_reading >= limit


def _messages(connection: Connection, number: int) -> list[Message]:
    notice, delivery = schema.notice, schema.delivery
    rows = connection.execute(
        select(notice.c.kind, delivery)
        .join_from(delivery, notice, delivery.c.notice == notice.c.number)
        .where(notice.c.case_number == number)
        .order_by(notice.c.number, delivery.c.receiver, delivery.c.address)
    )
    return [
        Message(
            kind=row.kind,
            receiver=row.receiver,
            address=row.address and f"{row.address[:3]}****{row.address[-4:]}",
            delivered=row.delivered,
            waits=row.next_try is not None,
            error=row.error,
        )
        for row in rows
    ]


def read_file(connection: Connection, view: View, number: int) -> File | None:
    """A case of the view's hall; None when there is none of that number."""
    case = cases.find(connection, number)
    if case is None or case.hall != view.hall:
        return None
    detail = queries.detail(connection, "passage", case.hall, case.terminal, str(case.passage))
    rules, evidence = None, []
    if detail is not None and isinstance(event := detail.envelope.event, Passage):
        signed = edition(connection, RULES, case.hall, event.decision.rules_version)
        rules = None if signed is None else msgspec.json.decode(signed.body, type=Rules)
        evidence = watch_told(connection, event, view.language) + told(event.evidence, rules, view.language)
    return File(
        case=case,
        steps=cases.history(connection, number),
        evidence=evidence,
        row=None if detail is None else detail.row,
        rules=rules,
        messages=_messages(connection, number),
        questions=questions_of(connection, view.hall, view.language),
    )


async def _file(view: View, number: int) -> File:
    found = await view.hub.read(lambda connection: read_file(connection, view, number))
    if found is None:
        raise HTTPException(404)
    return found


@router.get("/cases")
async def get_cases(view: ThisView) -> Response:
    """Cases that wait or are in hand, and those that are closed."""

    def read(connection: Connection) -> tuple[list[Case], list[Case]]:
        return cases.listed(connection, view.hall), cases.listed(connection, view.hall, closed=True, limit=100)

    waiting, closed = await view.hub.read(read)
    return view.page("cases.html", "cases", waiting=waiting, closed=closed)


@router.get("/live/cases")
async def stream_cases(view: ThisView, pages: ThesePages) -> StreamingResponse:
    """The list of cases as it changes."""

    def read(connection: Connection) -> dict[str, str]:
        values = view.frame("cases")
        waiting = cases.listed(connection, view.hall)
        closed = cases.listed(connection, view.hall, closed=True, limit=100)
        return {
            "waiting-cases": pages.render("gate/_waiting_cases.html", view.language, waiting=waiting, **values),
            "closed-cases": pages.render("gate/_closed_cases.html", view.language, closed=closed, **values),
        }

    return parts_stream(view.hub, read)


def _case_page(
    view: View,
    file: File,
    *,
    status: int = 200,
    kept: Mapping[str, str] | None = None,
    problem: str = "",
    seen: int | None = None,
    kind: str = "",
) -> Response:
    newer = [] if seen is None else file.steps[_steps_at(file, seen) :]
    return view.page(
        "case.html",
        "cases",
        status=status,
        file=file,
        case=file.case,
        kept=kept or {},
        problem=problem,
        kind=kind,
        newer=newer,
        outcomes=OUTCOMES,
        moves=file.case.moves,
        reading=READING_C,
        path=f"{view.root}/cases/{file.case.number}",
    )


def _steps_at(file: File, version: int) -> int:
    """How many steps a case had at a version: each changes it by one, but for an acknowledgement."""
    counted = 0
    for place, step in enumerate(file.steps):
        if step.what != cases.ACKNOWLEDGED:
            counted += 1
        if counted > version:
            return place
    return len(file.steps)


@router.get("/cases/{number}")
async def get_case(view: ThisView, number: int) -> Response:
    """One case."""
    return _case_page(view, await _file(view, number))


@router.get("/live/cases/{number}")
async def stream_case(view: ThisView, pages: ThesePages, number: int, version: int = 0) -> StreamingResponse:
    """A case's history as it grows, and a word when somebody else went on with it."""

    def read(connection: Connection) -> dict[str, str]:
        file = read_file(connection, view, number)
        if file is None:
            return {}
        values = {"file": file, "case": file.case, **view.frame("cases")}
        return {
            "steps": pages.render("gate/_steps.html", view.language, **values),
            "moved": pages.render("gate/_moved.html", view.language, version=version, **values),
        }

    return parts_stream(view.hub, read)


@router.post("/cases/{number}/acknowledge")
async def post_acknowledge(view: ActingView, number: int) -> Response:
    """A member of staff has heard the alarm."""
    await _file(view, number)
    who, now = actor(view), view.hub.now()
    await view.hub.writer.do(lambda connection: cases.acknowledge(connection, number, who=who, now=now))
    return view.to(f"/cases/{number}")


@router.post("/cases/{number}/act")
async def post_act(view: ActingView, request: Request, number: int) -> Response:
    """A member of staff does something to a case."""
    form = await form_of(request)
    file = await _file(view, number)
    version, wanted = form.number("version"), form.text("move")
    if version is None or wanted not in set(Move):
        raise HTTPException(422)
    move = Move(wanted)
    if problem := _problem(file, form, move):
        return _case_page(view, file, status=422, kept=form.fields, problem=problem, kind=move.value)
    who, now = actor(view), view.hub.now()
    try:
        await view.hub.writer.do(lambda connection: _do(connection, number, version, move, form, who, now))
    except CaseRefused as refused:
        return _case_page(
            view,
            await _file(view, number),
            status=409 if refused.kind == "changed" else 422,
            kept=form.fields,
            problem=f"case_{refused.kind}",
            kind=move.value,
            seen=version if refused.kind == "changed" else None,
        )
    return view.to(f"/cases/{number}")


def _asked(form: Form) -> list[tuple[str, str]]:
    """Questions with an answer, in the form's order."""
    pairs = [(form.text(f"question.{place}"), form.text(f"answer.{place}")) for place in range(QUESTIONS_MOST)]
    return [(question, answer) for question, answer in pairs if question and answer]


def _problem(file: File, form: Form, move: Move) -> str:
    """Why a form cannot be taken, as the key of its words; empty where it can."""
    text = form.text("text")
    if move is Move.READ_AGAIN:
        temperature = form.decimal("temperature")
        if temperature is None or not READING_C[0] <= temperature <= READING_C[1]:
            return "case_bad_temperature"
    if move is Move.ASK and not _asked(form):
        return "case_no_answer"
    if move is Move.NOTE and not text:
        return "case_no_note"
    if move is Move.CLEAR and file.still_warm and not text:
        return "case_still_warm"
    if len(text) > cases.TEXT_MOST or any(len(answer) > cases.TEXT_MOST for _, answer in _asked(form)):
        return "case_too_long"
    return ""


def _do(connection: Connection, number: int, version: int, move: Move, form: Form, who: str, now: datetime) -> None:
    """All answers of a form are one change each, in one transaction: all of them, or none."""
    if move is Move.ASK:
        for question, answer in _asked(form):
            case = cases.act(connection, number, version, move, who=who, now=now, question=question, text=answer)
            version = case.version
        return
    cases.act(
        connection,
        number,
        version,
        move,
        who=who,
        now=now,
        text=form.text("text"),
        temperature_c=form.decimal("temperature") if move is Move.READ_AGAIN else None,
    )
