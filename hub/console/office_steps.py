"""What a form of the office's pages does: one step of a submission, in the role that may do it."""

import hashlib
from datetime import datetime

from anyio.to_thread import run_sync
from fastapi import Request
from sqlalchemy import Connection

from hub.audit.chain import Actor, Who
from hub.console.gate_forms import Form
from hub.console.office_view import Desk
from hub.office import staff_steps
from hub.office.advance import OfficeRefused
from hub.office.records import Record
from hub.office.result_file import NotAResult, check_pdf
from hub.office.settings import FILE, BadSettings, load
from hub.office.staff_steps import Ask
from hub.office.states import TABLE, Step
from kiosk.wire.events import MAX_PAPER_BYTES
from kiosk.wire.progress import Part
from kiosk.wire.sealing import recipient_of, seal


def _role(desk: Desk, step: Step) -> Actor:
    """The role in which the member may make a step; any of theirs where none may, for the refusal to say so."""
    actors = [actor for rule in TABLE.get(step, ()) for actor in rule.actors]
    return next((actor for actor in actors if actor in desk.roles), min(desk.roles))


def asks_of(form: Form) -> list[Ask]:
    """Everything that was listed for correction: fields `words:PART:KEY` with words in them."""
    asks = []
    for name in form.fields:
        if name.startswith("words:") and form.text(name):
            part, _, key = name.removeprefix("words:").partition(":")
            if part not in {each.value for each in Part}:
                raise OfficeRefused("invalid", "no such part")
            asks.append(Ask(Part(part), key, form.text(name)))
    return asks


async def take_step(desk: Desk, number: str, step: Step, form: Form) -> None:
    """Make a step.

    Args:
        desk: Who, where.
        number: Of the submission.
        step: Which.
        form: `version`, and what the step needs: `reason`, `to`, `carrier`, or the lines of a correction.

    Raises:
        OfficeRefused: It cannot be made; nothing was changed.
        ValueError: It is none that staff make here.
    """
    role, now = _role(desk, step), desk.hub.now()
    carrier = await _carrier(desk, form) if step is Step.SEND else ""
    await desk.hub.writer.do(lambda connection: _made(connection, number, step, desk.who(role), now, form, carrier))


def _made(  # noqa: C901, PLR0911  one line a step
    connection: Connection, number: str, step: Step, who: Who, now: datetime, form: Form, carrier: str
) -> Record:
    given = form.number("version")
    version, reason = -1 if given is None else given, form.text("reason")
    match step:
        case Step.ACCEPT:
            return staff_steps.accept(connection, number, version, who, now)
        case Step.RETURN:
            return staff_steps.return_for_correction(connection, number, version, who, now, asks_of(form))
        case Step.REJECT:
            return staff_steps.reject(connection, number, version, who, now, reason)
        case Step.ROUTE:
            return staff_steps.route(connection, number, version, who, now, form.text("to"))
        case Step.EXTEND:
            return staff_steps.extend(connection, number, version, who, now, reason)
        case Step.GRANT:
            return staff_steps.grant(connection, number, version, who, now, reason)
        case Step.REFUSE:
            return staff_steps.refuse(connection, number, version, who, now, reason)
        case Step.SEND:
            return staff_steps.send(connection, number, version, who, now, carrier)
        case Step.COME_BACK:
            return staff_steps.take_back(connection, number, version, who, now)
        case Step.HAND_OUT:
            return staff_steps.hand_out(connection, number, version, who, now)
        case Step.NOTE:
            return staff_steps.note(connection, number, version, who, now, reason)
        case _:
            raise ValueError(step)


async def _carrier(desk: Desk, form: Form) -> str:
    try:
        settings = await run_sync(load, desk.hub.data.path / FILE)
    except BadSettings as error:
        raise OfficeRefused("invalid", str(error)) from error
    found = settings.courier(form.text("carrier"))
    if found is None:
        raise OfficeRefused("invalid", "no such courier in office.toml")
    return found.name


async def upload_result(desk: Desk, request: Request, number: str, version: int, title: str) -> str:
    """Take a document of the result: checked, sealed, durable, and then named by the submission.

    Returns:
        Why not, in words; empty where it was taken.
    """
    content = b""
    async for part in request.stream():
        content += part
        if len(content) > MAX_PAPER_BYTES:
            break
    try:
        await check_pdf(content)
    except NotAResult as error:
        return f"{desk.w('why_not_a_result')}{error}"
    now: datetime = desk.hub.now()

    def keep() -> str:
        sealed = seal(content, recipient_of(desk.hub.unsealing))
        name = hashlib.sha256(sealed).hexdigest()
        desk.hub.papers.add(f"office/{desk.hall}", name, 0, len(sealed), sealed)
        return name

    name = await run_sync(keep)
    who = desk.who(_role(desk, Step.UPLOAD))

    def work(connection: Connection) -> Record:
        return staff_steps.add_result(
            connection, number, version, who, now, title=title, sha256=name, size=len(content)
        )

    try:
        await desk.hub.writer.do(work)
    except OfficeRefused as error:
        return desk.w("office_changed") if error.kind == "changed" else desk.w(f"why_{error.kind}")
    return ""
