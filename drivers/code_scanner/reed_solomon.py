"""Reed-Solomon correction as QR codes use it: GF(2^8), polynomial 0x11D, roots from alpha^0. ISO/IEC 18004 annex B."""

from typing import Final

import numpy as np

_EXP: Final = [1] * 512
_LOG: Final = [0] * 256
for _power in range(1, 512):
    _doubled = _EXP[_power - 1] << 1
    _EXP[_power] = _doubled ^ 0x11D if _doubled > 0xFF else _doubled
for _power in range(255):
    _LOG[_EXP[_power]] = _power


class TooManyErrors(ValueError):
    """More codewords are wrong than can be corrected."""


def _times(a: int, b: int) -> int:
    return _EXP[_LOG[a] + _LOG[b]] if a and b else 0


def _inverse(a: int) -> int:
    return _EXP[255 - _LOG[a]]


def _value(polynomial: list[int], x: int) -> int:
    """Of a polynomial, its lowest coefficient first."""
    result = 0
    for coefficient in reversed(polynomial):
        result = _times(result, x) ^ coefficient
    return result


_EXP_TABLE: Final = np.array(_EXP, np.uint8)
_LOG_TABLE: Final = np.array(_LOG, np.int64)


def _syndromes(block: bytes, checks: int) -> list[int]:
    """The block's polynomial at the roots; all zero when nothing is wrong."""
    values = np.frombuffer(block, np.uint8)[::-1]
    powers = _LOG_TABLE[values] + np.outer(np.arange(checks), np.arange(len(values)))
    terms = np.where(values > 0, _EXP_TABLE[powers % 255], 0)
    return [int(syndrome) for syndrome in np.bitwise_xor.reduce(terms, axis=1)]


def corrected(block: bytes, checks: int, most: int) -> tuple[bytes, int]:
    """Correct one block.

    Args:
        block: data codewords, then `checks` codewords of correction; at most 255.
        most: errors that may be corrected, at most `checks // 2`; fewer leaves more for detecting.

    Returns:
        The block, and how many of its codewords were wrong.

    Raises:
        TooManyErrors: it cannot be corrected.
    """
    syndromes = _syndromes(block, checks)
    if not any(syndromes):
        return block, 0
    locator = _locator(syndromes)
    errors = len(locator) - 1
    if errors > most:
        raise TooManyErrors
    places = [place for place in range(len(block)) if not _value(locator, _inverse(_EXP[place]))]
    if len(places) != errors:
        raise TooManyErrors
    evaluator = [0] * checks
    for i, syndrome in enumerate(syndromes):
        for j, coefficient in enumerate(locator):
            if i + j < checks:
                evaluator[i + j] ^= _times(syndrome, coefficient)
    slope = [coefficient if power % 2 == 0 else 0 for power, coefficient in enumerate(locator[1:])]
    fixed = bytearray(block)
    for place in places:
        x = _inverse(_EXP[place])
        below = _value(slope, x)
        if not below:
            raise TooManyErrors
        fixed[-1 - place] ^= _times(_EXP[place], _times(_value(evaluator, x), _inverse(below)))
    if any(_syndromes(bytes(fixed), checks)):
        raise TooManyErrors
    return bytes(fixed), errors


def _locator(syndromes: list[int]) -> list[int]:
    """Berlekamp and Massey: the shortest register that makes the syndromes; its lowest coefficient first."""
    current, before = [1], [1]
    length, shift, last = 0, 1, 1
    for n, syndrome in enumerate(syndromes):
        difference = syndrome
        for i in range(1, length + 1):
            difference ^= _times(current[i] if i < len(current) else 0, syndromes[n - i])
        if not difference:
            shift += 1
            continue
        factor = _times(difference, _inverse(last))
        grown = current + [0] * max(0, len(before) + shift - len(current))
        for i, coefficient in enumerate(before):
            grown[i + shift] ^= _times(factor, coefficient)
        if 2 * length <= n:
            before, length, last, shift = current, n + 1 - length, difference, 1
        else:
            shift += 1
        current = grown
    while len(current) > 1 and not current[-1]:
        current.pop()
    if len(current) - 1 != length:
        raise TooManyErrors
    return current
