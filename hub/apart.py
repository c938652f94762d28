"""A stranger's file is opened in a process of its own: whatever it does to the library that reads it, it does it there.

A PDF of two kilobytes can unpack to gigabytes before anybody has asked for a page; bounds inside the library are
nobody's promise. The process has bounds on memory and time, writes no file, and says what it found in a few bytes.
"""

import resource
import subprocess
import sys
from collections.abc import Sequence
from typing import Final

import anyio

SECONDS: Final = 30.0
_MEMORY: Final = 1536 * 1024 * 1024


async def run_apart(module: str, content: bytes, words: Sequence[str] = ()) -> bytes | None:
    """Let a module of ours read a file, in a process of its own.

    Args:
        module: Run as `python -m`; it calls `confine` first, reads the file from stdin and writes to stdout.
        content: The file.
        words: More arguments.

    Returns:
        What it wrote: nothing where the file ended it, or it crashed; None where it took longer than 30 s.
    """
    with anyio.move_on_after(SECONDS) as scope:
        done = await anyio.run_process(
            [sys.executable, "-m", module, *words], input=content, stderr=subprocess.DEVNULL, check=False
        )
    return None if scope.cancelled_caught else done.stdout


def confine(memory: int = _MEMORY) -> None:
    """Bound this process: bytes of memory, 35 s of processor time, no file, no core dump."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (int(SECONDS) + 5,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
