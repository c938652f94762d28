"""`help.toml` in the data folder: when help is staffed, who helps whom, and the servers that connect both sides.

Without the file help is staffed at all hours, each hall helps its own citizens, and both sides reach each other
directly (one network).

[hours]
open = "08:30"
close = "17:30"
days = [1, 2, 3, 4, 5]                  # Monday is 1; leave the table out for all day, every day

[helped_by]
pucheng = ["weinan", "xian"]            # whose staff also answers calls from pucheng

[relay]
urls = ["turn:turn.example:3478?transport=udp", "turns:turn.example:5349"]
secret_file = "keys/turn.secret"        # coturn's static-auth-secret; in the data folder, or an absolute path
minutes = 120                           # how long one set of credentials is good
"""

import base64
import hashlib
import hmac
import tomllib
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Final

import msgspec
import structlog

from kiosk.clock import CHINA
from kiosk.wire.help import Relay

_log = structlog.get_logger()
FILE: Final = "help.toml"
_LEAST_SECRET: Final = 16
Hall = Annotated[str, msgspec.Meta(pattern="^[a-z0-9][a-z0-9_-]{0,62}$")]
Hour = Annotated[str, msgspec.Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Url = Annotated[str, msgspec.Meta(pattern="^(stun|turn|turns):[^\\s]{1,190}$")]


class BadSettings(Exception):
    """`help.toml` cannot be used; says why."""


class Hours(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When somebody is there to answer, in China's time."""

    open: Hour
    close: Hour
    days: Annotated[tuple[Annotated[int, msgspec.Meta(ge=1, le=7)], ...], msgspec.Meta(min_length=1)] = (1, 2, 3, 4, 5)

    def contain(self, now: datetime) -> bool:
        """Whether help is staffed now."""
        local = now.astimezone(CHINA)
        return local.isoweekday() in self.days and _clock(self.open) <= local.time() < _clock(self.close)

    def next(self, now: datetime) -> datetime:
        """When it is staffed again."""
        local = now.astimezone(CHINA)
        for days in range(9):
            day: date = local.date() + timedelta(days=days)
            begins = datetime.combine(day, _clock(self.open), CHINA)
            if day.isoweekday() in self.days and begins > local:
                return begins
        raise AssertionError("a week has each day once")


def _clock(text: str) -> time:
    return time.fromisoformat(text)


class _RelayTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    urls: Annotated[tuple[Url, ...], msgspec.Meta(min_length=1, max_length=8)]
    secret_file: str = ""
    minutes: Annotated[int, msgspec.Meta(ge=5, le=1440)] = 120


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    hours: Hours | None = None
    helped_by: dict[Hall, tuple[Hall, ...]] = {}
    relay: _RelayTable | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """What is configured."""

    hours: Hours | None = None
    helped_by: dict[str, tuple[str, ...]] = field(default_factory=dict)
    urls: tuple[str, ...] = ()
    secret: bytes = b""
    lasts: timedelta = timedelta(hours=2)

    def staffed(self, now: datetime) -> bool:
        """Whether somebody should be there."""
        return self.hours is None or self.hours.contain(now)

    def opens(self, now: datetime) -> datetime | None:
        """When somebody is there again; None when somebody is, or nobody can say."""
        return None if self.hours is None or self.hours.contain(now) else self.hours.next(now)

    def helpers_of(self, hall: str) -> frozenset[str]:
        """Halls whose staff answers a hall's calls."""
        return frozenset({hall, *self.helped_by.get(hall, ())})

    def halls_helped(self, hall: str) -> frozenset[str]:
        """Halls whose calls a hall's staff answers."""
        return frozenset({hall, *(each for each, helpers in self.helped_by.items() if hall in helpers)})

    def relays(self, who: str, now: datetime) -> tuple[Relay, ...]:
        """Servers for one party, with credentials of their own that expire (coturn's REST scheme).

        Args:
            who: Stands in the server's log; no personal data.
            now: The time.
        """
        if not self.urls:
            return ()
        if not self.secret:
            return (Relay(urls=self.urls),)
        username = f"{int((now + self.lasts).timestamp())}:{who}"
        made = hmac.new(self.secret, username.encode(), hashlib.sha1).digest()  # the scheme's own digest
        return (Relay(urls=self.urls, username=username, credential=base64.b64encode(made).decode()),)


def load_or_default(path: Path) -> Settings:
    """The same; a mistake in the file is logged, and help goes on without it: a comma must leave nobody alone."""
    try:
        return load(path)
    except BadSettings as error:
        _log.error("help.toml is not used", why=str(error))
        return Settings()


def load(path: Path) -> Settings:
    """Read `help.toml`.

    Args:
        path: The file. The secret is looked for beside it.

    Raises:
        BadSettings: A mistake in it, or a secret that is missing or too short; says which.
    """
    try:
        given = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), _File)
    except FileNotFoundError:
        return Settings()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise BadSettings(f"{path.name}: {error}") from error
    if given.hours is not None and given.hours.open >= given.hours.close:
        raise BadSettings(f"{path.name}: hours: close has to be after open")
    relay = given.relay
    if relay is None:
        return Settings(given.hours, given.helped_by)
    needs_secret = any(url.startswith("turn") for url in relay.urls)
    if needs_secret and not relay.secret_file:
        raise BadSettings(f"{path.name}: relay: secret_file is missing (coturn's static-auth-secret)")
    secret = b""
    if relay.secret_file:
        try:
            secret = (path.parent / relay.secret_file).read_bytes().strip()
        except OSError as error:
            raise BadSettings(f"{path.name}: {relay.secret_file} cannot be read: {error.strerror}") from error
        if len(secret) < _LEAST_SECRET:
            raise BadSettings(f"{path.name}: {relay.secret_file} has less than {_LEAST_SECRET} bytes")
    return Settings(given.hours, given.helped_by, relay.urls, secret, timedelta(minutes=relay.minutes))
