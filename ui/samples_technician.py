"""Plausible data for the technician's screens."""

from typing import Final

from kiosk.view import technician as view
from kiosk.view.screen import State
from kiosk.view.technician import Asked, Done, Good, Line, PinProblem, Task

_TASKS: Final = (
    Task.DEVICES,
    Task.QUICK,
    Task.FULL,
    Task.DOCTOR,
    Task.CALIBRATE,
    Task.ENROL,
    Task.PAPER,
    Task.STATS,
    Task.RELEASE,
    Task.BUNDLE,
    Task.OUT,
    Task.RESTART,
    Task.EXIT,
)
_HELD: Final = tuple(Task.BACK_IN if task is Task.OUT else task for task in _TASKS)
_INNER: Final = (Task.TOUCH, Task.THERMOMETER, Task.DESK, Task.PRINTER, Task.BEAMS)
_DEVICES: Final = (
    Line("id_reader", "ready CVR-100U", Good.YES),
    Line("camera", "ready HD WebCam 1080p", Good.YES),
    Line("printer", "fault cover_open", Good.NO, "attendant"),
    Line("code_scanner", "opening", Good.LOOK),
    Line("lamp", "absent not_present", Good.NO, "technician"),
)
_CHECKS: Final = (
    Line("desk.printer.status", "paper out, cover open", Good.NO, "put a new roll in"),
    Line("desk.hub", "not reached", Good.NO, "the hub does not answer"),
    Line("machine.disk", "11.4 GB free", Good.YES),
    Line("machine.memory", "2.1 GB available", Good.YES),
    Line("machine.clock", "2026-11-22 09:41 UTC", Good.YES),
    Line("machine.sqlite", "SQLite 3.51.3", Good.YES),
    Line("desk.id_reader.answers", "0.21 s", Good.YES),
    Line("desk.camera.picture", "1920 × 1080, 25 fps", Good.YES),
    Line("desk.certificate", "until 2028-11-22, 730 days", Good.YES),
    Line("desk.store", "schema 14, 0 waiting, 0 refused", Good.YES),
    Line("desk.printer.slip", "", Good.QUIET, "moves or uses something: check --full"),
    Line("desk.speaker.tone", "", Good.QUIET, "moves or uses something: check --full"),
)
_PROBLEM: Final = (
    "4.7 mm are left over (≤ 4 mm): clean the panel, touch the middle of each cross with one finger; if it stays, the "
    "panel is faulty. Nothing was kept"
)


def technician_samples() -> dict[str, State]:
    """Every sample of the technician's screens by its name."""
    found: dict[str, State] = {
        "technician.EnterPin": view.EnterPin(),
        "technician.EnterPin-wrong": view.EnterPin(PinProblem.WRONG, left=2),
        "technician.EnterPin-wait": view.EnterPin(PinProblem.WAIT, seconds=118),
        "technician.EnterPin-nobody": view.EnterPin(PinProblem.NOBODY),
        "technician.Menu": view.Menu("desk-1", "王工", "1.4.0", _TASKS),
        "technician.Menu-held": view.Menu("gate-2", "Aygul Tursun", "1.4.0", _HELD, held=True),
        "technician.Menu-inner": view.Menu("desk-1", "王工", "1.4.0", _INNER, inner=True),
        "technician.Working": view.Working(Task.QUICK),
        "technician.Working-line": view.Working(Task.FULL, "checking desk.printer (printer/escpos-serial)"),
        "technician.Report-devices": view.Report(Task.DEVICES, _DEVICES, live=True),
        "technician.Report-devices-well": view.Report(Task.DEVICES, _DEVICES[:2], live=True),
        "technician.Report-quick": view.Report(Task.QUICK, _CHECKS),
        "technician.Report-doctor": view.Report(Task.DOCTOR),
        "technician.Report-failed": view.Report(Task.TOUCH, (Line("", _PROBLEM, Good.NO),), failed=True),
        "technician.Report-touch": view.Report(
            Task.TOUCH,
            (
                Line("touch", "residual ≤ 4 mm", Good.YES),
                Line("residual_mm", "0.8"),
                Line("before_mm", "7.25"),
                Line("targets", "5.0"),
            ),
        ),
        "technician.Report-release": view.Report(
            Task.RELEASE,
            (
                Line("version", "1.4.0"),
                Line("running", "1.4.0 (proven)", Good.YES),
                Line("refused", "1.5.0 (self_test)", Good.LOOK, "vision: backing_off"),
            ),
        ),
        "technician.Ask": view.Ask(Task.FULL, "May the barrier move now? Nobody may stand in the lane."),
        "technician.Ask-exit": view.Ask(Task.EXIT, "End the program, and leave the machine to you?"),
        "technician.Ask-read": view.Ask(Task.FULL, "put a new roll in", choice=False),
        "technician.ShowTarget": view.ShowTarget(1, 5, 0.12, 0.08),
        "technician.ShowTarget-again": view.ShowTarget(3, 5, 0.88, 0.92, again=True),
        "technician.ShowTarget-middle": view.ShowTarget(5, 5, 0.5, 0.5),
    }
    for asked in Asked:
        found[f"technician.TypeIn-{asked}"] = view.TypeIn(asked)
        found[f"technician.TypeIn-{asked}-wrong"] = view.TypeIn(asked, wrong=True)
    for done in Done:
        if done is not Done.NOTHING:
            found[f"technician.Menu-{done}"] = view.Menu("desk-1", "王工", "1.4.0", _TASKS, done=done)
    return found
