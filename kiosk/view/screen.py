"""The frame around a view state, the two unions, and their JSON."""

from dataclasses import dataclass
from typing import Protocol, get_args

import msgspec

from kiosk.view import address, afterwards, attendant, common, desk, gate, help, spoken, technician, typing  # noqa: A004  remote help, whose states are `help.Waiting`

GateState = (
    common.OutOfService
    | gate.Welcome
    | gate.ReadingCard
    | gate.LookAtCamera
    | gate.FollowMovement
    | gate.WearMask
    | gate.TakingTemperature
    | gate.ShowCode
    | gate.ShowHealth
    | gate.HallFull
    | gate.LanePaused
    | gate.HelpComing
    | gate.Deciding
    | gate.Admitted
    | gate.Refused
    | gate.Referred
    | gate.PassageNotice
)
DeskState = (
    common.OutOfService
    | desk.Start
    | desk.ReadingCard
    | desk.LayCard
    | desk.ChooseItem
    | desk.ChooseGroup
    | desk.FindItem
    | desk.BeforeYouStart
    | desk.NotEligible
    | desk.SavedDrafts
    | desk.DraftKept
    | desk.ItemChanged
    | desk.Question
    | typing.Write
    | address.PickPlace
    | desk.CapturePaper
    | desk.PhonePaper
    | desk.EarlierPapers
    | desk.ReuseEarlier
    | desk.CheckPaper
    | desk.PaperPages
    | desk.ReadingPaper
    | desk.PaperDiffers
    | desk.Review
    | desk.Sign
    | desk.Confirm
    | desk.PayFee
    | desk.Submitting
    | desk.Deciding
    | desk.ResultHere
    | desk.AtWindow
    | desk.Done
    | desk.TakeYourThings
    | desk.StillThere
    | desk.StaffCalled
    | afterwards.Menu
    | afterwards.ScanReceipt
    | afterwards.Asking
    | afterwards.Submissions
    | afterwards.ProgressShown
    | afterwards.Sure
    | afterwards.Correction
    | afterwards.Told
    | afterwards.Appointments
    | afterwards.PickDay
    | afterwards.PickHour
    | afterwards.OneAppointment
    | afterwards.QueueNumber
    | afterwards.RateService
    | afterwards.Opinions
    | afterwards.TakePhoto
    | afterwards.CheckPhoto
    | afterwards.Copies
    | afterwards.Printing
    | afterwards.GuidePage
)
AttendantState = (
    attendant.ChooseName
    | attendant.EnterPin
    | attendant.Overview
    | attendant.LaneFacts
    | attendant.Passages
    | attendant.OnePassage
    | attendant.ChooseReason
    | attendant.TypeIn
    | attendant.ChooseDocument
    | attendant.Regulars
    | attendant.OneRegular
    | attendant.RegularCard
)
HelpState = (
    help.Offer
    | help.Waiting
    | help.LeaveNumber
    | help.NumberLeft
    | help.InCall
    | help.Consent
    | help.Suggested
    | help.Chat
    | help.Over
)
TechnicianState = (
    technician.EnterPin
    | technician.Menu
    | technician.Working
    | technician.Report
    | technician.Ask
    | technician.TypeIn
    | technician.ShowTarget
)
State = GateState | DeskState | AttendantState | HelpState | TechnicianState
Intent = (
    common.Back
    | common.Next
    | common.Cancel
    | common.Stay
    | common.CallStaff
    | common.ChangeLanguage
    | common.SwitchMode
    | spoken.SetVolume
    | spoken.SayAgain
    | spoken.PauseVoice
    | spoken.ReadOut
    | attendant.OpenStaff
    | attendant.Choose
    | attendant.Pin
    | attendant.Typed
    | attendant.Do
    | desk.Choose
    | desk.Browse
    | desk.SearchFor
    | desk.Discard
    | desk.SaveForLater
    | desk.BringLater
    | desk.Answer
    | desk.Edit
    | desk.Retake
    | desk.Reprint
    | desk.AddPage
    | desk.ShowPages
    | desk.ShowPage
    | desk.MovePage
    | desk.RemovePage
    | desk.PrintResult
    | desk.ToWindow
    | desk.FromPhone
    | desk.FromEarlier
    | desk.NewCode
    | desk.TakeThem
    | desk.Signed
    | desk.ConfirmInstead
    | desk.Confirmed
    | desk.PayAgain
    | desk.PayAtWindow
    | typing.Key
    | typing.Delete
    | typing.Pick
    | typing.Turn
    | typing.Use
    | typing.Alike
    | typing.Ink
    | address.Take
    | address.Climb
    | address.Find
    | address.WriteWhole
    | afterwards.OpenServices
    | afterwards.Open
    | afterwards.Do
    | afterwards.Rate
    | help.Help
    | technician.Open
    | technician.Pin
    | technician.Do
    | technician.Answer
    | technician.Typed
    | technician.Touched
)


@dataclass(frozen=True, slots=True)
class Screen:
    """One view state, as it is to be drawn now.

    Attributes:
        role: `gate` or `desk`.
        state: what to show.
        language: in which language.
        modes: what makes it easier for the person in front.
        number: counts up with every change; an intent answers the number it was made on.
        sound: how the voice is set for them.
        helped: somebody helps from afar, or is on the way.
        notice: a message of the hall, shown while nobody is being served; empty for none.
    """

    role: str
    state: State
    language: common.Language
    modes: common.Modes
    number: int
    sound: spoken.Sound = spoken.SILENT
    helped: help.Mark | None = None
    notice: str = ""


@dataclass(frozen=True, slots=True)
class Touch:
    """An intent, and the number of the screen it was made on: one made on an older screen is dropped."""

    intent: Intent
    number: int


class Picture(Protocol):
    """The camera's newest picture, for the live view."""

    def newest(self) -> tuple[int, int, bytes] | None:
        """Width, height and RGB bytes (height x width x 3) of the newest picture; None when there is none."""
        ...


def name_of(state: State | Intent) -> str:
    """`gate.Welcome`, `desk.Question`, `common.Back`: module and class, unique over all."""
    kind = type(state)
    return f"{kind.__module__.split('.')[2]}.{kind.__name__}"


def place_of(state: State) -> str:  # noqa: C901, PLR0911, PLR0912  one line a kind of screen
    """Which screen this is to the person in front: two states of one place differ only in how far it is."""
    match state:
        case desk.Question(step=step, key=key) | typing.Write(question=desk.Question(step=step, key=key)):
            return f"{name_of(state)}/{step}/{key}"
        case address.PickPlace(question=desk.Question(step=step, key=key), chosen=chosen):
            return f"{name_of(state)}/{step}/{key}/{len(chosen)}"
        case desk.ChooseItem(group=group):
            return f"{name_of(state)}/{group.zh_hans}"
        case desk.ChooseGroup(by=by):
            return f"{name_of(state)}/{by}"
        case desk.CapturePaper(step=step, page=number, side=side):
            return f"{name_of(state)}/{step}/{number}/{side}"
        case desk.CheckPaper(step=step, number=number, count=count):
            return f"{name_of(state)}/{step}/{number}/{count}"
        case desk.PaperPages(step=step, first=number, count=count):
            return f"{name_of(state)}/{step}/{number}/{count}"
        case desk.PhonePaper(step=step, stage=how):
            return f"{name_of(state)}/{step}/{how}"
        case desk.PayFee(state=how):
            return f"{name_of(state)}/{how}"
        case afterwards.Menu(part=part):
            return f"{name_of(state)}/{part}"
        case afterwards.Told(what=what) | afterwards.Sure(what=what):
            return f"{name_of(state)}/{what}"
        case technician.Menu(inner=inner):
            return f"{name_of(state)}/{inner}"
        case technician.Report(task=task) | technician.Working(task=task):
            return f"{name_of(state)}/{task}"
        case technician.Ask(question=words):
            return f"{name_of(state)}/{words}"
        case technician.ShowTarget(number=number):
            return f"{name_of(state)}/{number}"
        case attendant.TypeIn(asked=part) | attendant.ChooseReason(choice=part):
            return f"{name_of(state)}/{part}"
        case _:
            return name_of(state)


def _names(union: object) -> dict[str, type]:
    return {f"{kind.__module__.split('.')[2]}.{kind.__name__}": kind for kind in get_args(union)}


STATES: dict[str, type] = _names(State)
"""Every view state, by its name."""
INTENTS: dict[str, type] = _names(Intent)
"""Every intent, by its name."""


class _ScreenMessage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    role: str
    name: str
    state: msgspec.Raw
    language: common.Language
    modes: common.Modes
    number: int
    sound: spoken.Sound
    helped: help.Mark | None = None
    notice: str = ""


class _TouchMessage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    intent: msgspec.Raw
    number: int


def screen_to_json(screen: Screen) -> bytes:
    """Encode a screen as one line of JSON; bytes are base64."""
    return msgspec.json.encode(
        _ScreenMessage(
            screen.role,
            name_of(screen.state),
            msgspec.Raw(msgspec.json.encode(screen.state)),
            screen.language,
            screen.modes,
            screen.number,
            screen.sound,
            screen.helped,
            screen.notice,
        )
    )


def screen_from_json(text: bytes) -> Screen:
    """Decode what `screen_to_json` made.

    Raises:
        msgspec.MsgspecError: it is not a screen.
    """
    message = msgspec.json.decode(text, type=_ScreenMessage)
    kind = STATES.get(message.name)
    if kind is None:
        raise msgspec.ValidationError(f"no view state is called {message.name!r}")
    state: State = msgspec.json.decode(message.state, type=kind)
    return Screen(
        message.role,
        state,
        message.language,
        message.modes,
        message.number,
        message.sound,
        message.helped,
        message.notice,
    )


def touch_to_json(touch: Touch) -> bytes:
    """Encode a touch as one line of JSON."""
    return msgspec.json.encode(
        _TouchMessage(name_of(touch.intent), msgspec.Raw(msgspec.json.encode(touch.intent)), touch.number)
    )


def touch_from_json(text: bytes) -> Touch:
    """Decode what `touch_to_json` made.

    Raises:
        msgspec.MsgspecError: it is not a touch.
    """
    message = msgspec.json.decode(text, type=_TouchMessage)
    kind = INTENTS.get(message.name)
    if kind is None:
        raise msgspec.ValidationError(f"no intent is called {message.name!r}")
    intent: Intent = msgspec.json.decode(message.intent, type=kind)
    return Touch(intent, message.number)
