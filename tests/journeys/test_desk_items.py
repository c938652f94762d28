"""A scripted citizen goes through each shipped item: back, edit and another language at each step."""

import json
from datetime import date

import anyio
import msgspec
import pytest
from jsonschema import Draft202012Validator

from hub.catalogue.folder import SHIPPED, compiled
from kiosk.desk.delivery import PHONE, PREFIX, WAY, delivery_queries
from kiosk.desk.journey import serve_one
from kiosk.desk.threshold import asked as eligibility_asked
from kiosk.desk.threshold import refusal
from kiosk.view import desk as view
from kiosk.view.common import Back, ChangeLanguage, Language, Next
from kiosk.view.screen import Intent, State
from kiosk.wire.answers import asked, document, fee_due, first_wrong, papers_wanted
from kiosk.wire.catalogue import Delivery, Item, Query
from kiosk.wire.events import Address, Content
from kiosk.wire.sealing import unseal
from tests.journeys.test_desk_journey import SECRET, SIGNED, Hall

pytestmark = pytest.mark.anyio

CATALOGUE = compiled(SHIPPED)
TODAY = date(2026, 11, 23)
LANGUAGES = (Language.EN, Language.ZH_HANT, Language.ZH_HANS)
SAID = {
    "phone": "13800138000", "digits": "120", "amount": "1000.50",
    "text": "示例市示例路一号", "address": "示例市示例路一号",
    "id_number": "110101199003070011", "credit_code": "91110000600037341L",
}  # fmt: skip
OWN = {
    "card_no": "AB1234567", "bank_account": "6222020000000000000", "reservation": "BH20261123",
    "record_no": "1101960ABC",
    "hs_code": "06021000", "filing_no": "BA20260001", "project_code": "2026-110101-77-03-000001", "plate": "A12345",
    "licence_no": "110101199003070011", "passport": "E12345678", "decision": "110105123456789", "since": "2025-03-01",
    "until": "2027-02-28", "from": "2026-01-01", "to": "2026-10-31", "expires": "2026-12-20",
    "passport_until": "2030-01-01", "contract_until": "2028-12-31", "authority_until": "2027-01-31",
    "green": "20", "shareholders": "2", "months": "24", "old_capital": "100", "visit_on": "2026-11-26",
    "inspect_on": "2026-11-27", "ship_on": "2026-12-01", "begin": "2027-03-01", "finish": "2028-03-01",
}  # fmt: skip
PERMIT = "91110000600037341L001P"


def say(item: Item, query: Query) -> str:  # noqa: PLR0911  one line a kind
    """A true-to-life answer."""
    if item.key == "pollution-permit-change" and query.key == "permit_no":
        return PERMIT
    if item.key == "work-permit-extension" and query.key == "permit_no":
        return "202411010001"
    if item.key == "business-licence-change" and query.key == "from":
        return "2026-12-01"
    if query.key in OWN and query.field in ("code", "date", "digits"):
        return OWN[query.key]
    if query.field in ("choice", "multi"):
        return query.choices[0].key
    if query.field == "date":
        return "2026-12-24" if query.when == "future" else "2026-11-02"
    return SAID[query.field]


def script(item: Item) -> dict[str, str]:
    """All answers of the citizen, eligibility included."""
    answers: dict[str, str] = {}
    for one in eligibility_asked(item, answers):
        choices = [choice.key for choice in one.query.choices] or [OWN["expires"]]
        answers[one.query.key] = next(key for key in choices if refusal(one, key, TODAY) is None)
    while True:
        missing = [query for query in asked(item, answers) if query.key not in answers]
        if not missing:
            return answers
        answers[missing[0].key] = say(item, missing[0])


class Citizen:
    """Answers what is on the screen; at each new step goes back once and changes the language."""

    def __init__(self, hall: Hall, item: Item) -> None:
        self.hall, self.item, self.answers = hall, item, script(item)
        self.been: set[tuple[str, str]] = set()
        self.edited: set[str] = set()
        self.languages = 0

    async def walk(self) -> None:
        person = self.hall.person
        while True:
            state = await self.settled()
            if isinstance(state, view.Done):
                if state.receipt is not view.Receipt.PRINTING:
                    person.touch(Next())
                    return
                await anyio.sleep(0.05)
                continue
            intent = self.intent(state)
            if intent is not None:
                await self.touch(intent)
            else:
                await anyio.sleep(0.05)

    async def settled(self) -> State:
        while self.hall.person.screen is None:
            await anyio.sleep(0.01)
        return self.hall.person.screen.state

    async def touch(self, intent: Intent) -> None:
        person = self.hall.person
        person.touch(ChangeLanguage(LANGUAGES[self.languages % 3]))
        self.languages += 1
        assert person.screen is not None
        before = person.screen.state
        person.touch(intent)
        while person.screen.state == before:
            await anyio.sleep(0.01)

    def answer(self, key: str) -> str:
        return SAID["phone"] if key == PHONE else self.answers[key]

    def first_time(self, state: State, key: str = "") -> bool:
        mark = (type(state).__name__, key)
        if mark in self.been:
            return False
        self.been.add(mark)
        return True

    def intent(self, state: State) -> Intent | None:  # noqa: PLR0911  one line a screen
        match state:
            case view.ChooseItem():
                return view.Choose(self.item.key)
            case view.Question(key=key, problem=problem, part=part):
                assert problem is view.AnswerProblem.NONE, (self.item.key, key, problem)
                if self.first_time(state, f"{part}{key}") and len(self.been) > 2:
                    return Back()
                if key == WAY:
                    return view.Answer(key, "courier")
                return view.Answer(key, state.value if key.startswith(PREFIX) and state.value else self.answer(key))
            case view.BeforeYouStart():
                return Back() if self.first_time(state) else Next()
            case view.CheckPaper():
                return view.Retake() if self.first_time(state, state.title.zh_hans) else Next()
            case view.CapturePaper(later=later):
                return view.BringLater() if later else None
            case view.Sign():
                return Back() if self.first_time(state) else SIGNED
            case view.PayFee(state=view.PayState.NOT_POSSIBLE):
                return view.PayAtWindow()
            case view.Review(rows=rows):
                for row in rows:
                    if row.key and row.key not in self.edited:
                        self.edited.add(row.key)
                        return view.Edit(row.key)
                return Next()
        return None


@pytest.mark.parametrize("item", CATALOGUE.items, ids=lambda item: item.key)
async def test_a_citizen_goes_through(item: Item) -> None:
    hall = Hall()
    citizen = Citizen(hall, item)
    with anyio.fail_after(3000):
        async with anyio.create_task_group() as group:
            group.start_soon(citizen.walk)
            await serve_one(hall.desk)
            group.cancel_scope.cancel()
    (made,) = hall.notes.submissions
    content = msgspec.json.decode(unseal(made.content_sealed, SECRET), type=Content)
    form = {query.key for query in item.form}
    expected = {key: value for key, value in citizen.answers.items() if key in form}
    assert {key: value.replace(".50", "") for key, value in content.answers.items()} == {
        key: value.replace(".50", "") for key, value in expected.items()
    }
    assert first_wrong(item, content.answers, TODAY) is None
    schema = json.loads((SHIPPED / "items" / f"{item.key}.json").read_text())["form"]["schema"]
    parts = json.loads((SHIPPED / "items" / f"{item.key}.json").read_text()).get("parts", [])
    shared = {
        key
        for part in parts
        for key in json.loads((SHIPPED / "parts" / f"{part}.json").read_text())["form"]["schema"]["properties"]
    }
    typed = document(item, content.answers)
    own = {key: value for key, value in typed.items() if key not in shared}
    assert not list(Draft202012Validator(schema).iter_errors(own))
    wanted = {paper.kind for paper in made.papers}
    assert wanted <= {paper.key for paper in item.papers}
    assert len(made.papers) == len(hall.notes.papers)
    assert {state.key for state in hall.person.seen if isinstance(state, view.Question)} >= expected.keys()
    if item.fee_from:
        assert fee_due(item, content.answers)
    assert content.signature is not None
    assert len(content.signature.declared) == 3 + len(made.deferred)
    if delivery_queries(item, {}) or content.answers.get("collect") == "post":
        address = msgspec.json.decode(unseal(made.address_sealed, SECRET), type=Address)
        assert (made.way, address.phone) == (Delivery.COURIER, "13800138000")
        assert len(address.street) > 5
    else:
        assert (made.way, made.address_sealed) == (Delivery.COLLECT, b"")
    wanted_now = {paper.key for paper in papers_wanted(item, content.answers)}
    assert wanted | {one.kind for one in made.deferred} == wanted_now


async def test_the_ineligible_are_told_before_they_begin_and_can_change_it() -> None:
    hall = Hall()
    item = next(item for item in CATALOGUE.items if item.key == "operator-licence-renewal")

    async def citizen() -> None:
        await hall.walk((view.ChooseItem, view.Choose(item.key)))
        for wrong, word in (("2025-06-30", "过期"), ("2027-12-31", "没到")):
            await hall.walk((view.Question, view.Answer("expires", wrong)))
            told = await hall.person.see(view.NotEligible)
            assert word in told.reason.zh_hans
            assert told.instead.en
            await hall.walk((view.NotEligible, Back()))
        # It ran out in May, and is good until the end of the year by the rule of extension.
        await hall.walk((view.Question, view.Answer("expires", "2026-05-01")))
        await hall.walk((view.Question, view.Answer("health", "yes")), (view.Question, view.Answer("accident", "no")))
        told_before = await hall.person.see(view.BeforeYouStart)
        assert any("2026 年 12 月 31 日" in notice.zh_hans for notice in told_before.notices)
        hall.person.touch(Next())
        first = await hall.person.see(view.Question)
        assert first.key == "licence_no"  # what was asked before is not asked again
        assert first.prefilled
        assert first.value == "110101199003070011"

    with anyio.fail_after(3000):
        async with anyio.create_task_group() as group:
            group.start_soon(serve_one, hall.desk)
            await citizen()
            group.cancel_scope.cancel()


async def test_without_a_card_one_looks_around_first() -> None:
    hall = Hall()
    cards, hall.reader.driver.queue = hall.reader.driver.queue, []

    async def citizen() -> None:
        await hall.walk((view.Start, view.Browse(view.By.SEARCH)), (view.FindItem, view.SearchFor("gjj")))
        found = await hall.person.see(view.FindItem)
        assert [item.key for item in found.found] == ["housing-fund-withdrawal"]
        await hall.walk((view.FindItem, Back()))
        await hall.walk((view.Start, view.Browse(view.By.EVENT)), (view.ChooseGroup, view.Choose("home")))
        listed = await hall.person.see(view.ChooseItem)
        assert listed.group.en == "Home"
        assert listed.name_masked == ""
        await hall.walk(
            (view.ChooseItem, view.Choose("housing-fund-withdrawal")),
            (view.Question, view.Answer("months", "no")),
            (view.NotEligible, Back()),
            (view.Question, view.Answer("months", "yes")),
            (view.Question, view.Answer("owner", "none")),
            (view.BeforeYouStart, Next()),
        )
        asked_for = await hall.person.see(view.LayCard)
        assert asked_for.title.zh_hans == "住房公积金提取"
        hall.reader.driver.queue = cards
        first = await hall.person.see(view.Question)
        assert first.key == "purpose"

    with anyio.fail_after(3000):
        async with anyio.create_task_group() as group:

            async def serve() -> None:
                while True:
                    try:
                        await serve_one(hall.desk)
                    except Exception:  # noqa: BLE001  going back from the search ends the visit
                        hall.desk.stage.reset()

            group.start_soon(serve)
            await citizen()
            group.cancel_scope.cancel()
