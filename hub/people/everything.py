"""All that is kept of a person, opened, for the person to read (PIPL art. 45)."""

from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, Table, select

from hub.office.courier import address_of
from hub.office.records import find, papers_of, results_of, wanted
from hub.people.locked_away import taken_out
from hub.store import schema
from hub.texts.contacts import of_subjects, queue_subject
from hub.watch.entries import Entry, of_person
from kiosk.wire.events import Answers, Content, Envelope, Opinion, OpinionWords, Passage, Person, Submission, Supplement
from kiosk.wire.rules import Reason
from kiosk.wire.sealing import CannotUnseal, unseal

FOR_STAFF: Final = "for_staff"
"""In an export, where a reason is not the person's to know: staff looked."""
_LEFT_OUT: Final = frozenset({"person", "position"})
_TABLES: Final = {
    "passages": schema.passage,
    "submissions": schema.submission,
    "opinions": schema.opinion,
    "appointments": schema.appointment,
    "numbers": schema.queue_number,
}
Plain = dict[str, Any]


def rows_of(connection: Connection, table: Table, digests: dict[str, str]) -> list[Row[Any]]:
    """A table's rows that are a person's.

    Args:
        connection: For reading.
        table: With `hall` and `person`.
        digests: The person's digest at each hall.
    """
    found: list[Row[Any]] = []
    for hall, person in digests.items():
        found += connection.execute(select(table).where(table.c.hall == hall, table.c.person == person)).all()
    return found


def subjects_of(connection: Connection, digests: dict[str, str]) -> list[str]:
    """What a person may have left a number for."""
    numbers = [row.number for row in rows_of(connection, schema.submission, digests)]
    codes = [row.code_id for row in rows_of(connection, schema.appointment, digests)]
    queued = [
        queue_subject(row.hall, row.day, f"{row.letter}{row.place:03d}")
        for row in rows_of(connection, schema.queue_number, digests)
    ]
    return [*numbers, *codes, *queued]


def everything_of(connection: Connection, digests: dict[str, str], identity: str) -> dict[str, list[Plain]]:
    """All records of a person, opened, for the person.

    Args:
        connection: For reading.
        digests: The person's digest at each hall.
        identity: The hub's age identity.

    Returns:
        By kind: each record as plain values, ready for JSON.
    """
    found: dict[str, list[Plain]] = {}
    for kind, table in _TABLES.items():
        found[kind] = []
        for row in rows_of(connection, table, digests):
            plain = _columns(row)
            if "reasons" in plain:
                plain["reasons"] = told_reasons(plain["reasons"])
            match kind:
                case "passages":
                    plain |= _opened(connection, row.position, identity) | _case_of(connection, row)
                case "submissions":
                    plain |= _opened(connection, row.position, identity) | _office_of(connection, row.number, identity)
                case "opinions":
                    plain |= _opened(connection, row.position, identity)
                case _:
                    pass
            found[kind].append(plain)
    found["watch"] = [_entry_told(each) for each in of_person(connection, digests) if each.active and not each.held]
    found["texts"] = [_number_left(row, identity) for row in of_subjects(connection, subjects_of(connection, digests))]
    return found


def _columns(row: Row[Any], *names: str) -> Plain:
    mapping = row._mapping  # noqa: SLF001  its public name
    return {key: _plain(mapping[key]) for key in (names or mapping) if key not in _LEFT_OUT}


def _plain(value: object) -> object:
    return value.isoformat() if hasattr(value, "isoformat") else value


def _event(connection: Connection, position: int) -> object:
    body = connection.scalar(select(schema.event.c.body).where(schema.event.c.position == position))
    return None if body is None else msgspec.json.decode(body, type=Envelope).event


def _open(sealed: bytes, kind: type[object], identity: str) -> object:
    try:
        return msgspec.to_builtins(msgspec.json.decode(unseal(sealed, identity), type=kind))
    except (CannotUnseal, msgspec.DecodeError):
        return "cannot be opened"


def _opened(connection: Connection, position: int, identity: str) -> Plain:
    match _event(connection, position):
        case Passage(person_sealed=sealed) if sealed:
            return {"registered": _open(sealed, Person, identity)}
        case Submission(content_sealed=sealed) if sealed:
            return {"content": _open(sealed, Content, identity)}
        case Opinion(words_sealed=sealed) if sealed:
            return {"words": _open(sealed, OpinionWords, identity)}
        case _:
            return {}


def _case_of(connection: Connection, passage: Row[Any]) -> Plain:
    """What staff did about a passage, with the person's answers; not who of the staff it was."""
    case, step, reading = schema.case, schema.case_step, schema.case_reading
    which = (case.c.hall == passage.hall, case.c.terminal == passage.terminal, case.c.passage == passage.id)
    row = connection.execute(select(case).where(*which)).one_or_none()
    if row is None:
        return {}
    steps = connection.execute(
        select(step, reading.c.object_centi)
        .join_from(step, reading, reading.c.step == step.c.position, isouter=True)
        .where(step.c.case_number == row.number)
        .order_by(step.c.position)
    )
    told = [_columns(each, "at", "what", "question", "text", "object_centi") for each in steps]
    return {"case": {**_columns(row, "kind", "state", "opened", "closed"), "steps": told}}


def _office_of(connection: Connection, number: str, identity: str) -> Plain:
    """What became of a submission: what came later, where it goes, its papers and results, by name."""
    record = find(connection, number)
    if record is None:
        return {}
    later, parcel, payment = schema.supplement, schema.parcel, schema.payment
    again: list[object] = []
    for position in connection.scalars(select(later.c.position).where(later.c.number == number)):
        event = _event(connection, position)
        if isinstance(event, Supplement) and event.answers_sealed:
            again.append(_open(event.answers_sealed, Answers, identity))
    address = address_of(connection, record.address_event, identity)
    sent = connection.execute(select(parcel).where(parcel.c.number == number)).one_or_none()
    paid = connection.execute(select(payment).where(payment.c.id == record.payment)).one_or_none()
    return {
        "standing": record.standing.value,
        "due": _plain(record.due),
        "reason": record.reason,
        "handed_in_later": again,
        "asked": [
            {"what": each.key, "words": each.words, "due": _plain(each.due)} for each in wanted(connection, number)
        ],
        "address": None if address is None else msgspec.to_builtins(address),
        "files": [_columns(each, "kind", "captured", "sha256", "bytes") for each in papers_of(connection, number)],
        "results": [_columns(each, "title", "uploaded", "sha256", "bytes") for each in results_of(connection, number)],
        "parcel": None if sent is None else _columns(sent, "carrier", "label", "state", "made"),
        "payment": None if paid is None else _columns(paid, "fen", "state", "paid", "refunded"),
    }


def told_reasons(reasons: str) -> str:
    """A passage's reasons for the person: that the watch list was one is told with its entry, or not at all."""
    return " ".join(each for each in reasons.split() if each != Reason.ON_WATCH_LIST.value) or FOR_STAFF


def _entry_told(entry: Entry) -> Plain:
    """What a person is told of an entry about them: not what staff were asked to do."""
    return {
        "entry": entry.id,
        "hall": entry.hall,
        "class": entry.kind.value,
        "asked_by": entry.asked_by,
        "why": entry.why,
        "begins": entry.begins.isoformat(),
        "ends": entry.ends.isoformat(),
    }


def _number_left(row: Row[Any], identity: str) -> Plain:
    try:
        phone = taken_out(row.locked, identity).decode()
    except CannotUnseal:
        phone = "cannot be opened"
    return {
        "about": row.about,
        "subject": row.subject,
        "phone": phone,
        "agreed": _plain(row.agreed),
        "consent": row.consent,
    }
