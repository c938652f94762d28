"""The proofs of health that invented visitors show, and the service and the issuer that stand behind them."""

import hashlib
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Self

from drivers.simulate.contract import Option
from drivers.simulate.health_gateway import GatewayFault, GatewayPerson, HealthGateway
from kiosk.clock import Clock
from kiosk.demo.cases import GateCase
from kiosk.demo.certificates import Issuer
from kiosk.demo.people import Visitor
from kiosk.wire.trust import TrustListBody

_NOT_HEALTH = "今日菜单".encode("gbk")
_COLOURS = {GateCase.YELLOW: "yellow", GateCase.RED: "red"}


class HealthOffice:
    """A health-code service on the loopback, and an issuer of certificates. A context: the service runs in it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._issuer = Issuer(clock.now().replace(microsecond=0))
        self._gateway = HealthGateway()
        self._stack = ExitStack()
        self._telephone = ""

    def __enter__(self) -> Self:
        self._stack.enter_context(self._gateway)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def settings(self, folder: Path) -> Mapping[str, Option | list[str]]:
        """`[gate.health_service]` of the site file in this folder; writes the secret beside it."""
        secret = folder / "health.secret"
        secret.touch(mode=0o600)
        secret.write_text("loopback-only", encoding="ascii")
        return {
            "kind": "gate-decode",
            "url": self._gateway.url("gate-decode"),
            "app_id": "hall",
            "secret_file": secret.name,
            "patterns": ["YKM[0-9A-F]{16}"],
        }

    def lists(self) -> tuple[TrustListBody, ...]:
        """The trust lists for the hub to sign."""
        return self._issuer.lists()

    def proof_of(self, visitor: Visitor) -> bytes | None:
        """What this visitor shows, and makes the service know it."""
        person, born = visitor.person, visitor.person.birth.isoformat()
        issuer = self._issuer
        certificates: dict[GateCase, Callable[[], bytes]] = {
            GateCase.DCC: lambda: issuer.dcc(person.name, born),
            GateCase.DCC_EXPIRED: lambda: issuer.dcc(person.name, born, expired=True),
            GateCase.DCC_FORGED: lambda: issuer.dcc(person.name, born, forged=True),
            GateCase.SHC: lambda: issuer.health_card(person.name, born),
            GateCase.SHC_EXPIRED: lambda: issuer.health_card(person.name, born, expired=True),
            GateCase.SHC_FORGED: lambda: issuer.health_card(person.name, born, forged=True),
            GateCase.NOT_HEALTH: lambda: _NOT_HEALTH,
        }
        return certificates.get(visitor.case, lambda: self._health_code(visitor))()

    def _health_code(self, visitor: Visitor) -> bytes:
        number = visitor.person.number
        token = "YKM" + hashlib.sha256(number.encode()).hexdigest()[:16].upper()
        judged = self._clock.now() - timedelta(hours=100 if visitor.case is GateCase.OLD_JUDGEMENT else 1)
        owner = self._telephone if visitor.case is GateCase.ON_HER_TELEPHONE else ""
        if visitor.case is GateCase.HAS_TELEPHONE:
            self._telephone = number
        if visitor.case is not GateCase.NOT_KNOWN_THERE:
            self._gateway.people[token] = GatewayPerson(
                colour=_COLOURS.get(visitor.case, "green"),
                number="110101199003070011" if visitor.case is GateCase.OTHERS_HEALTH_CODE else number,
                owner=owner,
                judged=judged.timestamp(),
            )
        return token.encode()

    def break_down(self) -> None:
        """Answer nothing useful until `mend`."""
        self._gateway.fail(GatewayFault.ERROR)

    def mend(self) -> None:
        """Answer again."""
        self._gateway.mend()
