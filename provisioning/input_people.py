"""How often characters stand in names: figures in the package sinonym (Apache-2.0), which is fetched, not installed.

Three things are taken from its wheel, which is checked by its SHA-256: surnames and characters of given names with how
often they stand in the public records of ORCID (CC0), how often a syllable comes first or second in a given name, and
from the classifier's inverse document frequencies in how many of 1.14 million different names of the corpus
wainshine/Chinese-Names-Corpus (Apache-2.0) a character or a pair of characters stands. No name of a person is taken.
"""

import csv
import functools
import hashlib
import io
import json
import math
import subprocess
import sys
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from provisioning.input_sources import ROOT, SourceError, is_han

_REQUIREMENT: Final = "sinonym==0.5.1"
_SHA256: Final = "a6c87c931319ec61a4b80919bcf4714aa7c3ecbfc4c245c7d82a263cb2b82e73"
WHEEL: Final = ROOT / "var" / "people" / "sinonym-0.5.1-py3-none-any.whl"
_NAMES: Final = 1.14e6
"""Different names in the corpus."""
_TAUGHT: Final = 1.3e6
"""Names that the classifier was taught with; the others are Japanese."""
_SWAPPED: Final = 0.33
"""So many of those in ORCID's records wrote their whole name where the given name is asked."""
_SURNAME: Final = 300.0
"""Of a million people: with more of them the corpus says of a character only that it is a surname."""
_AS_SURNAME: Final = 0.85
"""How much rarer a surname is among different names than among people."""
_RARE: Final = 4e-5
_SOME: Final = 5.0
"""Of a million people: a surname that begins a noticeable number of names."""
_FEW: Final = 40.0
_SURNAMES: Final = 450.0
"""As many surnames a given name is met with at most."""
_FOREIGN: Final = 60.0
"""So many times as often as its characters suggest, a pair is met in Japanese surnames only."""

Floats = npt.NDArray[np.float64]


def bring_people(say: Callable[[str], None]) -> None:
    """Fetch the wheel unless it is there.

    Args:
        say: told what is being done.

    Raises:
        SourceError: the package client failed, or the archive is not the one expected.
    """
    if WHEEL.is_file() and hashlib.sha256(WHEEL.read_bytes()).hexdigest() == _SHA256:
        return
    say(f"Chinese input: fetching {_REQUIREMENT}, for how often characters stand in names")
    with tempfile.TemporaryDirectory() as scratch:
        wanted = Path(scratch) / "wanted.txt"
        wanted.write_text(f"{_REQUIREMENT} --hash=sha256:{_SHA256}\n", encoding="utf-8")
        done = subprocess.run(  # noqa: S603  our own interpreter with fixed words
            [
                *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"),
                *("--require-hashes", "--only-binary", ":all:", "--dest", scratch, "--requirement", str(wanted)),
            ],
            check=False,
            capture_output=True,
            text=True,
        )
        got = Path(scratch) / WHEEL.name
        if done.returncode != 0 or not got.is_file():
            last = (done.stderr.strip() or "no archive").splitlines()[-1]
            raise SourceError(f"pip could not fetch {_REQUIREMENT}: {last}")
        WHEEL.parent.mkdir(parents=True, exist_ok=True)
        fresh = WHEEL.with_name(WHEEL.name + ".new")
        fresh.write_bytes(got.read_bytes())
        fresh.replace(WHEEL)


def _member(name: str) -> bytes:
    try:
        with zipfile.ZipFile(WHEEL) as wheel:
            return wheel.read(f"sinonym/data/{name}")
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise SourceError(f"{WHEEL} is missing or damaged: run `make setup`") from error


def _rows(name: str) -> Iterator[dict[str, str]]:
    return csv.DictReader(io.StringIO(_member(name).decode("utf-8")))


@functools.cache
def surnames() -> dict[str, float]:
    """Of a million people in ORCID's records, how many bear a surname."""
    return {row["surname"]: float(row["ppm"]) for row in _rows("familyname_orcid.csv")}


@functools.cache
def positions() -> dict[str, tuple[float, float]]:
    """How often a syllable comes first and how often second in a given name of two."""
    return {
        row["syllable"]: (float(row["initial_count"]), float(row["final_count"])) for row in _rows("given_position.csv")
    }


def given() -> dict[str, float]:
    """How often characters stand in given names in ORCID's records: by shares, those of people of about 20 to 60."""
    counted: dict[str, float] = defaultdict(float)
    for row in _rows("givenname_orcid.csv"):
        counted[row["character"]] += float(row["ppm"])
    kept = {character: count - _SWAPPED * surnames().get(character, 0.0) for character, count in counted.items()}
    return _shares({character: count for character, count in kept.items() if count > 0})


def given_of_corpus() -> dict[str, float]:
    """The same of the corpus, of all ages; without the characters that are common surnames there."""
    orcid, grams = given(), {one: count for one, (count, _) in _grams().items() if len(one) == 1}
    # Only what is no surname at all can be compared.
    common = [one for one in grams if one in orcid and surnames().get(one, 0.0) < _SURNAME / 3]
    scale = sum(orcid[one] for one in common) / sum(grams[one] for one in common)
    found: dict[str, float] = {}
    for character, count in grams.items():
        if surnames().get(character, 0.0) <= _SURNAME:
            # The classifier was taught with Japanese names, too: 田 and 郎 are theirs.
            most = 4 * orcid[character] + 1e-6 if character in orcid else 2e-3
            found[character] = min(count * scale, most)
    return _shares(found)


def pairs(share: Callable[[str], float]) -> dict[str, float]:
    """How often given names of two are borne; only those that stand with a hundred surnames and more are known.

    Args:
        share: how often a character stands in given names; pairs of rare ones are left out as Japanese.
    """
    grams, found = _grams(), dict[str, float]()
    for pair, (count, leaning) in grams.items():
        if len(pair) != 2 or leaning >= 0 or min(share(pair[0]), share(pair[1])) < _RARE:
            continue
        met = _NAMES * _AS_SURNAME * share(pair[0]) * share(pair[1])
        if pair[0] != pair[1] and count > min(_FOREIGN * met, _SURNAMES):
            continue
        # 王文 is mostly a surname and how a given name begins: so many of them are to be expected.
        people = surnames().get(pair[0], 0.0)
        begun = 1.5 * _NAMES * _AS_SURNAME * people / 1e6 * share(pair[1]) if people > _SOME else 0.0
        left = count - begun
        if left >= max(_FEW, 0.4 * count):
            # Each surname counts once, however many people of that name there are.
            found[pair] = -_SURNAMES * math.log(1 - min(left / _SURNAMES, 0.9))
    return found


@functools.cache
def _grams() -> dict[str, tuple[float, float]]:
    """In how many names one or two characters stand, and whether they make the classifier think of a Japanese name.

    The number is what the inverse document frequency says; the other is above zero for what is rather Japanese.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(_member("chinese_japanese_classifier.skops"))) as model:
            told = json.loads(model.read("schema.json"))

            def array(node: dict[str, str]) -> Floats:
                return np.asarray(np.load(io.BytesIO(model.read(node["file"]))), np.float64)

            words = next(_nodes(told, "TfidfVectorizer"))["vocabulary_"]["content"]
            rare = array(next(_nodes(told, "TfidfTransformer"))["idf_"])
            leaning = array(next(_nodes(told, "LogisticRegression"))["coef_"])[0]
            places = {word: int(array(node)) for word, node in words.items() if len(word) <= 2 and is_han(word)}
    except (KeyError, StopIteration, ValueError, OSError, zipfile.BadZipFile) as error:
        raise SourceError(
            f"{WHEEL} holds no classifier as expected ({error!r}): remove it and run `make setup`"
        ) from error
    return {
        word: ((_TAUGHT + 1) / math.exp(float(rare[place]) - 1) - 1, float(leaning[place]))
        for word, place in places.items()
    }


def _nodes(told: object, kind: str) -> Iterator[Any]:
    """What objects of a class hold, in a model as skops writes it."""
    if isinstance(told, dict):
        if told.get("__class__") == kind:
            yield told["content"]["content"]
        told = list(told.values())
    if isinstance(told, list):
        for part in told:
            yield from _nodes(part, kind)


def _shares(counted: dict[str, float]) -> dict[str, float]:
    whole = sum(counted.values())
    return {key: count / whole for key, count in counted.items()}
