"""EU DCC vectors of `dgc-testdata`: every expected result against what each stage says."""

import base64
import binascii
import json
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
import zxingcpp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.certificates import dcc, dcc_schema
from kiosk.certificates.answers import CertificateAnswer, Refused, Usage
from kiosk.certificates.cbor import CborError, Item, Tagged, decode
from kiosk.certificates.dates import check_token
from kiosk.certificates.reader import read
from kiosk.certificates.trust import Trust, TrustList, dcc_key, sign_list
from kiosk.wire.trust import Scheme, TrustListBody

Fields = dict[str, object]


@dataclass(frozen=True, slots=True, eq=False)
class Vector:
    """One file.

    Attributes:
        name: its path inside the folder.
        fields: as in the file.
        certificate: the signer's, DER.
        clock: the moment at which it is to be checked.
        trust: a trust list with that certificate alone.
    """

    name: str
    fields: Fields
    certificate: bytes
    clock: datetime
    trust: TrustList

    def text(self, name: str) -> str | None:
        """A text field."""
        value = self.fields.get(name)
        return value if isinstance(value, str) else None

    def data(self, name: str) -> bytes | None:
        """A hexadecimal field."""
        text = self.text(name)
        return bytes.fromhex(text) if text else None

    def cose(self) -> bytes:
        """The token, from its field, else unpacked from the code."""
        found = self.data("COSE")
        return found if found is not None else dcc.inflated(self.packed())

    def packed(self) -> bytes:
        """The compressed token, from its field, else from the code."""
        found = self.data("COMPRESSED")
        return found if found is not None else dcc.unpacked(self.base45())

    def base45(self) -> str:
        """The code without its prefix."""
        found = self.text("BASE45")
        return found if found is not None else dcc.without_prefix(self.text("PREFIX") or "")


@dataclass(slots=True)
class Tally:
    """How often a check agreed with what the vector expects."""

    agree: int = 0
    disagree: list[dict[str, object]] = field(default_factory=list)
    without_input: int = 0

    def shown(self) -> dict[str, object]:
        """For the report."""
        total = self.agree + len(self.disagree)
        return {"agree": self.agree, "of": total, "without_input": self.without_input, "disagree": self.disagree}


def vectors(folder: Path) -> tuple[list[Vector], list[str]]:
    """The vectors below a folder, and the files that are none."""
    found: list[Vector] = []
    others: list[str] = []
    hub = Ed25519PrivateKey.generate()
    for path in sorted(folder.rglob("*.json")):
        name = path.relative_to(folder).as_posix()
        try:
            fields = json.loads(path.read_text("utf-8-sig"))
            certificate = base64.b64decode(fields["TESTCTX"]["CERTIFICATE"])
            clock = datetime.fromisoformat(fields["TESTCTX"]["VALIDATIONCLOCK"])
        except (ValueError, KeyError, TypeError):
            others.append(name)
            continue
        clock = clock if clock.tzinfo else clock.replace(tzinfo=UTC)
        found.append(Vector(name, fields, certificate, clock, trust_in(certificate, clock, hub)))
    return found, others


def trust_in(certificate: bytes, clock: datetime, hub: Ed25519PrivateKey) -> TrustList:
    """A signed list with one signer, loaded as the terminal does."""
    begins, ends = clock - timedelta(days=1), clock + timedelta(days=1)
    body = TrustListBody(
        scheme=Scheme.EU_DCC,
        issued=begins,
        not_before=begins,
        next_update=ends,
        expires=ends,
        keys=[dcc_key(certificate, "XX")],
    )
    return TrustList.load(sign_list(body, 1, hub), hub.public_key().public_bytes_raw(), clock)


# Checks: each says whether the step succeeded; None where the vector has nothing to check it with --------------------


def _unprefix(vector: Vector) -> bool | None:
    code, plain = vector.text("PREFIX"), vector.text("BASE45")
    if code is None:
        return None
    bare = dcc.without_prefix(code)
    return plain is None or bare == plain


def _base45(vector: Vector) -> bool | None:
    if vector.text("BASE45") is None and vector.text("PREFIX") is None:
        return None
    unpacked, packed = dcc.unpacked(vector.base45()), vector.data("COMPRESSED")
    return packed is None or unpacked == packed


def _compression(vector: Vector) -> bool | None:
    if vector.data("COMPRESSED") is None and vector.text("PREFIX") is None:
        return None
    token = vector.data("COSE")
    return dcc.inflated(vector.packed()) == token if token is not None else bool(dcc.inflated(vector.packed()))


def _verify(vector: Vector) -> bool:
    dcc.verified(dcc.token(vector.cose()), vector.trust, vector.clock)
    return True


def _key_usage(vector: Vector) -> bool:
    token = dcc.token(vector.cose())
    signer = dcc.verified(token, vector.trust, vector.clock)
    return dcc.usage(signer, dcc_schema.kind(dcc.claims(token.payload).content)) is not Usage.FORBIDDEN


def _expiration(vector: Vector) -> bool:
    claims = dcc.claims(dcc.token(vector.cose()).payload)
    check_token(claims.not_before or claims.issued, claims.expires, vector.clock, last_counts=True)
    return True


def _decode(vector: Vector) -> bool | None:
    data, expected = vector.data("CBOR"), vector.fields.get("JSON")
    if data is None or expected is None:
        return None
    item = decode(data)
    whole = isinstance(item, dict) and -260 in item  # some files hold the whole token there
    return _alike(dcc.claims(data).content if whole else item, expected)


def _valid_json(vector: Vector) -> bool | None:
    expected = vector.fields.get("JSON")
    if vector.text("PREFIX") is None or expected is None:
        return None
    token = dcc.token(dcc.inflated(dcc.unpacked(dcc.without_prefix(vector.text("PREFIX") or ""))))
    return _alike(dcc.claims(token.payload).content, expected)


def _schema(vector: Vector) -> bool:
    claims = dcc.claims(dcc.token(vector.cose()).payload)
    dcc_schema.read(claims.content, {}, claims.issued)
    return True


def _picture(vector: Vector) -> bool | None:
    picture, expected = vector.text("2DCODE"), vector.text("PREFIX")
    if picture is None or expected is None:
        return None
    image = cv2.imdecode(np.frombuffer(base64.b64decode(picture), np.uint8), cv2.IMREAD_COLOR)
    if image is None:
        return False
    return any(found.bytes == expected.encode() for found in zxingcpp.read_barcodes(image))


_CHECKS: dict[str, Callable[[Vector], bool | None]] = {
    "EXPECTEDUNPREFIX": _unprefix,
    "EXPECTEDB45DECODE": _base45,
    "EXPECTEDCOMPRESSION": _compression,
    "EXPECTEDVERIFY": _verify,
    "EXPECTEDKEYUSAGE": _key_usage,
    "EXPECTEDEXPIRATIONCHECK": _expiration,
    "EXPECTEDDECODE": _decode,
    "EXPECTEDVALIDJSON": _valid_json,
    "EXPECTEDSCHEMAVALIDATION": _schema,
    "EXPECTEDPICTUREDECODE": _picture,
}
_REFUSALS = (Refused, CborError, ValueError, binascii.Error, cv2.error)


class _Differs(ValueError):
    """The content is not what the file says, and where."""


def _alike(item: Item, expected: object) -> bool:
    where = _difference(plain(item), same(expected), "")
    if where:
        raise _Differs(f"the file contradicts itself: code and JSON differ in {where}")
    return True


def _difference(one: object, other: object, path: str) -> str:
    """The first place where two values differ; empty where they do not."""
    if isinstance(one, dict) and isinstance(other, dict) and set(one) == set(other):
        return next((found for key in one if (found := _difference(one[key], other[key], f"{path}.{key}"))), "")
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        places = (
            _difference(left, right, f"{path}[{at}]") for at, (left, right) in enumerate(zip(one, other, strict=True))
        )
        return next((found for found in places if found), "")
    return "" if one == other else path or "."


def plain(item: Item) -> object:
    """CBOR as JSON has it: dates without their tag, moments as such."""
    if isinstance(item, Tagged):
        return plain(item.value)
    if isinstance(item, dict):
        return {key: plain(value) for key, value in item.items()}
    return [plain(value) for value in item] if isinstance(item, list) else same(item)


def same(value: object) -> object:
    """JSON with its moments as such: `Z` and `+00:00` mean the same."""
    if isinstance(value, dict):
        return {key: same(one) for key, one in value.items()}
    if isinstance(value, list):
        return [same(one) for one in value]
    if isinstance(value, str) and "T" in value:
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            return value
    return value


def agreement(found: list[Vector]) -> dict[str, object]:
    """Each expected result against ours, and how many are not checked.

    EXPECTEDENCODE and EXPECTEDVALIDOBJECT are about making certificates, which nothing here does.
    """
    tallies = {name: Tally() for name in _CHECKS}
    unchecked: dict[str, int] = {}
    for vector in found:
        expected = vector.fields.get("EXPECTEDRESULTS")
        for name, value in expected.items() if isinstance(expected, dict) else ():
            if name in _CHECKS:
                _count(tallies[name], vector, _CHECKS[name], expected=bool(value))
            else:
                unchecked[name] = unchecked.get(name, 0) + 1
    return {"checks": {name: tally.shown() for name, tally in tallies.items()}, "not_checked": unchecked}


def _count(tally: Tally, vector: Vector, check: Callable[[Vector], bool | None], *, expected: bool) -> None:
    why = "differs from the file's own field"
    try:
        succeeded = check(vector)
    except _REFUSALS as error:
        succeeded, why = False, str(error) if isinstance(error, Refused | _Differs) else type(error).__name__
    if succeeded is None:
        tally.without_input += 1
    elif succeeded is expected:
        tally.agree += 1
    else:
        results = vector.fields.get("EXPECTEDRESULTS")
        others = [name for name, value in results.items() if value is False] if isinstance(results, dict) else []
        reason = why if not succeeded else _why_taken(vector)
        tally.disagree.append({"file": vector.name, "expected": expected, "why": reason, "expected_false": others})


def _why_taken(vector: Vector) -> str:
    """What the reading of a vector says that was expected to fail, and did not."""
    try:
        token = dcc.token(vector.cose())
        claims = dcc.claims(token.payload)
        content = dcc_schema.read(claims.content, {}, claims.issued)
    except _REFUSALS as error:
        return str(error)
    unknown = sorted({code for statement in content.statements for code in statement.unknown_codes})
    if unknown:
        return f"taken, and told as unknown codes: {', '.join(unknown)}"
    context = vector.fields.get("TESTCTX")
    return f"taken; the vector says: {context.get('DESCRIPTION') if isinstance(context, dict) else ''}"


def front_door(found: list[Vector]) -> dict[str, object]:
    """Every code through the front door at its own clock: how the answers are spread, and which should not be so.

    A vector none of whose expected results is false, and whose statement is not over, should be VALID; one with a false
    result for a step of reading must not be.
    """
    answers: dict[str, int] = {}
    spent: list[float] = []
    surprising: list[dict[str, object]] = []
    reading_steps = set(_CHECKS) - {"EXPECTEDPICTUREDECODE"}
    for vector in found:
        code = vector.text("PREFIX")
        if code is None:
            continue
        started = time.perf_counter()
        reading = read(code, Trust({Scheme.EU_DCC: vector.trust}), vector.clock)
        spent.append((time.perf_counter() - started) * 1000)
        told = f"{reading.answer.value}: {reading.reason.value}"
        answers[told] = answers.get(told, 0) + 1
        expected = vector.fields.get("EXPECTEDRESULTS")
        results = expected if isinstance(expected, dict) else {}
        bad = sorted(name for name in reading_steps if results.get(name) is False)
        if (reading.answer is CertificateAnswer.VALID) is bool(bad):
            surprising.append({"file": vector.name, "answer": told, "detail": reading.detail, "expected_false": bad})
    return {
        "answers": dict(sorted(answers.items())),
        "median_ms": round(statistics.median(spent), 3) if spent else None,
        "against_expectation": surprising,
    }
