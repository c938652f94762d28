"""Digests that stand for persons."""

import hashlib
import hmac


def person_digest(number: str, hall_key: bytes) -> str:
    """The digest that stands for a person in one hall.

    Args:
        number: The document's number; spaces around it and the case of a check letter make no difference.
        hall_key: 32 bytes, the key of the hall.

    Returns:
        HMAC-SHA-256 of the number in hexadecimal, 64 characters.

    Raises:
        ValueError: The key has another length.
    """
    if len(hall_key) != 32:
        raise ValueError(f"a hall key has 32 bytes, not {len(hall_key)}")
    return hmac.new(hall_key, number.strip().upper().encode(), hashlib.sha256).hexdigest()
