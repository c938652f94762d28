"""Machines that may enrol by their serial number: listed by an administrator, once, until a date.

A serial number is no secret: it stands on the machine's label. So the first key that asks with one is held as waiting
until somebody has compared its fingerprint with what that machine shows; where the list says *at once* nobody is
asked, for halls that a network of their own keeps strangers out of. Whoever is refused is told, and is in the audit.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import Connection, Row, delete, func, insert, select, update

from hub.audit.chain import Actor, Who, append
from hub.ca import Authority
from hub.fleet.enrolment import CODE_LIFE, Granted, OtherRole, ensure_terminal, grant, has_certificate, key_digest
from hub.fleet.live import TerminalKey
from hub.fleet.serial_lists import BadList, Machine
from hub.rules.stages import set_group
from hub.store import schema
from kiosk.clock import local_date
from kiosk.wire.serials import NoSerial, serial_of, short

MOST_WRONG: Final = 20
"""Refusals an address may collect within `WINDOW`, before it is not listened to any more."""
WINDOW: Final = timedelta(minutes=15)
_TOLD_KEYS: Final = 5
"""So many other keys of one serial are written into the audit; the number of all is kept."""
_table = schema.expected_serial


class SerialState(StrEnum):
    """How far a listed machine is."""

    LISTED = "listed"
    """Nobody has asked yet."""
    WAITING = "waiting"
    """A key has asked; somebody has to compare it."""
    ADMITTED = "admitted"
    """It gets its certificate when it asks again."""
    USED = "used"


class SerialRefusal(StrEnum):
    """Why a machine is refused."""

    UNKNOWN = "serial-unknown"
    USED = "serial-used"
    EXPIRED = "serial-expired"
    OTHER_KEY = "serial-other-key"


@dataclass(frozen=True, slots=True)
class Expected:
    """A listed machine, and how far it is."""

    machine: Machine
    until: datetime
    at_once: bool
    state: SerialState
    fingerprint: str
    """Short, of the key that asked; empty before."""
    address: str
    asked: datetime | None
    decided: datetime | None
    decided_by: str
    other_keys: int

    @property
    def last_day(self) -> date:
        """On which it may enrol, in China."""
        return local_date(self.until - timedelta(seconds=1))


def expect(
    connection: Connection,
    machines: Sequence[Machine],
    *,
    until: datetime,
    at_once: bool,
    by: str,
    now: datetime,
) -> int:
    """List machines; one that is listed already, and has not asked, is listed anew.

    Args:
        connection: Inside a writing transaction.
        machines: Of `read_list`.
        until: They may enrol until then.
        at_once: Nobody is asked to compare the key.
        by: Who lists them.
        now: The time.

    Returns:
        How many.

    Raises:
        BadList: one has enrolled or asks now, or its terminal has another role.
    """
    wrong = []
    for machine in machines:
        why = _conflict(connection, machine, now)
        if why:
            wrong.append((machine.line, f"{machine.serial}: {why}"))
    if until <= now:
        wrong.append((0, "the last day lies in the past"))
    if wrong:
        raise BadList(wrong)
    for machine in machines:
        same = (_table.c.hall == machine.key.hall) & (_table.c.terminal == machine.key.terminal)
        connection.execute(delete(_table).where((_table.c.serial == machine.serial) | same))
        connection.execute(
            insert(_table).values(
                serial=machine.serial,
                hall=machine.key.hall,
                terminal=machine.key.terminal,
                role=machine.role,
                group_name=machine.group,
                until=until,
                at_once=at_once,
                made=now,
                by=by[:64],
                state=SerialState.LISTED.value,
                key_sha256="",
                address="",
                decided_by="",
                other_keys=0,
            )
        )
    return len(machines)


def _conflict(connection: Connection, machine: Machine, now: datetime) -> str:
    row = _row(connection, machine.serial)
    if row is not None and row.until > now and row.state in {SerialState.WAITING, SerialState.ADMITTED}:
        return f"it asks to be admitted as {row.hall}/{row.terminal}: admit it, or turn it away first"
    same = select(_table.c.serial).where(
        _table.c.hall == machine.key.hall,
        _table.c.terminal == machine.key.terminal,
        _table.c.serial != machine.serial,
        _table.c.until > now,
        _table.c.state.in_([SerialState.LISTED, SerialState.WAITING, SerialState.ADMITTED]),
    )
    other = connection.scalar(same)
    if other is not None:
        return f"{machine.key.hall}/{machine.key.terminal} is kept for {other}: take that off the list first"
    terminal = schema.terminal
    mine = (terminal.c.hall == machine.key.hall, terminal.c.terminal == machine.key.terminal)
    role = connection.scalar(select(terminal.c.role).where(*mine))
    return "" if role in {None, machine.role} else f"{machine.key.hall}/{machine.key.terminal} is a {role} already"


def strike(connection: Connection, serial: str) -> bool:
    """Take a machine off the list; whether it stood there and had not enrolled."""
    done = connection.execute(delete(_table).where(_table.c.serial == serial, _table.c.state != SerialState.USED))
    return done.rowcount > 0


def listed(connection: Connection, halls: frozenset[str] | None = None, most: int = 1000) -> list[Expected]:
    """Listed machines, those that wait first, then the newest.

    Args:
        connection: For reading.
        halls: Whose; None for all.
        most: At most so many.
    """
    query = select(_table) if halls is None else select(_table).where(_table.c.hall.in_(sorted(halls)))
    waits = _table.c.state != SerialState.WAITING.value
    rows = connection.execute(query.order_by(waits, _table.c.made.desc(), _table.c.serial).limit(most))
    return [_expected(row) for row in rows]


def waiting(connection: Connection, halls: frozenset[str] | None) -> int:
    """How many machines wait to be admitted; in these halls, None for all."""
    query = select(func.count()).select_from(_table).where(_table.c.state == SerialState.WAITING.value)
    return connection.scalar(query if halls is None else query.where(_table.c.hall.in_(sorted(halls)))) or 0


def expected(connection: Connection, serial: str) -> Expected | None:
    """One of them; None where it is not listed."""
    row = _row(connection, serial)
    return None if row is None else _expected(row)


def _row(connection: Connection, serial: str) -> Row[Any] | None:
    return connection.execute(select(_table).where(_table.c.serial == serial)).one_or_none()


def _expected(row: Row[Any]) -> Expected:
    return Expected(
        Machine(row.serial, TerminalKey(row.hall, row.terminal), row.role, row.group_name),
        row.until,
        row.at_once,
        SerialState(row.state),
        short(row.key_sha256) if row.key_sha256 else "",
        row.address,
        row.asked,
        row.decided,
        row.decided_by,
        row.other_keys,
    )


def admit(connection: Connection, serial: str, fingerprint: str, by: str, now: datetime) -> bool:
    """Admit the key that waits, after its fingerprint was compared; whether that one waits.

    Args:
        connection: Inside a writing transaction.
        serial: Of the machine.
        fingerprint: As it was shown: another key that came meanwhile is not admitted.
        by: Who compared.
        now: The time.
    """
    row = _row(connection, serial)
    if row is None or row.state != SerialState.WAITING or short(row.key_sha256) != fingerprint or row.until <= now:
        return False
    _set(connection, serial, state=SerialState.ADMITTED.value, decided=now, decided_by=by[:64])
    return True


def turn_away(connection: Connection, serial: str, by: str, now: datetime) -> bool:
    """Forget the key that waits: it was not the machine's. The machine may ask with its own; whether one waited."""
    row = _row(connection, serial)
    if row is None or row.state not in {SerialState.WAITING, SerialState.ADMITTED}:
        return False
    _set(connection, serial, state=SerialState.LISTED.value, key_sha256="", decided=now, decided_by=by[:64])
    return True


def _set(connection: Connection, serial: str, **values: object) -> None:
    connection.execute(update(_table).where(_table.c.serial == serial).values(**values))


def ask(
    connection: Connection,
    authority: Authority,
    serial: str,
    key: ec.EllipticCurvePublicKey,
    address: str,
    now: datetime,
) -> Granted | SerialRefusal | None:
    """A machine asks for its certificate.

    Args:
        connection: Inside a writing transaction; what was counted is to be committed also when it is refused.
        authority: The hub's CA.
        serial: As the machine says it.
        key: Its own.
        address: Where it asks from.
        now: The time.

    Returns:
        None while somebody has to compare its key: it asks again.
    """
    try:
        row = _row(connection, serial_of(serial))
    except NoSerial:
        row = None
    asker = _Asker(key_digest(key), address[:64])
    refusal = _why_not(row, asker.digest, now)
    if row is None or refusal is not None:
        return _refused(connection, serial, row, refusal or SerialRefusal.UNKNOWN, asker, now)
    if row.state == SerialState.WAITING:
        return None
    if row.state == SerialState.LISTED and not row.at_once:
        state = SerialState.WAITING.value
        _set(connection, row.serial, state=state, key_sha256=asker.digest, address=asker.address, asked=now)
        append(connection, Who(Actor.HUB, row.hall), "serial_waits", row.serial, now, detail=asker.told())
        return None
    if row.state == SerialState.USED:  # its answer was lost; or it was revoked since
        if not has_certificate(connection, row.hall, row.terminal):
            return _refused(connection, serial, row, SerialRefusal.USED, asker, now)
    else:
        try:
            _enrolled(connection, row, asker, now)
        except OtherRole:  # somebody has enrolled another machine under its name since it was listed
            return _refused(connection, serial, row, SerialRefusal.USED, asker, now)
    return grant(connection, authority, TerminalKey(row.hall, row.terminal), key, now)


@dataclass(frozen=True, slots=True)
class _Asker:
    digest: str
    address: str

    def told(self) -> dict[str, str | int | bool | None]:
        return {"fingerprint": short(self.digest), "address": self.address}


def _why_not(row: Row[Any] | None, digest: str, now: datetime) -> SerialRefusal | None:
    if row is None:
        return SerialRefusal.UNKNOWN
    same = row.key_sha256 == digest
    if row.state == SerialState.USED:
        return None if same and row.decided is not None and now < row.decided + CODE_LIFE else SerialRefusal.USED
    if now >= row.until:
        return SerialRefusal.EXPIRED
    return SerialRefusal.OTHER_KEY if row.key_sha256 and not same else None


def _enrolled(connection: Connection, row: Row[Any], asker: _Asker, now: datetime) -> None:
    ensure_terminal(connection, row.hall, row.terminal, row.role, now)
    if row.group_name:
        set_group(connection, row.hall, row.terminal, row.group_name)
    asked = row.asked or now
    state = SerialState.USED.value
    _set(connection, row.serial, state=state, key_sha256=asker.digest, address=asker.address, asked=asked, decided=now)
    detail = {**asker.told(), "terminal": row.terminal}
    append(connection, Who(Actor.HUB, row.hall), "serial_enrolled", row.serial, now, detail=detail)


def _refused(
    connection: Connection, serial: str, row: Row[Any] | None, why: SerialRefusal, asker: _Asker, now: datetime
) -> SerialRefusal:
    if row is not None and why is SerialRefusal.OTHER_KEY:
        _set(connection, row.serial, other_keys=row.other_keys + 1)
        if row.other_keys >= _TOLD_KEYS:
            return why
    who = Who(Actor.HUB, "" if row is None else row.hall)
    append(connection, who, "serial_refused", serial[:64], now, detail={**asker.told(), "why": why.value})
    return why


@dataclass
class Patience:
    """How often each address was refused of late: who guesses is not listened to any more."""

    _wrong: dict[str, deque[datetime]] = field(default_factory=dict)

    def over(self, address: str, now: datetime) -> bool:
        """Whether it has been refused too often."""
        known = self._wrong.get(address)
        while known and known[0] <= now - WINDOW:
            known.popleft()
        return known is not None and len(known) >= MOST_WRONG

    def note(self, address: str, now: datetime) -> None:
        """It was refused."""
        if len(self._wrong) >= 10_000:  # who has that many addresses guesses elsewhere too; the newest count
            self._wrong.pop(next(iter(self._wrong)))
        self._wrong.setdefault(address, deque(maxlen=MOST_WRONG)).append(now)
