"""Whatever is held before the scanner as a proof of health, told apart and judged."""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.certificates.answers import Holder as Stated
from kiosk.certificates.trust import Trust
from kiosk.gate.bearer import bearer_of_certificate, bearer_of_code
from kiosk.gate.evidence import Who
from kiosk.gate.health import Proofs, Sort, sort_of
from kiosk.gate.proofs import AnotherPart
from kiosk.health_codes import HealthAnswer, ServiceAway
from kiosk.wire.codes import CodeClaims, issue
from kiosk.wire.digest import person_digest
from kiosk.wire.evidence import CertificateChecked, Colour, HealthChecked, Holder, NotMeasured, Why
from kiosk.wire.trust import Scheme
from tests.certificates.mint import NOW, Mint

pytestmark = pytest.mark.anyio

KEY = bytes(range(32))
NUMBER, MOTHER = "110101199003070011", "110101196001010013"
PATTERNS = (re.compile(r"https://jkm\.example/c\?t=[0-9a-f]{8,64}"), re.compile(r"YKM[0-9A-Z]{16}"))
TOKEN = b"YKM0123456789ABCDEF"
ZHANG = Who(person_digest(NUMBER, KEY), "张*", "张三", NUMBER, date(1990, 3, 7))
MUM = Who(person_digest(MOTHER, KEY), "王*", "王五", MOTHER, date(1960, 1, 1))
ANNA = Who("a" * 64, "M*", "MÜLLER ANNA", "C01X00T47", date(1979, 4, 14))


@pytest.fixture(scope="module")
def mint() -> Mint:
    return Mint()


@dataclass
class Service:
    answers: list[HealthAnswer | ServiceAway]
    asked: list[str] = field(default_factory=list)
    name: str = "gate-decode"

    async def ask(self, token: str, now: datetime) -> HealthAnswer:
        self.asked.append(token)
        answer = self.answers.pop(0)
        if isinstance(answer, ServiceAway):
            raise answer
        return answer


def proofs(*answers: HealthAnswer | ServiceAway, trust: Trust | None = None) -> Proofs:
    async def lists() -> Trust:
        return trust or Trust()

    return Proofs(Service(list(answers)), patterns=PATTERNS, trust=lists, hall_key=KEY)


# Telling apart -------------------------------------------------------------------------------------------------------


def own_code() -> bytes:
    claims = CodeClaims(code_id="A", hall="weinan", not_before=NOW, expires=NOW + timedelta(hours=1))
    return issue(claims, Ed25519PrivateKey.generate()).encode()


@pytest.mark.parametrize(
    ("payload", "sort"),
    [
        (own_code(), Sort.OWN_CODE),
        (b"KA1:damaged", Sort.OWN_CODE),
        (b"HC1:6BF", Sort.CERTIFICATE),
        (b"shc:/5676", Sort.CERTIFICATE),
        (b"SHC:/1/2/5676", Sort.CERTIFICATE),
        (b'{"data":{"hdr":{"is":"XXA","t":"icao.vacc","v":1},"msg":{}},"sig":{}}', Sort.CERTIFICATE),
        (b"shlink:/eyJ1cmwi", Sort.CERTIFICATE),
        (TOKEN, Sort.HEALTH_CODE),
        (TOKEN + b"\r\n", Sort.HEALTH_CODE),
        (b"https://jkm.example/c?t=0123456789abcdef", Sort.HEALTH_CODE),
        (b"https://jkm.example/c?t=0123456789abcdef&and=more", Sort.UNKNOWN),
        (b"x" + TOKEN, Sort.UNKNOWN),
        (TOKEN.lower(), Sort.UNKNOWN),
        (b"https://pay.example/134567890123456789", Sort.UNKNOWN),
        ("健康码".encode(), Sort.UNKNOWN),
        ("健康码".encode("gbk"), Sort.UNKNOWN),
        ("YKM健康".encode("gb18030"), Sort.UNKNOWN),
        (b"", Sort.UNKNOWN),
        (b"\x00" * 16, Sort.UNKNOWN),
        (b"A" * 10_240, Sort.UNKNOWN),
        (b"YKM" + b"A" * 10_240, Sort.UNKNOWN),
        (b"HC1:" + b"A" * 20_000, Sort.UNKNOWN),
    ],
)
def test_each_payload_is_one_sort(payload: bytes, sort: Sort) -> None:
    assert sort_of(payload, PATTERNS) is sort


def test_without_patterns_nothing_is_a_health_code() -> None:
    assert sort_of(TOKEN) is Sort.UNKNOWN


def test_a_token_of_any_length_is_bounded() -> None:
    anything = (re.compile(".+"),)
    assert sort_of(b"T" * 4096, anything) is Sort.HEALTH_CODE
    assert sort_of(b"T" * 4097, anything) is Sort.UNKNOWN


async def test_what_is_no_proof_is_sent_nowhere() -> None:
    service = Service([])

    async def lists() -> Trust:
        return Trust()

    judge = Proofs(service, patterns=PATTERNS, trust=lists, hall_key=KEY)
    for payload in (own_code(), b"https://pay.example/1", "预约".encode("gbk"), b"", b"A" * 10_240):
        assert await judge.check(payload, ZHANG, NOW) is None
    assert service.asked == []


# Health codes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("colour", list(Colour))
async def test_the_services_colour_becomes_evidence(colour: Colour) -> None:
    made = NOW - timedelta(hours=3)
    found = await proofs(HealthAnswer(colour, made=made, number=NUMBER)).check(TOKEN + b"\r", ZHANG, NOW)
    assert found == HealthChecked(
        colour=colour, service="gate-decode", made=made, holder=Holder.SAME, device="code_scanner", at=NOW
    )


async def test_an_answer_without_a_time_is_of_now() -> None:
    found = await proofs(HealthAnswer(Colour.GREEN, number=NUMBER)).check(TOKEN, ZHANG, NOW)
    assert isinstance(found, HealthChecked)
    assert found.made == NOW


@pytest.mark.parametrize("code", ["timeout", "unreachable", "circuit_open", "bad_answer", "http_500", "refused"])
async def test_a_service_that_is_away_is_no_verdict(code: str) -> None:
    found = await proofs(ServiceAway(code)).check(TOKEN, ZHANG, NOW)
    assert found == NotMeasured(why=Why.DEVICE_FAULT, device="health_service", code=code)


async def test_a_hall_without_a_service_takes_certificates_only() -> None:
    async def lists() -> Trust:
        return Trust()

    assert await Proofs(None, patterns=PATTERNS, trust=lists, hall_key=KEY).check(TOKEN, ZHANG, NOW) is None


DIGEST = "cf2af61a594af2d06cd231482342e5b9c06a828f791ae3a40b1daeb5177b1ae4"  # sha256sum of NUMBER


@pytest.mark.parametrize(
    ("answer", "who", "holder"),
    [
        (HealthAnswer(Colour.GREEN, number=NUMBER), ZHANG, Holder.SAME),
        (HealthAnswer(Colour.GREEN, number=" 11010119900307001x "), ZHANG, Holder.OTHER),
        (HealthAnswer(Colour.GREEN, number=NUMBER), MUM, Holder.OTHER),
        (HealthAnswer(Colour.GREEN, number=NUMBER), Who("", ""), Holder.OTHER),
        (HealthAnswer(Colour.GREEN, number=NUMBER), Who(ZHANG.person, ""), Holder.SAME),
        (HealthAnswer(Colour.GREEN, number_sha256=DIGEST), ZHANG, Holder.SAME),
        (HealthAnswer(Colour.GREEN, number_sha256=DIGEST), MUM, Holder.OTHER),
        (HealthAnswer(Colour.GREEN, number_sha256=DIGEST), Who(ZHANG.person, ""), Holder.UNKNOWN),
        (HealthAnswer(Colour.GREEN, number_masked="1101**********0011"), ZHANG, Holder.UNKNOWN),
        (HealthAnswer(Colour.GREEN, number_masked="1101**********0012"), ZHANG, Holder.OTHER),
        (HealthAnswer(Colour.GREEN, number_masked="4101**********0011"), ZHANG, Holder.OTHER),
        (HealthAnswer(Colour.GREEN, number_masked="*"), ZHANG, Holder.UNKNOWN),
        (HealthAnswer(Colour.GREEN, number_masked=f"{NUMBER}*{NUMBER}"), ZHANG, Holder.OTHER),
        (HealthAnswer(Colour.GREEN), ZHANG, Holder.UNKNOWN),
    ],
)
def test_whose_a_code_is(answer: HealthAnswer, who: Who, holder: Holder) -> None:
    assert bearer_of_code(answer, who, KEY) is holder


async def test_a_daughters_telephone_shows_her_mothers_code() -> None:
    """The service names her."""
    found = await proofs(HealthAnswer(Colour.GREEN, number=MOTHER, shown_by=NUMBER)).check(TOKEN, MUM, NOW)
    assert isinstance(found, HealthChecked)
    assert (found.holder, found.shown_by) == (Holder.SAME, ZHANG.person)


async def test_the_same_telephone_as_a_moment_ago() -> None:
    """The service names the account only; whoever showed their own code on it first is its owner."""
    judge = proofs(
        HealthAnswer(Colour.GREEN, number=NUMBER, account="t-1"),
        HealthAnswer(Colour.GREEN, number=MOTHER, account="t-1"),
        HealthAnswer(Colour.GREEN, number=MOTHER, account="t-2"),
        HealthAnswer(Colour.GREEN, number=MOTHER, account="t-1"),
    )
    found = [
        await judge.check(TOKEN, ZHANG, NOW),
        await judge.check(TOKEN, MUM, NOW + timedelta(minutes=1)),
        await judge.check(TOKEN, MUM, NOW + timedelta(minutes=2)),
        await judge.check(TOKEN, MUM, NOW + timedelta(minutes=11)),
    ]
    assert [f.shown_by for f in found if isinstance(f, HealthChecked)] == ["", ZHANG.person, "", ""]


async def test_somebody_elses_code_links_nobody() -> None:
    found = await proofs(HealthAnswer(Colour.GREEN, number=NUMBER, shown_by=MOTHER, account="t")).check(TOKEN, MUM, NOW)
    assert isinstance(found, HealthChecked)
    assert (found.holder, found.shown_by) == (Holder.OTHER, "")


# Certificates --------------------------------------------------------------------------------------------------------


async def judged(judge: Proofs, text: str, who: Who = ANNA, now: datetime = NOW) -> CertificateChecked:
    found = await judge.check(text.encode(), who, now)
    assert isinstance(found, CertificateChecked)
    return found


async def test_each_scheme_by_the_rules_own_name(mint: Mint) -> None:
    shown = {
        Scheme.EU_DCC: mint.dcc(),
        Scheme.SMART_HEALTH_CARD: mint.numeric(mint.jws())[0],
        Scheme.VDS_NC: mint.seal(),
    }
    named = {Scheme.EU_DCC: "dcc", Scheme.SMART_HEALTH_CARD: "shc", Scheme.VDS_NC: "vds_nc"}
    for scheme, text in shown.items():
        found = await judged(proofs(trust=mint.trust(scheme)), text)
        assert (found.scheme, found.answer) == (named[scheme], "valid")
        assert (found.list_made, found.device, found.at) == (NOW - timedelta(days=2), "code_scanner", NOW)


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        (lambda m: m.dcc(claims={4: int((NOW - timedelta(days=1)).timestamp())}), "expired"),
        (lambda m: m.dcc(key=m.authority), "bad_signature"),
        (lambda m: m.dcc(protected={1: -7, 4: b"12345678"}), "unknown_issuer"),
        (lambda m: "HC1:" + "A" * 4000, "malformed"),
        (lambda m: "HC9:" + m.dcc()[4:], "unsupported"),
        (lambda m: m.dcc(content={"ver": "1.3.0", "nam": m.person, "dob": "1979-04-14", "t": [m.test]}), "valid"),
        (
            lambda m: m.dcc(
                content={"ver": "1.3.0", "nam": m.person, "dob": "1979-04-14", "t": [m.test | {"tr": "260373001"}]}
            ),
            "wrong_type",
        ),
    ],
    ids=["expired", "forged", "unknown", "damaged", "version", "negative test", "positive test"],
)
async def test_what_a_certificate_is_worth(mint: Mint, change: Callable[[Mint], str], answer: str) -> None:
    found = await judged(proofs(trust=mint.trust(Scheme.EU_DCC)), change(mint))
    assert found.answer == answer


async def test_without_a_list_nothing_is_said(mint: Mint) -> None:
    found = await judged(proofs(), mint.dcc())
    assert (found.scheme, found.answer, found.holder, found.list_made) == ("dcc", "no_list", Holder.UNKNOWN, None)


async def test_a_list_that_is_overdue_says_so(mint: Mint) -> None:
    found = await judged(proofs(trust=mint.trust(Scheme.EU_DCC)), mint.dcc(), now=NOW + timedelta(days=6))
    assert found.answer == "stale_list"


def two_parts(mint: Mint) -> list[str]:
    entries = mint.card_payload()
    vaccination = entries["vc"]["credentialSubject"]["fhirBundle"]["entry"][1]["resource"]
    vaccination["lotNumber"] = random.Random(1).randbytes(900).hex()  # does not compress into one code
    return mint.numeric(mint.jws(entries), 2)


async def test_a_card_in_two_parts_in_any_order(mint: Mint) -> None:
    judge = proofs(trust=mint.trust(Scheme.SMART_HEALTH_CARD))
    one, two = two_parts(mint)
    with pytest.raises(AnotherPart):
        await judge.check(two.encode(), ANNA, NOW)
    with pytest.raises(AnotherPart):
        await judge.check(two.encode(), ANNA, NOW + timedelta(seconds=5))
    assert (await judged(judge, one, now=NOW + timedelta(seconds=9))).answer == "valid"


@pytest.mark.parametrize(
    ("who", "later"), [(ZHANG, timedelta(seconds=5)), (ANNA, timedelta(minutes=2)), (ANNA, -timedelta(days=365))],
    ids=["of the one before", "of long ago", "the clock jumped"],
)  # fmt: skip
async def test_parts_of_others_are_not_taken_together(mint: Mint, who: Who, later: timedelta) -> None:
    judge = proofs(trust=mint.trust(Scheme.SMART_HEALTH_CARD))
    one, two = two_parts(mint)
    with pytest.raises(AnotherPart):
        await judge.check(one.encode(), ANNA, NOW)
    with pytest.raises(AnotherPart):
        await judge.check(two.encode(), who, NOW + later)


async def test_a_card_cut_without_need_is_told_at_once(mint: Mint) -> None:
    judge = proofs(trust=mint.trust(Scheme.SMART_HEALTH_CARD))
    one, two = mint.numeric(mint.jws(), 2)
    with pytest.raises(AnotherPart):
        await judge.check(one.encode(), ANNA, NOW)
    assert (await judged(judge, two)).answer == "malformed"


async def test_a_part_of_another_card_begins_anew(mint: Mint) -> None:
    judge = proofs(trust=mint.trust(Scheme.SMART_HEALTH_CARD))
    one, two = two_parts(mint)
    other = mint.numeric(mint.jws(mint.card_payload() | {"iss": "https://other.example"}) + "A" * 2000, 3)[0]
    for text in (other, one):
        with pytest.raises(AnotherPart):
            await judge.check(text.encode(), ANNA, NOW)
    assert (await judged(judge, two)).answer == "valid"


# Whose ---------------------------------------------------------------------------------------------------------------


def stated(name: str, born: str = "1979-04-14", transliterated: str = "", document: str = "") -> Stated:
    return Stated(name, born, transliterated, document)


@pytest.mark.parametrize(
    ("found", "who", "holder"),
    [
        (stated("Müller Anna"), ANNA, Holder.SAME),
        (stated("Anna Müller"), ANNA, Holder.SAME),
        (stated("x", transliterated="MUELLER<<ANNA"), ANNA, Holder.SAME),
        (stated("MUELLER ANNA"), ANNA, Holder.SAME),
        (stated("Müller Anna Maria"), ANNA, Holder.SAME),
        (stated("Müller Bertha"), ANNA, Holder.UNKNOWN),
        (stated("Schmidt Bertha"), ANNA, Holder.OTHER),
        (stated("Müller Anna", "1979-04-15"), ANNA, Holder.OTHER),
        (stated("Müller Anna", "1979"), ANNA, Holder.UNKNOWN),
        (stated("Müller Anna", "1980"), ANNA, Holder.OTHER),
        (stated("Müller Anna", ""), ANNA, Holder.UNKNOWN),
        (stated("Schmidt Bertha", document="c01x00t47"), ANNA, Holder.SAME),
        (stated("Müller Anna", "1979-04-15", document="C01X00T47"), ANNA, Holder.OTHER),
        (stated("ZHANG SAN", "1990-03-07"), ZHANG, Holder.UNKNOWN),
        (stated("ZHANG SAN", "1990-03-08"), ZHANG, Holder.OTHER),
        (stated("张三", "1990-03-07"), ZHANG, Holder.SAME),
        (stated("三 张", "1990-03-07"), ZHANG, Holder.SAME),
        (stated("张四", "1990-03-07"), ZHANG, Holder.OTHER),
        (stated("ZHANG SAN", "1990-03-07"), Who("b" * 64, "", "ZHANG<<SAN", "E1", date(1990, 3, 7)), Holder.SAME),
        (
            stated("ZHANG SANFENG", "1990-03-07"),
            Who("b" * 64, "", "ZHANG SAN FENG", "E1", date(1990, 3, 7)),
            Holder.SAME,
        ),
        (stated("MI LING", "1990-03-07"), Who("b" * 64, "", "LI MING", "E1", date(1990, 3, 7)), Holder.OTHER),
        (stated("", "1979-04-14"), ANNA, Holder.UNKNOWN),
        (stated("Müller Anna"), Who("a" * 64, ""), Holder.UNKNOWN),
        (None, ANNA, Holder.UNKNOWN),
    ],
)
def test_whose_a_certificate_is(found: Stated | None, who: Who, holder: Holder) -> None:
    assert bearer_of_certificate(found, who) is holder


async def test_a_forged_certificate_says_nothing_of_whose_it_is(mint: Mint) -> None:
    """Its content is not believed: neither that it is theirs nor that it is another's."""
    for who in (ANNA, ZHANG):
        assert (await judged(proofs(trust=mint.trust(Scheme.EU_DCC)), mint.dcc(key=mint.authority), who)).holder is (
            Holder.UNKNOWN
        )
