"""The staff screens at the lane: who gets in, what is stored before anything moves, and who is never stuck."""

from dataclasses import replace
from datetime import timedelta
from typing import cast

import anyio
import msgspec
import pytest

from drivers.errors import Effect, NoAnswer
from drivers.kinds import Crossing
from kiosk.gate.attendant_passages import degrees
from kiosk.gate.attendant_post import IDLE_SECONDS, disinfection_due
from kiosk.gate.attendant_sign_in import CLOSED_SECONDS
from kiosk.gate.journey import serve, serve_one
from kiosk.view import attendant as view
from kiosk.view import gate as citizen
from kiosk.view.common import Back, CallStaff, Cancel, Cause, OutOfService, Stay
from kiosk.wire.digest import person_digest
from kiosk.wire.events import Crossed, Passage, Person, StaffAct
from kiosk.wire.evidence import CodeChecked, IdentityRead
from kiosk.wire.rules import Reason, Verdict
from kiosk.wire.sealing import unseal
from tests.journeys.cast import ScriptedClock, card
from tests.journeys.staff_cast import PIN, STAFF_CARD, StaffedHall
from tests.journeys.test_gate_journey import HALL_KEY, SECRET

pytestmark = pytest.mark.anyio
NOW = ScriptedClock().start
OPEN = view.OpenStaff()


def empty_hall(**rules: object) -> StaffedHall:
    hall = StaffedHall()
    hall.reader.driver.queue = []
    hall.rules = msgspec.structs.replace(hall.rules, **rules)
    return hall


async def _serve(hall: StaffedHall) -> None:
    """Like `kiosk.gate.journey.serve`, but a fault is a failed test."""
    while True:
        hall.lane.stage.reset()
        await serve_one(hall.lane)


async def watched(hall: StaffedHall, *steps: object, seconds: float = 3600) -> None:
    """Run the lane for as long as the steps take."""
    with anyio.fail_after(seconds):
        async with anyio.create_task_group() as group:
            group.start_soon(_serve, hall)
            for step in steps:
                await step  # type: ignore[misc]  # coroutines of the tests
            group.cancel_scope.cancel()


# Who gets in ---------------------------------------------------------------------------------------------------


async def test_a_name_and_its_pin_open_the_overview() -> None:
    hall = empty_hall()

    async def walk() -> None:
        await hall.steps((citizen.Welcome, OPEN))
        shown = await hall.person.see(view.ChooseName)
        assert [name.id for name in shown.names] == ["cj", "lwd"], "whose last day is over is not listed"
        assert shown.card
        await hall.sign_in()
        overview = await hall.person.see(view.Overview)
        assert (overview.staff, overview.trouble, overview.waiting) == ("李卫东", 1, 0)
        hall.person.touch(Cancel())
        await hall.person.see(citizen.Welcome)

    await watched(hall, walk())
    assert hall.register.acts == []


async def test_their_own_card_opens_it_without_a_pin() -> None:
    hall = empty_hall()

    async def walk() -> None:
        await hall.steps((citizen.Welcome, OPEN))
        await hall.person.see(view.ChooseName)
        hall.reader.driver.queue = [STAFF_CARD]
        assert (await hall.person.see(view.Overview)).staff == "李卫东"

    await watched(hall, walk())
    assert hall.notes.passages == [], "it was not taken for a visitor's"


async def test_a_card_of_nobody_on_the_list_is_told_so_and_opens_nothing() -> None:
    hall = empty_hall()

    async def walk() -> None:
        await hall.steps((citizen.Welcome, OPEN))
        await hall.person.see(view.ChooseName)
        hall.reader.driver.queue = [card()]
        while not (await hall.person.see(view.ChooseName)).refused:
            await anyio.sleep(0.1)
        await hall.sign_in()
        await hall.person.see(view.Overview)

    await watched(hall, walk())
    assert hall.notes.passages == []


@pytest.mark.parametrize("pin", ["271829", "12345", "", "2718281828459", "٢٧١٨٢٨"])
async def test_a_wrong_pin_waits_and_says_how_many_tries_are_left(pin: str) -> None:
    hall = empty_hall()

    async def walk() -> None:
        await hall.steps((citizen.Welcome, OPEN))
        await hall.sign_in(pin=pin)
        began = anyio.current_time()
        while (shown := await hall.person.see(view.EnterPin)).problem is not view.PinProblem.WRONG:
            await anyio.sleep(0.05)
        assert shown.left == 4
        assert anyio.current_time() - began >= 0.9
        hall.person.touch(view.Pin(PIN))
        await hall.person.see(view.Overview)

    await watched(hall, walk())


async def test_five_wrong_pins_close_the_pad_for_five_minutes_and_not_the_card() -> None:
    hall = empty_hall()

    async def walk() -> None:
        await hall.steps((citizen.Welcome, OPEN))
        await hall.sign_in(pin="000001")
        for wrong in range(1, 5):
            while (await hall.person.see(view.EnterPin)).left != 5 - wrong:
                await anyio.sleep(0.05)
            hall.person.touch(view.Pin("000001"))
        while (shown := await hall.person.see(view.EnterPin)).problem is not view.PinProblem.LOCKED:
            await anyio.sleep(0.05)
        assert shown.minutes == 5
        closed = anyio.current_time()
        hall.person.touch(view.Pin(PIN))
        await anyio.sleep(5)
        assert hall.person.screen is not None
        assert isinstance(hall.person.screen.state, view.EnterPin), "the right one does not open it either"
        # going round by another name, or leaving and coming again, does not help
        hall.person.touch(Back())
        await hall.person.see(view.ChooseName)
        hall.reader.driver.queue = [STAFF_CARD]
        await hall.person.see(view.Overview)
        hall.person.touch(Cancel())
        await hall.steps((citizen.Welcome, OPEN))
        await hall.sign_in("cj", "314159")
        await anyio.sleep(1)
        assert isinstance(hall.person.screen.state, view.EnterPin)
        hall.person.touch(Cancel())
        await anyio.sleep(closed + CLOSED_SECONDS + 1 - anyio.current_time())
        await hall.steps((citizen.Welcome, OPEN))
        await hall.sign_in("cj", "314159")
        assert (await hall.person.see(view.Overview)).staff == "陈静"

    await watched(hall, walk())


async def test_without_a_list_nobody_gets_in_and_the_screen_says_so() -> None:
    hall = empty_hall()
    hall.list = None

    async def walk() -> None:
        await hall.steps((citizen.Welcome, OPEN))
        assert (await hall.person.see(view.ChooseName)).names == ()
        hall.person.touch(view.Choose("lwd"))
        await anyio.sleep(1)
        await hall.steps((view.ChooseName, Back()))
        await hall.person.see(citizen.Welcome)

    await watched(hall, walk())


async def test_without_a_touch_the_screens_close_and_typing_keeps_them_open() -> None:
    hall = empty_hall()

    async def walk() -> None:
        await hall.steps((citizen.Welcome, OPEN))
        await hall.sign_in()
        await hall.steps((view.Overview, view.Do(view.Duty.REGISTER)), (view.ChooseDocument, view.Choose("passport")))
        await hall.person.see(view.TypeIn)
        for _ in range(8):
            await anyio.sleep(IDLE_SECONDS / 2)
            hall.person.touch(Stay())
        assert isinstance(await hall.person.see(view.TypeIn), view.TypeIn)
        began = anyio.current_time()
        await hall.person.see(citizen.Welcome)
        assert anyio.current_time() - began <= IDLE_SECONDS + 1

    await watched(hall, walk())
    assert hall.notes.passages == []


# People who were sent to staff ---------------------------------------------------------------------------------


def doubtful() -> StaffedHall:
    """Somebody whose face is not certain."""
    hall = StaffedHall()
    hall.sight.similarity = 0.36
    return hall


async def test_a_referred_person_is_admitted_stored_first_and_told_by_the_beams() -> None:
    hall = doubtful()

    async def walk() -> None:
        await hall.steps((citizen.Referred, OPEN))
        await hall.sign_in()
        shown = await hall.person.see(view.OnePassage)
        assert shown.open
        assert shown.reasons == (Reason.FACE_UNSURE.value,)
        assert view.Finding("face", "staff", view.Good.LOOK) in shown.findings
        assert shown.number_masked == "110101********0011"
        hall.person.touch(view.Do(view.Duty.ADMIT))
        await hall.steps((view.ChooseReason, view.Choose("identity_checked")))
        assert (await hall.person.see(view.Overview)).done is view.Done.ADMITTED

    await watched(hall, walk())
    (passage,) = hall.notes.passages
    assert hall.order == ["admitted", "barrier"]
    assert hall.register.acts[0].passage == passage.id
    assert (hall.register.acts[0].staff, hall.register.acts[0].reason) == ("lwd", "identity_checked")
    assert hall.notes.ends == [(passage.id, Crossed.PASSED, "")]
    assert hall.notes.heads == [1]


async def test_a_party_sent_to_staff_comes_in_one_after_the_other() -> None:
    from tests.journeys.test_gate_journey import good_code

    hall = StaffedHall()
    hall.scanner.driver.shown = [good_code(companions=2)]
    hall.rules = msgspec.structs.replace(hall.rules, party_most=1, walk_in=False)
    hall.sight.similarity = 0.36
    hall.rules = msgspec.structs.replace(hall.rules, face_required=False, temperature_high_c=36.0)

    async def walk() -> None:
        await hall.steps((citizen.Referred, OPEN))
        await hall.sign_in()
        await hall.steps(
            (view.OnePassage, view.Do(view.Duty.ADMIT)), (view.ChooseReason, view.Choose("temperature_normal"))
        )
        await hall.person.see(view.Overview)

    await watched(hall, walk())
    companions = hall.notes.passages[0].evidence.code
    expected = 1 + companions.companions if isinstance(companions, CodeChecked) else 1
    assert hall.barrier.driver.released == expected
    assert hall.notes.heads == [expected]
    admitted = [state for state in hall.person.seen if isinstance(state, citizen.Admitted)]
    assert all(state.temperature_c is None for state in admitted), "the queue does not read the first reading"


async def test_a_second_temperature_is_kept_with_who_and_when_and_then_turned_away() -> None:
    hall = StaffedHall()
    hall.thermometer.driver.readings = [38.6]

    async def walk() -> None:
        await hall.steps((citizen.Referred, OPEN))
        await hall.sign_in()
        await hall.steps((view.OnePassage, view.Do(view.Duty.MEASURE)))
        for wrong in ("", "3", "999", "421", "339", "36.5", "三十八"):
            await hall.steps((view.TypeIn, view.Typed(wrong)))
            await anyio.sleep(0.2)
            assert (await hall.person.see(view.TypeIn)).problem is view.TypedProblem.TEMPERATURE
        hall.person.touch(view.Typed("385"))
        shown = await hall.person.see(view.OnePassage)
        assert [(reading.celsius, reading.staff, reading.high) for reading in shown.readings] == [(38.5, "lwd", True)]
        hall.person.touch(view.Do(view.Duty.TURN_AWAY))
        await hall.steps((view.ChooseReason, view.Choose("temperature_high")))
        assert (await hall.person.see(view.Overview)).done is view.Done.TURNED_AWAY
        assert (await hall.person.see(view.Overview)).waiting == 0

    await watched(hall, walk())
    assert hall.did() == [StaffAct.MEASURED_AGAIN, StaffAct.TURNED_AWAY]
    assert hall.register.acts[0].temperature_c == 38.5
    assert hall.barrier.driver.released == 0


@pytest.mark.parametrize(
    ("typed", "value"), [("340", 34.0), ("420", 42.0), ("365", 36.5), ("339", None), ("421", None), ("٣٦٥", None)]
)
def test_what_a_clinical_thermometer_can_show(typed: str, value: float | None) -> None:
    assert degrees(typed) == value


@pytest.mark.parametrize(
    ("outcome", "done", "crossed"),
    [
        (Crossing.NOBODY, view.Done.NOBODY_PASSED, Crossed.NOBODY),
        (NoAnswer("away", effect=Effect.NO), view.Done.NOT_OPENED, Crossed.NOT_RELEASED),
        (NoAnswer("away", effect=Effect.UNKNOWN), view.Done.NOT_OPENED, Crossed.UNKNOWN),
    ],
)
async def test_an_admission_that_nobody_or_nothing_followed_is_told(
    outcome: Crossing | Exception, done: view.Done, crossed: Crossed
) -> None:
    hall = doubtful()
    hall.barrier.driver.crossing = outcome

    async def walk() -> None:
        await hall.steps((citizen.Referred, OPEN))
        await hall.sign_in()
        await hall.steps(
            (view.OnePassage, view.Do(view.Duty.ADMIT)), (view.ChooseReason, view.Choose("identity_checked"))
        )
        assert (await hall.person.see(view.Overview)).done is done

    await watched(hall, walk())
    assert hall.notes.ends[0][1] is crossed
    assert hall.did() == [StaffAct.ADMITTED]


async def test_going_back_from_the_reasons_decides_nothing() -> None:
    hall = doubtful()

    async def walk() -> None:
        await hall.steps((citizen.Referred, OPEN))
        await hall.sign_in()
        await hall.steps(
            (view.OnePassage, view.Do(view.Duty.ADMIT)),
            (view.ChooseReason, view.Choose("because")),
            (view.ChooseReason, Back()),
            (view.OnePassage, Back()),
            (view.Passages, Back()),
        )
        assert (await hall.person.see(view.Overview)).waiting == 1

    await watched(hall, walk())
    assert hall.register.acts == []
    assert hall.barrier.driver.released == 0


async def test_the_last_passages_are_listed_those_that_wait_first_and_masked() -> None:
    hall = StaffedHall()

    async def walk() -> None:
        await hall.person.see(citizen.Admitted)
        await hall.steps((citizen.Welcome, OPEN))
        await hall.sign_in()
        await hall.steps((view.Overview, view.Do(view.Duty.PASSAGES)))
        (line,) = (await hall.person.see(view.Passages)).lines
        assert (line.name_masked, line.verdict, line.crossed, line.answer) == ("王*明", "admit", "passed", "")
        hall.person.touch(view.Choose(line.id))
        shown = await hall.person.see(view.OnePassage)
        assert not shown.open
        hall.person.touch(view.Do(view.Duty.ADMIT))
        await anyio.sleep(1)
        assert isinstance(await hall.person.see(view.OnePassage), view.OnePassage)

    await watched(hall, walk())
    assert hall.barrier.driver.released == 1, "who was admitted by the rules is not admitted again"


# The lane ------------------------------------------------------------------------------------------------------


async def test_opening_by_hand_is_stored_before_it_moves_and_counts_the_head() -> None:
    hall = empty_hall()

    async def walk() -> None:
        await hall.steps((citizen.Welcome, OPEN))
        await hall.sign_in()
        await hall.steps((view.Overview, view.Do(view.Duty.OPEN)), (view.ChooseReason, view.Choose("wheelchair")))
        await hall.person.see(citizen.Admitted)
        assert (await hall.person.see(view.Overview)).done is view.Done.OPENED

    await watched(hall, walk())
    assert hall.order == ["opened", "barrier"]
    assert hall.register.heads == 1
    assert hall.notes.passages == []


async def test_a_barrier_that_does_not_open_by_hand_is_told() -> None:
    hall = empty_hall()
    hall.barrier.driver.crossing = NoAnswer("away", effect=Effect.NO)

    async def walk() -> None:
        await hall.steps((citizen.Welcome, OPEN))
        await hall.sign_in()
        await hall.steps((view.Overview, view.Do(view.Duty.OPEN)), (view.ChooseReason, view.Choose("test")))
        assert (await hall.person.see(view.Overview)).done is view.Done.NOT_OPENED

    await watched(hall, walk())
    assert hall.did() == [StaffAct.OPENED]
    assert hall.register.heads == 0


async def test_a_paused_lane_reads_no_card_until_staff_resume_it() -> None:
    hall = empty_hall()

    async def walk() -> None:
        await hall.steps((citizen.Welcome, OPEN))
        await hall.sign_in()
        await hall.steps((view.Overview, view.Do(view.Duty.PAUSE)))
        await anyio.sleep(0.5)
        assert (await hall.person.see(view.Overview)).paused
        hall.person.touch(Back())
        await hall.person.see(citizen.LanePaused)
        hall.reader.driver.queue = [card()]
        calls = hall.reader.calls
        hall.person.touch(CallStaff())
        await anyio.sleep(600)
        assert hall.reader.calls == calls
        await hall.steps((citizen.LanePaused, OPEN))
        hall.reader.driver.queue = []
        await hall.sign_in("cj", "314159")
        await hall.steps((view.Overview, view.Do(view.Duty.RESUME)), (view.Overview, Back()))
        await hall.person.see(citizen.Welcome)

    await watched(hall, walk())
    assert [(act.act, act.staff) for act in hall.register.acts] == [
        (StaffAct.PAUSED, "lwd"),
        (StaffAct.RESUMED, "cj"),
    ]
    assert hall.told == 2, "the hub hears of it at once"


async def test_a_pause_outlives_a_restart() -> None:
    hall = StaffedHall(was_paused=True)
    await hall.attendant.begin()

    async def walk() -> None:
        await hall.person.see(citizen.LanePaused)
        await anyio.sleep(30)

    await watched(hall, walk())
    assert hall.notes.passages == []


async def test_the_head_count_is_corrected_and_nonsense_is_not() -> None:
    hall = empty_hall()

    async def walk() -> None:
        await hall.steps((citizen.Welcome, OPEN))
        await hall.sign_in()
        await hall.steps((view.Overview, view.Do(view.Duty.COUNT)))
        for wrong in ("", "-1", "100001", "9" * 400, "许多"):
            await hall.steps((view.TypeIn, view.Typed(wrong)))
            await anyio.sleep(0.2)
            assert (await hall.person.see(view.TypeIn)).problem is view.TypedProblem.COUNT
        hall.person.touch(view.Typed("42"))
        assert (await hall.person.see(view.Overview)).done is view.Done.COUNTED

    await watched(hall, walk())
    assert [(act.act, act.count) for act in hall.register.acts] == [(StaffAct.COUNT_SET, 42)]
    assert hall.counted == 1


@pytest.mark.parametrize(
    ("duty", "act"),
    [(view.Duty.DISINFECTED, StaffAct.DISINFECTED), (view.Duty.PAPER, StaffAct.PAPER_CHANGED)],
)
async def test_the_registers_take_one_touch(duty: view.Duty, act: StaffAct) -> None:
    hall = empty_hall()

    async def walk() -> None:
        await hall.steps((citizen.Welcome, OPEN))
        await hall.sign_in()
        await hall.steps((view.Overview, view.Do(duty)))
        await anyio.sleep(0.5)
        assert (await hall.person.see(view.Overview)).done.value == act.value

    await watched(hall, walk())
    assert hall.did() == [act]


def test_disinfection_is_due_by_uses_or_hours_and_not_in_an_empty_hall() -> None:
    assert not disinfection_due(None, 0, NOW)
    assert disinfection_due(None, 1, NOW)
    assert not disinfection_due(NOW - timedelta(hours=3), 499, NOW)
    assert disinfection_due(NOW - timedelta(hours=3), 500, NOW)
    assert disinfection_due(NOW - timedelta(hours=4), 1, NOW)
    assert not disinfection_due(NOW - timedelta(hours=40), 0, NOW)


# Registered by hand --------------------------------------------------------------------------------------------


async def test_a_number_typed_by_staff_brings_the_person_through() -> None:
    hall = empty_hall(face_required=False, temperature_required=False, code_required=False)

    async def walk() -> None:
        await hall.steps((citizen.Welcome, OPEN))
        await hall.sign_in()
        await hall.steps((view.Overview, view.Do(view.Duty.REGISTER)), (view.ChooseDocument, view.Choose("resident")))
        for wrong in ("", "110101199003070012", "11010119900307001", "110101199013070011", "E12345678"):
            await hall.steps((view.TypeIn, view.Typed(wrong)))
            await anyio.sleep(0.2)
            shown = await hall.person.see(view.TypeIn)
            assert shown.problem in {view.TypedProblem.CHECK_CHARACTER, view.TypedProblem.EMPTY}
        hall.person.touch(view.Typed("110101 19900307 0011"))
        while (await hall.person.see(view.TypeIn)).asked is not view.Asked.NAME:
            await anyio.sleep(0.1)
        hall.person.touch(view.Typed(" WANG  XIAOMING "))
        await hall.person.see(citizen.Admitted)
        await hall.person.see(citizen.Welcome)

    await watched(hall, walk())
    (passage,) = hall.notes.passages
    assert passage.decision.verdict is Verdict.ADMIT
    identity = cast("IdentityRead", passage.evidence.identity)
    assert (identity.document.value, identity.person) == ("typed", person_digest("110101199003070011", HALL_KEY))
    person = msgspec.json.decode(unseal(passage.person_sealed, SECRET), type=Person)
    assert (person.name, person.number, person.document) == ("WANG XIAOMING", "110101199003070011", "resident")
    assert passage.name_masked == "W********G"
    assert b"110101199003070011" not in msgspec.json.encode(passage)


async def test_a_passport_number_without_a_name_is_enough() -> None:
    hall = empty_hall(face_required=False, temperature_required=False, code_required=False)

    async def walk() -> None:
        await hall.steps((citizen.Welcome, OPEN))
        await hall.sign_in()
        await hall.steps(
            (view.Overview, view.Do(view.Duty.REGISTER)),
            (view.ChooseDocument, view.Choose("passport")),
            (view.TypeIn, view.Typed("E1")),
        )
        await anyio.sleep(0.3)
        assert (await hall.person.see(view.TypeIn)).problem is view.TypedProblem.PASSPORT
        hall.person.touch(view.Typed("e12345678"))
        while (await hall.person.see(view.TypeIn)).asked is not view.Asked.NAME:
            await anyio.sleep(0.1)
        hall.person.touch(view.Typed(""))
        await hall.person.see(citizen.Admitted)

    await watched(hall, walk())
    (passage,) = hall.notes.passages
    person = msgspec.json.decode(unseal(passage.person_sealed, SECRET), type=Person)
    assert (person.name, person.number, person.document) == ("", "E12345678", "passport")
    assert passage.decision.verdict is Verdict.ADMIT


async def test_whoever_registered_somebody_answers_them_without_signing_in_again() -> None:
    hall = empty_hall()  # a face is asked for, and who was typed has no photo: to staff they go

    async def walk() -> None:
        await hall.steps((citizen.Welcome, OPEN))
        await hall.sign_in()
        await hall.steps(
            (view.Overview, view.Do(view.Duty.REGISTER)),
            (view.ChooseDocument, view.Choose("resident")),
            (view.TypeIn, view.Typed("110101199003070011")),
        )
        while (await hall.person.see(view.TypeIn)).asked is not view.Asked.NAME:
            await anyio.sleep(0.1)
        hall.person.touch(view.Typed(""))
        await hall.steps(
            (citizen.Referred, OPEN),
            (view.OnePassage, view.Do(view.Duty.ADMIT)),
            (view.ChooseReason, view.Choose("identity_checked")),
        )
        await hall.steps((citizen.Welcome, OPEN))
        await hall.person.see(view.ChooseName)

    await watched(hall, walk())
    (passage,) = hall.notes.passages
    assert passage.decision.reasons == (Reason.NO_FACE,)
    assert hall.order == ["admitted", "barrier"]
    kinds = hall.person.kinds()
    assert "Overview" not in kinds[kinds.index("Referred") :], "nothing else was open"


async def _registered(hall: StaffedHall) -> None:
    """A member of staff signs in and types somebody's number."""
    await hall.steps((citizen.Welcome, OPEN))
    await hall.sign_in()
    await hall.steps(
        (view.Overview, view.Do(view.Duty.REGISTER)),
        (view.ChooseDocument, view.Choose("resident")),
        (view.TypeIn, view.Typed("110101199003070011")),
    )
    while (await hall.person.see(view.TypeIn)).asked is not view.Asked.NAME:
        await anyio.sleep(0.1)
    hall.person.touch(view.Typed(""))


async def test_without_a_pin_that_person_is_answered_and_nobody_is_registered() -> None:
    hall = empty_hall()

    async def walk() -> None:
        await _registered(hall)
        await hall.steps(
            (citizen.Referred, OPEN), (view.OnePassage, view.Do(view.Duty.REGISTER)), (view.OnePassage, Back())
        )
        await hall.person.see(citizen.Welcome)

    await watched(hall, walk())
    assert hall.person.kinds()[-2:] == ["OnePassage", "Welcome"]
    assert hall.did() == []


@pytest.mark.parametrize("late", [False, True])
async def test_the_next_person_sent_to_staff_needs_a_pin_again(monkeypatch: pytest.MonkeyPatch, *, late: bool) -> None:
    hall = empty_hall(face_required=late, temperature_required=False, code_required=False)
    hall.sight.similarity = 0.36
    if late:
        monkeypatch.setattr("kiosk.gate.attendant.SAME_PERSON_SECONDS", 0.0)

    async def walk() -> None:
        await _registered(hall)
        if not late:
            await hall.person.see(citizen.Admitted)
            await hall.person.see(citizen.Welcome)
            hall.rules = msgspec.structs.replace(hall.rules, face_required=True)
            hall.reader.driver.queue = [card()]
        await hall.steps((citizen.Referred, OPEN))
        await hall.person.see(view.ChooseName)

    await watched(hall, walk())
    assert hall.did() == []


# While nobody can be served ------------------------------------------------------------------------------------


async def test_without_a_reader_staff_register_by_hand_and_bring_people_through() -> None:
    hall = empty_hall(face_required=False, temperature_required=False, code_required=False)
    hall.reader.plug(plugged=False)

    async def walk() -> None:
        shown = await hall.person.see(OutOfService)
        assert shown == OutOfService(Cause.DEVICE, "id_reader", staff_entry=True)
        hall.person.touch(OPEN)
        assert not (await hall.person.see(view.ChooseName)).card, "no card can be laid on it either"
        await hall.sign_in()
        await hall.steps(
            (view.Overview, view.Do(view.Duty.REGISTER)),
            (view.ChooseDocument, view.Choose("resident")),
            (view.TypeIn, view.Typed("110101199003070011")),
        )
        while (await hall.person.see(view.TypeIn)).asked is not view.Asked.NAME:
            await anyio.sleep(0.1)
        hall.person.touch(view.Typed(""))
        await hall.person.see(citizen.Admitted)
        await hall.person.see(OutOfService)
        hall.reader.plug(plugged=True)
        await hall.person.see(citizen.Welcome)

    await watched(hall, walk())
    assert hall.notes.ends[0][1] is Crossed.PASSED


async def test_without_a_barrier_staff_see_what_is_wrong_and_that_nothing_opened() -> None:
    hall = empty_hall()
    hall.barrier.plug(plugged=False)

    async def walk() -> None:
        assert (await hall.person.see(OutOfService)).device == "barrier"
        hall.person.touch(OPEN)
        await hall.sign_in()
        await hall.steps((view.Overview, view.Do(view.Duty.OPEN)), (view.ChooseReason, view.Choose("test")))
        assert (await hall.person.see(view.Overview)).done is view.Done.NOT_OPENED
        hall.person.touch(Back())
        await hall.person.see(OutOfService)
        hall.barrier.plug(plugged=True)
        await hall.person.see(citizen.Welcome)

    await watched(hall, walk())
    assert hall.did() == [StaffAct.OPENED]


async def test_after_a_fault_of_the_program_staff_get_in_and_the_next_person_is_served() -> None:
    hall = empty_hall(face_required=False, temperature_required=False, code_required=False)
    hall.reader.driver.queue = [card()]
    keep = hall.notes.keep_passage

    async def broken(passage: Passage) -> None:
        raise RuntimeError("no disk")

    hall.notes.keep_passage = broken  # type: ignore[method-assign]  # the store fails

    async def walk() -> None:
        assert (await hall.person.see(OutOfService)).staff_entry
        hall.notes.keep_passage = keep  # type: ignore[method-assign]  # and is mended
        hall.person.touch(OPEN)
        await hall.sign_in()
        await hall.steps((view.Overview, Back()))
        await hall.person.see(citizen.Welcome)
        hall.reader.driver.queue = [card()]
        await hall.person.see(citizen.Admitted)

    with anyio.fail_after(600):
        async with anyio.create_task_group() as group:
            group.start_soon(serve, hall.lane)
            await walk()
            group.cancel_scope.cancel()
    assert len(hall.notes.passages) == 1


@pytest.mark.parametrize("hindered", ["free", "paused", "reader_away", "full"])
async def test_in_a_fire_nobody_is_served_until_it_is_over(hindered: str) -> None:
    hall = StaffedHall(was_paused=hindered == "paused")
    hall.reader.driver.queue = []
    await hall.attendant.begin()
    burning = [False]
    hall.lane = replace(hall.lane, fire=lambda: burning[0])
    before: type = citizen.Welcome
    if hindered == "paused":
        before = citizen.LanePaused
    if hindered == "reader_away":
        before = OutOfService
        hall.reader.plug(plugged=False)
    if hindered == "full":
        before = citizen.HallFull
        hall.rules = msgspec.structs.replace(hall.rules, capacity=1)
        hall.count.count = 1

    async def walk() -> None:
        shown = await hall.person.see(before)
        burning[0] = True
        await anyio.sleep(2)
        assert await hall.person.see(OutOfService) == OutOfService(Cause.FIRE, staff_entry=True)
        hall.reader.driver.queue = [card()]
        calls = hall.reader.calls
        await anyio.sleep(600)
        assert hall.reader.calls == calls, "no card is read"
        hall.reader.driver.queue = []
        burning[0] = False
        await anyio.sleep(2)
        assert await hall.person.see(before) == shown

    await watched(hall, walk())
    assert hall.notes.passages == []


# The green channel ---------------------------------------------------------------------------------------------


async def test_the_green_channel_calls_staff_and_waits_for_them() -> None:
    hall = empty_hall(face_required=False, temperature_required=False, code_required=False)

    async def walk() -> None:
        await hall.steps((citizen.Welcome, CallStaff()))
        await hall.person.see(citizen.HelpComing)
        assert hall.notes.passages[0].evidence.green_channel, "stored, and on its way to the hub, before they wait"
        await anyio.sleep(90)
        await hall.steps((citizen.HelpComing, OPEN))
        await hall.sign_in()
        shown = await hall.person.see(view.OnePassage)
        assert (shown.open, shown.named) == (True, False)
        hall.person.touch(view.Do(view.Duty.REGISTER))
        await hall.steps(
            (view.ChooseDocument, view.Choose("resident")), (view.TypeIn, view.Typed("110101199003070011"))
        )
        while (await hall.person.see(view.TypeIn)).asked is not view.Asked.NAME:
            await anyio.sleep(0.1)
        hall.person.touch(view.Typed(""))
        await hall.person.see(citizen.Admitted)

    await watched(hall, walk())
    called, registered = hall.notes.passages
    assert called.decision.reasons == (Reason.ASKED_FOR_STAFF,)
    assert hall.register.acts[0].act is StaffAct.ANSWERED
    assert hall.register.acts[0].passage == called.id
    assert registered.evidence.green_channel
    assert registered.decision.verdict is Verdict.ADMIT


async def test_who_does_not_need_help_any_more_goes_on_alone() -> None:
    hall = empty_hall()

    async def walk() -> None:
        await hall.steps((citizen.Welcome, CallStaff()), (citizen.HelpComing, Back()))
        began = anyio.current_time()
        await hall.person.see(citizen.Welcome)
        assert anyio.current_time() - began < 1
        hall.reader.driver.queue = [card()]
        await hall.person.see(citizen.Admitted)

    await watched(hall, walk())
    assert [passage.decision.verdict for passage in hall.notes.passages] == [Verdict.REFER, Verdict.ADMIT]


async def test_nobody_is_stuck_when_no_staff_come() -> None:
    hall = empty_hall()

    async def walk() -> None:
        await hall.steps((citizen.Welcome, CallStaff()))
        await hall.person.see(citizen.HelpComing)
        began = anyio.current_time()
        await hall.person.see(citizen.Welcome)
        assert anyio.current_time() - began == pytest.approx(hall.lane.pace.help_seconds, abs=1)

    await watched(hall, walk())


async def test_a_lane_without_staff_screens_goes_on() -> None:
    hall = doubtful()
    hall.lane = replace(hall.lane, attend=None)

    async def walk() -> None:
        await hall.steps((citizen.Referred, OPEN))
        await hall.person.see(citizen.Welcome)

    await watched(hall, walk())
