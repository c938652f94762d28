"""What the gate needs of a health-code service: ask for a scanned token, get a colour and whose it is, or no answer.

`kiosk.link.health_code` is the one over HTTP; a hall's own gateway is one more class with the same method.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from kiosk.wire.evidence import Colour


class ServiceAway(Exception):
    """The service gave no answer that can be used: nothing is known of the person.

    Attributes:
        code: why, stable: `timeout`, `unreachable`, `tls`, `http_<status>`, `bad_answer`, `refused`, `circuit_open`,
            `no_secret`.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code


@dataclass(frozen=True, slots=True)
class HealthAnswer:
    """What a service says of a token. Its `repr` names nobody.

    Attributes:
        colour: UNKNOWN where the service knows no such token or person.
        made: when it judged; None where it does not say, which is now: the answer is live.
        number: of the holder's document; empty where it is not told.
        number_sha256: of the same number, in lower-case hexadecimal, where only that is told.
        number_masked: of the same number, with `*` for what is left out, where only that is told.
        shown_by: number of the owner of the telephone, where the token is one that they hold for a family member.
        account: the service's own name for the telephone's account; empty where it has none.
    """

    colour: Colour
    made: datetime | None = None
    number: str = ""
    number_sha256: str = ""
    number_masked: str = ""
    shown_by: str = ""
    account: str = ""

    def __repr__(self) -> str:
        return f"HealthAnswer({self.colour.value})"


class HealthCodeService(Protocol):
    """Whatever can be asked for a health code."""

    @property
    def name(self) -> str:
        """As it stands in the evidence."""
        ...

    async def ask(self, token: str, now: datetime) -> HealthAnswer:
        """Ask for one token.

        Args:
            token: the text of the scanned code.
            now: the moment of the question, UTC.

        Raises:
            ServiceAway: there is no answer that can be used.
        """
        ...
