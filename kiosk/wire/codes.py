"""Appointment codes: signed, checked offline, small enough for a QR code on a telephone.

A code is a CBOR Web Token (RFC 8392) in a COSE_Sign1 with EdDSA (RFC 9052), compressed where that pays, in Base45
(RFC 9285) after the prefix `KA1:`. Time, hall and person are checked by the gate, not here.
"""

import hashlib
import zlib
from datetime import UTC, datetime
from enum import StrEnum
from io import BytesIO
from typing import Annotated, Final

import base45
import cbor2
import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cwt import COSE, COSEHeaders, COSEKey, DecodeError, VerifyError
from cwt.cose_key_interface import COSEKeyInterface

from kiosk.wire.evidence import Moment, Name, Wire

PREFIX: Final = "KA1:"
MAX_CODE_BYTES: Final = 4 * 1024
"""Of what the scanner gives; the largest QR code holds 4,296 characters."""
MAX_TOKEN_BYTES: Final = 4 * 1024
"""Of the token after decompression."""

_COSE_SIGN1 = 18
_SUBJECT, _AUDIENCE, _EXPIRES, _NOT_BEFORE, _ID, _COMPANIONS = 2, 3, 4, 5, 7, -70001
_ZLIB = 0x78


class CodeProblem(StrEnum):
    """Why a shown code is none of ours."""

    NOT_A_CODE = "not_a_code"
    """Something else: another system's code, a web address, text."""
    UNREADABLE = "unreadable"
    """It begins as one of ours and is damaged, cut short, or carries claims we do not know."""
    FORGED = "forged"
    """The signature is wrong, or the key is unknown."""


class CodeRefused(Exception):
    """A shown code could not be taken.

    Attributes:
        problem: Why, enumerated.
    """

    def __init__(self, problem: CodeProblem, detail: str) -> None:
        super().__init__(f"{problem.value}: {detail}")
        self.problem = problem


class CodeClaims(Wire, frozen=True, kw_only=True):
    """What a code claims."""

    code_id: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
    hall: Name
    person: Annotated[str, msgspec.Meta(pattern="^([0-9a-f]{64})?$")] = ""
    """Digest of the person it is made out to (`person_digest`); empty is a code for whoever shows it."""
    not_before: Moment
    expires: Moment
    companions: Annotated[int, msgspec.Meta(ge=0, le=20)] = 0


def _key_id(public_key: bytes) -> bytes:
    return hashlib.sha256(public_key).digest()[:8]


def _cose_key(pem: bytes, public_key: bytes) -> COSEKeyInterface:
    return COSEKey.from_pem(pem, kid=_key_id(public_key), alg="EdDSA")


def issue(claims: CodeClaims, private_key: Ed25519PrivateKey) -> str:
    """Make the text of a code, to be shown as a QR code.

    Args:
        claims: What it says. Times are kept to the second.
        private_key: The hub's signing key, or any other to make a forged code for a test.

    Returns:
        Characters of the QR alphanumeric mode only, some 250 of them.
    """
    public = private_key.public_key().public_bytes_raw()
    key = _cose_key(
        private_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
        public,
    )
    content = cbor2.dumps(
        {
            _SUBJECT: bytes.fromhex(claims.person),
            _AUDIENCE: claims.hall,
            _EXPIRES: int(claims.expires.timestamp()),
            _NOT_BEFORE: int(claims.not_before.timestamp()),
            _ID: claims.code_id,
            _COMPANIONS: claims.companions,
        }
    )
    protected = {COSEHeaders.ALG: -8, COSEHeaders.KID: _key_id(public)}
    token = COSE.new().encode_and_sign(content, key, protected=protected)
    packed = zlib.compress(token, 9)
    return PREFIX + base45.b45encode(min(token, packed, key=len)).decode()


def read(payload: bytes, public_key: bytes) -> CodeClaims:
    """Read a shown code and check its signature.

    Args:
        payload: What the scanner gave; line ends after it are ignored.
        public_key: The hub's key, 32 raw bytes.

    Returns:
        What it claims. Whether that is good here and now is for the gate to say.

    Raises:
        CodeRefused: With the problem.
    """
    token = _unpack(payload)
    # A bare map would be taken as an unsigned token by a general CWT reader: only COSE_Sign1 is one of ours.
    if not isinstance(token, cbor2.CBORTag) or token.tag != _COSE_SIGN1:
        raise CodeRefused(CodeProblem.FORGED, "not signed")
    pem = Ed25519PublicKey.from_public_bytes(public_key).public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    try:
        content = COSE.new().decode(token, _cose_key(pem, public_key))
    except (VerifyError, DecodeError, ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        # cwt lets the errors of a malformed structure through as they come; each of them is a code we did not sign.
        raise CodeRefused(CodeProblem.FORGED, "not signed by this hub") from error
    return _claims(content)


def _unpack(payload: bytes) -> object:
    """From the scanned bytes to the CBOR item, within bounds."""
    if len(payload) > MAX_CODE_BYTES:
        raise CodeRefused(CodeProblem.NOT_A_CODE, "too long")
    text = payload.rstrip(b"\r\n")  # a space may be the last character of Base45
    if not text.startswith(PREFIX.encode()):
        raise CodeRefused(CodeProblem.NOT_A_CODE, "another kind of code")
    try:
        packed = base45.b45decode(text[len(PREFIX) :])
        if packed[:1] == bytes([_ZLIB]):
            inflate = zlib.decompressobj()
            packed = inflate.decompress(packed, MAX_TOKEN_BYTES)
            if not inflate.eof or inflate.unused_data:
                raise CodeRefused(CodeProblem.UNREADABLE, "too long when unpacked, cut short, or followed by more")
        stream = BytesIO(packed)
        token: object = cbor2.CBORDecoder(stream).decode()
    except (ValueError, zlib.error, cbor2.CBORDecodeError, RecursionError, UnicodeDecodeError) as error:
        raise CodeRefused(CodeProblem.UNREADABLE, "damaged") from error
    if stream.read(1):
        raise CodeRefused(CodeProblem.UNREADABLE, "something follows the token")
    return token


def _moment(seconds: object) -> datetime:
    if not isinstance(seconds, int) or isinstance(seconds, bool):
        raise TypeError("a time is a number of seconds")
    return datetime.fromtimestamp(seconds, UTC)


def _claims(content: bytes) -> CodeClaims:
    """The claims of a token whose signature is good."""
    try:
        claims = cbor2.loads(content)
        unknown = set(claims) - {_SUBJECT, _AUDIENCE, _EXPIRES, _NOT_BEFORE, _ID, _COMPANIONS}
        return msgspec.convert(
            {
                "code_id": claims[_ID],
                "hall": claims[_AUDIENCE],
                "person": claims[_SUBJECT].hex(),
                "not_before": _moment(claims[_NOT_BEFORE]),
                "expires": _moment(claims[_EXPIRES]),
                "companions": claims[_COMPANIONS],
                **{str(claim): None for claim in unknown},  # refused by name
            },
            CodeClaims,
        )
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError, OSError, cbor2.CBORDecodeError) as error:
        raise CodeRefused(CodeProblem.UNREADABLE, "signed, but with claims this version does not know") from error
