"""Traditional characters as simplified ones. Imports no OpenCV, so that what journeys compare with may use it."""

from functools import lru_cache

from opencc import OpenCC


@lru_cache(maxsize=1)
def _simplifier() -> OpenCC:
    return OpenCC("t2s")


def simplified(text: str) -> str:
    """Traditional characters as simplified ones."""
    return str(_simplifier().convert(text))


@lru_cache(maxsize=8192)
def simplified_character(char: str) -> str:
    """One character as a simplified one; what has no single counterpart stays."""
    plain = simplified(char)
    return plain if len(plain) == 1 else char
