"""Rules in the console: who runs which version, an edition edited and rehearsed, rolled out in steps, rolled back."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

import msgspec
import structlog
from fastapi import APIRouter, Depends, Request
from sqlalchemy import Connection, select
from starlette.responses import Response

from hub.audit.chain import Detail
from hub.console import gate_queries
from hub.console.gate_audit import QUESTIONS_SUBJECT, RULES_SUBJECT, SEATS_SUBJECT, Change, names_of, note, noted
from hub.console.gate_forms import Form, check_origin, form_of
from hub.console.gate_questions import QUESTIONS, put_questions, questions_of
from hub.console.gate_view import ActingView, ThisView, View, actor
from hub.fleet.live import TerminalKey
from hub.gate.rehearsal import Rehearsed, rehearse
from hub.rules.publish import LEVELS, RULES, NotPublishable, newest, publish_rules, rules_from, seats_of, set_seats
from hub.rules.stages import EVERYBODY, edition, reached, roll_back, set_stage, stages
from hub.store import schema
from kiosk.wire.rules import Rules

TEXT_MOST: Final = 60_000
TOLD_MOST: Final = 200
EDITIONS_SHOWN: Final = 20
SPANS: Final = (1, 7, 30)
_NOT_IN_THE_TEXT: Final = frozenset({"version", "hall", "valid_from"})
_LINE = re.compile(r"at line (\d+), column (\d+)")
_UNKNOWN = re.compile(r"unknown field `([^`]*)`")
_FIELD = re.compile(r"`\$\.([a-z_]+)[^`]*`")

_log = structlog.get_logger()
router = APIRouter(prefix="/gate/{hall}", dependencies=[Depends(check_origin)])


class Moved(Exception):
    """Somebody else published meanwhile.

    Attributes:
        version: The newest one.
    """

    def __init__(self, version: int) -> None:
        super().__init__(f"version {version} was published meanwhile")
        self.version = version


def rules_toml(rules: Rules) -> str:
    """Rules as a text that can be edited and published again: without hall, version and date.

    Args:
        rules: Of an edition.
    """
    lines = []
    for name in rules.__struct_fields__:
        value = getattr(rules, name)
        if name in _NOT_IN_THE_TEXT or value is None:
            continue
        plain = msgspec.to_builtins(value)
        lines.append(f"{name} = {json.dumps(plain, ensure_ascii=False)}")  # of these types JSON's and TOML's are one
    return "\n".join(lines) + "\n"


def in_words(view: View, error: NotPublishable) -> str:
    """Why rules were refused, in the view's language; the exact words stand beside it."""
    text = str(error)
    if line := _LINE.search(text):
        return view.w("rules_not_toml").format(line=line[1], column=line[2])
    if field := _UNKNOWN.search(text):
        return view.w("rules_unknown_field").format(field=field[1])
    if field := _FIELD.search(text):
        return view.w("rules_bad_field").format(field=field[1])
    for part, key in (
        ("at end of document", "rules_cut_short"),
        ("seats_share needs", "rules_need_seats"),
        ("temperatures:", "rules_bad_limits"),
        ("roll back", "rules_no_shrinking"),
        ("no rules from before", "rules_nothing_before"),
    ):
        if part in text:
            return view.w(key)
    return view.w("rules_refused")


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
    words = {key: view.w(f"rules_done_{key}") for key in ("published", "shared", "rolled_back", "seats", "questions")}
    return await _rules_page(view, start=start, done=words.get(done, ""))


async def _refused(view: View, error: NotPublishable, form: Form) -> Response:
    return await _rules_page(view, status=422, problem=in_words(view, error), detail=str(error), kept=form.fields)


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
        return await _published(view, form, text)
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


async def _published(view: View, form: Form, text: str) -> Response:
    who, now = actor(view, form), view.hub.now()
    share, names, seen = form.number("share"), _names(form), form.number("newest") or 0

    def work(connection: Connection) -> int:
        _check_newest(connection, view.hall, seen)
        signed = publish_rules(connection, view.hub.signing, view.hall, text, now)
        wanted = EVERYBODY if share is None else share
        set_stage(connection, RULES, view.hall, share=wanted, names=names, narrow=True)
        told: Detail = {"share": wanted, "names": names_of(names)}
        note(
            connection, view.hall, who, Change.RULES_PUBLISHED, RULES_SUBJECT, now, version=signed.version, detail=told
        )
        return signed.version

    version = await view.hub.writer.do(work)
    _log.info("rules published", hall=view.hall, version=version, share=share, by=who)
    return view.to("/rules?done=published")


def _names(form: Form) -> list[str]:
    """Terminals and groups that were ticked: fields `to.NAME`."""
    return [name.removeprefix("to.") for name in form.fields if name.startswith("to.")]


def _check_newest(connection: Connection, hall: str, seen: int) -> None:
    signed = newest(connection, RULES, hall)
    if signed is not None and signed.version != seen:
        raise Moved(signed.version)


@router.post("/rules/share")
async def post_share(view: ActingView, request: Request) -> Response:
    """Roll the newest edition out to more terminals."""
    form = await form_of(request)
    who, share, seen = actor(view), form.number("share"), form.number("newest") or 0
    now, names = view.hub.now(), _names(form)

    def work(connection: Connection) -> None:
        _check_newest(connection, view.hall, seen)
        set_stage(connection, RULES, view.hall, share=-1 if share is None else share, names=names)
        told: Detail = {"share": share, "names": names_of(names)}
        note(connection, view.hall, who, Change.RULES_SHARED, RULES_SUBJECT, now, version=seen, detail=told)

    return await _changed(view, form, work, "shared", who)


@router.post("/rules/roll-back")
async def post_roll_back(view: ActingView, request: Request) -> Response:
    """The rules from before, everywhere, as a new version."""
    form = await form_of(request)
    who, now, seen = actor(view), view.hub.now(), form.number("newest") or 0

    def work(connection: Connection) -> None:
        _check_newest(connection, view.hall, seen)
        version = roll_back(connection, view.hub.signing, view.hall, now).version
        note(connection, view.hall, who, Change.RULES_ROLLED_BACK, RULES_SUBJECT, now, version=version)

    return await _changed(view, form, work, "rolled_back", who)


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
