"""Data the hub signs: rules and the catalogue (Ed25519, RFC 8032)."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from kiosk.wire.fleet import Signed

_DOMAIN = b"kiosk-signed-1"


class BadSignature(Exception):
    """The signature does not fit the data, its kind, its version or the key."""


def _message(kind: str, version: int, body: bytes) -> bytes:
    """What is signed: kind and version too, so that neither can be exchanged for another."""
    return b"\0".join((_DOMAIN, kind.encode(), str(version).encode(), body))


def sign(kind: str, version: int, body: bytes, key: Ed25519PrivateKey) -> Signed:
    """Sign data.

    Args:
        kind: `rules` or `catalogue`.
        version: Grows with each edition.
        body: The exact bytes, JSON.
        key: The hub's signing key.
    """
    return Signed(kind=kind, version=version, body=body, signature=key.sign(_message(kind, version, body)))


def verify(signed: Signed, public_key: bytes) -> bytes:
    """The body, after its signature was checked.

    Args:
        signed: What the hub sent.
        public_key: The hub's key, 32 raw bytes.

    Raises:
        BadSignature: Anything of it was changed, or another key signed it.
    """
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(
            signed.signature, _message(signed.kind, signed.version, signed.body)
        )
    except (InvalidSignature, ValueError) as error:
        raise BadSignature(f"{signed.kind} version {signed.version} is not signed by this hub") from error
    return signed.body
