"""The codes that invented visitors hold before the scanner, good ones and bad ones."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from kiosk.clock import WallClock
from kiosk.demo.people import GateCase, Visitor
from kiosk.wire.codes import CodeClaims, issue
from kiosk.wire.digest import person_digest


class Office:
    """The hall's appointment office: has the hub's keys, because it is on the hub's machine."""

    def __init__(self, hub_data: Path, hall: str) -> None:
        key = serialization.load_pem_private_key((hub_data / "keys" / "signing.pem").read_bytes(), None)
        if not isinstance(key, Ed25519PrivateKey):
            raise TypeError("the hub's signing key is no Ed25519 key")
        self._key = key
        self._hall = hall
        self.hall_key = bytes.fromhex((hub_data / "keys" / f"hall-{hall}.key").read_text(encoding="ascii").strip())
        self._forger = Ed25519PrivateKey.generate()
        self._count = 0

    def digest(self, number: str) -> str:
        """The digest that stands for a person."""
        return person_digest(number, self.hall_key)

    def code_of(self, visitor: Visitor) -> bytes | None:
        """What this visitor shows; None when they show nothing."""
        now = WallClock().now().replace(microsecond=0)
        self._count += 1
        good = CodeClaims(
            code_id=f"DEMO{self._count:04d}",
            hall=self._hall,
            person=self.digest(visitor.person.number),
            not_before=now - timedelta(minutes=10),
            expires=now + timedelta(hours=8),
        )
        over = now - timedelta(hours=2)
        make: dict[GateCase, Callable[[], bytes | None]] = {
            GateCase.NO_CODE: lambda: None,
            GateCase.NOT_A_CODE: "今日菜单 / menu of the day".encode,
            GateCase.FORGED_CODE: lambda: issue(good, self._forger).encode(),
            GateCase.EXPIRED_CODE: lambda: self._issue(
                replace(good, not_before=over - timedelta(hours=1), expires=over)
            ),
            GateCase.OTHER_HALL: lambda: self._issue(replace(good, hall="daye")),
        }
        return make.get(visitor.case, lambda: self._issue(good))()

    def _issue(self, claims: CodeClaims) -> bytes:
        return issue(claims, self._key).encode()
