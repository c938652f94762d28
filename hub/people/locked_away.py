"""Small secrets that only the hub itself reads again, encrypted under a key that is derived from its identity.

A sealed file (age) has a header of some hundred bytes, of a length that varies; columns have a length that PostgreSQL
counts. AES-256-GCM adds 28 bytes.
"""

import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kiosk.wire.sealing import CannotUnseal, unseal

_MARK: Final = "gcm:"
_NONCE: Final = 12
_PURPOSE: Final = b"kiosk hub: small secrets"


def _cipher(identity: str) -> AESGCM:
    return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(identity.encode()))


def locked_away(secret: bytes, identity: str) -> str:
    """Encrypt a secret.

    Args:
        secret: At most some dozen bytes.
        identity: The hub's (age).

    Returns:
        Text, twice as long and 60 characters more.
    """
    nonce = secrets.token_bytes(_NONCE)
    return _MARK + (nonce + _cipher(identity).encrypt(nonce, secret, _PURPOSE)).hex()


def taken_out(kept: str, identity: str) -> bytes:
    """The secret again. The first ones were sealed files in hexadecimal; they are read, too.

    Raises:
        CannotUnseal: It was locked away under another identity, or is damaged.
    """
    try:
        if not kept.startswith(_MARK):
            return unseal(bytes.fromhex(kept), identity)
        whole = bytes.fromhex(kept[len(_MARK) :])
        return _cipher(identity).decrypt(whole[:_NONCE], whole[_NONCE:], _PURPOSE)
    except (ValueError, InvalidTag) as error:
        raise CannotUnseal("this was locked away under another identity, or is damaged") from error
