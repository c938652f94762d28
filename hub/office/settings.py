"""`office.toml` in the data folder: the payment gateway and the couriers. Without it there are none, and it says so.

[payment]
url = "https://pay.example/v1"
merchant = "hall"
secret_file = "keys/payment.secret"     # at least 16 bytes; in the data folder, or an absolute path
notify_url = "https://hub.example:8443/api/v1/office/paid"

[[courier]]
name = "ems"                            # as staff choose it
url = "https://courier.example/v1"
client = "hall"
secret_file = "keys/ems.secret"
look_minutes = 30                       # between two looks at a parcel's way

[escalation]                            # of what is overdue: see `hub.office.escalation`, with what is shipped
intake_days_before = 1
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import msgspec

from hub.office.escalation import AS_SHIPPED, Limits

FILE: Final = "office.toml"
_LEAST_SECRET: Final = 16
Url = Annotated[str, msgspec.Meta(pattern="^https?://[^\\s]+[^/\\s]$", max_length=500)]
Name = Annotated[str, msgspec.Meta(pattern="^[a-z0-9][a-z0-9_-]{0,62}$")]


class BadSettings(Exception):
    """`office.toml` cannot be used; says why."""


class PaymentSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where orders are made."""

    url: Url
    merchant: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    secret_file: str
    notify_url: str = ""
    timeout_seconds: Annotated[float, msgspec.Meta(gt=0, le=60)] = 8.0


class CourierSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where parcels are ordered and followed."""

    name: Name
    url: Url
    client: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    secret_file: str
    look_minutes: Annotated[float, msgspec.Meta(gt=0, le=1440)] = 30.0
    timeout_seconds: Annotated[float, msgspec.Meta(gt=0, le=60)] = 8.0


class _File(msgspec.Struct, forbid_unknown_fields=True):
    payment: PaymentSettings | None = None
    courier: list[CourierSettings] = []
    escalation: Limits = Limits()


@dataclass(frozen=True, slots=True)
class Settings:
    """What is configured, with its secrets by file name."""

    payment: PaymentSettings | None
    couriers: tuple[CourierSettings, ...]
    secrets: dict[str, bytes]
    escalation: Limits = AS_SHIPPED

    def courier(self, name: str) -> CourierSettings | None:
        """The courier of a name."""
        return next((each for each in self.couriers if each.name == name), None)


NOTHING: Final = Settings(None, (), {})


def load(path: Path) -> Settings:
    """Read `office.toml`.

    Args:
        path: The file. Secrets are looked for beside it.

    Raises:
        BadSettings: A mistake in it, or a secret that is missing or too short; says which.
    """
    try:
        given = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), _File)
    except FileNotFoundError:
        return NOTHING
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise BadSettings(f"{path.name}: {error}") from error
    names = [each.name for each in given.courier]
    if len(set(names)) < len(names):
        raise BadSettings(f"{path.name}: two couriers have one name")
    users: list[PaymentSettings | CourierSettings] = [*given.courier, *([given.payment] if given.payment else [])]
    secrets = {each.secret_file: _secret(path, each.secret_file) for each in users}
    return Settings(given.payment, tuple(given.courier), secrets, given.escalation)


def _secret(path: Path, name: str) -> bytes:
    try:
        secret = (path.parent / name).read_bytes().strip()
    except OSError as error:
        raise BadSettings(f"{path.name}: {name} cannot be read: {error.strerror}") from error
    if len(secret) < _LEAST_SECRET:
        raise BadSettings(f"{path.name}: {name} has less than {_LEAST_SECRET} bytes")
    return secret
