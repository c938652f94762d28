"""The syllables of Mandarin as they are typed: their numbers, initials, what may stand for what."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Final

INITIALS: Final = (
    *("zh", "ch", "sh"),
    *("b", "p", "m", "f", "d", "t", "n", "l", "g", "k", "h", "j", "q", "x", "r", "z", "c", "s", "y", "w"),
)
LONGEST: Final = 6
"""Letters of the longest syllable (zhuang)."""

ALIASES: Final = {
    "lyu": "lv",
    "nyu": "nv",
    "lyue": "lve",
    "nyue": "nve",
    "lue": "lve",
    "nue": "nve",
    "jv": "ju",
    "qv": "qu",
    "xv": "xu",
    "yv": "yu",
    "jve": "jue",
    "qve": "que",
    "xve": "xue",
    "yve": "yue",
    "jvan": "juan",
    "qvan": "quan",
    "xvan": "xuan",
    "yvan": "yuan",
    "jvn": "jun",
    "qvn": "qun",
    "xvn": "xun",
    "yvn": "yun",
}
"""Other spellings: ü is typed v; passports write LYU (GB/T 28039-2011)."""


class Fuzzy(StrEnum):
    """Sounds that many people do not tell apart; each pair may be switched on."""

    Z_ZH = "z_zh"
    C_CH = "c_ch"
    S_SH = "s_sh"
    N_L = "n_l"
    F_H = "f_h"
    R_L = "r_l"
    AN_ANG = "an_ang"
    EN_ENG = "en_eng"
    IN_ING = "in_ing"


_STARTS: Final = {
    Fuzzy.Z_ZH: ("z", "zh"),
    Fuzzy.C_CH: ("c", "ch"),
    Fuzzy.S_SH: ("s", "sh"),
    Fuzzy.N_L: ("n", "l"),
    Fuzzy.F_H: ("f", "h"),
    Fuzzy.R_L: ("r", "l"),
}
_ENDS: Final = {
    Fuzzy.AN_ANG: ("an", "ang"),
    Fuzzy.EN_ENG: ("en", "eng"),
    Fuzzy.IN_ING: ("in", "ing"),
}


def initial(syllable: str) -> str:
    """Its initial; empty when it begins with a vowel."""
    return next((start for start in INITIALS if syllable.startswith(start)), "")


class Syllables:
    """All syllables, numbered in alphabetical order: what begins alike lies together.

    Args:
        names: every syllable, ü as v.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self.names: tuple[str, ...] = tuple(sorted(set(names)))
        self.ids: dict[str, int] = {name: number for number, name in enumerate(self.names)}
        for alias, name in ALIASES.items():
            if name in self.ids and alias not in self.ids:
                self.ids[alias] = self.ids[name]
        self._starts = {name[:length] for name in self.ids for length in range(1, len(name) + 1)}

    def within(self, letters: str) -> tuple[int, int]:
        """First and one past the last number of the syllables that begin with these letters."""
        return bisect_left(self.names, letters), bisect_left(self.names, letters + "{")

    def begins(self, letters: str) -> bool:
        """Whether some syllable begins so."""
        return letters in self._starts

    def alike(self, number: int, fuzzy: frozenset[Fuzzy]) -> tuple[int, ...]:
        """The other syllables that may be meant."""
        name = self.names[number]
        start = initial(name)
        rest = name[len(start) :]
        starts = {start}
        ends = {rest}
        for kind in fuzzy:
            for one, other in _both(_STARTS.get(kind)):
                starts |= {other} if start == one else set()
            for one, other in _both(_ENDS.get(kind)):
                if rest.endswith(one) and rest[: -len(one)] in {"", "i", "u"}:
                    ends.add(rest[: -len(one)] + other)
        found = {self.ids.get(a + b) for a in starts for b in ends} - {None, number}
        return tuple(sorted(n for n in found if n is not None))

    def read(self, letters: str, most: int = 8) -> list[tuple[int, ...]]:
        """Every way to read letters as whole syllables, fewest syllables first.

        Args:
            letters: only a-z.
            most: how many ways at most.
        """
        ways: list[tuple[int, ...]] = []
        self._read(letters, 0, (), ways, 16 * most)
        ways.sort(key=len)
        return ways[:most]

    def _read(self, letters: str, at: int, done: tuple[int, ...], ways: list[tuple[int, ...]], most: int) -> None:
        if at == len(letters):
            ways.append(done)
            return
        for end in range(min(len(letters), at + LONGEST), at, -1):
            number = self.ids.get(letters[at:end])
            if number is not None and len(ways) < most:
                self._read(letters, end, (*done, number), ways, most)


def _both(pair: Sequence[str] | None) -> list[tuple[str, str]]:
    return [] if pair is None else [(pair[0], pair[1]), (pair[1], pair[0])]
