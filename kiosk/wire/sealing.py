"""Sealing personal data to the hub's key (age, X25519): whoever steals a terminal's disk cannot open it."""

from functools import lru_cache

import pyrage
from pyrage import x25519


class CannotSeal(Exception):
    """The recipient is no age public key."""


class CannotUnseal(Exception):
    """The bytes are damaged, or sealed to another key."""


def new_identity() -> tuple[str, str]:
    """Make a key pair.

    Returns:
        The secret identity (`AGE-SECRET-KEY-1…`) and its public recipient (`age1…`).
    """
    identity = x25519.Identity.generate()
    return str(identity), str(identity.to_public())


def recipient_of(identity: str) -> str:
    """The public recipient of a secret identity.

    Raises:
        CannotUnseal: The text is no identity.
    """
    try:
        return str(x25519.Identity.from_str(identity).to_public())
    except pyrage.IdentityError as error:
        raise CannotUnseal("no age identity") from error


def seal(data: bytes, recipient: str) -> bytes:
    """Seal bytes so that only the recipient's owner can open them; adds some 200 bytes.

    Args:
        data: What to seal.
        recipient: age public key, `age1…`.

    Raises:
        CannotSeal: The recipient is no age public key.
    """
    try:
        return pyrage.encrypt(data, [x25519.Recipient.from_str(recipient)])
    except (pyrage.RecipientError, pyrage.EncryptError) as error:
        raise CannotSeal("no age recipient") from error


@lru_cache(maxsize=4)
def _parsed(identity: str) -> x25519.Identity:
    return x25519.Identity.from_str(identity)


def unseal(data: bytes, identity: str) -> bytes:
    """Open what was sealed.

    Args:
        data: The sealed bytes.
        identity: age secret key, `AGE-SECRET-KEY-1…`.

    Raises:
        CannotUnseal: Damaged, or sealed to another key.
    """
    try:
        return pyrage.decrypt(data, [_parsed(identity)])
    except (pyrage.DecryptError, pyrage.IdentityError) as error:
        raise CannotUnseal("damaged, or sealed to another key") from error
