"""How two sorts of health-code gateways are asked, and what their answers mean. Pure: no network, no clock.

`gate-decode` is an interface for gates as one maker published it in 2021 (form fields, `sign` over the sorted fields
with the secret among them; colours 0 red, 1 green, 2 yellow; kinds of document 10 resident, 14 and 15 HK/Macau/Taiwan
permits, 20 passport, 34 foreigner's permanent residence). `gbt-38963` has the shape of the code verification request of
GB/T 38963-2020 (JSON, a head and a body). The standard's field tables are not public: the names used here are ours,
and a hall's gateway may need its own class beside these, which is some forty lines.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final, Protocol, TypeVar
from urllib.parse import urlencode
from uuid import uuid4

import msgspec

from kiosk.health_codes import HealthAnswer
from kiosk.wire.evidence import Colour

T = TypeVar("T")


class BadAnswer(Exception):
    """What came back is no answer of such a gateway. Says why, and quotes nothing."""


class GatewayRefuses(Exception):
    """The gateway refuses this terminal: application, secret or clock. For a technician."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The body of a request."""

    body: bytes
    content_type: str


class Dialect(Protocol):
    """How one sort of gateway is asked."""

    def request(self, token: str, app_id: str, secret: str, now: datetime) -> Asked:
        """The request for a token; the secret signs it and is not in it."""
        ...

    def answer(self, body: bytes) -> HealthAnswer:
        """Read the answer.

        Raises:
            BadAnswer: it is none.
            GatewayRefuses: it says that this terminal may not ask.
        """
        ...


def _milliseconds(moment: datetime) -> str:
    return str(int(moment.timestamp() * 1000))


def _moment(value: int | str | None) -> datetime | None:
    """Milliseconds since 1970, or ISO 8601 with a time zone; None for none."""
    if value is None or value == "":
        return None
    try:
        if isinstance(value, int) or value.isdecimal():
            return datetime.fromtimestamp(int(value) / 1000, UTC)
        moment = datetime.fromisoformat(value)
    except (ValueError, OverflowError, OSError) as error:
        raise BadAnswer("a time that is none") from error
    if moment.tzinfo is None:
        raise BadAnswer("a time without its zone")
    return moment.astimezone(UTC)


def _digest(text: str) -> str:
    """A SHA-256 as lower-case hexadecimal; empty for none."""
    digest = text.strip().lower()
    if digest and (len(digest) != 64 or not set(digest) <= set("0123456789abcdef")):
        raise BadAnswer("a digest that is none")
    return digest


def _number(text: str) -> tuple[str, str]:
    """A document's number, in full or masked."""
    number = text.strip()
    if len(number) > 32:
        raise BadAnswer("a number that is none")
    return ("", number) if "*" in number else (number, "")


class _Holder(msgspec.Struct):
    color: int | str | None = None
    idCard: str = ""  # noqa: N815  the gateway's name
    idCardSha256: str = ""  # noqa: N815
    ownerIdCard: str = ""  # noqa: N815
    accountId: str = ""  # noqa: N815
    updateTime: int | str | None = None  # noqa: N815


class _Decoded(msgspec.Struct):
    code: int
    data: _Holder | None = None


class GateDecode:
    """`POST …/health/decode` with form fields."""

    COLOURS: Final[Mapping[str, Colour]] = MappingProxyType(
        {"0": Colour.RED, "1": Colour.GREEN, "2": Colour.YELLOW, "-1": Colour.UNKNOWN}
    )
    GOOD, UNKNOWN_CODE = 0, 404
    REFUSALS: Final = frozenset({401, 403})

    @staticmethod
    def sign(fields: Mapping[str, str], secret: str) -> str:
        """SHA-256 in upper case over `k=v&k=v` in the order of the names, `secretKey` among them."""
        whole = {**fields, "secretKey": secret}
        joined = "&".join(f"{name}={whole[name]}" for name in sorted(whole))
        return hashlib.sha256(joined.encode()).hexdigest().upper()

    def request(self, token: str, app_id: str, secret: str, now: datetime) -> Asked:
        """Form fields with their signature."""
        fields = {"appId": app_id, "qrCode": token, "timestamp": _milliseconds(now)}
        body = urlencode({**fields, "sign": self.sign(fields, secret)}).encode()
        return Asked(body, "application/x-www-form-urlencoded")

    def answer(self, body: bytes) -> HealthAnswer:
        """JSON with `code` and `data`."""
        found = _decoded(body, _Decoded)
        if found.code in self.REFUSALS:
            raise GatewayRefuses(f"code {found.code}")
        if found.code == self.UNKNOWN_CODE:
            return HealthAnswer(Colour.UNKNOWN)
        if found.code != self.GOOD or found.data is None:
            raise BadAnswer(f"code {found.code}")
        colour = self.COLOURS.get(str(found.data.color))
        if colour is None:
            raise BadAnswer("a colour that is none")
        number, masked = _number(found.data.idCard)
        return HealthAnswer(
            colour,
            made=_moment(found.data.updateTime),
            number=number,
            number_sha256=_digest(found.data.idCardSha256),
            number_masked=masked,
            shown_by=_number(found.data.ownerIdCard)[0],
            account=found.data.accountId[:64],
        )


class _Verified(msgspec.Struct):
    healthStatus: str = ""  # noqa: N815  the gateway's name
    certNo: str = ""  # noqa: N815
    certNoSha256: str = ""  # noqa: N815
    agentCertNo: str = ""  # noqa: N815
    accountId: str = ""  # noqa: N815
    checkTime: int | str | None = None  # noqa: N815


class _Envelope(msgspec.Struct):
    code: str
    data: _Verified | None = None


class CodeVerification:
    """JSON of a head that says who asks, and a body that says for what."""

    COLOURS: Final[Mapping[str, Colour]] = MappingProxyType(
        {"00": Colour.GREEN, "01": Colour.YELLOW, "10": Colour.RED, "11": Colour.UNKNOWN}
    )
    GOOD, UNKNOWN_CODE = "0000", "1404"
    REFUSALS: Final = frozenset({"1401", "1403"})

    @staticmethod
    def sign(head: Mapping[str, str], body: bytes, secret: str) -> str:
        """HMAC-SHA-256 under the secret over the head's values by name, and the body's SHA-256; lower case."""
        joined = "&".join(f"{name}={head[name]}" for name in sorted(head))
        message = f"{joined}&{hashlib.sha256(body).hexdigest()}"
        return hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()

    def request(self, token: str, app_id: str, secret: str, now: datetime) -> Asked:
        """A head with its signature, and the token."""
        body = msgspec.json.encode({"code": token, "bizExtData": {"scene": "entry"}})
        head = {"appId": app_id, "nonce": uuid4().hex, "signType": "HMAC-SHA256", "timestamp": _milliseconds(now)}
        signed = {**head, "sign": self.sign(head, body, secret)}
        return Asked(msgspec.json.encode({"head": signed, "body": msgspec.Raw(body)}), "application/json")

    def answer(self, body: bytes) -> HealthAnswer:
        """JSON with `code` and `data`."""
        found = _decoded(body, _Envelope)
        if found.code in self.REFUSALS:
            raise GatewayRefuses(f"code {found.code}")
        if found.code == self.UNKNOWN_CODE:
            return HealthAnswer(Colour.UNKNOWN)
        if found.code != self.GOOD or found.data is None:
            raise BadAnswer("a code that is none of success")
        colour = self.COLOURS.get(found.data.healthStatus)
        if colour is None:
            raise BadAnswer("a status that is none")
        number, masked = _number(found.data.certNo)
        return HealthAnswer(
            colour,
            made=_moment(found.data.checkTime),
            number=number,
            number_sha256=_digest(found.data.certNoSha256),
            number_masked=masked,
            shown_by=_number(found.data.agentCertNo)[0],
            account=found.data.accountId[:64],
        )


def _decoded(body: bytes, type_: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=type_)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadAnswer("no JSON of that form") from error


DIALECTS: Final[Mapping[str, Dialect]] = MappingProxyType(
    {"gate-decode": GateDecode(), "gbt-38963": CodeVerification()}
)
"""By the `kind` in the site file."""
