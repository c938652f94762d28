"""Processes of our own modules that end with the one that started them."""

import ctypes
import os
import signal
import sys
from pathlib import Path

import kiosk

_PR_SET_PDEATHSIG = 1


def environment() -> dict[str, str]:
    """The environment in which a child finds our packages, whatever folder it is started in, and uses one thread."""
    root = Path(kiosk.__file__).resolve().parents[1]
    path = os.pathsep.join(filter(None, (str(root), os.environ.get("PYTHONPATH"))))
    return os.environ | {"PYTHONPATH": path, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def end_with(parent: int) -> None:
    """Have the kernel kill this process when the thread that started it ends; leave at once when it has already.

    Args:
        parent: the process that started this one.
    """
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(0)
