"""Opening what terminals seal, at half the cost of the general way: age's plain case by OpenSSL's primitives.

The plain case is all that terminals make: one X25519 recipient (beside recipients nobody knows, which age adds on
purpose), one chunk. It follows the age v1 format (C2SP). Whatever is not that case, or does not open, goes to `pyrage`
by `kiosk.wire.sealing`, whose word is the last: nothing is accepted here that it would refuse.
"""

import hmac
from binascii import Error as BadBase64
from binascii import a2b_base64
from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from kiosk.wire.sealing import unseal

_BEGINS: Final = b"age-encryption.org/v1\n"
_STANZA: Final = b"-> X25519 "
_ENDS: Final = b"\n--- "
_MOST_HEADER: Final = 4096
_CHUNK: Final = 64 * 1024 + 16
_NONCE: Final = bytes(12)
_LAST: Final = bytes(11) + b"\x01"
_LAST_LETTERS: Final = frozenset(bytes([letter]) for letter in b"AEIMQUYcgkosw048")
_BECH32: Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def _key_bytes(identity: str) -> bytes:
    """The 32 bytes of `AGE-SECRET-KEY-1…`; `pyrage` has checked its sum."""
    number, count = 0, 0
    for letter in identity.lower().rpartition("1")[2][:-6]:
        number, count = number << 5 | _BECH32.index(letter), count + 5
    return (number >> count % 8).to_bytes(count // 8)


@lru_cache(maxsize=4)
def _keys(identity: str) -> tuple[X25519PrivateKey, bytes]:
    key = X25519PrivateKey.from_private_bytes(_key_bytes(identity))
    return key, key.public_key().public_bytes_raw()


def _bytes(text: bytes) -> bytes:
    """Of 32 bytes as age writes them, without padding.

    Raises:
        ValueError: They are not written so. The last letter has two bits to spare, and only zeros are age's way.
    """
    if text[-1:] not in _LAST_LETTERS:
        raise BadBase64
    return a2b_base64(text + b"=", strict_mode=True)


def _derive(key: bytes, salt: bytes, info: bytes) -> bytes:
    """HKDF-SHA256, 32 bytes."""
    extracted = hmac.digest(salt, key, "sha256")
    return hmac.digest(extracted, info + b"\x01", "sha256")


def _file_key(header: bytes, identity: str) -> bytes | None:
    """The key in the one stanza that may be ours."""
    if header.count(_STANZA) != 1:
        return None
    stanza = header[header.index(_STANZA) + len(_STANZA) :]
    share_text, _, rest = stanza.partition(b"\n")
    body_text = rest.partition(b"\n")[0]
    share, body = _bytes(share_text), _bytes(body_text)
    if len(share) != 32 or len(body) != 32:
        return None
    key, public = _keys(identity)
    shared = key.exchange(X25519PublicKey.from_public_bytes(share))
    wrapping = _derive(shared, share + public, b"age-encryption.org/v1/X25519")
    return ChaCha20Poly1305(wrapping).decrypt(_NONCE, body, None)


def _plainly(data: bytes, identity: str) -> bytes | None:
    """What is inside in the plain case; None where it is not that."""
    end = data.find(_ENDS, 0, _MOST_HEADER)
    if not data.startswith(_BEGINS) or end < 0:
        return None
    header = data[: end + len(_ENDS) - 1]  # the MAC covers the dashes, not the space
    mac_text, newline, payload = data[end + len(_ENDS) :].partition(b"\n")
    if not newline or not 32 <= len(payload) <= 16 + _CHUNK:
        return None
    key = _file_key(header, identity)
    if key is None:
        return None
    mac = hmac.digest(_derive(key, b"", b"header"), header, "sha256")
    if not hmac.compare_digest(mac, _bytes(mac_text)):
        return None
    nonce, sealed = payload[:16], payload[16:]
    return ChaCha20Poly1305(_derive(key, nonce, b"payload")).decrypt(_LAST, sealed, None)


def opened(data: bytes, identity: str) -> bytes:
    """Open what was sealed to the hub.

    Args:
        data: The sealed bytes.
        identity: The hub's age identity.

    Raises:
        CannotUnseal: Damaged, or sealed to another key.
    """
    try:
        found = _plainly(data, identity)
    except (InvalidTag, BadBase64, ValueError):
        found = None
    return unseal(data, identity) if found is None else found
