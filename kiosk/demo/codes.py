"""The hall's appointment office: appointments at the hub, the codes that visitors hold, good ones and bad ones, rules.

It is on the hub's machine: it has the hub's keys, and does by the hub's own functions what its commands do.
"""

import tomllib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import uuid4

import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace
from sqlalchemy import Connection

from hub.fleet.enrolment import ensure_hall
from hub.options import writing
from hub.people.appointments import appoint, book, find, mark_used, move, withdraw
from hub.people.slots import open_slots
from hub.rules.publish import LEVELS, publish_rules, set_seats
from hub.rules.trust import publish_trust
from kiosk.clock import CHINA, WallClock
from kiosk.demo.cases import ACT_OF, LISTED, Act, GateCase
from kiosk.demo.people import Visitor
from kiosk.wire.codes import CodeClaims, issue
from kiosk.wire.digest import person_digest
from kiosk.wire.trust import TrustListBody

CHANGES: Final = 2000
"""Appointments that are changed while the terminals are offline."""
SEATS: Final = 2000
_HOURS: Final = 8
_SHIFT: Final = {GateCase.EARLY: timedelta(hours=3), GateCase.LATE: timedelta(hours=-10)}
_LEVEL_OF: Final = {Act.LEVEL_3: 3, Act.CHANGED: 3, Act.OPEN: 4, Act.HEALTH: 2, Act.ALIVE: 1}


def rules_of(act: Act) -> str:
    """An act's rules as TOML: a level as it is shipped."""
    text = LEVELS[f"level-{_LEVEL_OF[act]}"].read_text(encoding="utf-8")
    if act is not Act.HEALTH:
        return text
    # As shipped, but for the movements, which take their time: they are `ALIVE`'s.
    wanted = tomllib.loads(text) | {"liveness_required": False}
    return "".join(f"{key} = {_toml(value)}\n" for key, value in wanted.items())


class Office:
    """The appointment office of one hall, and whoever publishes its rules.

    Args:
        hub_data: the hub's data folder.
    """

    def __init__(self, hub_data: Path, hall: str) -> None:
        key = serialization.load_pem_private_key((hub_data / "keys" / "signing.pem").read_bytes(), None)
        if not isinstance(key, Ed25519PrivateKey):
            raise TypeError("the hub's signing key is no Ed25519 key")
        self._key, self.data, self._hall, self._clock = key, hub_data, hall, WallClock()
        self.hall_key = bytes.fromhex((hub_data / "keys" / f"hall-{hall}.key").read_text(encoding="ascii").strip())
        self._forger = Ed25519PrivateKey.generate()
        self._count = 0
        self._lent = b""
        self._crowd: list[str] = []
        self._later: dict[GateCase, list[str]] = {}

    def digest(self, number: str) -> str:
        """The digest that stands for a person."""
        return person_digest(number, self.hall_key)

    # Appointments ---------------------------------------------------------------------------------------------------

    def open(self, visitors: Sequence[Visitor], lists: Sequence[TrustListBody] = (), changes: int = CHANGES) -> int:
        """Book what everybody has booked before they come.

        Args:
            lists: trust lists to publish.
            changes: how many appointments of others there are, to be changed by `change_many`.

        Returns:
            The number of the list's last change: terminals that have come so far know everything.
        """
        now = self._clock.now().replace(microsecond=0)
        with writing(self.data, self._clock) as connection:
            ensure_hall(connection, self._hall, now)
            set_seats(connection, self._hall, SEATS)
            today = now.astimezone(CHINA).date()
            open_slots(connection, self._hall, "", [today, today + timedelta(days=1)], range(24), SEATS)
            for body in lists:
                publish_trust(connection, self._key, self._hall, msgspec.json.encode(body), now)
            for visitor in visitors:
                self._book(connection, visitor, now)
            self._crowd = [self._appointed(connection, "", now) for _ in range(changes)]
            return self._last_change(connection)

    def _appointed(self, connection: Connection, number: str, begins: datetime, companions: int = 0) -> str:
        claims, _ = appoint(
            connection,
            self._key,
            hall=self._hall,
            person=self.digest(number) if number else "",
            not_before=begins,
            expires=begins + timedelta(hours=_HOURS),
            companions=companions,
            now=self._clock.now(),
        )
        return claims.code_id

    def _book(self, connection: Connection, visitor: Visitor, now: datetime) -> None:
        case = visitor.case
        if case is GateCase.MOVED_WHILE_OFFLINE:
            hour = now.replace(minute=0, second=0)
            entry = book(
                connection,
                hall=self._hall,
                department="",
                begins=hour,
                now=now,
                person=self.digest(visitor.number),
            )
            self._later.setdefault(case, []).append(entry.appointment.code_id)
            return
        if case not in LISTED and ACT_OF[case] not in {Act.HEALTH, Act.ALIVE}:
            return
        begins = now - timedelta(minutes=10) + _SHIFT.get(case, timedelta(0))
        code_id = self._appointed(connection, visitor.person.number, begins, visitor.companions)
        if case in {GateCase.CANCELLED, GateCase.REVOKED, GateCase.WALK_IN_CANCELLED}:
            withdraw(connection, hall=self._hall, code_id=code_id, now=now, revoke=case is GateCase.REVOKED)
        elif case is GateCase.USED_ELSEWHERE:
            mark_used(connection, self._hall, code_id, terminal="gate-9", passage=uuid4(), at=now, now=now)
        elif case is GateCase.CANCELLED_WHILE_OFFLINE:
            self._later.setdefault(case, []).append(code_id)

    def change_many(self, visitors: Sequence[Visitor]) -> tuple[int, int]:
        """Change everything that changes while the terminals are offline.

        Args:
            visitors: those who book meanwhile are among them.

        Returns:
            How many changes there were, and the number of the last one.
        """
        now = self._clock.now().replace(microsecond=0)
        changed = 0
        with writing(self.data, self._clock) as connection:
            for number, code_id in enumerate(self._crowd):
                withdraw(connection, hall=self._hall, code_id=code_id, now=now, revoke=bool(number % 2))
                changed += 1
            for code_id in self._later.get(GateCase.CANCELLED_WHILE_OFFLINE, ()):
                withdraw(connection, hall=self._hall, code_id=code_id, now=now)
                changed += 1
            for code_id in self._later.get(GateCase.MOVED_WHILE_OFFLINE, ()):
                before = find(connection, self._hall, code_id)
                if before is not None:
                    begins = now.replace(minute=0, second=0) + timedelta(hours=3)
                    move(connection, hall=self._hall, code_id=code_id, seen=before.change, begins=begins, now=now)
                    changed += 1
            for visitor in visitors:
                if visitor.case is GateCase.BOOKED_WHILE_OFFLINE:
                    self._appointed(connection, visitor.person.number, now - timedelta(minutes=10))
                    changed += 1
            return changed, self._last_change(connection)

    def _last_change(self, connection: Connection) -> int:
        """Books one more for nobody: its number is the newest."""
        entry = find(connection, self._hall, self._appointed(connection, "", self._clock.now()))
        return entry.change if entry is not None else 0

    # Rules ----------------------------------------------------------------------------------------------------------

    def publish(self, act: Act) -> int:
        """Publish an act's rules.

        Returns:
            Their version.
        """
        with writing(self.data, self._clock) as connection:
            return publish_rules(connection, self._key, self._hall, rules_of(act), self._clock.now()).version

    # Codes ----------------------------------------------------------------------------------------------------------

    def code_of(self, visitor: Visitor) -> bytes | None:
        """What this visitor shows; None when they show nothing."""
        now = self._clock.now().replace(microsecond=0)
        self._count += 1
        good = CodeClaims(
            code_id=f"DEMO{self._count:04d}",
            hall=self._hall,
            person=self.digest(visitor.number),
            not_before=now - timedelta(minutes=10),
            expires=now + timedelta(hours=_HOURS),
        )
        over = now - timedelta(hours=2)
        make: dict[GateCase, Callable[[], bytes | None]] = {
            GateCase.NO_CODE: lambda: None,
            GateCase.WALK_IN: lambda: None,
            GateCase.NOT_A_CODE: "今日菜单 / menu of the day".encode,
            GateCase.TEN_KILOBYTES: lambda: b"KA1:" + b"A1B2" * 2560,
            GateCase.LARGEST_CODE: lambda: b"1234567" * 1012,
            GateCase.GBK: lambda: "预约码：渭南市政务服务中心".encode("gbk"),
            GateCase.DAMAGED_CODE: lambda: self._issue(good)[:-9],
            GateCase.FORGED_CODE: lambda: issue(good, self._forger).encode(),
            GateCase.EXPIRED_CODE: lambda: self._issue(
                replace(good, not_before=over - timedelta(hours=1), expires=over)
            ),
            GateCase.OTHER_HALL: lambda: self._issue(replace(good, hall="daye")),
            GateCase.OTHER_PERSONS_CODE: lambda: self._issue(replace(good, person=self.digest("110101199003070011"))),
            GateCase.LENT_CODE: lambda: self._lend(replace(good, person="")),
            GateCase.REPLAYED_CODE: lambda: self._lent,
        }
        return make.get(visitor.case, lambda: self._issue(good))()

    def _lend(self, claims: CodeClaims) -> bytes:
        """A code for whoever shows it: the next person will show it again."""
        self._lent = self._issue(claims)
        return self._lent

    def _issue(self, claims: CodeClaims) -> bytes:
        return issue(claims, self._key).encode()


def _toml(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case list():
            return f"[{', '.join(_toml(each) for each in value)}]"
        case str():
            return f'"{value}"'
        case _:
            return str(value)
