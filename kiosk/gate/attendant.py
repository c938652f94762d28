"""The staff screens at the lane: sign in, see, act. Everything works with the hub down.

Every act is stored with its event before anything moves. Without a touch for a minute the screens close.
"""

from dataclasses import dataclass, replace
from typing import Final

import anyio

from drivers.errors import DriverError
from drivers.kinds import Crossing
from kiosk.gate.attendant_passages import action, asked_for_staff, choose_reason, one_passage, the_passages
from kiosk.gate.attendant_post import Post, disinfection_due
from kiosk.gate.attendant_register import register_by_hand
from kiosk.gate.attendant_regulars import the_regulars
from kiosk.gate.attendant_sign_in import Left, SignIn, ask
from kiosk.gate.lane import Arrival, Lane
from kiosk.log import logger
from kiosk.store.staff_acts import Kept
from kiosk.view import attendant as view
from kiosk.view import gate as citizen
from kiosk.view.common import Back
from kiosk.wire.events import StaffAct
from kiosk.wire.evidence import IdentityRead
from kiosk.wire.staff import StaffMember

_log = logger("staff")

SAME_PERSON_SECONDS: Final = 90.0
"""Whoever registered somebody by hand need not sign in again to answer that very person, who is then sent to them."""
MOST_INSIDE: Final = 100_000
_HEADS: Final = {Crossing.PASSED: 1, Crossing.HELD_OPEN: 1, Crossing.TAILGATED: 2}
_NO_TROUBLE: Final = frozenset({"ready", "opening"})


def opens_staff(intent: object) -> bool:
    """Whether an intent opens the staff screens."""
    return isinstance(intent, view.OpenStaff)


@dataclass(frozen=True, slots=True)
class _Grace:
    """A member of staff has just registered somebody by hand.

    Attributes:
        identity: as it was registered, to the microsecond: it stands in one passage only.
        until: on the event loop's clock.
    """

    member: StaffMember
    identity: IdentityRead
    until: float


class Attendant:
    """The staff screens of one lane.

    Args:
        post: what they need.
        sign_in: who is let in.

    Attributes:
        paused: whether staff have closed the lane.
    """

    def __init__(self, post: Post, sign_in: SignIn | None = None) -> None:
        self._post = post
        self._sign_in = sign_in or SignIn()
        self._grace: _Grace | None = None
        self.paused = False

    async def begin(self) -> None:
        """Remember what staff had left before a restart."""
        self.paused = await self._post.register.paused()

    async def attend(self, lane: Lane) -> Arrival | None:
        """Show the staff screens until they are left.

        Returns:
            Who was registered by hand, to be brought through the lane.
        """
        before = None if lane.stage.screen is None else lane.stage.screen.state
        sent = isinstance(before, citizen.Referred | citizen.HelpComing)
        lane.stage.reset()
        grace, self._grace = self._grace, None
        try:
            if grace is not None and sent and (kept := await self._sent_by(lane, grace)) is not None:
                # for this answer and nothing else: whoever else is at the screen by now has no PIN
                await one_passage(lane, self._post, grace.member, kept.passage.id, register=False)
                return None
            member = await self._sign_in.member(lane, self._post)
            arrival = await self._serve(lane, member, sent=sent)
        except Left:
            return None
        if arrival is not None and isinstance(arrival.identity, IdentityRead):
            self._grace = _Grace(member, arrival.identity, anyio.current_time() + SAME_PERSON_SECONDS)
        return arrival

    async def _sent_by(self, lane: Lane, grace: _Grace) -> Kept | None:
        """The passage on the screen, where it is of the person whom this member registered a moment ago."""
        kept = await self._newest_waiting(lane)
        if kept is None or kept.passage.evidence.identity != grace.identity or anyio.current_time() >= grace.until:
            return None
        return kept

    async def _serve(self, lane: Lane, member: StaffMember, *, sent: bool) -> Arrival | None:
        done = view.Done.NOTHING
        if sent:
            answer = await self._those_sent(lane, member)
            if isinstance(answer, Arrival):
                return answer
            done = answer
        while True:
            match await ask(lane, await self._overview(lane, member, done)):
                case view.Do(duty=view.Duty.REGISTER):
                    done, arrival = view.Done.NOTHING, await register_by_hand(lane)
                    if arrival is not None:
                        return arrival
                case view.Do(duty=view.Duty.PASSAGES):
                    answer = await the_passages(lane, self._post, member)
                    if isinstance(answer, Arrival):
                        return answer
                    done = answer
                case view.Do(duty=duty):
                    done = await self._do(lane, member, duty)
                case Back():
                    return None
                case _:
                    pass

    async def _those_sent(self, lane: Lane, member: StaffMember) -> Arrival | view.Done:
        """Begin with the person who stands there."""
        kept = await self._newest_waiting(lane)
        if kept is None:
            return view.Done.NOTHING
        passage = kept.passage.id
        if asked_for_staff(kept, lane.clock.now()):
            await self._post.register.act(action(StaffAct.ANSWERED, member, lane, passage=passage))
        return await the_passages(lane, self._post, member, passage)

    async def _newest_waiting(self, lane: Lane) -> Kept | None:
        now = lane.clock.now()
        return next((kept for kept in await self._post.register.latest() if kept.waits(now)), None)

    async def _overview(self, lane: Lane, member: StaffMember, done: view.Done) -> view.Overview:
        facts = await self._post.facts()
        last, passages = await self._post.register.disinfection()
        return view.Overview(
            lane=lane.name,
            staff=member.name,
            waiting=await self._post.register.waiting(),
            trouble=sum(device.state not in _NO_TROUBLE for device in facts.devices),
            inside=facts.inside,
            capacity=facts.capacity,
            paused=self.paused,
            offline=facts.offline,
            disinfect=disinfection_due(last, passages, lane.clock.now()),
            passages=passages,
            paper=any(device.name == "printer" for device in facts.devices),
            regulars=None if self._post.regulars is None else len(await self._post.regulars.kept()),
            done=done,
        )

    async def _do(self, lane: Lane, member: StaffMember, duty: view.Duty) -> view.Done:
        """Do one of the duties that end on the overview again."""
        match duty:
            case view.Duty.STATE:
                while not isinstance(await ask(lane, await self._post.facts()), Back):
                    pass
            case view.Duty.OPEN:
                return await self._open(lane, member)
            case view.Duty.PAUSE | view.Duty.RESUME:
                return await self._pause(lane, member, paused=duty is view.Duty.PAUSE)
            case view.Duty.COUNT:
                return await self._count(lane, member)
            case view.Duty.REGULARS if self._post.regulars is not None:
                await the_regulars(lane, self._post.register, self._post.regulars, member)
            case view.Duty.DISINFECTED:
                await self._post.register.act(action(StaffAct.DISINFECTED, member, lane))
                return view.Done.DISINFECTED
            case view.Duty.PAPER:
                await self._post.register.act(action(StaffAct.PAPER_CHANGED, member, lane))
                return view.Done.PAPER_CHANGED
            case _:
                pass
        return view.Done.NOTHING

    async def _open(self, lane: Lane, member: StaffMember) -> view.Done:
        """Open by hand: the reason is stored and logged, then the barrier moves."""
        reason = await choose_reason(lane, view.Choice.OPEN)
        if not reason:
            return view.Done.NOTHING
        await self._post.register.act(action(StaffAct.OPENED, member, lane, reason=reason))
        _log.warning("opened by hand", lane=lane.name, staff=member.id, reason=reason)
        lane.stage.show(citizen.Admitted(""))
        within = lane.pace.pass_seconds
        try:
            crossing = await lane.barrier.call(lambda barrier: barrier.let_one_pass(within), within=within + 25.0)
        except DriverError as error:
            _log.warning("the barrier did not open", lane=lane.name, code=error.code)
            return view.Done.NOT_OPENED
        heads = _HEADS.get(crossing, 0)
        if heads:
            await self._post.register.came_in(heads)
            await lane.count.refresh()
        return view.Done.NOBODY_PASSED if crossing in {Crossing.NOBODY, Crossing.TURNED_BACK} else view.Done.OPENED

    async def _pause(self, lane: Lane, member: StaffMember, *, paused: bool) -> view.Done:
        if paused is not self.paused:
            act = StaffAct.PAUSED if paused else StaffAct.RESUMED
            await self._post.register.act(action(act, member, lane))
            self.paused = paused
            self._post.changed()
            _log.warning("lane", lane=lane.name, staff=member.id, paused=paused)
        return view.Done.PAUSED if paused else view.Done.RESUMED

    async def _count(self, lane: Lane, member: StaffMember) -> view.Done:
        """Correct the head count of the hall."""
        screen = view.TypeIn(view.Asked.COUNT, told=str(lane.count.inside() or 0))
        while True:
            match await ask(lane, screen):
                case view.Typed(text=text):
                    if text.isascii() and text.isdecimal() and int(text[:9]) <= MOST_INSIDE:
                        act = action(StaffAct.COUNT_SET, member, lane, count=int(text[:9]))
                        await self._post.register.act(act)
                        await self._post.counted()
                        return view.Done.COUNTED
                    screen = replace(screen, problem=view.TypedProblem.COUNT, before=text[:9])
                case Back():
                    return view.Done.NOTHING
                case _:
                    pass
