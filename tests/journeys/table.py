"""The journeys of the desk as data: what is seen, and what is done there. A new step is a new row here."""

from collections.abc import Callable, Sequence

from kiosk.desk.delivery import NAME, PHONE, STREET, WAY, delivery_queries
from kiosk.desk.threshold import asked as eligibility_asked
from kiosk.view import afterwards as after
from kiosk.view import desk as view
from kiosk.view.common import Back, Next
from kiosk.view.screen import place_of
from kiosk.view.typing import Write
from kiosk.wire.answers import asked, fee_due, papers_wanted
from tests.journeys import test_afterwards as services
from tests.journeys.after_cast import FUND, NUMBER
from tests.journeys.rooms import (
    Changing,
    asked_for_more,
    copies,
    deciding,
    desk,
    find,
    handed_in_before,
    item,
    kept,
    lay,
    lay_page,
    look_ahead,
    months,
    new_code,
    order_pages,
    pay,
    print_result,
    reading,
    signs,
    with_result,
    with_windows,
    write,
    writing,
)
from tests.journeys.test_desk_items import script
from tests.journeys.test_desk_journey import SIGNED
from tests.journeys.walker import Journey, Scene, Step

KEPT = view.SaveForLater()


# Applications ---------------------------------------------------------------------------------------------------------


def application(
    key: str,
    *,
    differs: str = "",
    fee: bool = False,
    at_once: bool = False,
) -> tuple[Step, ...]:
    """The steps of an application, as the item says.

    Args:
        key: of the item.
        differs: a paper of which something else is read.
        fee: it is paid by the code.
        at_once: the result is waited for.
    """
    wanted = item(key)
    given = script(wanted)
    steps: list[Step] = [(view.Start, lay), (view.ChooseItem, view.Choose(key))]
    first = [one.query.key for one in eligibility_asked(wanted, given)]
    steps += [(view.Question, view.Answer(each, given[each])) for each in first]
    steps.append((view.BeforeYouStart, Next()))
    steps += [
        (view.Question, view.Answer(query.key, given[query.key]))
        for query in asked(wanted, given)
        if query.key not in first
    ]
    for paper in papers_wanted(wanted, given):
        if paper.photo:
            steps += [(after.TakePhoto, look_ahead), (view.CheckPaper, Next())]
            continue
        if paper.deferrable_days:
            steps.append((view.CapturePaper, view.BringLater()))
            continue
        steps += [(view.CapturePaper, lay_page)] * (1 + paper.both_sides)
        steps.append((view.CheckPaper, Next()))
        if paper.key == differs:
            steps.append((view.PaperDiffers, Next()))
    by_post = {WAY: "courier", NAME: "王小明", PHONE: "13800138000", STREET: "北京市东城区示例胡同1号"}
    if delivery_queries(wanted, given):
        posted = {**given, WAY: "courier"}
        steps += [(view.Question, view.Answer(q.key, by_post[q.key])) for q in delivery_queries(wanted, posted)]
    steps += [(view.Review, Next()), (view.Sign, SIGNED)]
    if fee:
        assert fee_due(wanted, {k: v for k, v in given.items() if any(q.key == k for q in wanted.form)})
        steps.append((view.PayFee, pay))
    if at_once:
        steps.append((view.Deciding, None))
    return (*steps, (view.Done, Next()))


def edits_of(key: str) -> tuple[str, ...]:
    """What can be opened again from the check page."""
    wanted = item(key)
    given = script(wanted)
    return (*(query.key for query in asked(wanted, given)), *(paper.key for paper in papers_wanted(wanted, given)))


def of_services(steps: Sequence[Step]) -> tuple[Step, ...]:
    """A journey of the other services, in this table's words."""
    mine: dict[type, Callable[[Scene], None]] = {view.LayCard: lay, after.Copies: copies}
    made: list[Step] = []
    for kind, act in steps:
        if kind is view.CheckPaper:
            made += [(view.CapturePaper, lay_page), (kind, Next())]
        elif kind is after.Copies:
            made += [(view.CapturePaper, lay_page), (kind, copies)]
        elif kind is after.CheckPhoto:
            made += [(after.TakePhoto, look_ahead), (kind, act)]
        else:
            made.append((kind, mine.get(kind, act)))
    return tuple(made)


SCAN = (
    *services.through(after.Service.MINE, after.Service.RECEIPT),
    (after.ScanReceipt, after.Do(after.Act.TYPE)),
    (view.Question, view.Answer("number", NUMBER)),
    (view.LayCard, lay),
    (after.ProgressShown, Back()),
)
REPLIES = (
    *services.through(after.Service.SAY, after.Service.REPLIES),
    (view.LayCard, lay),
    (after.Opinions, Next()),
)
FORM = (
    *services.through(after.Service.TOOLS, after.Service.FORM),
    (view.LayCard, lay),
    (view.ChooseItem, view.Choose(FUND)),
    (after.Told, Next()),
)
BY_SEARCH: tuple[Step, ...] = ((view.Start, view.Browse(view.By.SEARCH)), (view.FindItem, find))
BY_EVENT: tuple[Step, ...] = (
    (view.Start, view.Browse(view.By.EVENT)),
    (view.ChooseGroup, view.Choose("home")),
    (view.ChooseItem, view.Choose(FUND)),
)
FUND_STEPS = application(FUND)
WHOLE = FUND_STEPS[FUND_STEPS.index((view.BeforeYouStart, Next())) :]


def with_card(begin: Sequence[Step]) -> tuple[Step, ...]:
    """An item is looked at first; the card is asked for when one begins."""
    middle = FUND_STEPS[2 : FUND_STEPS.index((view.BeforeYouStart, Next()))]
    return (*begin, *middle, WHOLE[0], (view.LayCard, lay), *WHOLE[1:])


QUESTIONS = [step for step in FUND_STEPS if step[0] is view.Question]
PAGES = (
    *FUND_STEPS[: FUND_STEPS.index((view.CheckPaper, Next()))],
    (view.CheckPaper, view.AddPage()),
    (view.CapturePaper, lay_page),
    (view.CheckPaper, view.ShowPages()),
    (view.PaperPages, order_pages),
    *FUND_STEPS[FUND_STEPS.index((view.CheckPaper, Next())) + 1 :],
)
INELIGIBLE = (
    (view.Start, lay),
    (view.ChooseItem, view.Choose(FUND)),
    (view.Question, months),
    (view.NotEligible, Back()),
    (view.Question, months),
    *FUND_STEPS[3:],
)
SAVE = (*FUND_STEPS[: FUND_STEPS.index(QUESTIONS[4])], (view.Question, KEPT), (view.DraftKept, Next()))
WINDOW = (*SAVE[:-1], (view.DraftKept, view.ToWindow()), (view.AtWindow, Next()))
CONTINUE = (
    (view.Start, lay),
    (view.SavedDrafts, view.Choose(FUND)),
    *FUND_STEPS[FUND_STEPS.index(QUESTIONS[5]) :],
)
ANSWERED = tuple(
    (place_of(view.Question(step, 0, act.key, view.NO_WORDS, view.NO_WORDS, view.Field.TEXT)), act)
    for step, (_, act) in enumerate(QUESTIONS[2:5], 1)
    if isinstance(act, view.Answer)
)
"""What was answered another day, where somebody goes back to it."""
TAX = application("tax-record", at_once=False)
RESULT = (*TAX[:-1], (view.ResultHere, print_result), TAX[-1])
CHANGED = (
    *TAX[:-2],
    (view.Sign, signs),
    (view.ItemChanged, Next()),
    (view.Review, Next()),
    (view.Sign, signs),
    TAX[-1],
)
_TEXTS = {query.key for query in item("medical-device-filing").form if query.field in {"text", "address"}}
WRITE = tuple(
    (Write, write) if isinstance(act, view.Answer) and act.key in _TEXTS else (kind, act)
    for kind, act in application("medical-device-filing")
)
EXPIRED = place_of(view.PayFee(view.NO_WORDS, 0, view.PayState.EXPIRED))

JOURNEYS: dict[str, Journey] = {
    # 1 start
    "1 by card from the list": Journey(FUND_STEPS, desk, first=2, edits=edits_of(FUND)),
    "1 looked for by initials first": Journey(with_card(BY_SEARCH), desk, first=2),
    "1 by life event first": Journey(with_card(BY_EVENT), desk, first=2),
    # 2 before you start
    "2 ineligible, then not": Journey(INELIGIBLE, desk, first=2),
    # 3 form
    "3 texts in pinyin": Journey(WRITE, writing, first=2),
    "3 saved for another day": Journey(SAVE, desk, first=2, last=1),
    "3 continued": Journey(CONTINUE, kept, first=2, extras=ANSWERED),
    "3 the office changes the item": Journey(CHANGED, lambda: desk(Changing), first=2),
    # 4 papers
    "4 several pages put in order": Journey(PAGES, desk, first=2),
    "4 both sides of a card": Journey(application("social-card-pin"), desk, first=2, edits=edits_of("social-card-pin")),
    "4 the paper says otherwise": Journey(application("medical-device-filing", differs="licence"), reading, first=2),
    # 5 check and submit
    "5 a fee by code": Journey(
        application("temporary-id-card", fee=True), desk, first=2, extras=((EXPIRED, new_code),)
    ),
    "5 done at once": Journey(application("tax-record", at_once=True), deciding, first=2, edits=edits_of("tax-record")),
    "5 the result is printed": Journey(RESULT, with_result, first=2, last=2),
    # 6 afterwards
    **{
        f"6 {name}": Journey(of_services(steps), {"correct": asked_for_more}.get(name, handed_in_before), first=2)
        for name, steps in services.JOURNEYS.items()
    },
    "6 a receipt by its number": Journey(SCAN, handed_in_before, first=2),
    "6 replies": Journey(REPLIES, handed_in_before, first=2),
    "6 a form to sign by hand": Journey(of_services(FORM), kept, first=2),
    # 7 handling modes
    "7 decided elsewhere": Journey(application("pollution-permit-change"), desk, first=2),
    # 8 delivery
    "8 by courier": Journey(application("plant-quarantine"), desk, first=2),
    # 9 resume at a window
    "9 what was begun goes on at a window": Journey(WINDOW, with_windows, first=2, last=2),
}
"""By number of the issue's list and name."""
