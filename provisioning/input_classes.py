"""Which characters go together in a given name: classes of names, learnt from those that are known as a whole.

A class is a way of naming that belongs to a generation and a sex; nobody says which one, they come out by themselves
(expectation maximisation of a mixture, the characters' own frequencies as prior). With them a pair that was never
counted costs less when its characters are of one kind: 秀 and 莲, but not 秀 and 轩.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

CLASSES: Final = 6
_ROUNDS: Final = 40
_NAMES: Final = 20_000.0
"""The known names count as so many in all."""
_PRIOR: Final = 8.0
"""A character counts as seen in so many more names, spread over the classes like all others."""
_SEED: Final = 1


class Classes(NamedTuple):
    """A mixture.

    Attributes:
        share: of each class; (CLASSES,).
        first: how likely each character is as the first one in a name of each class; (characters, CLASSES).
        second: the same as the second one.
    """

    share: Floats
    first: Floats
    second: Floats

    def likely(self, one: int, other: int) -> float:
        """How likely two characters, by their numbers, are a given name of two."""
        return float((self.share * self.first[one] * self.second[other]).sum())


def learn(characters: Sequence[str], first: Floats, second: Floats, pairs: Mapping[str, float]) -> Classes:
    """Learn the classes.

    Args:
        characters: all that stand in names.
        first: how likely each is as the first of two; (characters,), sums to 1.
        second: the same as the second.
        pairs: given names of two and their shares; all characters are among the above.
    """
    number = {character: place for place, character in enumerate(characters)}
    one = np.array([number[pair[0]] for pair in pairs])
    other = np.array([number[pair[1]] for pair in pairs])
    weight = np.array(list(pairs.values()))
    weight *= _NAMES / weight.sum()
    chance = np.random.default_rng(_SEED)
    found = Classes(
        np.full(CLASSES, 1 / CLASSES),
        _whole(first[:, None] * chance.gamma(3, 1 / 3, (len(characters), CLASSES))),
        _whole(second[:, None] * chance.gamma(3, 1 / 3, (len(characters), CLASSES))),
    )
    for _ in range(_ROUNDS):
        part = found.share * found.first[one] * found.second[other]
        part *= (weight / part.sum(axis=1))[:, None]
        share = part.sum(axis=0) / part.sum()
        found = Classes(share, _shared(first, one, part, share), _shared(second, other, part, share))
    return found


def _shared(usual: Floats, place: npt.NDArray[np.int64], part: Floats, share: Floats) -> Floats:
    """A character is as frequent as it usually is, divided among the classes as it was counted in them."""
    counted = np.zeros((len(usual), CLASSES))
    np.add.at(counted, place, part)
    divided = (counted + _PRIOR * share) / (counted.sum(axis=1, keepdims=True) + _PRIOR)
    return _whole(usual[:, None] * divided)


def _whole(values: Floats) -> Floats:
    return np.asarray(values / values.sum(axis=0))
