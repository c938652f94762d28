"""Rules in the console: who runs which version, an edition edited and rehearsed, rolled out in steps, rolled back."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
import structlog
from fastapi import APIRouter, Depends, Request
from sqlalchemy import Connection, select
from starlette.responses import Response

from hub.audit.chain import Actor as Role
from hub.audit.chain import Detail
from hub.console import gate_queries
from hub.console.access import ACCESS, Forbidden
from hub.console.gate_audit import QUESTIONS_SUBJECT, RULES_SUBJECT, SEATS_SUBJECT, Change, note, noted
from hub.console.gate_forms import Form, check_origin, form_of
from hub.console.gate_questions import QUESTIONS, put_questions, questions_of
from hub.console.gate_rules_decided import Moved, Wanted, check_newest, rules_toml
from hub.console.gate_view import ActingView, ThisView, View, actor
from hub.fleet.live import TerminalKey
from hub.gate.rehearsal import Rehearsed, rehearse
from hub.people.proposals import Kind, propose
from hub.rules.publish import LEVELS, RULES, NotPublishable, newest, rules_from, seats_of, set_seats
from hub.rules.stages import EVERYBODY, edition, reached, roll_back, set_stage, stages
from hub.store import schema
from kiosk.wire.rules import Rules

TEXT_MOST: Final = 60_000
TOLD_MOST: Final = 200
EDITIONS_SHOWN: Final = 20
SPANS: Final = (1, 7, 30)
_LINE = re.compile(r"at line (\d+), column (\d+)")
_UNKNOWN = re.compile(r"unknown field `([^`]*)`")
_FIELD = re.compile(r"`\$\.([a-z_]+)[^`]*`")

_log = structlog.get_logger()
router = APIRouter(prefix="/gate/{hall}", dependencies=[Depends(check_origin)])
_SAID: Final = {
    "at end of document": "rules_cut_short",
    "seats_share needs": "rules_need_seats",
    "temperatures:": "rules_bad_limits",
    "roll back": "rules_no_shrinking",
    "no rules from before": "rules_nothing_before",
}
"""What is wrong by what the error says; our own words say all of it."""


def in_words(view: View, error: NotPublishable) -> str:
    """Why rules were refused, in the view's language; the exact words stand beside it."""
    text = str(error)
    if line := _LINE.search(text):
        return view.w("rules_not_toml").format(line=line[1], column=line[2])
    if field := _UNKNOWN.search(text):
        return view.w("rules_unknown_field").format(field=field[1])
    if field := _FIELD.search(text):
        return view.w("rules_bad_field").format(field=field[1])
    key = next((key for part, key in _SAID.items() if part in text), "rules_refused")
    return view.w(key)


def _exactly(error: Exception) -> str:
    """The exact words, in English, where they say more than ours."""
    text = str(error)
    return "" if any(part in text for part in _SAID) else text


def _start_text(connection: Connection, hall: str, start: str) -> str:
    """The text to begin from: a shipped level, or an edition of this hall by its number."""
    if start in LEVELS:
        return LEVELS[start].read_text(encoding="utf-8")
    signed = edition(connection, RULES, hall, int(start)) if start.isdecimal() and len(start) < 9 else None
    signed = signed or newest(connection, RULES, hall)
    return "" if signed is None else rules_toml(msgspec.json.decode(signed.body, type=Rules))


def _read(connection: Connection, view: View, start: str) -> dict[str, Any]:
    table = schema.terminal
    known = stages(connection, RULES, view.hall)
    wanted = gate_queries.wanted_versions(connection, view.hall)
    terminals = [
        {
            "name": row.terminal,
            "role": row.role,
            "group": row.group_name,
            "heard": view.hub.fleet.heard.get(TerminalKey(view.hall, row.terminal)),
            "wanted": wanted.get(row.terminal),
        }
        for row in connection.execute(select(table).where(table.c.hall == view.hall).order_by(table.c.terminal))
    ]
    shown = []
    for stage in known[:EDITIONS_SHOWN]:
        signed = edition(connection, RULES, view.hall, stage.version)
        level = "" if signed is None else msgspec.json.decode(signed.body, type=Rules).level.value
        shown.append({"stage": stage, "level": level, "reached": len(reached(connection, stage))})
    groups = sorted({each["group"] for each in terminals if each["group"]})
    return {
        "terminals": [each for each in terminals if each["role"] == "gate"],
        "groups": groups,
        "editions": shown,
        "newest": known[0] if known else None,
        "seats": seats_of(connection, view.hall),
        "text": _start_text(connection, view.hall, start),
        "start": start,
        "questions": questions_of(connection, view.hall, view.language),
        "by": {
            each.version: each
            for each in noted(connection, view.hall, RULES_SUBJECT, 4 * EDITIONS_SHOWN)
            if each.change is not Change.RULES_SHARED
        },
        "own_questions": newest(connection, QUESTIONS, view.hall) is not None,
    }


async def _rules_page(
    view: View,
    *,
    status: int = 200,
    start: str = "",
    problem: str = "",
    detail: str = "",
    done: str = "",
    kept: Mapping[str, str] | None = None,
    found: Rehearsed | None = None,
) -> Response:
    values = await view.hub.read(lambda connection: _read(connection, view, start))
    if kept and "text" in kept:
        values["text"] = kept["text"].replace("\r\n", "\n")
    if kept and "lines" in kept:
        values["questions"] = kept["lines"].splitlines()
    return view.page(
        "rules.html",
        "rules",
        status=status,
        problem=problem,
        detail=detail,
        done=done,
        kept=kept or {},
        found=found,
        told_most=TOLD_MOST,
        levels=list(LEVELS),
        spans=SPANS,
        everybody=EVERYBODY,
        path=f"{view.root}/rules",
        **values,
    )


@router.get("/rules")
async def get_rules(view: ThisView, start: str = "", done: str = "") -> Response:
    """Which rules each terminal runs, and the text of an edition."""
    words = {key: view.w(f"rules_done_{key}") for key in ("proposed", "seats", "questions")}
    return await _rules_page(view, start=start, done=words.get(done, ""))


async def _refused(view: View, error: NotPublishable, form: Form) -> Response:
    return await _rules_page(view, status=422, problem=in_words(view, error), detail=_exactly(error), kept=form.fields)


@router.post("/rules")
async def post_rules(view: ThisView, request: Request) -> Response:
    """Rehearse a text, which changes nothing, or publish it."""
    form = await form_of(request)
    text = form.fields.get("text", "").replace("\r\n", "\n")  # with its line ends: errors name a line
    if not text.strip() or len(text) > TEXT_MOST:
        return await _rules_page(view, status=422, problem=view.w("rules_no_text"), kept=form.fields)
    try:
        if form.text("do") != "publish":
            return await _rehearsed(view, form, text)
        if not view.may("/rules/share"):
            raise Forbidden(ACCESS["POST", "/gate/{hall}/rules/share"])
        return await _proposed(view, form, text)
    except NotPublishable as error:
        return await _refused(view, error, form)
    except Moved as moved:
        problem = view.w("rules_moved").format(version=moved.version)
        return await _rules_page(view, status=409, problem=problem, kept=form.fields)


async def _rehearsed(view: View, form: Form, text: str) -> Response:
    now = view.hub.now()
    days = form.number("days") or SPANS[1]

    def work(connection: Connection) -> Rehearsed:
        rules = rules_from(text, view.hall, 1, now, seats_of(connection, view.hall))
        return rehearse(connection, view.hall, rules, now - timedelta(days=min(days, SPANS[-1])))

    return await _rules_page(view, kept=form.fields, found=await view.hub.read(work))


async def _proposed(view: View, form: Form, text: str) -> Response:
    """Another person has to confirm it: what is wrong with it is said now, not then."""
    now, seen = view.hub.now(), form.number("newest") or 0
    share = form.number("share")
    wanted = Wanted(text=text, share=EVERYBODY if share is None else share, names=_names(form), seen=seen)

    def work(connection: Connection) -> None:
        check_newest(connection, view.hall, seen)
        rules = rules_from(text, view.hall, 1, now, seats_of(connection, view.hall))
        _propose(connection, view, Kind.RULES, wanted, f"{rules.level.value} · {wanted.share} %", now)

    await view.hub.writer.do(work)
    return view.to("/rules?done=proposed")


def _propose(connection: Connection, view: View, kind: Kind, wanted: Wanted, summary: str, now: datetime) -> None:
    text, person = msgspec.json.encode(wanted).decode(), (view.person.hall, view.person.id)
    who = view.person.who(view.hall, Role.SUPERVISOR, Role.ADMINISTRATOR)
    propose(connection, hall=view.hall, kind=kind, summary=summary, text=text, person=person, who=who, now=now)


def _names(form: Form) -> list[str]:
    """Terminals and groups that were ticked: fields `to.NAME`."""
    return [name.removeprefix("to.") for name in form.fields if name.startswith("to.")]


@router.post("/rules/share")
async def post_share(view: ActingView, request: Request) -> Response:
    """Propose to roll the newest edition out to more terminals."""
    form = await form_of(request)
    share, seen, now = form.number("share"), form.number("newest") or 0, view.hub.now()
    wanted = Wanted(share=-1 if share is None else share, names=_names(form), seen=seen)

    def work(connection: Connection) -> None:
        check_newest(connection, view.hall, seen)
        with connection.begin_nested() as trial:  # what cannot be is refused now
            set_stage(connection, RULES, view.hall, share=wanted.share, names=wanted.names)
            trial.rollback()
        _propose(connection, view, Kind.RULES_SHARE, wanted, f"{seen} · {wanted.share} %", now)

    return await _changed(view, form, work, "proposed", actor(view))


@router.post("/rules/roll-back")
async def post_roll_back(view: ActingView, request: Request) -> Response:
    """Propose the rules from before, everywhere, as a new version."""
    form = await form_of(request)
    now, seen = view.hub.now(), form.number("newest") or 0

    def work(connection: Connection) -> None:
        check_newest(connection, view.hall, seen)
        with connection.begin_nested() as trial:
            roll_back(connection, view.hub.signing, view.hall, now)
            trial.rollback()
        _propose(connection, view, Kind.RULES_BACK, Wanted(seen=seen), str(seen), now)

    return await _changed(view, form, work, "proposed", actor(view))


@router.post("/rules/seats")
async def post_seats(view: ActingView, request: Request) -> Response:
    """How many seats the hall has, for rules that allow a part of them."""
    form = await form_of(request)
    who, seats, now = actor(view), form.number("seats"), view.hub.now()
    if not seats or seats > 100_000:
        return await _rules_page(view, status=422, problem=view.w("rules_bad_seats"))

    def work(connection: Connection) -> None:
        told: Detail = {"before": seats_of(connection, view.hall), "seats": seats}
        set_seats(connection, view.hall, seats)
        note(connection, view.hall, who, Change.SEATS_SET, SEATS_SUBJECT, now, detail=told)

    return await _changed(view, form, work, "seats", who)


@router.post("/rules/questions")
async def post_questions(view: ActingView, request: Request) -> Response:
    """The questions that staff ask."""
    form = await form_of(request)
    who, now = actor(view), view.hub.now()

    def work(connection: Connection) -> None:
        put_questions(connection, view.hub.signing, view.hall, form.text("lines"), now)
        signed = newest(connection, QUESTIONS, view.hall)
        version = 0 if signed is None else signed.version
        note(connection, view.hall, who, Change.QUESTIONS_SET, QUESTIONS_SUBJECT, now, version=version)

    try:
        await view.hub.writer.do(work)
    except NotPublishable as error:
        problem = view.w("questions_refused")
        return await _rules_page(view, status=422, problem=problem, detail=str(error), kept=form.fields)
    _log.info("questions changed", hall=view.hall, by=who)
    return view.to("/rules?done=questions")


async def _changed(view: View, form: Form, work: Callable[[Connection], None], done: str, who: str) -> Response:
    try:
        await view.hub.writer.do(work)
    except NotPublishable as error:
        return await _refused(view, error, form)
    except Moved as moved:
        problem = view.w("rules_moved").format(version=moved.version)
        return await _rules_page(view, status=409, problem=problem)
    _log.info(f"rules {done}", hall=view.hall, by=who)
    return view.to(f"/rules?done={done}")
