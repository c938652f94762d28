"""`texts.toml` in the data folder: the gateway that sends messages. Without it nobody is asked for a number's messages.

url = "https://sms.example/v1"          # what stands behind it is `messages`
client = "hall"                         # who we are there
secret_file = "keys/texts.secret"       # at least 16 bytes; in the data folder, or an absolute path
sign = "渭南政务大厅"                     # who the message is from, at most 12 characters
a_day = 2000                            # parts that may be paid for in one day; then an alarm, and the rest tomorrow
quiet_from = 21                         # o'clock in China: nothing is sent until `quiet_to`,
quiet_to = 8                            # but for who waits in the hall
"""

import tomllib
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Final

import msgspec

from hub.texts.templates import USUAL_SIGN
from kiosk.clock import CHINA

FILE: Final = "texts.toml"
_LEAST_SECRET: Final = 16
Hour = Annotated[int, msgspec.Meta(ge=0, le=23)]


class BadTexts(Exception):
    """`texts.toml` cannot be used; says why."""


class TextSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where messages go out, and how many."""

    url: Annotated[str, msgspec.Meta(pattern="^https?://[^\\s]+[^/\\s]$", max_length=500)]
    client: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    secret_file: str
    sign: Annotated[str, msgspec.Meta(min_length=2, max_length=12)] = USUAL_SIGN
    a_day: Annotated[int, msgspec.Meta(ge=1, le=10_000_000)] = 2000
    quiet_from: Hour = 21
    quiet_to: Hour = 8
    timeout_seconds: Annotated[float, msgspec.Meta(gt=0, le=60)] = 8.0


@dataclass(frozen=True, slots=True)
class Gateway:
    """The settings with their secret read."""

    settings: TextSettings
    secret: bytes


def load(path: Path) -> Gateway | None:
    """Read `texts.toml`; None without it.

    Args:
        path: The file. The secret is looked for beside it.

    Raises:
        BadTexts: A mistake in it, or a secret that is missing or too short; says which.
    """
    try:
        settings = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), TextSettings)
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise BadTexts(f"{path.name}: {error}") from error
    try:
        secret = (path.parent / settings.secret_file).read_bytes().strip()
    except OSError as error:
        raise BadTexts(f"{path.name}: {settings.secret_file} cannot be read: {error.strerror}") from error
    if len(secret) < _LEAST_SECRET:
        raise BadTexts(f"{path.name}: {settings.secret_file} has less than {_LEAST_SECRET} bytes")
    return Gateway(settings, secret)


def loud_again(settings: TextSettings, now: datetime) -> datetime:
    """When a message that is not urgent may go: now, or when the night is over.

    Args:
        settings: With the quiet hours; the same hour twice is no quiet at all.
        now: The time.
    """
    here = now.astimezone(CHINA)
    begin, end = settings.quiet_from, settings.quiet_to
    if begin == end:
        return now
    over_night = begin > end
    quiet = here.hour >= begin or here.hour < end if over_night else begin <= here.hour < end
    if not quiet:
        return now
    day = here.date() + timedelta(days=1) if over_night and here.hour >= begin else here.date()
    return datetime.combine(day, time(end), CHINA)
