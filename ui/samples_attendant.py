"""Plausible data for the staff screens."""

from dataclasses import replace
from typing import Final

from kiosk.view import attendant as view
from kiosk.view.common import CardProblem
from kiosk.view.screen import State
from ui.staff_words import REASONS

_NAME: Final = "王*明"
_NAMES: Final = tuple(
    view.Name(f"s{place}", name) for place, name in enumerate(("李卫东", "欧阳建国", "Aygul Tursun", "陈静", "赵敏"))
)
_ID: Final = "01890a5d-ac96-774b-bcce-b302099a80"
_REFERRED: Final = view.PassageLine(_ID + "57", "09:38", _NAME, "refer", "temperature_high", "not_released")
_LINES: Final = (
    _REFERRED,
    view.PassageLine(_ID + "58", "09:36", "", "refer", "asked_for_staff", "not_released"),
    view.PassageLine(_ID + "59", "09:35", "欧阳*", "admit", "all_in_order", "passed"),
    view.PassageLine(_ID + "60", "09:33", "A*********h", "refuse", "code_other_person", "not_released"),
    view.PassageLine(_ID + "61", "09:31", "赵*", "refer", "face_unsure", "passed", "admitted"),
    view.PassageLine(_ID + "62", "09:30", "孙*", "refer", "code_unreadable", "not_released", "turned_away"),
    view.PassageLine(_ID + "63", "09:28", "周*华", "admit", "all_in_order", "tailgated"),
    view.PassageLine(_ID + "64", "09:27", "吴*", "admit", "all_in_order", "turned_back"),
)
_FINDINGS: Final = (
    view.Finding("identity", "resident", view.Good.YES),
    view.Finding("face", "accept", view.Good.YES),
    view.Finding("liveness", "passed", view.Good.YES),
    view.Finding("mask", "worn", view.Good.YES),
    view.Finding("temperature", "taken", view.Good.NO, "37.6"),
    view.Finding("code", "valid", view.Good.YES, "2"),
    view.Finding("health", "green", view.Good.YES),
    view.Finding("occupancy", "inside", view.Good.QUIET, "37"),
)
_DEVICES: Final = (
    view.DeviceLine("id_reader", "ready"),
    view.DeviceLine("camera", "ready"),
    view.DeviceLine("thermometer", "absent", "technician"),
    view.DeviceLine("code_scanner", "ready"),
    view.DeviceLine("barrier", "ready"),
    view.DeviceLine("vision", "ready"),
)
_OVERVIEW: Final = view.Overview("2", "李卫东", inside=37, capacity=200, passages=212)


_REGULARS = (
    view.RegularLine("1", "王*明", "2027-11-22"),
    view.RegularLine("2", "欧**国", "2027-03-01"),
    view.RegularLine("3", "A**********n", "2026-12-31"),
)


def attendant_samples() -> dict[str, State]:
    """Every sample of the staff screens by its name."""
    one = view.OnePassage(_REFERRED, "110101********0011", ("temperature_high",), _FINDINGS, open=True)
    measured = (view.SecondReading(37.5, "09:40", "lwd", high=True), view.SecondReading(36.8, "09:52", "lwd"))
    found: dict[str, State] = {
        "attendant.ChooseName": view.ChooseName(_NAMES),
        "attendant.ChooseName-many": view.ChooseName(_NAMES * 4, card=False),
        "attendant.ChooseName-refused": view.ChooseName(_NAMES, refused=True),
        "attendant.ChooseName-none": view.ChooseName(()),
        "attendant.EnterPin": view.EnterPin("李卫东"),
        "attendant.EnterPin-wrong": view.EnterPin("欧阳建国", view.PinProblem.WRONG, left=3),
        "attendant.EnterPin-locked": view.EnterPin("Aygul Tursun", view.PinProblem.LOCKED, minutes=5),
        "attendant.Overview": _OVERVIEW,
        "attendant.Overview-busy": replace(
            _OVERVIEW, waiting=2, trouble=1, offline=True, disinfect=True, passages=512, paper=True
        ),
        "attendant.Overview-paused": replace(_OVERVIEW, paused=True, capacity=None),
        "attendant.LaneFacts": view.LaneFacts(_DEVICES, 1204, 1167, 37, 200, "III", 14, 0, 0),
        "attendant.LaneFacts-offline": view.LaneFacts(
            (*_DEVICES, view.DeviceLine("printer", "notice", "paper_out"), view.DeviceLine("lamp", "stuck")),
            1204, 1167, 37, None, "I", 14, 4000, 1311, 2, offline=True,
        ),
        "attendant.Passages": view.Passages(_LINES),
        "attendant.Passages-many": view.Passages(_LINES * 3),
        "attendant.Passages-none": view.Passages(()),
        "attendant.OnePassage": one,
        "attendant.OnePassage-measured": replace(one, readings=measured),
        "attendant.OnePassage-watched": replace(
            one, reasons=("on_watch_list",), watch=view.WatchTold("needs_help", "家属在社区等候，电话在值班台。")
        ),
        "attendant.OnePassage-watched-too": replace(
            one, reasons=(*one.reasons, "on_watch_list"), watch=view.WatchTold("wanted", companion=True, alone=False)
        ),
        "attendant.OnePassage-nobody": view.OnePassage(
            _LINES[1], "", ("asked_for_staff",), (view.Finding("identity", "declined", view.Good.LOOK),),
            open=True, named=False,
        ),
        "attendant.OnePassage-admitted": view.OnePassage(
            _LINES[4], "110101********0011", ("face_unsure", "temperature_unsure", "code_unreadable"), _FINDINGS
        ),
        "attendant.Overview-regulars": replace(_OVERVIEW, regulars=12, paper=True),
        "attendant.Regulars": view.Regulars(_REGULARS, 70, 0.01),
        "attendant.Regulars-many": view.Regulars(_REGULARS * 5, 70, 0.01, view.Done.ENROLLED),
        "attendant.Regulars-none": view.Regulars((), 70, 0.01),
        "attendant.Regulars-no-room": view.Regulars(_REGULARS, 3, 0.01, view.Done.NO_ROOM),
        "attendant.OneRegular": view.OneRegular(_REGULARS[0]),
        "attendant.RegularCard": view.RegularCard(),
        "attendant.RegularCard-moved": view.RegularCard(CardProblem.MOVED),
        "attendant.TypeIn-consent": view.TypeIn(view.Asked.CONSENT),
        "attendant.TypeIn-consent-wrong": view.TypeIn(view.Asked.CONSENT, view.TypedProblem.CONSENT, "A-"),
        "attendant.ChooseDocument": view.ChooseDocument(),
        "attendant.TypeIn-temperature": view.TypeIn(view.Asked.TEMPERATURE, told=_NAME),
        "attendant.TypeIn-temperature-wrong": view.TypeIn(
            view.Asked.TEMPERATURE, view.TypedProblem.TEMPERATURE, "465", _NAME
        ),
        "attendant.TypeIn-count": view.TypeIn(view.Asked.COUNT, told="37"),
        "attendant.TypeIn-count-wrong": view.TypeIn(view.Asked.COUNT, view.TypedProblem.COUNT, "100001", "37"),
        "attendant.TypeIn-number": view.TypeIn(view.Asked.NUMBER, before="110101199003"),
        "attendant.TypeIn-number-wrong": view.TypeIn(
            view.Asked.NUMBER, view.TypedProblem.CHECK_CHARACTER, "110101199003070012"
        ),
        "attendant.TypeIn-number-empty": view.TypeIn(view.Asked.NUMBER, view.TypedProblem.EMPTY),
        "attendant.TypeIn-passport": view.TypeIn(view.Asked.PASSPORT, before="E12345678"),
        "attendant.TypeIn-passport-wrong": view.TypeIn(view.Asked.PASSPORT, view.TypedProblem.PASSPORT, "E12"),
        "attendant.TypeIn-name": view.TypeIn(view.Asked.NAME, told="110101********0011"),
    }  # fmt: skip
    for done in view.Done:
        if done is not view.Done.NOTHING:
            found[f"attendant.Overview-{done}"] = replace(_OVERVIEW, done=done, paused=done is view.Done.PAUSED)
    for choice in view.Choice:
        keys = tuple(REASONS[choice.value])
        plain = tuple(key for key in keys if not key.startswith("watch_"))
        found[f"attendant.ChooseReason-{choice}"] = view.ChooseReason(choice, plain, _NAME)
        if plain != keys:
            of_list = tuple(key for key in keys if key not in view.ANSWERED_WITH_THE_LIST)
            found[f"attendant.ChooseReason-{choice}-watched"] = view.ChooseReason(choice, of_list, _NAME)
    return found
