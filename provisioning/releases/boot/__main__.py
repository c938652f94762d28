"""`python3 -m boot [--home HOME] --name PART -- COMMAND…`: keep one part of the terminal running."""

import argparse
import signal
import sys
from pathlib import Path

from .disk import Home
from .launcher import LEFT, Launcher, Limits


def main() -> int:
    """Run until SIGTERM or SIGINT, or until a technician has ended the program: then the exit code is 78."""
    parser = argparse.ArgumentParser(prog="boot", description=__doc__)
    parser.add_argument("--home", type=Path, default=Path(__file__).absolute().parent.parent)
    parser.add_argument("--name", required=True, help="which part, e.g. gate")
    parser.add_argument("--start", type=float, default=Limits.start, help="seconds to come up in")
    parser.add_argument("--prove", type=float, default=Limits.prove, help="seconds to live on trial")
    parser.add_argument("--silence", type=float, default=Limits.silence, help="seconds without a sign of life")
    parser.add_argument("command", nargs="+", help="{python} and {release} are the release's")
    given = parser.parse_args()
    limits = Limits(start=given.start, prove=given.prove, silence=given.silence)

    def say(line: str) -> None:
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()

    launcher = Launcher(Home(given.home), given.name, given.command, limits, say)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: launcher.stop())
    launcher.run()
    return LEFT if launcher.left else 0


if __name__ == "__main__":
    sys.exit(main())
