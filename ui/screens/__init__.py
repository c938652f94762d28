"""One screen a view state, registered by the state's name."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeVar, cast

import kiosk.view.afterwards as afterwards_states
import kiosk.view.attendant as attendant_states
import kiosk.view.common as common_states
import kiosk.view.desk as desk_states
import kiosk.view.gate as gate_states
from kiosk.view import address as address_states
from kiosk.view import help as help_states
from kiosk.view import technician as technician_states
from kiosk.view import typing as typing_states
from kiosk.view.screen import State, name_of
from ui.screens.afterwards.appointments import AppointmentsScreen
from ui.screens.afterwards.asking import AskingScreen
from ui.screens.afterwards.check_photo import CheckPhotoScreen
from ui.screens.afterwards.copies import CopiesScreen
from ui.screens.afterwards.correction import CorrectionScreen
from ui.screens.afterwards.guide_page import GuidePageScreen
from ui.screens.afterwards.menu import MenuScreen
from ui.screens.afterwards.one_appointment import OneAppointmentScreen
from ui.screens.afterwards.opinions import OpinionsScreen
from ui.screens.afterwards.pick_day import PickDayScreen
from ui.screens.afterwards.pick_hour import PickHourScreen
from ui.screens.afterwards.printing import PrintingScreen
from ui.screens.afterwards.progress_shown import ProgressShownScreen
from ui.screens.afterwards.queue_number import QueueNumberScreen
from ui.screens.afterwards.rate_service import RateServiceScreen
from ui.screens.afterwards.scan_receipt import ScanReceiptScreen
from ui.screens.afterwards.submissions import SubmissionsScreen
from ui.screens.afterwards.sure import SureScreen
from ui.screens.afterwards.take_photo import TakePhotoScreen
from ui.screens.afterwards.told import ToldScreen
from ui.screens.attendant.choose_document import ChooseDocumentScreen
from ui.screens.attendant.choose_name import ChooseNameScreen
from ui.screens.attendant.choose_reason import ChooseReasonScreen
from ui.screens.attendant.enter_pin import EnterPinScreen
from ui.screens.attendant.lane_facts import LaneFactsScreen
from ui.screens.attendant.one_passage import OnePassageScreen
from ui.screens.attendant.overview import OverviewScreen
from ui.screens.attendant.passages import PassagesScreen
from ui.screens.attendant.regulars import OneRegularScreen, RegularCardScreen, RegularsScreen
from ui.screens.attendant.type_in import TypeInScreen
from ui.screens.common.out_of_service import OutOfServiceScreen
from ui.screens.desk.at_window import AtWindowScreen
from ui.screens.desk.before_you_start import BeforeYouStartScreen
from ui.screens.desk.capture_paper import CapturePaperScreen
from ui.screens.desk.check_paper import CheckPaperScreen
from ui.screens.desk.choose_group import ChooseGroupScreen
from ui.screens.desk.choose_item import ChooseItemScreen
from ui.screens.desk.confirm import ConfirmScreen
from ui.screens.desk.deciding import DecidingScreen as DeskDecidingScreen
from ui.screens.desk.done import DoneScreen
from ui.screens.desk.draft_kept import DraftKeptScreen
from ui.screens.desk.earlier_papers import EarlierPapersScreen
from ui.screens.desk.find_item import FindItemScreen
from ui.screens.desk.item_changed import ItemChangedScreen
from ui.screens.desk.lay_card import LayCardScreen
from ui.screens.desk.not_eligible import NotEligibleScreen
from ui.screens.desk.paper_differs import PaperDiffersScreen
from ui.screens.desk.paper_pages import PaperPagesScreen
from ui.screens.desk.pay_fee import PayFeeScreen
from ui.screens.desk.phone_paper import PhonePaperScreen
from ui.screens.desk.pick_place import PickPlaceScreen
from ui.screens.desk.question import QuestionScreen
from ui.screens.desk.reading_card import ReadingCardScreen as DeskReadingCardScreen
from ui.screens.desk.reading_paper import ReadingPaperScreen
from ui.screens.desk.result_here import ResultHereScreen
from ui.screens.desk.reuse_earlier import ReuseEarlierScreen
from ui.screens.desk.review import ReviewScreen
from ui.screens.desk.saved_drafts import SavedDraftsScreen
from ui.screens.desk.sign import SignScreen
from ui.screens.desk.staff_called import StaffCalledScreen
from ui.screens.desk.start import StartScreen
from ui.screens.desk.still_there import StillThereScreen
from ui.screens.desk.submitting import SubmittingScreen
from ui.screens.desk.take_your_things import TakeYourThingsScreen
from ui.screens.desk.write import WriteScreen
from ui.screens.gate.admitted import AdmittedScreen
from ui.screens.gate.deciding import DecidingScreen
from ui.screens.gate.follow_movement import FollowMovementScreen
from ui.screens.gate.hall_full import HallFullScreen
from ui.screens.gate.help_coming import HelpComingScreen
from ui.screens.gate.lane_paused import LanePausedScreen
from ui.screens.gate.look_at_camera import LookAtCameraScreen
from ui.screens.gate.passage_notice import PassageNoticeScreen
from ui.screens.gate.reading_card import ReadingCardScreen as GateReadingCardScreen
from ui.screens.gate.referred import ReferredScreen
from ui.screens.gate.refused import RefusedScreen
from ui.screens.gate.show_code import ShowCodeScreen
from ui.screens.gate.show_health import ShowHealthScreen
from ui.screens.gate.taking_temperature import TakingTemperatureScreen
from ui.screens.gate.wear_mask import WearMaskScreen
from ui.screens.gate.welcome import WelcomeScreen
from ui.screens.help.chat import ChatScreen as HelpChatScreen
from ui.screens.help.consent import ConsentScreen as HelpConsentScreen
from ui.screens.help.in_call import InCallScreen as HelpInCallScreen
from ui.screens.help.leave_number import LeaveNumberScreen as HelpLeaveNumberScreen
from ui.screens.help.number_left import NumberLeftScreen as HelpNumberLeftScreen
from ui.screens.help.offer import OfferScreen as HelpOfferScreen
from ui.screens.help.over import OverScreen as HelpOverScreen
from ui.screens.help.suggested import SuggestedScreen as HelpSuggestedScreen
from ui.screens.help.waiting import WaitingScreen as HelpWaitingScreen
from ui.screens.sheet import Sheet
from ui.screens.technician.ask import AskScreen as TechnicianAskScreen
from ui.screens.technician.enter_pin import EnterPinScreen as TechnicianPinScreen
from ui.screens.technician.menu import MenuScreen as TechnicianMenuScreen
from ui.screens.technician.report import ReportScreen as TechnicianReportScreen
from ui.screens.technician.show_target import ShowTargetScreen
from ui.screens.technician.type_in import TypeInScreen as TechnicianTypeInScreen
from ui.screens.technician.working import WorkingScreen as TechnicianWorkingScreen
from ui.surface import Surface

AnySheet = Sheet[State]
Shown = TypeVar("Shown", bound=State)
_screens: dict[str, Callable[[Surface, State], AnySheet]] = {}


def _register(kind: type[Shown], make: Callable[[Surface, Shown], Sheet[Shown]]) -> None:
    name = f"{kind.__module__.split('.')[2]}.{kind.__name__}"
    # The name decides which states come here, so the narrower callable is the right one.
    _screens[name] = cast("Callable[[Surface, State], AnySheet]", make)


_register(common_states.OutOfService, OutOfServiceScreen)
_register(gate_states.Welcome, WelcomeScreen)
_register(gate_states.ReadingCard, GateReadingCardScreen)
_register(gate_states.LookAtCamera, LookAtCameraScreen)
_register(gate_states.FollowMovement, FollowMovementScreen)
_register(gate_states.WearMask, WearMaskScreen)
_register(gate_states.TakingTemperature, TakingTemperatureScreen)
_register(gate_states.ShowCode, ShowCodeScreen)
_register(gate_states.ShowHealth, ShowHealthScreen)
_register(gate_states.HallFull, HallFullScreen)
_register(gate_states.LanePaused, LanePausedScreen)
_register(gate_states.HelpComing, HelpComingScreen)
_register(gate_states.Deciding, DecidingScreen)
_register(gate_states.Admitted, AdmittedScreen)
_register(gate_states.Refused, RefusedScreen)
_register(gate_states.Referred, ReferredScreen)
_register(gate_states.PassageNotice, PassageNoticeScreen)
_register(attendant_states.ChooseName, ChooseNameScreen)
_register(attendant_states.EnterPin, EnterPinScreen)
_register(attendant_states.Overview, OverviewScreen)
_register(attendant_states.LaneFacts, LaneFactsScreen)
_register(attendant_states.Passages, PassagesScreen)
_register(attendant_states.OnePassage, OnePassageScreen)
_register(attendant_states.ChooseReason, ChooseReasonScreen)
_register(attendant_states.TypeIn, TypeInScreen)
_register(attendant_states.ChooseDocument, ChooseDocumentScreen)
_register(attendant_states.Regulars, RegularsScreen)
_register(attendant_states.OneRegular, OneRegularScreen)
_register(attendant_states.RegularCard, RegularCardScreen)
_register(technician_states.EnterPin, TechnicianPinScreen)
_register(technician_states.Menu, TechnicianMenuScreen)
_register(technician_states.Working, TechnicianWorkingScreen)
_register(technician_states.Report, TechnicianReportScreen)
_register(technician_states.Ask, TechnicianAskScreen)
_register(technician_states.TypeIn, TechnicianTypeInScreen)
_register(technician_states.ShowTarget, ShowTargetScreen)
_register(desk_states.Start, StartScreen)
_register(desk_states.ReadingCard, DeskReadingCardScreen)
_register(desk_states.ChooseItem, ChooseItemScreen)
_register(desk_states.LayCard, LayCardScreen)
_register(desk_states.ChooseGroup, ChooseGroupScreen)
_register(desk_states.FindItem, FindItemScreen)
_register(desk_states.BeforeYouStart, BeforeYouStartScreen)
_register(desk_states.NotEligible, NotEligibleScreen)
_register(desk_states.SavedDrafts, SavedDraftsScreen)
_register(desk_states.DraftKept, DraftKeptScreen)
_register(desk_states.ItemChanged, ItemChangedScreen)
_register(desk_states.Question, QuestionScreen)
_register(typing_states.Write, WriteScreen)
_register(address_states.PickPlace, PickPlaceScreen)
_register(desk_states.CapturePaper, CapturePaperScreen)
_register(desk_states.CheckPaper, CheckPaperScreen)
_register(desk_states.PaperPages, PaperPagesScreen)
_register(desk_states.ReadingPaper, ReadingPaperScreen)
_register(desk_states.PaperDiffers, PaperDiffersScreen)
_register(desk_states.Review, ReviewScreen)
_register(desk_states.Sign, SignScreen)
_register(desk_states.Confirm, ConfirmScreen)
_register(desk_states.PhonePaper, PhonePaperScreen)
_register(desk_states.ResultHere, ResultHereScreen)
_register(desk_states.AtWindow, AtWindowScreen)
_register(desk_states.EarlierPapers, EarlierPapersScreen)
_register(desk_states.ReuseEarlier, ReuseEarlierScreen)
_register(desk_states.PayFee, PayFeeScreen)
_register(desk_states.Submitting, SubmittingScreen)
_register(desk_states.Deciding, DeskDecidingScreen)
_register(desk_states.Done, DoneScreen)
_register(desk_states.TakeYourThings, TakeYourThingsScreen)
_register(desk_states.StillThere, StillThereScreen)
_register(desk_states.StaffCalled, StaffCalledScreen)
_register(afterwards_states.Menu, MenuScreen)
_register(afterwards_states.ScanReceipt, ScanReceiptScreen)
_register(afterwards_states.Asking, AskingScreen)
_register(afterwards_states.Submissions, SubmissionsScreen)
_register(afterwards_states.ProgressShown, ProgressShownScreen)
_register(afterwards_states.Sure, SureScreen)
_register(afterwards_states.Correction, CorrectionScreen)
_register(afterwards_states.Told, ToldScreen)
_register(afterwards_states.Appointments, AppointmentsScreen)
_register(afterwards_states.PickDay, PickDayScreen)
_register(afterwards_states.PickHour, PickHourScreen)
_register(afterwards_states.OneAppointment, OneAppointmentScreen)
_register(afterwards_states.QueueNumber, QueueNumberScreen)
_register(afterwards_states.RateService, RateServiceScreen)
_register(afterwards_states.Opinions, OpinionsScreen)
_register(afterwards_states.TakePhoto, TakePhotoScreen)
_register(afterwards_states.CheckPhoto, CheckPhotoScreen)
_register(afterwards_states.Copies, CopiesScreen)
_register(afterwards_states.Printing, PrintingScreen)
_register(afterwards_states.GuidePage, GuidePageScreen)
_register(help_states.Offer, HelpOfferScreen)
_register(help_states.Waiting, HelpWaitingScreen)
_register(help_states.LeaveNumber, HelpLeaveNumberScreen)
_register(help_states.NumberLeft, HelpNumberLeftScreen)
_register(help_states.InCall, HelpInCallScreen)
_register(help_states.Consent, HelpConsentScreen)
_register(help_states.Suggested, HelpSuggestedScreen)
_register(help_states.Chat, HelpChatScreen)
_register(help_states.Over, HelpOverScreen)

SCREENS: Mapping[str, Callable[[Surface, State], AnySheet]] = MappingProxyType(_screens)
"""What draws a view state, by the state's name (`kiosk.view.screen.name_of`)."""


def sheet_for(surface: Surface, state: State) -> AnySheet:
    """Draw a view state.

    Raises:
        KeyError: there is no screen for it.
    """
    return SCREENS[name_of(state)](surface, state)
