"""People who agreed to be recognised: enrolled by staff, brought through without a card, removed. On virtual time."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import anyio
import msgspec
import numpy as np
import pytest

from kiosk.gate.attendant import Attendant
from kiosk.gate.attendant_post import Post
from kiosk.gate.attendant_sign_in import SignIn
from kiosk.gate.regulars import FRAMES, VALID_FOR, Engine, Regulars
from kiosk.store.database import Database
from kiosk.store.regulars import RegularShelf
from kiosk.view import attendant as view
from kiosk.view import gate as citizen
from kiosk.view.common import Back, Cancel
from kiosk.vision.observation import (
    FaceProblem,
    KnownFace,
    Recognition,
    Reference,
    SightLost,
    Trouble,
)
from kiosk.wire.digest import person_digest
from kiosk.wire.events import Passage, StaffAct
from kiosk.wire.evidence import DocumentKind, FaceCompared, IdentityRead, LivenessChecked
from kiosk.wire.rules import Reason, Verdict
from tests.journeys.cast import ScriptedClock, card
from tests.journeys.staff_cast import StaffedHall, _check
from tests.journeys.test_attendant import OPEN, watched
from tests.journeys.test_gate_journey import HALL_KEY, TRUST
from tests.journeys.test_gate_movement import AHEAD, CLOSER, LEFT, PASSED, failed

pytestmark = pytest.mark.anyio
ENGINE = Engine("sface", "f" * 64)
TEMPLATE = (np.ones(128) / np.sqrt(128)).astype("<f4").tobytes()


class Shelf:
    """Rows in memory."""

    def __init__(self) -> None:
        self.rows: dict[str, object] = {}

    async def keep(self, regular: object) -> None:
        self.rows = {k: r for k, r in self.rows.items() if r.person != regular.person}  # type: ignore[attr-defined]
        self.rows[regular.id] = regular  # type: ignore[attr-defined]

    async def remove(self, identifier: str) -> bool:
        return self.rows.pop(identifier, None) is not None

    async def all(self, now: datetime) -> list:  # type: ignore[type-arg]
        return [row for row in self.rows.values() if row.expires > now]  # type: ignore[attr-defined]


class Recognising:
    """A vision process that recognises whom the test says."""

    def __init__(self) -> None:
        self.faces: tuple[KnownFace, ...] = ()
        self.told = False
        self.stands_there = False
        self.lost = False
        self.templates = [TEMPLATE] * 20

    @property
    def knows(self) -> bool:
        return self.told

    async def know(self, faces: Sequence[KnownFace], most: int, rate: float, now: datetime) -> tuple[int, int]:
        if self.lost:
            raise SightLost("vision")
        self.faces, self.told = tuple(faces), True
        return len(faces), most

    async def recognise(self, after: int, now: datetime) -> Recognition:
        await anyio.sleep(0.1)
        if self.lost:
            raise SightLost("camera")
        if not self.stands_there:
            return Recognition(after + 1, FaceProblem.NO_FACE)
        return Recognition(after + 1, FaceProblem.NONE, self.faces[0].key if self.faces else "", 0.001)

    async def remember(self, key: str) -> Reference:
        return Reference.READY if any(face.key == key for face in self.faces) else Reference.NO_FACE

    async def take_template(self, after: int) -> tuple[int, bytes]:
        await anyio.sleep(0.1)
        return after + 1, self.templates.pop(0) if self.templates else b""


class RegularHall(StaffedHall):
    """A staffed hall whose lane recognises those who agreed."""

    def __init__(self, shelf: object | None = None, most: int = 70) -> None:
        super().__init__()
        self.reader.driver.queue = []
        self.rules = msgspec.structs.replace(
            self.rules, face_identifies=True, code_required=False, temperature_required=False
        )
        self.eyes, self.shelf = Recognising(), shelf or Shelf()
        self.regulars = Regulars(
            self.shelf,  # type: ignore[arg-type]  # a test's shelf
            self.eyes,
            trust=TRUST,
            most=most,
            engine=ENGINE,
            clock=ScriptedClock(),
        )
        post = Post(
            staff=lambda: self.list,
            register=self.register,
            facts=self._facts,
            counted=self._count,
            changed=self._tell,
            regulars=self.regulars,
        )
        self.attendant = Attendant(post, SignIn(_check))
        self.lane = replace(self.lane, regulars=self.regulars.come)
        self.sight.movements = [AHEAD, LEFT, CLOSER, PASSED]

    async def enrolled(self) -> None:
        await self.regulars.keep(card(), [TEMPLATE] * FRAMES, "TYS-2026-001")


async def test_staff_enrol_somebody_who_signed_and_it_is_stored_sealed() -> None:
    hall = RegularHall()

    async def walk() -> None:
        await hall.steps((citizen.Welcome, OPEN))
        await hall.sign_in()
        await hall.steps(
            (view.Overview, view.Do(view.Duty.REGULARS)),
            (view.Regulars, view.Do(view.Duty.ENROL)),
            (view.TypeIn, view.Typed("a")),
            (view.TypeIn, view.Typed("tys-2026-001")),
        )
        await hall.person.see(view.RegularCard)
        hall.reader.driver.queue.append(card())
        await hall.person.see(citizen.LookAtCamera)
        shown = await hall.person.see(view.Regulars)
        while shown.done is not view.Done.ENROLLED:
            shown = await hall.person.see(view.Regulars)
        assert [line.name_masked for line in shown.lines] == ["王*明"]
        hall.person.touch(Cancel())

    await watched(hall, walk())
    [act] = [act for act in hall.register.acts if act.act is StaffAct.ENROLLED]
    assert (act.reason, act.count) == ("TYS-2026-001", 1)
    assert card().number not in msgspec.json.encode(act).decode()
    [row] = await hall.regulars.kept()
    assert row.expires - row.enrolled == VALID_FOR
    assert TEMPLATE not in row.body
    assert card().number.encode() not in row.body
    assert hall.sight.forgotten >= 1
    problems = [s.problem for s in hall.person.seen if isinstance(s, view.TypeIn)]
    assert view.TypedProblem.CONSENT in problems


@pytest.mark.parametrize(
    ("spoil", "done"),
    [
        (lambda hall: hall.eyes.templates.clear(), view.Done.FACE_NOT_SEEN),
        (lambda hall: setattr(hall.sight, "reference", Reference.NO_FACE), view.Done.FACE_NOT_SEEN),
        (lambda hall: setattr(hall.eyes, "lost", True), view.Done.FACE_NOT_SEEN),
        (lambda hall: setattr(hall.regulars, "_most", 0), view.Done.NO_ROOM),
    ],
    ids=["another face", "no photo", "camera away", "full"],
)
async def test_nobody_is_enrolled_otherwise_and_staff_read_why(spoil: object, done: view.Done) -> None:
    hall = RegularHall()
    assert callable(spoil)
    spoil(hall)

    async def walk() -> None:
        await hall.steps((citizen.Welcome, OPEN))
        await hall.sign_in()
        await hall.steps((view.Overview, view.Do(view.Duty.REGULARS)), (view.Regulars, view.Do(view.Duty.ENROL)))
        await anyio.sleep(1)
        if isinstance(hall.person.stage.screen.state, view.TypeIn):  # type: ignore[union-attr]  # something is shown
            hall.person.touch(view.Typed("TYS-1"))
            await hall.person.see(view.RegularCard)
            hall.reader.driver.queue.append(card())
        shown = await hall.person.see(view.Regulars)
        while shown.done is view.Done.NOTHING:
            shown = await hall.person.see(view.Regulars)
        assert shown.done is done

    await watched(hall, walk())
    assert StaffAct.ENROLLED not in hall.did()
    assert await hall.regulars.kept() == []


async def come(hall: RegularHall) -> Passage:
    hall.eyes.stands_there = True
    return await hall.one()


async def test_who_agreed_comes_in_without_a_card_and_alive() -> None:
    hall = RegularHall()
    await hall.enrolled()
    passage = await come(hall)
    seen = passage.evidence
    assert passage.decision.verdict is Verdict.ADMIT
    assert isinstance(seen.identity, IdentityRead)
    assert seen.identity.document is DocumentKind.RECOGNISED
    assert seen.identity.person == person_digest(card().number, HALL_KEY)
    assert isinstance(seen.face, FaceCompared)
    assert seen.face.frames == FRAMES
    assert isinstance(seen.liveness, LivenessChecked)
    assert "LookAtCamera" not in hall.person.kinds()
    assert (passage.name_masked, passage.number_masked) == ("王*明", "110101********0011")
    assert passage.person_sealed


async def test_a_photograph_of_them_does_not() -> None:
    hall = RegularHall()
    await hall.enrolled()
    hall.sight.movements = [AHEAD, failed(Trouble.FLAT)]
    passage = await come(hall)
    assert (passage.decision.verdict, passage.decision.reasons) == (Verdict.REFER, (Reason.NOT_ALIVE,))
    assert hall.barrier.driver.released == 0


async def test_where_the_rules_do_not_allow_it_a_card_is_needed() -> None:
    hall = RegularHall()
    await hall.enrolled()
    hall.rules = msgspec.structs.replace(hall.rules, face_identifies=False)
    hall.eyes.stands_there = True

    async def watch() -> None:
        await anyio.sleep(30)
        assert hall.person.kinds() == ["Welcome"]
        hall.reader.driver.queue.append(card())

    passage = await hall.one(watch)
    assert isinstance(passage.evidence.identity, IdentityRead)
    assert passage.evidence.identity.document is DocumentKind.RESIDENT


async def test_a_consent_that_has_run_out_and_a_new_process_are_noticed() -> None:
    hall = RegularHall()
    await hall.enrolled()
    assert len(await hall.regulars.listed()) == 1
    assert len(hall.eyes.faces) == 1
    hall.eyes.faces, hall.eyes.told = (), False
    assert len(await hall.regulars.listed()) == 1
    assert len(hall.eyes.faces) == 1, "a new process was told"
    later = ScriptedClock()
    later.start += VALID_FOR + timedelta(seconds=1)
    hall.regulars._clock = later
    assert await hall.regulars.listed() == ()
    assert hall.eyes.faces == ()


async def test_whoever_asks_is_removed_also_while_the_camera_is_away() -> None:
    hall = RegularHall()
    await hall.enrolled()
    hall.eyes.lost = True

    async def walk() -> None:
        await hall.steps((citizen.Welcome, OPEN))
        await hall.sign_in()
        await hall.steps((view.Overview, view.Do(view.Duty.REGULARS)))
        listed = await hall.person.see(view.Regulars)
        await anyio.sleep(0.2)
        hall.person.touch(view.Choose(listed.lines[0].id))
        await hall.steps((view.OneRegular, Back()))
        await hall.steps((view.Regulars, view.Choose(listed.lines[0].id)))
        await hall.steps((view.OneRegular, view.Do(view.Duty.REMOVE)))
        shown = await hall.person.see(view.Regulars)
        while shown.done is not view.Done.REMOVED:
            shown = await hall.person.see(view.Regulars)
        assert shown.lines == ()

    await watched(hall, walk())
    assert [act.count for act in hall.register.acts if act.act is StaffAct.UNENROLLED] == [0]


async def test_the_shelf_keeps_one_row_a_person_and_forgets_who_is_over(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "kiosk.db")
    hall = RegularHall(RegularShelf(database))
    await hall.enrolled()
    await hall.enrolled()
    [row] = await hall.regulars.kept()
    assert await RegularShelf(database).all(row.expires + timedelta(seconds=1)) == []
    assert await RegularShelf(database).all(row.enrolled) == []
    await database.close()


async def test_what_another_network_or_another_hall_sealed_is_not_used() -> None:
    hall = RegularHall()
    await hall.enrolled()
    other = Regulars(
        hall.shelf,  # type: ignore[arg-type]  # a test's shelf
        hall.eyes,
        trust=TRUST,
        most=70,
        engine=Engine("sface", "0" * 64),
        clock=ScriptedClock(),
    )
    await other.listed()
    assert hall.eyes.faces == ()
