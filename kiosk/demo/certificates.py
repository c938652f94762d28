"""Certificates of invented people by an issuer that exists for one demonstration: EU DCC and SMART Health Cards.

Written after the specifications, with code of its own, so that issuer and verifier are right together or not at all.
"""

import base64
import hashlib
import json
import zlib
from datetime import datetime, timedelta
from typing import Final

import base45
import cbor2
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from kiosk.wire.trust import Scheme, TrustedKey, TrustListBody

_COUNTRY: Final = "DE"
_CARDS: Final = "https://health.example/cards"
_DAY: Final = timedelta(days=1)
_COSE_SIGN1 = 18


class Issuer:
    """Issues certificates, and vouches for itself in trust lists.

    Args:
        now: the moment of the demonstration.
    """

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._forger = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name(
            [
                x509.NameAttribute(NameOID.COUNTRY_NAME, _COUNTRY),
                x509.NameAttribute(NameOID.COMMON_NAME, "Invented Issuer"),
            ]
        )
        self._certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self._key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - 400 * _DAY)
            .not_valid_after(now + 400 * _DAY)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .sign(self._key, SHA256())
            .public_bytes(Encoding.DER)
        )

    def lists(self) -> tuple[TrustListBody, ...]:
        """The trust lists that name this issuer, one a scheme."""
        spki = self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        keys = {
            Scheme.EU_DCC: TrustedKey(
                kid=self._dcc_kid().hex(),
                issuer=_COUNTRY,
                certificate=self._certificate,
            ),
            Scheme.SMART_HEALTH_CARD: TrustedKey(kid=self._card_kid(), issuer=_CARDS, public_key=spki),
        }
        return tuple(
            TrustListBody(
                scheme=scheme,
                issued=self._now - _DAY,
                not_before=self._now - _DAY,
                next_update=self._now + 5 * _DAY,
                expires=self._now + 30 * _DAY,
                keys=[key],
            )
            for scheme, key in keys.items()
        )

    def dcc(self, name: str, born: str, *, expired: bool = False, forged: bool = False) -> bytes:
        """An EU Digital COVID Certificate of a vaccination.

        Args:
            name: surname first, one character.
            born: date of birth, ISO 8601.
        """
        issued = int((self._now - 30 * _DAY).timestamp())
        ends = int((self._now + (-1 if expired else 300) * _DAY).timestamp())
        dose = {
            "tg": "840539006", "vp": "1119349007", "mp": "EU/1/20/1528", "ma": "ORG-100030215", "dn": 2, "sd": 2,
            "dt": f"{self._now - 40 * _DAY:%Y-%m-%d}", "co": _COUNTRY, "is": "Invented Institute",
            "ci": "URN:UVCI:01:DE:INVENTED/1",
        }  # fmt: skip
        person = {"fn": name[:1], "fnt": "X", "gn": name[1:], "gnt": "X"}
        content = {"ver": "1.3.0", "nam": person, "dob": born, "v": [dose]}
        payload = cbor2.dumps({1: _COUNTRY, 4: ends, 6: issued, -260: {1: content}})
        head = cbor2.dumps({1: -7, 4: self._dcc_kid()})
        signature = self._signed(cbor2.dumps(["Signature1", head, b"", payload]), forged=forged)
        token = cbor2.dumps(cbor2.CBORTag(_COSE_SIGN1, [head, {}, payload, signature]))
        return b"HC1:" + base45.b45encode(zlib.compress(token, 9))

    def health_card(self, name: str, born: str, *, expired: bool = False, forged: bool = False) -> bytes:
        """A SMART Health Card of a vaccination. Arguments as in `dcc`."""
        bundle = {
            "resourceType": "Bundle",
            "type": "collection",
            "entry": [
                {
                    "fullUrl": "resource:0",
                    "resource": {
                        "resourceType": "Patient",
                        "name": [{"family": name[:1], "given": [name[1:]]}],
                        "birthDate": born,
                    },
                },
                {
                    "fullUrl": "resource:1",
                    "resource": {
                        "resourceType": "Immunization",
                        "status": "completed",
                        "vaccineCode": {"coding": [{"system": "http://hl7.org/fhir/sid/cvx", "code": "207"}]},
                        "patient": {"reference": "resource:0"},
                        "occurrenceDateTime": f"{self._now - 40 * _DAY:%Y-%m-%d}",
                    },
                },
            ],
        }
        credential = {
            "type": ["https://smarthealth.cards#health-card"],
            "credentialSubject": {"fhirVersion": "4.0.1", "fhirBundle": bundle},
        }
        payload: dict[str, object] = {"iss": _CARDS, "nbf": int((self._now - 30 * _DAY).timestamp()), "vc": credential}
        if expired:
            payload["exp"] = int((self._now - _DAY).timestamp())
        header = json.dumps({"zip": "DEF", "alg": "ES256", "kid": self._card_kid()}, separators=(",", ":"))
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        body = packer.compress(json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()) + packer.flush()
        message = f"{_encoded(header.encode())}.{_encoded(body)}"
        jws = f"{message}.{_encoded(self._signed(message.encode(), forged=forged))}"
        return b"shc:/" + "".join(f"{ord(character) - 45:02d}" for character in jws).encode()

    def _dcc_kid(self) -> bytes:
        return hashlib.sha256(self._certificate).digest()[:8]

    def _card_kid(self) -> str:
        """The thumbprint of RFC 7638."""
        numbers = self._key.public_key().public_numbers()
        x, y = (_encoded(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
        jwk = json.dumps({"crv": "P-256", "kty": "EC", "x": x, "y": y}, separators=(",", ":"))
        return _encoded(hashlib.sha256(jwk.encode()).digest())

    def _signed(self, message: bytes, *, forged: bool) -> bytes:
        key = self._forger if forged else self._key
        r, s = decode_dss_signature(key.sign(message, ec.ECDSA(SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
