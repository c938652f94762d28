"""The connections of a call, one to each of the staff: made, made anew when they lead nowhere, and let go of."""

import math
from collections.abc import Iterable, Iterator
from typing import Final

import anyio

from kiosk.help import messages
from kiosk.help.guidance import Patience
from kiosk.help.process import Media
from kiosk.view import help as view
from kiosk.wire.help import TERMINAL, Means, Party, Relay

CONNECT_SECONDS: Final = 20.0
"""An offer that led nowhere is made anew."""
TEXT_AFTER_SECONDS: Final = 12.0
"""So long after somebody has answered, and nothing got through, it goes on as text."""
_FAILED_REST_SECONDS: Final = 2.0


class Link:
    """The connection to one of the staff."""

    def __init__(self, party: Party, attempt: int) -> None:
        self.party = party
        self.attempt = attempt
        self.session = 0
        """Of the process that has it."""
        self.state = "new"
        self.since = -math.inf
        self.channel = self.video = self.audio = False
        self.pictures = True
        """Whether their browser takes them."""
        self.patience = Patience()


class Links:
    """All of them.

    Args:
        means: what the person asked for; of a call in text nothing is connected.

    Attributes:
        media: the process that holds them; None while there is none.
        relays: servers that help to find each other.
        answered: when somebody answered; infinite while nobody has.
    """

    def __init__(self, means: Means) -> None:
        self._means = means
        self._links: dict[str, Link] = {}
        self.media: Media | None = None
        self.relays: tuple[Relay, ...] = ()
        self.answered = math.inf

    def __bool__(self) -> bool:
        return bool(self._links)

    def __iter__(self) -> Iterator[Link]:
        return iter(tuple(self._links.values()))

    def get(self, party: str) -> Link | None:
        """The connection to a party; None for who does not take part."""
        return self._links.get(party)

    @property
    def staff(self) -> tuple[str, ...]:
        """The names of those who help."""
        return tuple(link.party.name for link in self)

    @property
    def connected(self) -> bool:
        """Whether anybody is."""
        return any(link.state == "connected" for link in self)

    @property
    def broken(self) -> bool:
        """Whether somebody's connection has failed and is not made anew yet."""
        return any(link.state == "failed" for link in self)

    def meet(self, parties: Iterable[Party]) -> bool:
        """Connect to whoever is new, or has a new page; let go of who has gone.

        Returns:
            Whether somebody has come, who knows nothing yet.
        """
        staff = {each.id: each for each in parties if each.id != TERMINAL}
        for gone in [each for each in self._links if each not in staff]:
            self.let_go(gone)
        came = False
        for party in staff.values():
            link = self._links.get(party.id)
            if link is None or link.party.page != party.page:
                link = self._links[party.id] = Link(party, 0 if link is None else link.attempt)
                came = True
            if party.page and link.state == "new":
                self._connect(link)
        return came

    def _connect(self, link: Link) -> None:
        if self.media is None or not self.media.session or self._means is Means.TEXT:
            return
        link.attempt += 1
        link.state, link.since, link.session = "connecting", anyio.current_time(), self.media.session
        link.channel = link.video = link.audio = False
        self.media.tell(
            messages.Offer(party=link.party.id, attempt=link.attempt, relays=self.relays, pictures=link.pictures)
        )

    def renew(self) -> None:
        """Make connections anew that lead nowhere."""
        now = anyio.current_time()
        session = 0 if self.media is None else self.media.session
        for link in self:
            stale = link.state == "connecting" and now - link.since > CONNECT_SECONDS
            dead = link.state == "failed" and now - link.since > _FAILED_REST_SECONDS
            if session and link.party.page and (stale or dead or link.state == "new" or link.session != session):
                self._connect(link)

    def is_now(self, said: messages.State) -> Link | None:
        """Take how a connection is; None for one that is not there any more."""
        link = self._links.get(said.party)
        if link is None or link.attempt != said.attempt:
            return None
        if said.state != link.state:
            link.state, link.since = said.state, anyio.current_time()
        link.channel, link.video, link.audio = said.channel, said.video, said.audio
        link.pictures = link.pictures and not said.unsuited
        return link

    def answer(self, party: str, attempt: int, sdp: str) -> None:
        """Somebody answers an offer."""
        if party in self._links:
            self.tell(messages.Answered(party=party, attempt=attempt, sdp=sdp))

    def hang_up_on(self, link: Link) -> None:
        """Somebody sends what nobody can read: without a connection they can still write."""
        link.state, link.since = "failed", math.inf
        self.tell(messages.Drop(party=link.party.id))

    def let_go(self, party: str) -> None:
        """Somebody has gone."""
        if self._links.pop(party, None) is not None:
            self.tell(messages.Drop(party=party))

    def clear(self) -> None:
        """All have gone."""
        for link in self:
            self.let_go(link.party.id)

    def tell(self, order: messages.Order) -> None:
        """Have the process do something; dropped while there is none."""
        if self.media is not None:
            self.media.tell(order)

    def talk(self) -> view.Talk:
        """By what one talks now."""
        if self._means is Means.TEXT or not any(link.audio or link.video for link in self):
            return view.Talk.VIDEO if self._patient else view.Talk.TEXT
        return view.Talk.VIDEO if any(link.video for link in self) else view.Talk.VOICE

    @property
    def _patient(self) -> bool:
        waited = anyio.current_time() - self.answered
        return waited < TEXT_AFTER_SECONDS and self._means is not Means.TEXT

    @property
    def settled(self) -> bool:
        """Whether it is known by what one talks, or nobody waits for that any more."""
        waited = anyio.current_time() - self.answered
        return self.connected or waited > TEXT_AFTER_SECONDS or self._means is Means.TEXT
