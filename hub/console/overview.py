"""The overview: terminals and the figures of the day, looked at once for all browsers that have it open.

Nobody reads five thousand cards: of many terminals only those that need somebody are shown, and all are counted.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, NamedTuple
from weakref import WeakKeyDictionary

import anyio
from sqlalchemy import Connection
from starlette.responses import StreamingResponse

from hub.app import Hub
from hub.console import queries
from hub.console.access import Person
from hub.console.day import Day, Figures
from hub.console.decisions import to_confirm
from hub.console.live import News, message, response, stream, tick_of
from hub.console.pages import STATES, Pages, TerminalCard, card_of, state_of
from hub.console.words import Language
from hub.people.proposals import Open, open_proposals

MOST_CARDS: Final = 60
_KNOWN_SECONDS: Final = 5.0
"""Which terminals there are is asked this often while somebody looks."""
_WORST_FIRST: Final = ("out_of_service", "silent", "locked", "paused", "never", "in_service")


class Seen(NamedTuple):
    """What one look found."""

    known: Mapping[str, Sequence[queries.Enrolled]]
    """Terminals by hall."""
    proposals: Sequence[Open]
    figures: Mapping[str, Figures]
    """Of the day, by hall."""


@dataclass(frozen=True)
class Shown:
    """What somebody's browser has."""

    cards: Sequence[TerminalCard]
    """At most `MOST_CARDS`: by hall and name, or where there are more, those that need somebody first."""
    states: Mapping[str, int]
    """How many terminals are in each state that any is in, the good ones first."""
    number: int
    """Of all terminals."""
    figures: Figures
    proposals: Sequence[Open]

    @property
    def marks(self) -> dict[str, object]:
        """By card: changes when what is shown changes."""
        return {card.dom_id: card.mark for card in self.cards}


class _Looks:
    """Looks for all; a look that began after somebody came is theirs too."""

    def __init__(self) -> None:
        self._looking = anyio.Lock()
        self._began = self._known_at = float("-inf")
        self._day = Day()
        self._seen = Seen({}, (), {})

    async def now(self, hub: Hub, *, afresh: bool = False) -> Seen:
        """What there is now.

        Args:
            hub: The hub.
            afresh: Also terminals that were enrolled a moment ago.
        """
        came = anyio.current_time()
        async with self._looking:
            if self._began <= came:
                began = anyio.current_time()
                known = afresh or began - self._known_at >= _KNOWN_SECONDS
                with hub.streams.pace.looking():
                    self._seen = await hub.read(lambda connection: self._look(connection, hub, known=known))
                self._began = began
                self._known_at = began if known else self._known_at
            return self._seen

    def _look(self, connection: Connection, hub: Hub, *, known: bool) -> Seen:
        figures = self._day.look(connection, hub.now(), refused=known)
        if not known:
            return self._seen._replace(proposals=open_proposals(connection), figures=figures)
        by_hall: dict[str, list[queries.Enrolled]] = {}
        for each in queries.terminals(connection):
            by_hall.setdefault(each.hall, []).append(each)
        return Seen(by_hall, open_proposals(connection), figures)


_LOOKS: Final[WeakKeyDictionary[Hub, _Looks]] = WeakKeyDictionary()


def _shown(hub: Hub, seen: Seen, halls: frozenset[str] | None) -> Shown:
    now, heard = hub.now(), hub.fleet.heard
    wanted = sorted(seen.known if halls is None else halls & seen.known.keys())
    known = [each for hall in wanted for each in seen.known[hall]]
    # as a plain tuple: the key is made five thousand times a look
    states = [state_of(heard.get((each.hall, each.terminal)), now) for each in known]  # type: ignore[call-overload]
    counted, number = Counter(states), len(known)
    if number > MOST_CARDS:
        places = sorted(range(number), key=lambda place: _WORST_FIRST.index(states[place]))
        known = [known[place] for place in places[:MOST_CARDS]]
    figures = Figures.together(each for hall, each in seen.figures.items() if halls is None or hall in halls)
    return Shown(
        cards=[card_of(hub.fleet, each, now) for each in known],
        states={state: counted[state] for state in STATES if counted[state]},
        number=number,
        figures=figures,
        proposals=seen.proposals,
    )


async def overview(hub: Hub, person: Person) -> tuple[Shown, int]:
    """What the page of the overview shows, and how many proposals wait for somebody.

    Args:
        hub: The hub.
        person: Who looks.
    """
    seen = await _LOOKS.setdefault(hub, _Looks()).now(hub, afresh=True)
    shown = _shown(hub, seen, person.halls)
    return shown, to_confirm(shown.proposals, person)


class _Part(NamedTuple):
    """A part of the page that has changed."""

    template: str
    values: Mapping[str, object]
    key: object
    """The same for all who are to be shown the same."""


def _changed(before: tuple[Shown, int] | None, shown: Shown, waits: int) -> Iterator[_Part]:
    old, waited = before if before is not None else (None, None)
    marks = {} if old is None else old.marks
    if old is None or marks.keys() != shown.marks.keys():
        yield _Part("_terminals.html", {"shown": shown}, tuple(shown.marks.items()))
    else:
        for card in shown.cards:
            if marks[card.dom_id] != card.mark:
                yield _Part("_terminal.html", {"card": card}, (card.dom_id, card.mark))
    if old is None or old.states != shown.states:
        yield _Part("_states.html", {"shown": shown}, tuple(shown.states.items()))
    if old is None or old.figures != shown.figures:
        yield _Part("_counts.html", {"counts": shown.figures}, shown.figures)
    if waits != waited:
        yield _Part("_waits.html", {"waits": waits}, waits)


def overview_stream(hub: Hub, pages: Pages, language: Language, person: Person) -> StreamingResponse:
    """Terminals, the figures of the day and what waits for somebody, as they change.

    Args:
        hub: The hub.
        pages: Renders.
        language: Of the words.
        person: Who looks.
    """
    before: tuple[Shown, int] | None = None
    looks = _LOOKS.setdefault(hub, _Looks())

    async def found() -> Shown:
        seen = await looks.now(hub)
        with hub.streams.pace.looking():
            return _shown(hub, seen, person.halls)

    async def rendered(part: _Part) -> str:
        with hub.streams.pace.looking():
            return pages.render(part.template, language, person=person, swap=True, **part.values)

    async def news() -> News:
        nonlocal before
        pulses, tick = (hub.stored.pulse, hub.fleet.changed.pulse), tick_of(hub)
        shown = await tick.once(("overview", person.halls), found)
        waits = to_confirm(shown.proposals, person)
        parts = [
            await tick.once((part.template, part.key, language, person.roles), partial(rendered, part))
            for part in _changed(before, shown, waits)
        ]
        before = shown, waits
        return ([message("\n".join(parts))] if parts else []), tick.pulses == pulses

    return response(stream(hub, (hub.stored, hub.fleet.changed), news))
