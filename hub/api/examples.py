"""An example of everything that the terminal port takes or gives as JSON, encoded from the structs themselves.

All of it is invented. What is taken can be sent as it stands: it is decoded, and answered or refused for its content.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from hub.api.terminals import Now
from hub.office.gateway import GatewayOrder
from hub.texts.reports import Report, Reports
from kiosk.wire import edge, serials
from kiosk.wire.appointments import Appointment, AppointmentChanges, HallNow
from kiosk.wire.catalogue import Text
from kiosk.wire.earlier import AskEarlier, AskEarlierPage, EarlierOffer, EarlierOffers
from kiosk.wire.events import Answer, Crossed, Envelope, Fate, PassageEnded
from kiosk.wire.fleet import Enrolled, EnrolRequest, Health, Renewed, RenewRequest, Signed
from kiosk.wire.help import CallAsked, CallNow, Delivered, Hangup, Message, MessageKind, News, Standing
from kiosk.wire.orders import OrderFate, OrderKind, Orders, OrderSettled, TerminalOrder
from kiosk.wire.phone import PhoneStanding, PhoneState, PhoneTicket, PhoneWanted
from kiosk.wire.progress import AskMine, AskResult, Mine, WhoAsks
from kiosk.wire.requests import Numbered, Order, OrderState, Reply, SlotFree, Slots, TakeNumber
from kiosk.wire.requests import Request as Wish


class ProblemShown(msgspec.Struct):
    """What went wrong, and what to do (RFC 9457)."""

    type: str
    """`urn:kiosk:problem:NAME`; the name is stable."""
    title: str
    status: int
    detail: str


def _csr() -> str:
    """A request that can be read; its key is nobody's."""
    key = ec.derive_private_key(20261122, ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "gate-1")])
    made = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    return made.public_bytes(serialization.Encoding.PEM).decode()


_NOW: Final = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
_LATER: Final = _NOW + timedelta(minutes=10)
_ID: Final = UUID("01a20391-4902-722a-bff8-42c7c300e35e")
_SECRET_ID: Final = UUID("7d0b6f3e-52c1-4d0a-9a9a-2f3c5a1b8e47")
_DIGEST: Final = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_NUMBER: Final = "00000700000042"
_CERTIFICATE: Final = "-----BEGIN CERTIFICATE-----\n…\n-----END CERTIFICATE-----\n"
_AGE: Final = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
_CSR: Final = _csr()
_WHO: Final = WhoAsks(person=_DIGEST)
_CALL: Final = CallNow(id=_ID, standing=Standing.WAITING, version=1, ahead=2, wait_seconds=180)

EXAMPLES: Final[dict[Any, object]] = {
    list[Envelope]: [
        Envelope(
            seq=7,
            made=_NOW,
            event=PassageEnded(id=_ID, passage=_ID, crossed=Crossed.PASSED, ended=_NOW, people=1),
        )
    ],
    list[Answer]: [
        Answer(seq=7, fate=Fate.STORED),
        Answer(seq=8, fate=Fate.LATER, detail="its passage has not arrived"),
    ],
    EnrolRequest: EnrolRequest(code="ABCD-EFGH-IJKL-MNOP", csr=_CSR),
    Enrolled: Enrolled(
        terminal="gate-1",
        hall="weinan",
        certificate=_CERTIFICATE,
        ca=_CERTIFICATE,
        hub_recipient=_AGE,
        hall_key=_DIGEST,
        rules_key=_DIGEST,
        receipt_range=7,
    ),
    RenewRequest: RenewRequest(csr=_CSR),
    Renewed: Renewed(certificate=_CERTIFICATE),
    serials.SerialRequest: serials.SerialRequest(serial="KZ7-0042", csr=_CSR),
    edge.ServerWanted: edge.ServerWanted(csr=_CSR, certificate=_CERTIFICATE, proof=b"ECDSA"),
    edge.ServerIssued: edge.ServerIssued(certificate=_CERTIFICATE),
    list[edge.EdgeTerminal]: [edge.EdgeTerminal(terminal="gate-1", sha256=_DIGEST, expires=_LATER)],
    Health: Health(
        terminal="gate-1",
        role="gate",
        version="0.1.0",
        made=_NOW,
        in_service=True,
        view="Welcome",
        rules_version=3,
        outbox_waiting=0,
        outbox_dead=0,
    ),
    HallNow: HallNow(inside=41, made=_NOW),
    Now: Now(now=_NOW),
    Signed: Signed(kind="rules", version=3, body=b"{}", signature=bytes(64)),
    AppointmentChanges: AppointmentChanges(
        hall="weinan",
        since=11,
        upto=12,
        complete=True,
        made=_NOW,
        changes=(Appointment(code_id="ABCDEFGH", person=_DIGEST, begins=_NOW, ends=_LATER),),
    ),
    Orders: Orders(orders=(TerminalOrder(number=12, kind=OrderKind.RELOAD, expires=_LATER),)),
    OrderSettled: OrderSettled(fate=OrderFate.DONE),
    AskMine: AskMine(who=_WHO),
    Mine: Mine(made=_NOW, submissions=()),
    Wish: Wish(id=_ID, made=_NOW, ask=TakeNumber(department="social-security")),
    Reply: Numbered(text="A012", department="social-security", ahead=3, made=_NOW),
    AskResult: AskResult(who=_WHO, number=_NUMBER),
    GatewayOrder: GatewayOrder(state="paid", fen=2000, number="4200000042", order=_ID),
    Order: Order(id=_ID, state=OrderState.WAITING, fen=2000, qr="https://pay.example/7", expires=_LATER),
    Slots: Slots(department="social-security", slots=(SlotFree(begins=_NOW, free=3),)),
    Reports: Reports(reports=(Report(key=_ID, state="delivered"),)),
    PhoneWanted: PhoneWanted(
        id=_SECRET_ID,
        item="social-card-replacement",
        item_title=Text(zh_hans="社会保障卡补领", zh_hant="社會保障卡補領", en="Replace a social security card"),
        title=Text(zh_hans="居民身份证", zh_hant="居民身份證", en="Resident identity card"),
        most=2,
        recipient=_AGE,
        sides=True,
    ),
    PhoneTicket: PhoneTicket(url="https://kiosk.example/p#7", expires=_LATER, seconds=600),
    PhoneStanding: PhoneStanding(state=PhoneState.WAITING, seconds=540),
    AskEarlier: AskEarlier(who=_WHO, item="social-card-replacement", paper="id_card"),
    EarlierOffers: EarlierOffers(
        papers=(
            EarlierOffer(
                number=_NUMBER,
                sha256=_DIGEST,
                bytes=812_345,
                item_title=Text(
                    zh_hans="社会保障卡补领", zh_hant="社會保障卡補領", en="Replace a social security card"
                ),
                captured=_NOW,
                device="document",
                grade="A",
                pages=1,
                handed_in=_NOW,
            ),
        )
    ),
    AskEarlierPage: AskEarlierPage(who=_WHO, number=_NUMBER, sha256=_DIGEST),
    CallAsked: CallAsked(id=_ID, role="desk", language="zh-Hans", view="desk.Form"),
    CallNow: _CALL,
    Message: Message(kind=MessageKind.CHAT, body="请问这里怎么填？"),
    News: News(
        call=_CALL,
        messages=(Delivered(seq=1, sender="li", message=Message(kind=MessageKind.CHAT, body="您好")),),
        last=1,
        tag="1",
    ),
    Hangup: Hangup(),
    ProblemShown: ProblemShown(
        "urn:kiosk:problem:certificate-replaced",
        "This certificate is no longer in force",
        401,
        "Enrol the terminal again.",
    ),
    date: date(2026, 11, 23),
}
