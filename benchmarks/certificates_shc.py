"""SMART Health Cards: the specification's examples and the negative cases of its validator, through the front door.

Files that hold only a payload or a FHIR bundle are not signed: they are signed in this run with an own key, which the
trust list names for their issuer, so that what is wrong with them is what is met.
"""

import base64
import json
import re
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import zxingcpp
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kiosk.certificates.answers import CertificateAnswer as Answer
from kiosk.certificates.answers import Reading
from kiosk.certificates.reader import read_parts
from kiosk.certificates.shc_keys import JwkProblem, read_jwks, thumbprint
from kiosk.certificates.shc_parts import MAX_PART, MAX_WHOLE
from kiosk.certificates.trust import Trust, TrustList, sign_list
from kiosk.wire.trust import Scheme, TrustedKey, TrustListBody

CHECKED_AT = datetime(2024, 6, 1, tzinfo=UTC)
"""The examples were issued in May 2024; one of them ends in May 2025."""
ISSUER = "https://spec.smarthealth.cards/examples/issuer"
OTHER_ISSUER = "https://foo.smarthealth.cards/examples/issuer"
_REFUSALS: tuple[tuple[str, set[Answer]], ...] = (
    ("invalid-signature", {Answer.BAD_SIGNATURE}),
    ("der-signature", {Answer.BAD_SIGNATURE}),
    ("no_jws_header", {Answer.MALFORMED}),
    ("wrong_jws_header_kid", {Answer.UNKNOWN_ISSUER}),
    ("issuer-kid-mismatch", {Answer.KEY_NOT_FOR_THIS}),
    ("not-valid-with-smart-key", {Answer.KEY_NOT_FOR_THIS}),
    ("too_long", {Answer.TOO_LARGE}),
    ("chunk_too_big", {Answer.TOO_LARGE}),
    ("no_deflate", {Answer.MALFORMED, Answer.TOO_LARGE}),
    ("invalid_deflate", {Answer.MALFORMED}),
    ("invalid_issuer_url_http", {Answer.MALFORMED}),
    ("trailing_slash", {Answer.MALFORMED}),
    ("invalid_issuer_url", {Answer.UNKNOWN_ISSUER}),
    ("bad_jwks", {Answer.UNKNOWN_ISSUER}),
    ("chunk_too_small.png", {Answer.MALFORMED, Answer.INCOMPLETE}),
    ("chunk_too_small", {Answer.MALFORMED}),
    ("too_many_qr_segment", {Answer.MALFORMED}),
    ("index-out-of-range", {Answer.MALFORMED}),
    ("wrong-multi-chunk", {Answer.MALFORMED}),
    ("wrong_qr_header", {Answer.MALFORMED}),
    ("odd-count", {Answer.MALFORMED}),
    ("number-too-big", {Answer.MALFORMED}),
    ("utf8_bom", {Answer.MALFORMED}),
    ("numeric-value-0-trailing_chars", {Answer.MALFORMED}),
    ("d-jws-trailing_chars", {Answer.MALFORMED}),
    ("payload-expanded-trailing_chars", {Answer.MALFORMED}),
    ("nbf_milliseconds", {Answer.MALFORMED, Answer.NOT_YET_VALID}),
    ("exp_milliseconds", {Answer.MALFORMED}),
    ("nbf_not_yet_valid", {Answer.NOT_YET_VALID}),
    ("expired", {Answer.EXPIRED}),
    ("missing-coding", {Answer.MALFORMED}),
    ("covid-vc-type", {Answer.WRONG_TYPE}),
    ("imm-vc-type", {Answer.WRONG_TYPE}),
    ("lab-vc-type", {Answer.WRONG_TYPE}),
    ("shc-vc-type", {Answer.WRONG_TYPE}),
    ("status-not-completed", {Answer.WRONG_TYPE}),
    ("bad-fhir-metadata", {Answer.MALFORMED}),
    ("bad_meta", {Answer.MALFORMED}),
    ("empty-values", {Answer.MALFORMED}),
    ("occurrence-issues", {Answer.MALFORMED}),
    ("profile-usa", {Answer.MALFORMED}),
    ("non-dm-properties", {Answer.MALFORMED}),
    ("short-refs", {Answer.MALFORMED}),
    ("multi-jws-issues", {Answer.MALFORMED}),
    ("shlink-link", {Answer.UNSUPPORTED}),
    ("shlink-qr", {Answer.UNSUPPORTED}),
    ("shlink-", {Answer.NOT_A_CERTIFICATE}),
    ("invalid-jws-payload", {Answer.MALFORMED, Answer.BAD_SIGNATURE, Answer.UNKNOWN_ISSUER, Answer.WRONG_TYPE}),
    ("corrupted", set()),
)
"""What is right for a file with that in its name; the first that fits counts. An empty set: no code can be read."""
_NOT_NEGATIVE: tuple[tuple[str, str], ...] = (
    ("optional-vc-type", "an additional type is allowed"),
    ("unknown-vc-types", "types that are not known are passed over, as the standard says"),
    ("fhirBundle-trailing_chars", "the blanks around a bundle lie inside the signed payload, where JSON allows them"),
    (
        "e-file-trailing_chars",
        "the blanks are around the file's JSON; the card in it is good, and no file is shown here",
    ),
    ("multi-jws", "a file with two good cards"),
    ("fhirhealthcard", "an answer of an interface with good cards"),
    ("wrong-extension", "only the file's name is wrong"),
    ("1195-byte", "the longest that fits one code"),
    ("g-qr-code-", "the picture's code holds a good card; segments and version are the encoder's affair"),
)
"""Cases of the folder that are no certificate's fault, and why."""
_PART_NUMBER = re.compile(r"(?<=-value-)[0-9]+")
_KEYS: tuple[tuple[str, JwkProblem], ...] = (
    ("badjwks", JwkProblem.NOT_JSON),
    ("cert_mismatch", JwkProblem.CERTIFICATE),
    ("invalid_chain", JwkProblem.CHAIN),
    ("SAN", JwkProblem.ISSUER),
    ("private_key", JwkProblem.PRIVATE),
    ("wrong_alg", JwkProblem.ALGORITHM),
    ("wrong_curve", JwkProblem.CURVE),
    ("wrong_kid", JwkProblem.THUMBPRINT),
    ("wrong_kty", JwkProblem.KEY_TYPE),
    ("wrong_use", JwkProblem.USE),
)


@dataclass(frozen=True, slots=True, eq=False)
class Bench:
    """A trust list with the folder's issuer, and a key of our own that it names too.

    Attributes:
        trust: as loaded.
        key: signs what came without a signature.
    """

    trust: Trust
    key: ec.EllipticCurvePrivateKey

    def read(self, codes: list[str]) -> Reading:
        """What the front door says."""
        return read_parts(codes, self.trust, CHECKED_AT)

    def signed(self, payload: bytes) -> str:
        """A card over a payload as it is."""
        numbers = self.key.public_key().public_numbers()
        kid = thumbprint(numbers.x.to_bytes(32), numbers.y.to_bytes(32))
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        header = json.dumps({"zip": "DEF", "alg": "ES256", "kid": kid}, separators=(",", ":")).encode()
        message = f"{_encoded(header)}.{_encoded(packer.compress(payload) + packer.flush())}"
        r, s = decode_dss_signature(self.key.sign(message.encode(), ec.ECDSA(SHA256())))
        return f"{message}.{_encoded(r.to_bytes(32) + s.to_bytes(32))}"


def bench(folder: Path) -> Bench:
    """Take the folder's keys into a signed list and load it as the terminal does."""
    key = ec.generate_private_key(ec.SECP256R1())
    numbers = key.public_key().public_numbers()
    own = TrustedKey(
        kid=thumbprint(numbers.x.to_bytes(32), numbers.y.to_bytes(32)),
        issuer=ISSUER,
        public_key=key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
    )
    keys = [own, *read_jwks((folder / "issuer/jwks.json").read_bytes(), ISSUER).keys]
    other = folder / "negative/issuer.jwks.public.not.smart.json"
    if other.exists():
        keys += read_jwks(other.read_bytes(), OTHER_ISSUER).keys
    begins, ends = CHECKED_AT - timedelta(days=1), CHECKED_AT + timedelta(days=1)
    body = TrustListBody(
        scheme=Scheme.SMART_HEALTH_CARD, issued=begins, not_before=begins, next_update=ends, expires=ends, keys=keys
    )
    hub = Ed25519PrivateKey.generate()
    trusted = TrustList.load(sign_list(body, 1, hub), hub.public_key().public_bytes_raw(), CHECKED_AT)
    return Bench(Trust({Scheme.SMART_HEALTH_CARD: trusted}), key)


def numeric(jws: str) -> list[str]:
    """The codes of a card: one, or parts of even length."""
    digits = "".join(f"{ord(character) - 45:02d}" for character in jws)
    if len(jws) <= MAX_WHOLE:
        return [f"shc:/{digits}"]
    of = -(-len(jws) // MAX_PART)
    size = -(-len(jws) // of)
    return [f"shc:/{at + 1}/{of}/{digits[2 * size * at : 2 * size * (at + 1)]}" for at in range(of)]


def whole(jws: str) -> list[str]:
    """A card forced into a single code, whatever its length and whatever stands around it."""
    inner = jws.strip(" \t\r\n\ufeff")
    before, _, after = jws.partition(inner)
    return [f"{before}shc:/{''.join(f'{ord(character) - 45:02d}' for character in inner)}{after}"]


def agreement(folder: Path) -> dict[str, object]:
    """The examples, which must be valid, and the negative cases."""
    made = bench(folder)
    good = [_shown(path, made) for path in sorted(folder.glob("example-*")) if path.suffix != ".svg"]
    read = [(name, reading) for name, readings in good for reading in readings]
    refused: list[dict[str, object]] = []
    wrong: list[dict[str, object]] = []
    not_negative: list[dict[str, object]] = []
    unknown: list[dict[str, object]] = []
    cases = _cases(sorted((folder / "negative").glob("*")))
    for case in cases:
        name, readings = _shown(case, made)
        told = [f"{reading.answer.value}: {reading.reason.value}" for reading in readings]
        entry: dict[str, object] = {"file": name, "answers": told}
        expected = next((answers for part, answers in _REFUSALS if part in name), None)
        reason = next((why for part, why in _NOT_NEGATIVE if part in name), "")
        valid = bool(readings) and all(one.answer is Answer.VALID for one in readings)
        if expected is not None:
            right = any(one.answer in expected for one in readings) if expected else not readings
            (refused if right else wrong).append(entry)
        elif reason:
            (not_negative if valid else wrong).append({**entry, "why": reason})
        else:
            unknown.append(entry)
    return {
        "checked_at": CHECKED_AT.isoformat(),
        "examples": {
            "read": len(read),
            "valid": sum(reading.answer is Answer.VALID for _, reading in read),
            "verified_other_content": [name for name, reading in read if reading.answer is Answer.WRONG_TYPE],
            "others": [
                {"file": name, "answer": f"{reading.answer.value}: {reading.reason.value}", "detail": reading.detail}
                for name, reading in read
                if reading.answer not in {Answer.VALID, Answer.WRONG_TYPE}
            ],
        },
        "negative": {
            "cases": len(cases),
            "refused_rightly": len(refused),
            "answered_wrongly": wrong,
            "not_negative": not_negative,
            "name_says_nothing_known": unknown,
            "refused": refused,
        },
        "keys": _keys(folder / "negative"),
    }


def _cases(paths: list[Path]) -> list[Path]:
    """One path a case: of several parts of one card the first stands for all."""
    no_cards = [part for part, _ in _KEYS] + ["issuer.jwks", "README", "test-issuers"]
    return [
        path
        for path in paths
        if not path.name.startswith("valid_")
        and not any(part in path.name for part in no_cards)
        and not _later_part(path)
    ]


def _later_part(path: Path) -> bool:
    return "chunk_too" in path.name and "-value-0-" not in path.name and "-code-0-" not in path.name


def _shown(path: Path, made: Bench) -> tuple[str, list[Reading]]:
    """What a file's content comes to when it is shown as codes."""
    return path.name, [made.read(codes) for codes in _codes(path, made) if codes]


def _codes(path: Path, made: Bench) -> list[list[str]]:
    """The codes of each card in a file."""
    name = path.name
    if path.suffix in {".png", ".jpg", ".jpeg"}:
        image = cv2.imread(str(path))
        return [[code.text for code in zxingcpp.read_barcodes(image)]] if image is not None else []
    text = path.read_text("utf-8")
    if "numeric" in name:
        codes = [_siblings(path)]
    elif "-d-jws" in name:
        forced = "too_long" in name or text.strip(" \t\r\n\ufeff") != text
        codes = [whole(text) if forced else numeric(text)]
    elif "-e-file" in name or "fhirhealthcard" in name:
        codes = [whole(jws) if "too_long" in name else numeric(jws) for jws in _cards(text)]
    elif "payload" in name and path.suffix == ".json":
        raw = text if "trailing" in name else json.dumps(json.loads(text), separators=(",", ":"))
        codes = [numeric(made.signed(raw.encode()))]
    elif "fhirBundle" in name or "-00-a-" in name:
        codes = [numeric(made.signed(_payload(text)))]
    else:
        codes = [[text]]
    return codes


def _siblings(path: Path) -> list[str]:
    """All parts of a card, in the wrong order."""
    card = _PART_NUMBER.sub("", path.name)
    parts = [one for one in path.parent.glob("*numeric*") if _PART_NUMBER.sub("", one.name) == card]
    return [one.read_text("utf-8") for one in sorted(parts, reverse=True)]


def _cards(text: str) -> list[str]:
    file = json.loads(text)
    if "verifiableCredential" in file:
        return list(file["verifiableCredential"])
    return [one["valueString"] for one in file["parameter"] if "valueString" in one]


def _payload(bundle: str) -> bytes:
    """A payload around a bundle, which is put in as it stands."""
    head = {"iss": ISSUER, "nbf": 1_700_000_000}
    vc = '"vc":{"type":["https://smarthealth.cards#health-card"],"credentialSubject":{"fhirVersion":"4.0.1","fhirBundle":'
    return f"{json.dumps(head)[:-1]},{vc}{bundle}}}}}}}".encode()


def _keys(folder: Path) -> dict[str, object]:
    """The published key files: refused with the right problem, or taken."""
    right, wrong = 0, []
    for path in sorted(folder.glob("*")):
        expected = next((problem for part, problem in _KEYS if part in path.name), None)
        if expected is None and not path.name.startswith("valid_"):
            continue
        issuer = "https://smarthealth.cards/examples/issuer"
        taken = read_jwks(path.read_bytes(), issuer)
        problems = {problem for _, problem in taken.refused}
        if (problems == {expected} and not taken.keys) or (expected is None and taken.keys and not problems):
            right += 1
        else:
            wrong.append({"file": path.name, "problems": sorted(problems), "taken": len(taken.keys)})
    return {"right": right, "wrong": wrong}


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
