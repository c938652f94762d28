"""Python's collector of cycles, kept from looking through everything in the middle of the day's work.

With 5,000 connections a full collection stops every thread for half a second, and Python begins one whenever a quarter
has been added. What is young is still collected as it comes; everything once an hour, or where the process has grown by
half since (`python -m benchmarks hub-fleet`).
"""

import gc
import os
from pathlib import Path
from typing import Final

import anyio
import structlog

_log = structlog.get_logger()
_YOUNG: Final = (2_000, 10)
_NEVER: Final = 1_000_000_000
_PYTHONS_OWN: Final = (700, 10, 10)
_LOOK_SECONDS: Final = 30.0
_LOOKS_AN_HOUR: Final = 120
_GROWN: Final = 1.5
_STATM: Final = Path("/proc/self/statm")


def resident_bytes() -> int:
    """Memory of this process that is in use; 0 where the system does not say."""
    try:
        return int(_STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


async def collect_seldom() -> None:
    """Run until cancelled; then Python's own rule holds again."""
    gc.set_threshold(*_YOUNG, _NEVER)
    try:
        before, looks = resident_bytes(), 0
        while True:
            await anyio.sleep(_LOOK_SECONDS)
            looks += 1
            if looks < _LOOKS_AN_HOUR and resident_bytes() < before * _GROWN:
                continue
            found = gc.collect()
            before, looks = resident_bytes(), 0
            _log.debug("collected", objects=found, megabytes=before >> 20)
    finally:
        gc.set_threshold(*_PYTHONS_OWN)
