"""A program in place of ALSA's `aplay`: takes its time over what it plays, and writes it to a file.

Run as `python aplay.py FOLDER ARGUMENT…` by the script that `sound_card` puts into the folder; whatever is simulated
stands in files there. Needs nothing but the standard library, because it has to start quickly.
"""

import argparse
import os
import sys
import time
from pathlib import Path
from typing import Final

_PERIOD: Final = 4096
_MISSING: Final = "aplay: main:831: audio open error: No such file or directory"
_GONE: Final = "aplay: pcm_write:2061: write error: No such device"
_BROKEN: Final = "aplay: pcm_write:2061: write error: Input/output error"
_NOISE: Final = "underrun!!! (at least 12.345 ms long)"


def _end(why: str) -> int:
    sys.stderr.write(f"{why}\n")
    return 1


def _hang(folder: Path) -> None:
    until = folder / "silent-until"
    while until.exists() and time.monotonic() < float(until.read_text(encoding="ascii") or 0):
        time.sleep(0.02)


def main(folder: Path, arguments: list[str]) -> int:
    """Play standard input; returns the exit status."""
    parser = argparse.ArgumentParser(prog="aplay")
    parser.add_argument("-q", action="store_true")
    parser.add_argument("-D", dest="device")
    parser.add_argument("-t", choices=["raw"], required=True)
    parser.add_argument("-f", choices=["S16_LE"], required=True)
    parser.add_argument("-r", type=int, required=True)
    parser.add_argument("-c", type=int, required=True)
    parser.add_argument("file", choices=["-"])
    given = parser.parse_args(arguments)
    if not (folder / "card").exists():
        return _end(_MISSING)
    _hang(folder)
    garble = folder / "garble"
    how = garble.read_text(encoding="ascii") if garble.exists() else ""
    garble.unlink(missing_ok=True)
    if how == "garbage":
        sys.stderr.write(f"{_NOISE}\n")
    with (folder / "played.raw").open("ab", buffering=0) as played:
        while piece := os.read(sys.stdin.fileno(), _PERIOD):
            if not (folder / "card").exists():
                return _end(_GONE)
            if how in {"truncated", "checksum"}:
                return _end(_BROKEN)
            played.write(piece)
            time.sleep(len(piece) / (2 * given.c * given.r))
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
