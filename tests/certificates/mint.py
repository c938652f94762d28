"""Certificates of invented people, signed with keys made for the test."""

import base64
import hashlib
import json
import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import base45
import cbor2
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from kiosk.certificates.canonical import canonical
from kiosk.certificates.shc_keys import thumbprint
from kiosk.certificates.trust import Trust, TrustList, csca_key, dcc_key, sign_list
from kiosk.wire.trust import Scheme, TrustedKey, TrustListBody

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ISSUER = "https://health.example/cards"
PERSON = {"fn": "Müller", "fnt": "MUELLER", "gn": "Anna", "gnt": "ANNA"}
DOSE = {
    "tg": "840539006",
    "vp": "1119349007",
    "mp": "EU/1/20/1528",
    "ma": "ORG-100030215",
    "dn": 2,
    "sd": 2,
    "dt": "2026-01-10",
    "co": "DE",
    "is": "Example Institute",
    "ci": "URN:UVCI:01:DE:EXAMPLE/1",
}
TEST = {
    "tg": "840539006",
    "tt": "LP6464-4",
    "sc": "2026-02-27T10:00:00Z",
    "tr": "260415000",
    "tc": "Example Centre",
    "co": "DE",
    "is": "Example Institute",
    "ci": "URN:UVCI:01:DE:EXAMPLE/2",
}


def raw_signature(key: ec.EllipticCurvePrivateKey, message: bytes) -> bytes:
    r, s = decode_dss_signature(key.sign(message, ec.ECDSA(SHA256())))
    half = (key.key_size + 7) // 8
    return r.to_bytes(half) + s.to_bytes(half)


def certificate(
    key: Any,
    *,
    usages: tuple[str, ...] = (),
    issuer: tuple[str, Any] | None = None,
    name: str = "Example Signer",
    ca: bool = False,
    types: tuple[str, ...] = (),
    begins: datetime = NOW - timedelta(days=400),
    ends: datetime = NOW + timedelta(days=400),
) -> bytes:
    """An X.509 certificate, DER; signed by itself unless an issuer's name and key are given."""
    subject = x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "XX"), x509.NameAttribute(NameOID.COMMON_NAME, name)])
    upper_name, upper_key = issuer or (name, key)
    upper = x509.Name(
        [x509.NameAttribute(NameOID.COUNTRY_NAME, "XX"), x509.NameAttribute(NameOID.COMMON_NAME, upper_name)]
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(upper)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
    if usages:
        listed = [x509.ObjectIdentifier(usage) for usage in usages]
        builder = builder.add_extension(x509.ExtendedKeyUsage(listed), critical=False)
    if types:
        strings = b"".join(b"\x13\x02" + one.encode() for one in types)
        inner = b"\x02\x01\x00\x31" + bytes([len(strings)]) + strings
        value = b"\x30" + bytes([len(inner)]) + inner
        extension = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.23.136.1.1.6.2"), value)
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(upper_key, SHA256()).public_bytes(Encoding.DER)


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def numeric(jws: str, of: int = 1) -> list[str]:
    digits = [f"{ord(character) - 45:02d}" for character in jws]
    if of == 1:
        return ["shc:/" + "".join(digits)]
    size = -(-len(digits) // of)
    return [f"shc:/{at + 1}/{of}/" + "".join(digits[size * at : size * (at + 1)]) for at in range(of)]


@dataclass
class Mint:
    """Makes lists and certificates of every scheme."""

    hub: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    now = NOW
    issuer = ISSUER
    person = PERSON
    dose = DOSE
    test = TEST

    authority: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    certificate = staticmethod(certificate)
    encoded = staticmethod(encoded)
    numeric = staticmethod(numeric)

    def __post_init__(self) -> None:
        self.signer = certificate(self.key)
        self.csca = certificate(self.authority, name="Example CSCA", ca=True)

    @property
    def hub_key(self) -> bytes:
        return self.hub.public_key().public_bytes_raw()

    def body(self, scheme: Scheme, keys: list[TrustedKey], **changed: Any) -> TrustListBody:
        dates = {
            "issued": NOW - timedelta(days=2),
            "not_before": NOW - timedelta(days=2),
            "next_update": NOW + timedelta(days=5),
            "expires": NOW + timedelta(days=30),
        }
        return TrustListBody(scheme=scheme, keys=keys, **{**dates, **changed})

    def signed(self, scheme: Scheme, keys: list[TrustedKey], version: int = 1, **changed: Any) -> bytes:
        return sign_list(self.body(scheme, keys, **changed), version, self.hub)

    def trust(self, scheme: Scheme, keys: list[TrustedKey] | None = None, **changed: Any) -> Trust:
        data = self.signed(scheme, self.keys(scheme) if keys is None else keys, **changed)
        return Trust({scheme: TrustList.load(data, self.hub_key, NOW)}, self.hub_key)

    def keys(self, scheme: Scheme) -> list[TrustedKey]:
        if scheme is Scheme.EU_DCC:
            return [dcc_key(self.signer, "DE")]
        if scheme is Scheme.VDS_NC:
            return [csca_key(self.csca, "XXA")]
        return [self.card_key()]

    def card_key(self, issuer: str = ISSUER) -> TrustedKey:
        spki = self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return TrustedKey(kid=self.card_kid(), issuer=issuer, public_key=spki)

    def card_kid(self) -> str:
        numbers = self.key.public_key().public_numbers()
        return thumbprint(numbers.x.to_bytes(32), numbers.y.to_bytes(32))

    # EU DCC

    def dcc(
        self,
        *,
        content: Any = None,
        claims: dict[int, Any] | None = None,
        protected: dict[int, Any] | None = None,
        unprotected: dict[int, Any] | None = None,
        key: Any = None,
        tags: tuple[int, ...] = (18,),
    ) -> str:
        key = key or self.key
        if content is None:
            content = {"ver": "1.3.0", "nam": PERSON, "dob": "1979-04-14", "v": [DOSE]}
        issued = int((NOW - timedelta(days=30)).timestamp())
        whole = {1: "DE", 4: issued + 360 * 86400, 6: issued, -260: {1: content}} | (claims or {})
        payload = cbor2.dumps({label: value for label, value in whole.items() if value is not None})
        if protected is None:
            kid = hashlib.sha256(self.signer).digest()[:8]
            protected = {1: -37 if isinstance(key, rsa.RSAPrivateKey) else -7, 4: kid}
        head = cbor2.dumps(protected) if protected else b""
        message = cbor2.dumps(["Signature1", head, b"", payload])
        if isinstance(key, rsa.RSAPrivateKey):
            signature = key.sign(message, padding.PSS(padding.MGF1(SHA256()), 32), SHA256())
        else:
            signature = raw_signature(key, message)
        item: Any = [head, unprotected or {}, payload, signature]
        for tag in tags:
            item = cbor2.CBORTag(tag, item)
        return self.dcc_text(cbor2.dumps(item))

    @staticmethod
    def dcc_text(token: bytes) -> str:
        return "HC1:" + base45.b45encode(zlib.compress(token, 9)).decode()

    # SMART Health Cards

    def card_payload(self, **changed: Any) -> dict[str, Any]:
        bundle = {
            "resourceType": "Bundle",
            "type": "collection",
            "entry": [
                {
                    "fullUrl": "resource:0",
                    "resource": {
                        "resourceType": "Patient",
                        "name": [{"family": "Example", "given": ["Anna", "B."]}],
                        "birthDate": "1979-04-14",
                    },
                },
                {
                    "fullUrl": "resource:1",
                    "resource": {
                        "resourceType": "Immunization",
                        "status": "completed",
                        "vaccineCode": {"coding": [{"system": "http://hl7.org/fhir/sid/cvx", "code": "207"}]},
                        "patient": {"reference": "resource:0"},
                        "occurrenceDateTime": "2026-01-10",
                    },
                },
            ],
        }
        credential = {
            "type": ["https://smarthealth.cards#health-card"],
            "credentialSubject": {"fhirVersion": "4.0.1", "fhirBundle": bundle},
        }
        payload = {"iss": ISSUER, "nbf": (NOW - timedelta(days=30)).timestamp(), "vc": credential}
        return {name: value for name, value in (payload | changed).items() if value is not None}

    def jws(self, payload: dict[str, Any] | bytes | None = None, header: dict[str, Any] | None = None) -> str:
        header = {"zip": "DEF", "alg": "ES256", "kid": self.card_kid()} if header is None else header
        data = payload if isinstance(payload, bytes) else json.dumps(payload or self.card_payload()).encode()
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        message = f"{encoded(json.dumps(header).encode())}.{encoded(packer.compress(data) + packer.flush())}"
        return f"{message}.{encoded(raw_signature(self.key, message.encode()))}"

    # VDS-NC

    def seal_signer(self, **changed: Any) -> bytes:
        issuer = ("Example CSCA", self.authority)
        return certificate(
            self.key, **({"issuer": issuer, "usages": ("2.23.136.1.1.14.2",), "types": ("NV",)} | changed)
        )

    def seal_data(self, kind: str = "icao.vacc") -> dict[str, Any]:
        person = {"dob": "1979-04-14", "i": "X1234567", "n": "EXAMPLE  ANNA", "sex": "F"}
        if kind == "icao.test":
            message: dict[str, Any] = {
                "pid": person,
                "utci": "T0001",
                "sp": {
                    "spn": "Example Centre",
                    "ctr": "XXA",
                    "cd": {"p": "1", "e": "a@health.example", "a": "Street 1"},
                },
                "dat": {"sc": "2026-02-27T10:00:00Z", "ri": "2026-02-27T18:00:00Z"},
                "tr": {"tc": "molecular(PCR)", "r": "negative"},
            }
        else:
            dose = {"adm": "Clinic", "ctr": "XXA", "dvc": "2026-01-10", "lot": "1", "seq": 1}
            event = {"des": "XM68M6", "dis": "RA01.0", "nam": "Vaccine", "vd": [dose]}
            message = {"pid": person, "uvci": "V0001", "ve": [event]}
        return {"hdr": {"is": "XXA", "t": kind, "v": 1}, "msg": message}

    def seal(self, data: dict[str, Any] | None = None, *, signer: bytes = b"", key: Any = None, **sig: Any) -> str:
        data = data or self.seal_data()
        signature = raw_signature(key or self.key, canonical(data))
        seal = {"alg": "ES256", "cer": encoded(signer or self.seal_signer()), "sigvl": encoded(signature)} | sig
        return json.dumps({"data": data, "sig": seal})
