"""Runs inside the virtual machine: each job, one after another, and a line of JSON for each."""

import argparse
import json
import os
import signal
import time
import traceback
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Final

from kernel_side import CouldNotRun, Disagreement, Judge

Job = Callable[[Path, Judge], None]
JOB_S: Final = 90.0
JOBS: Final = {
    "thermometer-smbus": ("judge_thermometer", "thermometer_smbus"),
    "keyboard-wedge": ("judge_keyboard", "keyboard_wedge"),
    "camera-vivid": ("judge_camera", "camera_vivid"),
    "lepton-vivid": ("judge_camera", "lepton_vivid"),
    "camera-usb": ("judge_camera", "camera_usb"),
    "lepton-usb": ("judge_camera", "lepton_usb"),
    "usb-pipes": ("judge_usb", "usb_pipes"),
    "usb-hid": ("judge_usb", "usb_hid"),
    "usb-hid-control": ("judge_usb", "usb_hid_control"),
}


def verdict(name: str, kernel: Path) -> dict[str, object]:
    """Run a job, whatever becomes of it."""
    judge = Judge()
    module, function = JOBS[name]
    try:
        job: Job = getattr(import_module(module), function)
        job(kernel, judge)
    except CouldNotRun as why:
        return {"verdict": "could not run", "why": str(why)}
    except Disagreement as why:
        judge.differences.append(str(why))
    except Exception as error:  # noqa: BLE001  the other jobs go on, and whoever reads gets all of it
        last = traceback.format_exc().splitlines()[-8:]
        return {"verdict": "broke", "why": repr(error), "where": last, **vars(judge)}
    return {"verdict": "disagrees" if judge.differences else "agrees", **vars(judge)}


def main() -> None:
    """Run the jobs that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("jobs", nargs="+")
    parser.add_argument("--kernel", type=Path, help="folder in which lib/modules is")
    parser.add_argument("--report", type=Path, help="where the lines go")
    given = parser.parse_args()
    for module in sorted({JOBS[name][0] for name in given.jobs}):
        import_module(module)  # once for all: that is most of the time
    for name in given.jobs:
        started = time.monotonic()
        # a process each: libusb hears of new devices from udev, which is not here, or when it begins
        child = os.fork()
        if not child:
            found = {"job": name, **verdict(name, given.kernel), "seconds": round(time.monotonic() - started, 1)}
            with given.report.open("w", encoding="utf-8") as report:
                report.write(json.dumps(found) + "\n")
            os._exit(0)  # whatever a driver's thread still does
        while not os.waitpid(child, os.WNOHANG)[0]:
            if time.monotonic() > started + JOB_S:
                os.kill(child, signal.SIGKILL)
            time.sleep(0.1)


if __name__ == "__main__":
    main()
