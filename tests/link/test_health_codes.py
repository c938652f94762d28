"""The client of health-code gateways against the reference gateway: real HTTP on the loopback, real faults."""

import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import anyio
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from drivers.simulate.health_gateway import GatewayFault, GatewayPerson, HealthGateway
from kiosk.clock import WallClock
from kiosk.config import HealthService
from kiosk.health_codes import HealthAnswer, ServiceAway
from kiosk.link import health_code
from kiosk.link.health_code import Circuit, HealthCodeClient
from kiosk.link.health_dialects import BadAnswer, CodeVerification, GateDecode
from kiosk.wire.evidence import Colour

pytestmark = pytest.mark.anyio

NUMBER = "110101199003070011"
SECRET = "s3cret-of-the-hall"
KINDS = ["gate-decode", "gbt-38963"]
PEOPLE = {
    "green": GatewayPerson("green", NUMBER),
    "yellow": GatewayPerson("yellow", NUMBER),
    "red": GatewayPerson("red", NUMBER),
    "nobody": GatewayPerson("unknown", NUMBER),
    "签 token&=+%": GatewayPerson("green", NUMBER),
    "masked": GatewayPerson("green", NUMBER, told="masked"),
    "digest": GatewayPerson("green", NUMBER, told="sha256"),
    "not told": GatewayPerson("green", NUMBER, told="not"),
    "family": GatewayPerson("green", NUMBER, owner="110101196001010011", account="a-1"),
    "dated": GatewayPerson("green", NUMBER, judged=1_700_000_000.5),
}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"  # the terminal's own


@pytest.fixture
def gateway() -> Iterator[HealthGateway]:
    with HealthGateway(PEOPLE, secret=SECRET) as running:
        yield running


def settings(url: str, kind: str = "gate-decode", **changed: object) -> HealthService:
    fields: dict[str, object] = {
        "kind": kind, "url": url, "app_id": "hall", "secret_file": "secret", "seconds": 5.0, "patterns": [".+"],
    }  # fmt: skip
    return HealthService.model_validate(fields | changed)


def client(
    folder: Path, url: str, kind: str = "gate-decode", secret: str = SECRET, **changed: object
) -> HealthCodeClient:
    file = folder / "secret"
    if not file.exists():
        file.write_text(secret + "\n")
        file.chmod(0o600)
    return HealthCodeClient(settings(url, kind, **changed), folder)


def now() -> datetime:
    return WallClock().now()


async def why_not(asked: HealthCodeClient) -> str:
    with pytest.raises(ServiceAway) as away:
        await asked.ask("green", now())
    return away.value.code


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("token", "answer"),
    [
        ("green", HealthAnswer(Colour.GREEN, number=NUMBER)),
        ("yellow", HealthAnswer(Colour.YELLOW, number=NUMBER)),
        ("red", HealthAnswer(Colour.RED, number=NUMBER)),
        ("nobody", HealthAnswer(Colour.UNKNOWN, number=NUMBER)),
        ("never heard of", HealthAnswer(Colour.UNKNOWN)),
        ("签 token&=+%", HealthAnswer(Colour.GREEN, number=NUMBER)),
        ("masked", HealthAnswer(Colour.GREEN, number_masked="110101********0011")),
        (
            "digest",
            HealthAnswer(
                Colour.GREEN, number_sha256="cf2af61a594af2d06cd231482342e5b9c06a828f791ae3a40b1daeb5177b1ae4"
            ),
        ),
        ("not told", HealthAnswer(Colour.GREEN)),
        ("family", HealthAnswer(Colour.GREEN, number=NUMBER, shown_by="110101196001010011", account="a-1")),
        (
            "dated",
            HealthAnswer(Colour.GREEN, number=NUMBER, made=datetime(2023, 11, 14, 22, 13, 20, 500_000, UTC)),
        ),
    ],
)
async def test_each_colour_in_both_ways_of_asking(
    gateway: HealthGateway, tmp_path: Path, kind: str, token: str, answer: HealthAnswer
) -> None:
    async with client(tmp_path, gateway.url(kind), kind) as asked:
        assert await asked.ask(token, now()) == answer
    assert (gateway.asked, gateway.refused) == (1, 0)


def test_the_signature_is_the_published_one() -> None:
    """Worked out with sha256sum: printf 'appId=a&qrCode=t&secretKey=s&timestamp=1'."""
    assert GateDecode.sign({"timestamp": "1", "appId": "a", "qrCode": "t"}, "s") == (
        "19A0B94DEAD83EAF5D2FE71225F6C3604C3AA06F631FAFDF6F6DF2646F2354E8"
    )


@pytest.mark.parametrize("kind", KINDS)
async def test_a_wrong_secret_is_refused_and_asked_once(gateway: HealthGateway, tmp_path: Path, kind: str) -> None:
    async with client(tmp_path, gateway.url(kind), kind, secret="another") as asked:
        assert await why_not(asked) == "refused"
    assert (gateway.asked, gateway.refused) == (1, 1)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_clock_that_jumped_a_year_is_refused(gateway: HealthGateway, tmp_path: Path, kind: str) -> None:
    async with client(tmp_path, gateway.url(kind), kind) as asked:
        with pytest.raises(ServiceAway, match="refused"):
            await asked.ask("green", now() + timedelta(days=365))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (GatewayFault.ERROR, "http_500"),
        (GatewayFault.GARBAGE, "bad_answer"),
        (GatewayFault.CUT, "unreachable"),
        (GatewayFault.HUGE, "bad_answer"),
        (GatewayFault.NO_COLOUR, "bad_answer"),
        (GatewayFault.SLOW, "timeout"),
    ],
)
async def test_faults_are_answered_with_their_name_after_one_retry(
    gateway: HealthGateway, tmp_path: Path, kind: str, fault: GatewayFault, code: str
) -> None:
    gateway.fail(fault, slow_seconds=60.0)
    seconds = 0.5 if fault is GatewayFault.SLOW else 5.0
    async with client(tmp_path, gateway.url(kind), kind, seconds=seconds) as asked:
        began = time.monotonic()
        assert await why_not(asked) == code
        assert time.monotonic() - began < 30, "a slow answer is not waited for"
        with anyio.fail_after(60):
            while gateway.asked < 2:  # who has hung up is heard later on a busy machine
                await anyio.sleep(0.01)
    assert gateway.asked == 2


@pytest.mark.parametrize("fault", [GatewayFault.ERROR, GatewayFault.GARBAGE, GatewayFault.CUT, GatewayFault.SLOW])
async def test_one_fault_costs_nobody_the_way_in(gateway: HealthGateway, tmp_path: Path, fault: GatewayFault) -> None:
    gateway.fail(fault, times=1, slow_seconds=60.0)
    seconds = 2.0 if fault is GatewayFault.SLOW else 5.0
    async with client(tmp_path, gateway.url("gate-decode"), seconds=seconds) as asked:
        assert (await asked.ask("green", now())).colour is Colour.GREEN
        assert (asked.code, asked.counts) == ("", (1, 0))


async def test_nobody_listens_there(tmp_path: Path) -> None:
    with HealthGateway() as gone:
        url = gone.url("gate-decode")
    async with client(tmp_path, url) as asked:
        assert await why_not(asked) == "unreachable"
        assert asked.code == "unreachable"


async def test_answers_are_kept_for_nobody(gateway: HealthGateway, tmp_path: Path) -> None:
    async with client(tmp_path, gateway.url("gate-decode")) as asked:
        assert (await asked.ask("green", now())).colour is Colour.GREEN
        gateway.people["green"] = GatewayPerson("red", NUMBER)
        assert (await asked.ask("green", now())).colour is Colour.RED


async def test_a_service_that_is_down_costs_the_queue_no_time(
    gateway: HealthGateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health_code, "OPEN_SECONDS", 600.0)
    gateway.fail(GatewayFault.ERROR)
    async with client(tmp_path, gateway.url("gate-decode")) as asked:
        assert [await why_not(asked) for _ in range(5)] == ["http_500"] * 3 + ["circuit_open"] * 2
        assert gateway.asked == 5
        assert asked.code == "http_500"
        gateway.mend()
        monkeypatch.setattr(asked._circuit, "_clock", lambda: anyio.current_time() + 601.0)
        assert (await asked.ask("green", now())).colour is Colour.GREEN
        assert (asked.code, asked.counts) == ("", (1, 5))


def test_while_it_is_open_one_question_in_ten_seconds() -> None:
    at = 100.0
    circuit = Circuit(lambda: at)
    for _ in range(4):
        circuit.failed()
    assert circuit.may_ask()
    circuit.failed()
    assert not circuit.closed
    asked = []
    for second in range(40):
        at = 100.0 + second
        if circuit.may_ask():
            asked.append(second)
            circuit.failed()
    assert asked == [10, 20, 30]
    circuit.worked()
    assert circuit.may_ask()


async def test_a_question_that_was_given_up_does_not_keep_the_circuit_open() -> None:
    at = 0.0
    circuit = Circuit(lambda: at)
    for _ in range(5):
        circuit.failed()
    at = 11.0
    assert circuit.may_ask()  # and the person asks for staff before it is answered
    at = 22.0
    assert circuit.may_ask()


@pytest.mark.parametrize(
    ("content", "mode"),
    [(SECRET, 0o644), ("", 0o600), (None, 0), (b"\xff\xfe", 0o600)],
    ids=["open", "empty", "none", "binary"],
)
async def test_a_secret_that_cannot_be_used(
    gateway: HealthGateway, tmp_path: Path, content: str | bytes | None, mode: int
) -> None:
    file = tmp_path / "secret"
    async with HealthCodeClient(settings(gateway.url("gate-decode")), tmp_path) as asked:
        if content is not None:
            file.write_bytes(content if isinstance(content, bytes) else content.encode())
            file.chmod(mode)
        assert await why_not(asked) == "no_secret"
        assert gateway.asked == 0
        file.write_text(SECRET)
        file.chmod(0o600)
        assert (await asked.ask("green", now())).colour is Colour.GREEN


async def test_neither_secret_nor_token_nor_number_is_logged_or_shown(
    gateway: HealthGateway, tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    gateway.fail(GatewayFault.ERROR, times=2)
    async with client(tmp_path, gateway.url("gate-decode")) as asked:
        code = await why_not(asked)
        answer = await asked.ask("green", now())
        out = capfd.readouterr()
        said = "".join([out.out, out.err, caplog.text, repr(asked), repr(answer), code])
        assert "http_500" in said  # it did log
        assert not any(word in said for word in (SECRET, NUMBER, "qrCode"))


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"", "no JSON"),
        (b"[]", "no JSON"),
        (b'{"code":0}', "code 0"),
        (b'{"code":500}', "code 500"),
        (b'{"code":0,"data":{"color":true}}', "no JSON"),
        (b'{"code":0,"data":{}}', "colour"),
        (b'{"code":0,"data":{"color":3}}', "colour"),
        (b'{"code":0,"data":{"color":1,"updateTime":"2023-11-14 22:13:20"}}', "zone"),
        (b'{"code":0,"data":{"color":1,"updateTime":99999999999999999999}}', "time"),
        (b'{"code":0,"data":{"color":1,"updateTime":9999999999999999}}', "time"),
        (b'{"code":0,"data":{"color":1,"idCardSha256":"xyz"}}', "digest"),
        (b'{"code":0,"data":{"color":1,"idCard":"' + b"1" * 33 + b'"}}', "number"),
        (b"\xbd\xa1\xbf\xb5", "no JSON"),
        (b"[" * 50_000, "no JSON"),
    ],
)
def test_what_is_no_answer(answer: bytes, why: str) -> None:
    with pytest.raises(BadAnswer, match=why):
        GateDecode().answer(answer)


def test_what_is_no_answer_of_the_other_kind() -> None:
    for answer in (b'{"code":0}', b'{"code":"0000"}', b'{"code":"0000","data":{"healthStatus":"0"}}'):
        with pytest.raises(BadAnswer):
            CodeVerification().answer(answer)


# TLS -----------------------------------------------------------------------------------------------------------------


def certificate(folder: Path, address: str) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "gateway")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now() - timedelta(days=1)).not_valid_after(now() + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address(address))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    file = folder / "gateway.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(made.public_bytes(Encoding.PEM) + private)
    return file


@pytest.mark.parametrize(
    ("address", "known", "code"),
    [("127.0.0.1", True, ""), ("127.0.0.1", False, "tls"), ("127.0.0.2", True, "tls")],
    ids=["good", "unknown authority", "another host's"],
)
async def test_the_services_certificate_is_checked(tmp_path: Path, address: str, known: bool, code: str) -> None:
    file = certificate(tmp_path, address)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    with HealthGateway(PEOPLE, secret=SECRET, tls=context) as gateway:
        ca_file = "gateway.pem" if known else None
        async with client(tmp_path, gateway.url("gate-decode"), ca_file=ca_file) as asked:
            if code:
                assert await why_not(asked) == code
                assert gateway.asked == 0
            else:
                assert (await asked.ask("green", now())).colour is Colour.GREEN


async def test_an_authority_file_that_is_none_stops_no_terminal(gateway: HealthGateway, tmp_path: Path) -> None:
    async with client(tmp_path, gateway.url("gate-decode"), ca_file="missing.pem") as asked:
        assert asked.code == "tls"
        assert await why_not(asked) == "tls"
