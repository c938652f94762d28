"""Calls in the database: each change is checked against the table of states, and recorded in the audit."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, func, insert, or_, select, update

from hub.audit.chain import Actor, Who, append
from hub.fleet.live import TerminalKey
from hub.help.states import OPEN, WAITS, Happening, after
from hub.store import schema
from kiosk.wire.help import CallAsked, Means, Outcome, Standing

_USUAL_SECONDS: Final = 240
"""How long a call takes, until some have been made."""
_COUNTED: Final = 30
_SHORTEST, _LONGEST = 20, 1800


class HelpRefused(Exception):
    """What was asked cannot be done.

    Attributes:
        kind: Stable: `no_such_call`, `taken`, `over`, `full`, `empty`, `not_possible`.
        by: Who was first, of `taken`.
    """

    def __init__(self, kind: str, detail: str, by: str = "") -> None:
        super().__init__(detail)
        self.kind = kind
        self.by = by


@dataclass(frozen=True, slots=True)
class Call:
    """A call as it stands in the database."""

    id: str
    hall: str
    terminal: str
    role: str
    language: str
    view: str
    item: str
    first: bool
    means: Means
    standing: Standing
    version: int
    made: datetime
    since: datetime
    answered: datetime | None
    connected: datetime | None
    ended: datetime | None
    outcome: Outcome
    staff_hall: str
    staff: str
    most_staff: int
    transfers: int
    number_position: int | None

    @property
    def key(self) -> TerminalKey:
        """Whose it is."""
        return TerminalKey(self.hall, self.terminal)


def _call(row: Row[Any]) -> Call:
    given: dict[str, Any] = dict(row._mapping)  # noqa: SLF001  SQLAlchemy's documented name
    return Call(
        **{
            **given,
            "means": Means(row.means),
            "standing": Standing(row.standing),
            "outcome": Outcome(row.outcome),
        }
    )


def find(connection: Connection, call_id: str) -> Call | None:
    """A call; None where there is none."""
    table = schema.help_call
    row = connection.execute(select(table).where(table.c.id == call_id)).one_or_none()
    return None if row is None else _call(row)


def existing(connection: Connection, call_id: str) -> Call:
    """A call that is known.

    Raises:
        HelpRefused: `no_such_call`.
    """
    call = find(connection, call_id)
    if call is None:
        raise HelpRefused("no_such_call", "this call is not known here")
    return call


def begin(connection: Connection, key: TerminalKey, asked: CallAsked, now: datetime) -> Call:
    """Put a call into the queue; asked again with its id, it is as it stands.

    Raises:
        HelpRefused: `no_such_call`: the id is another terminal's.
    """
    known = find(connection, str(asked.id))
    if known is not None:
        if known.key != key:
            raise HelpRefused("no_such_call", "this call is another terminal's")
        return known
    for other in open_calls(connection, key):  # the terminal was started again: nobody is at the old one
        change(connection, other.id, Happening.LOSE, terminal_of(key), now, outcome=Outcome.LOST)
    connection.execute(
        insert(schema.help_call).values(
            id=str(asked.id),
            hall=key.hall,
            terminal=key.terminal,
            role=asked.role,
            language=asked.language,
            view=asked.view,
            item=asked.item,
            first=asked.first,
            means=asked.means.value,
            standing=Standing.WAITING.value,
            version=1,
            made=now,
            since=now,
        )
    )
    append(
        connection,
        terminal_of(key),
        "help_call",
        str(asked.id),
        now,
        standing=Standing.WAITING.value,
        version=1,
        detail={"view": asked.view, "item": asked.item, "first": asked.first, "means": asked.means.value},
    )
    return existing(connection, str(asked.id))


def terminal_of(key: TerminalKey) -> Who:
    """A terminal's person, for the audit."""
    return Who(Actor.CITIZEN, key.hall, key.terminal)


def open_calls(connection: Connection, key: TerminalKey | None = None) -> list[Call]:
    """Calls whose terminal should be there still: of one terminal, or of all."""
    table = schema.help_call
    query = select(table).where(table.c.standing.in_([each.value for each in OPEN]))
    if key is not None:
        query = query.where(table.c.hall == key.hall, table.c.terminal == key.terminal)
    return [_call(row) for row in connection.execute(query.order_by(table.c.made))]


def change(
    connection: Connection,
    call_id: str,
    happening: Happening,
    who: Who,
    now: datetime,
    *,
    outcome: Outcome = Outcome.NONE,
    staff: int = 0,
    detail: dict[str, str | int | bool | None] | None = None,
) -> Call:
    """Let something happen to a call.

    Args:
        connection: Inside a writing transaction.
        call_id: Which.
        happening: What.
        who: Who did it; of `ANSWER` and `CALL_BACK` a member of staff.
        now: The time.
        outcome: What became of it, where this ends it.
        staff: How many of the staff are there now.
        detail: For the audit.

    Raises:
        HelpRefused: `taken`: somebody else was first. `over`: it has ended. `not_possible`. `no_such_call`.
    """
    call = existing(connection, call_id)
    standing = after(call.standing, happening)
    if standing is None:
        if happening is Happening.ANSWER and call.standing in {Standing.RINGING, Standing.IN_CALL}:
            raise HelpRefused("taken", "somebody else was first", f"{call.staff_hall}/{call.staff}")
        if call.standing not in OPEN:
            raise HelpRefused("over", f"this call is {call.standing.value}: {call.outcome.value}")
        raise HelpRefused("not_possible", f"{happening.value} does not go with {call.standing.value}")
    values = _changes(call, happening, standing, who, now)
    if standing in {Standing.ENDED, Standing.CALLED_BACK}:
        values |= {"ended": now, "outcome": outcome.value}
    values["most_staff"] = max(call.most_staff, staff)
    connection.execute(update(schema.help_call).where(schema.help_call.c.id == call_id).values(**values))
    changed = existing(connection, call_id)
    told = dict(detail or {})
    if changed.ended is not None and call.connected is not None:
        told["seconds"] = int((changed.ended - call.connected).total_seconds())
    if changed.outcome:
        told["outcome"] = changed.outcome.value
    append(
        connection,
        who,
        f"help_{happening.value}",
        call_id,
        now,
        standing=changed.standing.value,
        version=changed.version,
        detail=told,
    )
    return changed


def _changes(call: Call, happening: Happening, standing: Standing, who: Who, now: datetime) -> dict[str, object]:
    """What changes in a call's row when something happens to it."""
    values: dict[str, object] = {"standing": standing.value, "version": call.version + 1}
    if standing is not call.standing:
        values["since"] = now
    if happening in {Happening.ANSWER, Happening.CALL_BACK}:
        values |= {"staff_hall": who.hall, "staff": who.name[-32:], "answered": call.answered or now}
    if happening is Happening.CONNECT:
        values["connected"] = call.connected or now
    if happening in {Happening.TRANSFER, Happening.ABANDON}:
        values["transfers"] = call.transfers + 1
    if standing is Standing.NO_LINE:
        values["outcome"] = Outcome.NUMBER_LEFT.value
    return values


def queue(connection: Connection, halls: frozenset[str] | None = None) -> list[Call]:
    """Calls that wait, in the order in which they are served: passed on before new, needed before other, then by age.

    Args:
        connection: For reading.
        halls: Of these; None for all.
    """
    table = schema.help_call
    query = select(table).where(table.c.standing.in_([each.value for each in WAITS]))
    if halls is not None:
        query = query.where(table.c.hall.in_(sorted(halls)))
    order = (table.c.standing == Standing.TRANSFERRED.value).desc(), table.c.first.desc(), table.c.made
    return [_call(row) for row in connection.execute(query.order_by(*order))]


def talking(connection: Connection, halls: frozenset[str] | None = None) -> list[Call]:
    """Calls in which somebody helps."""
    table = schema.help_call
    query = select(table).where(table.c.standing.in_([Standing.RINGING.value, Standing.IN_CALL.value]))
    if halls is not None:
        query = query.where(table.c.hall.in_(sorted(halls)))
    return [_call(row) for row in connection.execute(query.order_by(table.c.since))]


def recent(connection: Connection, halls: frozenset[str] | None = None, most: int = 30) -> list[Call]:
    """Calls to be called back, the oldest first; then those that are over, the newest first."""
    table = schema.help_call
    of_halls = () if halls is None else (table.c.hall.in_(sorted(halls)),)
    left = select(table).where(table.c.standing == Standing.NO_LINE.value, *of_halls).order_by(table.c.made)
    over = select(table).where(table.c.ended.is_not(None), *of_halls).order_by(table.c.ended.desc()).limit(most)
    return [_call(row) for query in (left.limit(200), over) for row in connection.execute(query)]


def usual_seconds(connection: Connection) -> int:
    """How long a call takes, from the last ones; between 20 s and half an hour."""
    table = schema.help_call
    rows = connection.execute(
        select(table.c.connected, table.c.ended)
        .where(table.c.connected.is_not(None), table.c.ended.is_not(None))
        .order_by(table.c.ended.desc())
        .limit(_COUNTED)
    ).all()
    lengths = sorted((row.ended - row.connected).total_seconds() for row in rows)
    usual = lengths[len(lengths) // 2] if len(lengths) >= 5 else _USUAL_SECONDS
    return int(min(max(usual, _SHORTEST), _LONGEST))


@dataclass(frozen=True, slots=True)
class Figures:
    """A day of remote help."""

    calls: int
    answered: int
    solved: int
    left: int
    """Numbers left that nobody has called yet."""
    wait_seconds: int | None
    """Median until somebody answered."""
    talk_seconds: int | None


def figures(connection: Connection, halls: frozenset[str] | None, since: datetime) -> Figures:
    """What remote help did since a moment."""
    table = schema.help_call
    of_halls = () if halls is None else (table.c.hall.in_(sorted(halls)),)
    rows = connection.execute(select(table).where(table.c.made >= since, *of_halls)).all()
    waits = sorted((row.answered - row.made).total_seconds() for row in rows if row.answered is not None)
    talks = sorted(
        (row.ended - row.connected).total_seconds() for row in rows if row.connected is not None and row.ended
    )
    left = connection.scalar(
        select(func.count()).select_from(table).where(table.c.standing == Standing.NO_LINE.value, *of_halls)
    )
    return Figures(
        calls=len(rows),
        answered=len(waits),
        solved=sum(row.outcome in {Outcome.SOLVED.value, Outcome.REACHED.value} for row in rows),
        left=int(left or 0),
        wait_seconds=int(waits[len(waits) // 2]) if waits else None,
        talk_seconds=int(talks[len(talks) // 2]) if talks else None,
    )


def of_terminal_history(connection: Connection, call: Call, most: int = 5) -> list[Call]:
    """Earlier calls of the same terminal, the newest first."""
    table = schema.help_call
    rows = connection.execute(
        select(table)
        .where(table.c.hall == call.hall, table.c.terminal == call.terminal, table.c.id != call.id)
        .where(or_(table.c.ended.is_not(None), table.c.standing == Standing.NO_LINE.value))
        .order_by(table.c.made.desc())
        .limit(most)
    ).all()
    return [_call(row) for row in rows]
