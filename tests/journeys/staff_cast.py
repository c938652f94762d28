"""A lane with its staff screens, its real store in memory's place, and two members of staff. On virtual time."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID

import anyio

from kiosk.gate.attendant import Attendant, opens_staff
from kiosk.gate.attendant_post import Post
from kiosk.gate.attendant_sign_in import SignIn
from kiosk.store.staff_acts import ANSWERS, ActRefused, Kept
from kiosk.view import attendant as view
from kiosk.view.screen import Intent
from kiosk.wire.digest import person_digest
from kiosk.wire.events import Crossed, Passage, StaffAct, StaffAction
from kiosk.wire.staff import StaffList, StaffMember, pin_digest, pin_is
from tests.journeys.cast import Notes, card
from tests.journeys.test_gate_journey import HALL_KEY, Hall

PIN = "271828"
STAFF_CARD = card("110101198501010017", name="李卫东", birth=date(1985, 1, 1))
SALT = "0f" * 16
WEIDONG = StaffMember(
    id="lwd", name="李卫东", salt=SALT, pin=pin_digest(PIN, SALT), card=person_digest(STAFF_CARD.number, HALL_KEY)
)
JING = StaffMember(id="cj", name="陈静", salt=SALT, pin=pin_digest("314159", SALT))
GONE = StaffMember(id="old", name="离职", salt=SALT, pin=pin_digest(PIN, SALT), valid_to=date(2026, 11, 1))
LIST = StaffList(version=1, hall="weinan", members=(JING, WEIDONG, GONE))


@dataclass
class Register:
    """What staff did, in the order in which it came; knows the passages of `Notes`."""

    notes: Notes
    order: list[str]
    acts: list[StaffAction] = field(default_factory=list)
    heads: int = 0
    was_paused: bool = False

    async def act(self, action: StaffAction) -> None:
        kept = None if action.passage is None else await self.one(action.passage)
        if action.act in ANSWERS and (kept is None or not kept.open):
            raise ActRefused(str(action.passage))
        self.acts.append(action)
        self.order.append(action.act.value)

    async def came_in(self, people: int) -> None:
        self.heads += people

    async def latest(self, most: int = 30) -> list[Kept]:
        return [self._kept(passage) for passage in reversed(self.notes.passages)][:most]

    def _kept(self, passage: Passage) -> Kept:
        crossed = next((end[1] for end in reversed(self.notes.ends) if end[0] == passage.id), Crossed.NOT_RELEASED)
        return Kept(passage, crossed, tuple(act for act in self.acts if act.passage == passage.id))

    async def one(self, passage: UUID) -> Kept | None:
        return next((self._kept(each) for each in self.notes.passages if each.id == passage), None)

    async def waiting(self) -> int:
        return sum(kept.open for kept in await self.latest())

    async def lately_here(self) -> list[str]:
        return list(dict.fromkeys(act.staff for act in reversed(self.acts)))

    async def paused(self) -> bool:
        return self.was_paused

    async def disinfection(self) -> tuple[datetime | None, int]:
        return None, len(self.notes.passages)


async def _check(member: StaffMember, pin: str) -> bool:
    return pin_is(member, pin)  # on this thread: virtual time does not wait for another


class StaffedHall(Hall):
    """A hall whose lane staff can open."""

    def __init__(self, *, was_paused: bool = False) -> None:
        super().__init__()
        self.order: list[str] = []
        self.register = Register(self.notes, self.order, was_paused=was_paused)
        self.list: StaffList | None = LIST
        self.counted = 0
        self.told = 0
        post = Post(
            staff=lambda: self.list, register=self.register, facts=self._facts, counted=self._count, changed=self._tell
        )
        self.attendant = Attendant(post, SignIn(_check))
        self._open_barrier()
        bare = self.lane
        self.lane = replace(
            bare,
            attend=lambda: self.attendant.attend(replace(bare, rules=lambda: self.rules)),
            opens_staff=opens_staff,
            paused=lambda: self.attendant.paused,
        )

    def _open_barrier(self) -> None:
        driver = self.barrier.driver
        let = driver.let_one_pass

        def noted(within: float) -> object:
            self.order.append("barrier")
            return let(within)

        driver.let_one_pass = noted  # type: ignore[method-assign,assignment]  # a test looks over its shoulder

    async def _facts(self) -> view.LaneFacts:
        return view.LaneFacts((view.DeviceLine("id_reader", "ready"), view.DeviceLine("thermometer", "absent")))

    async def _count(self) -> None:
        self.counted += 1

    def _tell(self) -> None:
        self.told += 1

    async def sign_in(self, member: str = "lwd", pin: str = PIN) -> None:
        await self.person.see(view.ChooseName)
        self.person.touch(view.Choose(member))
        await self.person.see(view.EnterPin)
        self.person.touch(view.Pin(pin))

    async def steps(self, *steps: tuple[type, Intent | Callable[[], Intent]]) -> None:
        """See a screen, touch it, in turn."""
        for kind, intent in steps:
            await self.person.see(kind)
            await anyio.sleep(0.2)
            self.person.touch(intent() if callable(intent) else intent)

    def did(self) -> list[StaffAct]:
        return [action.act for action in self.register.acts]
