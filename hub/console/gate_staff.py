"""Who acts in the console: a member of the hall's staff signs in with the PIN they have at the lane.

Looking needs no signing in (the console listens on loopback only), acting does. Sessions live in memory: after a
restart of the hub one signs in again, and what was typed goes on from there.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Final

from sqlalchemy import Connection

from hub.people.staff import members
from kiosk.clock import local_date
from kiosk.wire.staff import StaffMember, pin_digest, pin_is

COOKIE: Final = "staff"
SIGNED_IN_FOR: Final = timedelta(hours=12)
WRONG_MOST: Final = 5
LOCKED_FOR: Final = timedelta(minutes=5)
_SESSIONS_MOST: Final = 2000


@cache
def _nobody() -> StaffMember:
    """Tried in the place of somebody unknown, so that it takes as long."""
    return StaffMember(id="-", name="-", salt="0" * 32, pin=pin_digest("", "0" * 32))


@dataclass(frozen=True, slots=True)
class Member:
    """Who is signed in."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class _Session:
    hall: str
    staff_id: str
    until: datetime


class Locked(Exception):
    """Too many wrong PINs; says until when.

    Attributes:
        until: Then it may be tried again.
    """

    def __init__(self, until: datetime) -> None:
        super().__init__(f"locked until {until.isoformat()}")
        self.until = until


class SignedIn:
    """The sessions of this hub's console, and the wrong tries."""

    def __init__(self) -> None:
        self._sessions: dict[str, _Session] = {}
        self._wrong: dict[tuple[str, str], tuple[int, datetime]] = {}

    def staff_id(self, token: str, hall: str, now: datetime) -> str | None:
        """Who a cookie stands for in a hall; None for nobody."""
        session = self._sessions.get(token)
        if session is None or session.hall != hall or now >= session.until:
            return None
        return session.staff_id

    def check(self, hall: str, member: StaffMember | None, staff_id: str, pin: str, now: datetime) -> bool:
        """Whether this is the member's PIN. Slow, by design: call it in a thread.

        Args:
            hall: Which.
            member: Who; None for somebody who is not on the list.
            staff_id: As given.
            pin: As given.
            now: The time.

        Raises:
            Locked: Five wrong ones; right ones too are refused for five minutes.
        """
        key = (hall, staff_id[:64])
        tries, until = self._wrong.get(key, (0, now))
        if tries >= WRONG_MOST:
            if now < until:
                raise Locked(until)
            tries = 0
        right = pin_is(member or _nobody(), pin) and member is not None
        if right:
            self._wrong.pop(key, None)
        else:
            if len(self._wrong) > _SESSIONS_MOST:
                self._wrong.clear()
            self._wrong[key] = (tries + 1, now + LOCKED_FOR)
        return right

    def open(self, hall: str, staff_id: str, now: datetime) -> str:
        """Begin a session; the token for its cookie."""
        self._sessions = {token: each for token, each in self._sessions.items() if now < each.until}
        while len(self._sessions) >= _SESSIONS_MOST:
            self._sessions.pop(next(iter(self._sessions)))
        token = secrets.token_urlsafe(32)
        self._sessions[token] = _Session(hall, staff_id, now + SIGNED_IN_FOR)
        return token

    def close(self, token: str) -> None:
        """End a session."""
        self._sessions.pop(token, None)


def acting_members(connection: Connection, hall: str, now: datetime) -> list[StaffMember]:
    """A hall's staff whose last day has not passed, by name."""
    today = local_date(now)
    valid = [each for each in members(connection, hall) if each.valid_to is None or each.valid_to >= today]
    return sorted(valid, key=lambda each: each.name)


def names(connection: Connection, hall: str) -> dict[str, str]:
    """What colleagues call each member, by id."""
    return {each.id: each.name for each in members(connection, hall)}
