"""The keys that an issuer of SMART Health Cards publishes (`jwks.json`), for a trust list or refused with reasons.

For whoever makes the lists (hub, technician); a terminal sees only the signed list.
"""

import base64
import hashlib
import itertools
import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kiosk.certificates.answers import Refused
from kiosk.certificates.bounded import Json, base64url, json_object
from kiosk.wire.trust import TrustedKey

MAX_BYTES: Final = 1024 * 1024
MAX_CHAIN: Final = 8


class JwkProblem(StrEnum):
    """Why a published key is not taken."""

    NOT_JSON = "not_json"
    """The whole file is no JSON Web Key Set."""
    KEY_TYPE = "key_type"
    CURVE = "curve"
    USE = "use"
    ALGORITHM = "algorithm"
    COORDINATES = "coordinates"
    PRIVATE = "private"
    """It holds the private half: nobody may trust it any more."""
    THUMBPRINT = "thumbprint"
    """Its identifier is not the thumbprint of the key (RFC 7638)."""
    CERTIFICATE = "certificate"
    """The certificates with it are damaged, or are for another key."""
    CHAIN = "chain"
    """They do not follow from one another."""
    ISSUER = "issuer"
    """The first certificate does not name the issuer's address (subject alternative name)."""


@dataclass(frozen=True, slots=True)
class Jwks:
    """What a file held.

    Attributes:
        keys: entries for a trust list.
        refused: the others, by key identifier.
    """

    keys: tuple[TrustedKey, ...]
    refused: tuple[tuple[str, JwkProblem], ...]


class _JwkRefused(Exception):
    def __init__(self, problem: JwkProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


def read_jwks(data: bytes, issuer: str) -> Jwks:
    """Read a JSON Web Key Set (RFC 7517) as SMART Health Cards has it: P-256, ES256, for signatures, public.

    Args:
        data: the file.
        issuer: the address that it was published under, without `/.well-known/jwks.json`.
    """
    try:
        listed = json_object(data).get("keys") if len(data) <= MAX_BYTES else None
    except Refused:
        listed = None
    if not isinstance(listed, list):
        return Jwks((), (("", JwkProblem.NOT_JSON),))
    keys: list[TrustedKey] = []
    refused: list[tuple[str, JwkProblem]] = []
    for entry in listed:
        named = entry.get("kid") if isinstance(entry, dict) else None
        key_id = named if isinstance(named, str) else ""
        try:
            keys.append(_key(entry if isinstance(entry, dict) else {}, issuer))
        except _JwkRefused as problem:
            refused.append((key_id, problem.problem))
    return Jwks(tuple(keys), tuple(refused))


def thumbprint(x: bytes, y: bytes) -> str:
    """The thumbprint of a P-256 key (RFC 7638): SHA-256 over its required members in order, base64url."""
    required = {"crv": "P-256", "kty": "EC", "x": _encoded(x), "y": _encoded(y)}
    return _encoded(hashlib.sha256(json.dumps(required, separators=(",", ":")).encode()).digest())


def _key(entry: dict[str, Json], issuer: str) -> TrustedKey:
    for member, value, problem in (
        ("kty", "EC", JwkProblem.KEY_TYPE),
        ("crv", "P-256", JwkProblem.CURVE),
        ("use", "sig", JwkProblem.USE),
        ("alg", "ES256", JwkProblem.ALGORITHM),
    ):
        if entry.get(member) != value:
            raise _JwkRefused(problem)
    if "d" in entry:
        raise _JwkRefused(JwkProblem.PRIVATE)
    try:
        x, y = (base64url(str(entry.get(member))) for member in ("x", "y"))
        numbers = ec.EllipticCurvePublicNumbers(int.from_bytes(x), int.from_bytes(y), ec.SECP256R1())
        key = numbers.public_key()
    except (ValueError, Refused) as error:
        raise _JwkRefused(JwkProblem.COORDINATES) from error
    if len(x) != 32 or len(y) != 32:
        raise _JwkRefused(JwkProblem.COORDINATES)
    key_id = thumbprint(x, y)
    if entry.get("kid") != key_id:
        raise _JwkRefused(JwkProblem.THUMBPRINT)
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    leaf = _leaf(entry["x5c"], spki, issuer) if "x5c" in entry else b""
    return TrustedKey(kid=key_id, issuer=issuer, certificate=leaf, public_key=b"" if leaf else spki)


def _leaf(listed: Json, spki: bytes, issuer: str) -> bytes:
    """The signer's certificate, after its chain was followed. Dates are not looked at: cards outlive them."""
    if not isinstance(listed, list) or not 1 <= len(listed) <= MAX_CHAIN:
        raise _JwkRefused(JwkProblem.CERTIFICATE)
    try:
        chain = [x509.load_der_x509_certificate(base64.b64decode(str(one), validate=True)) for one in listed]
        own = chain[0].public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion) as error:
        raise _JwkRefused(JwkProblem.CERTIFICATE) from error
    if own != spki:
        raise _JwkRefused(JwkProblem.CERTIFICATE)
    try:
        for lower, upper in itertools.pairwise(chain):
            lower.verify_directly_issued_by(upper)
    except (InvalidSignature, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _JwkRefused(JwkProblem.CHAIN) from error
    try:
        names = chain[0].extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        addresses = names.get_values_for_type(x509.UniformResourceIdentifier)
    except (x509.ExtensionNotFound, ValueError) as error:
        raise _JwkRefused(JwkProblem.ISSUER) from error
    if issuer not in addresses:
        raise _JwkRefused(JwkProblem.ISSUER)
    return chain[0].public_bytes(Encoding.DER)


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
