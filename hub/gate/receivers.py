"""Who is told, and how: `notify.toml` in the data folder, and the two adapters, webhook and SMS gateway.

    [[receiver]]
    type = "webhook"
    name = "epidemic-office"
    url = "https://office.example/kiosk"
    secret_file = "keys/epidemic-office.secret"    # at least 16 bytes; in the data folder, or an absolute path
    on = ["isolation", "case_closed"]

    [[receiver]]
    type = "sms"
    name = "duty"
    url = "https://sms.example/send"
    numbers = ["13800000000"]
    content_type = "application/json"
    body = '{"mobile": "{phone}", "content": "{text}", "key": "{secret}"}'
    secret_file = "keys/sms.secret"
    success = '"code":0'                           # the gateway says yes with these characters; empty: any 2xx
    on = ["isolation"]

A message carries no name and no number, not even masked: which hall, which lane, what, and the case to look up.
"""

import hashlib
import hmac
import json
import tomllib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import quote

import msgspec

from hub.gate.notices import NoticeKind
from kiosk.clock import CHINA

SIGNATURE_HEADER: Final = "X-Kiosk-Signature"
"""`t=SECONDS,v1=HEX`: HMAC-SHA256 of `SECONDS.BODY` with the shared secret. The receiver checks the age too."""
NOTICE_HEADER: Final = "X-Kiosk-Notice"
"""The notice's id: the same when it is sent again, so that it is acted on once."""
_ALL: Final = tuple(NoticeKind)
_LEAST_SECRET: Final = 16

Url = Annotated[str, msgspec.Meta(pattern="^https?://[^\\s]+$", max_length=500)]
Phone = Annotated[str, msgspec.Meta(pattern="^\\+?[0-9]{5,20}$")]
ReceiverName = Annotated[str, msgspec.Meta(pattern="^[a-z0-9][a-z0-9_-]{0,62}$")]
Seconds = Annotated[float, msgspec.Meta(gt=0, le=60)]


class BadReceivers(Exception):
    """`notify.toml` cannot be used; says why."""


class Webhook(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type", tag="webhook"):
    """A signed POST of JSON."""

    name: ReceiverName
    url: Url
    secret_file: str
    on: tuple[NoticeKind, ...] = (NoticeKind.ISOLATION,)
    halls: tuple[str, ...] = ()
    """Empty: all."""
    timeout_seconds: Seconds = 5.0


class Sms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type", tag="sms"):
    """A POST to a gateway that sends short messages; `{phone}`, `{text}`, `{secret}` are put into body and headers."""

    name: ReceiverName
    url: Url
    numbers: Annotated[tuple[Phone, ...], msgspec.Meta(min_length=1, max_length=50)]
    body: Annotated[str, msgspec.Meta(max_length=4000)]
    content_type: str = "application/json"
    headers: dict[str, str] = msgspec.field(default_factory=dict)
    secret_file: str = ""
    success: str = ""
    on: tuple[NoticeKind, ...] = (NoticeKind.ISOLATION,)
    halls: tuple[str, ...] = ()
    timeout_seconds: Seconds = 5.0


Receiver = Webhook | Sms


class _File(msgspec.Struct, forbid_unknown_fields=True):
    receiver: list[Receiver] = []


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """What happened, as it is told. Nothing personal."""

    id: str
    kind: NoticeKind
    hall: str
    terminal: str
    lane: str
    case: int | None
    detail: tuple[str, ...]
    """Values of enumerations: reasons, the trouble, the outcome."""
    at: datetime


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request to make."""

    url: str
    headers: dict[str, str]
    body: bytes
    timeout_seconds: float
    success: str
    """To be found in the answer's body; empty: any 2xx is good."""


@dataclass(frozen=True, slots=True)
class Receivers:
    """All receivers, with their secrets read.

    Attributes:
        all: In the file's order.
        secrets: By receiver's name; empty for an SMS gateway without one.
    """

    all: tuple[Receiver, ...]
    secrets: dict[str, bytes]

    def wanting(self, kind: NoticeKind, hall: str) -> list[tuple[Receiver, str]]:
        """Who wants to know, and at which address; a webhook's is empty."""
        return [
            (receiver, address)
            for receiver in self.all
            if kind in receiver.on and (not receiver.halls or hall in receiver.halls)
            for address in (receiver.numbers if isinstance(receiver, Sms) else ("",))
        ]

    def request(self, name: str, address: str, notice: Notice, now: datetime) -> Request | None:
        """The request that tells a receiver; None for one that is no longer in the file."""
        receiver = next((each for each in self.all if each.name == name), None)
        if receiver is None:
            return None
        secret = self.secrets[name]
        if isinstance(receiver, Webhook):
            return _webhook(receiver, secret, notice, now)
        return _sms(receiver, secret.decode(errors="replace").strip(), address, notice)


def load(path: Path) -> Receivers:
    """Read `notify.toml`; without the file nobody is told.

    Args:
        path: The file. Secrets are looked for beside it.

    Raises:
        BadReceivers: A mistake in it, or a secret that is missing or too short; says which.
    """
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Receivers((), {})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadReceivers(f"{path.name}: {error}") from error
    try:
        receivers = tuple(msgspec.convert(given, _File).receiver)
    except msgspec.ValidationError as error:
        raise BadReceivers(f"{path.name}: {error}") from error
    names = [receiver.name for receiver in receivers]
    if twice := {name for name in names if names.count(name) > 1}:
        raise BadReceivers(f"{path.name}: two receivers are called {', '.join(sorted(twice))}")
    return Receivers(receivers, {each.name: _secret(path.parent, each) for each in receivers})


def _secret(folder: Path, receiver: Receiver) -> bytes:
    if not receiver.secret_file:
        return b""
    try:
        secret = (folder / receiver.secret_file).read_bytes().strip()
    except OSError as error:
        raise BadReceivers(f"the secret of {receiver.name} cannot be read: {error.strerror}") from error
    if isinstance(receiver, Webhook) and len(secret) < _LEAST_SECRET:
        raise BadReceivers(f"the secret of {receiver.name} has less than {_LEAST_SECRET} bytes")
    return secret


def signature(secret: bytes, seconds: int, body: bytes) -> str:
    """What stands in `SIGNATURE_HEADER`.

    Args:
        secret: Shared with the receiver.
        seconds: When it is sent, Unix time.
        body: The exact bytes.
    """
    digest = hmac.new(secret, str(seconds).encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={digest}"


def _webhook(receiver: Webhook, secret: bytes, notice: Notice, now: datetime) -> Request:
    body = msgspec.json.encode(notice)
    return Request(
        url=receiver.url,
        headers={
            "Content-Type": "application/json",
            SIGNATURE_HEADER: signature(secret, int(now.timestamp()), body),
            NOTICE_HEADER: notice.id,
        },
        body=body,
        timeout_seconds=receiver.timeout_seconds,
        success="",
    )


def _sms(receiver: Sms, secret: str, address: str, notice: Notice) -> Request:
    values = {"phone": address, "text": text_of(notice), "secret": secret}
    return Request(
        url=receiver.url,
        headers={
            **{key: _filled(value, values, "") for key, value in receiver.headers.items()},
            "Content-Type": receiver.content_type,
            NOTICE_HEADER: notice.id,
        },
        body=_filled(receiver.body, values, receiver.content_type).encode(),
        timeout_seconds=receiver.timeout_seconds,
        success=receiver.success,
    )


def _filled(template: str, values: dict[str, str], content_type: str) -> str:
    """Put values in, escaped for what they stand in. `str.format` would stumble over the braces of JSON."""
    for key, value in values.items():
        escaped = value
        if "json" in content_type:
            escaped = json.dumps(value, ensure_ascii=False)[1:-1]
        elif "urlencoded" in content_type:
            escaped = quote(value, safe="")
        template = template.replace(f"{{{key}}}", escaped)
    return template


_WORDS: Final = {
    "temperature_high": "体温偏高",
    "health_red": "健康码红码",
    "forced": "闸机被强行打开",
    "held_open": "闸机未关闭",
    "fire": "消防联动打开闸机",
    "cleared": "排除",
    "sent_home": "劝返",
    "handed_over": "移交卫生部门",
    "receive": "新办件",
    "correct": "补正材料已交齐",
    "supply": "补交了材料",
    "route": "转来办理",
    "withdraw": "申请人撤回",
    "lapse": "逾期终止",
    "deem_accepted": "逾期未答复,视为受理",
    "come_back": "快递退回",
    "complaint": "找茬投诉",
    "late": "逾期未答复",
    "intake": "明日视为受理，尚未答复",
    "correction": "补正逾期未交",
    "result": "逾期未办结",
    "unopened": "无人查看",
    "text_dead": "短信一天内没有发出",
    "text_limit": "短信今日条数已用完",
}
_KINDS: Final = {
    NoticeKind.ISOLATION: "有人需到隔离区",
    NoticeKind.REFERRAL: "有人需人工处理",
    NoticeKind.LANE_ALARM: "通道报警",
    NoticeKind.CASE_CLOSED: "处置结束",
    NoticeKind.SUBMISSION: "办件",
    NoticeKind.TERMINAL: "终端状态",
    NoticeKind.OPINION: "群众意见",
    NoticeKind.OVERDUE: "逾期提醒",
    NoticeKind.OVERDUE_AGAIN: "再次逾期提醒",
    NoticeKind.TEXTS: "短信通知",
}
_OFFICE: Final = frozenset(
    {NoticeKind.SUBMISSION, NoticeKind.OPINION, NoticeKind.OVERDUE, NoticeKind.OVERDUE_AGAIN, NoticeKind.TEXTS}
)


def text_of(notice: Notice) -> str:
    """A notice in the words of a short message."""
    details = "、".join(_WORDS[each] for each in notice.detail if each in _WORDS)
    case = "" if notice.case is None else f"，编号 {notice.case}"
    when = notice.at.astimezone(CHINA).strftime("%H:%M")
    if notice.kind in _OFFICE:
        where = f"{notice.hall} 大厅" if notice.hall else "全部大厅"
        return f"{where} {when} {_KINDS[notice.kind]} {notice.lane}：{details}"
    return (
        f"{notice.hall} 大厅 {notice.lane} 通道 {when} {_KINDS[notice.kind]}{f'：{details}' if details else ''}{case}"
    )
