"""Finding an item: the whole list, by life event, by department, or by what one types."""

import unicodedata
from dataclasses import dataclass

from kiosk.desk.desk import Desk
from kiosk.desk.form import words
from kiosk.desk.session import ServicesAsked, Session
from kiosk.view import desk as view
from kiosk.view.afterwards import OpenServices
from kiosk.view.common import Back, Words
from kiosk.view.screen import DeskState
from kiosk.wire.catalogue import Catalogue, Item

_MOST_TYPED = 40
_MOST_FOUND = 24


def closed(item: Item, *, camera: bool) -> bool:
    """Whether an item cannot be applied for now: it needs a paper in any case, and none can be photographed."""
    if camera:
        return False
    return any(not paper.only_if and not paper.deferrable_days for paper in item.papers)


def summary(item: Item, *, camera: bool = True) -> view.ItemSummary:
    """An item in a list."""
    return view.ItemSummary(item.key, words(item.title), words(item.line), closed=closed(item, camera=camera))


def summaries(items: tuple[Item, ...], *, camera: bool = True) -> tuple[view.ItemSummary, ...]:
    """Items in a list; those that cannot be applied for now come last.

    Args:
        items: in their order.
        camera: whether papers can be photographed.
    """
    found = [summary(item, camera=camera) for item in items]
    return tuple(sorted(found, key=lambda one: one.closed))


def _rank(item: Item, typed: str) -> int | None:
    """How well a piece of text names an item, 0 the best; None not at all."""
    titles = (item.title.zh_hans.lower(), item.title.zh_hant.lower(), item.title.en.lower())
    keywords = tuple(word.lower() for word in item.keywords)
    lines = (item.line.zh_hans, item.line.zh_hant, item.line.en.lower(), item.department.zh_hans, item.department.en)
    if typed.isascii():
        starts = any(letters.startswith(typed) for letters in item.initials)
        inside = len(typed) > 1 and any(typed in letters for letters in item.initials)
        english = (*titles, *keywords)
        word_begins = any(word.startswith(typed) for phrase in english for word in phrase.split())
        tests = (starts, word_begins, inside, any(typed in line.lower() for line in lines) and len(typed) > 2)
    else:
        whole = "".join((*titles, *keywords))
        tests = (
            any(typed in title for title in titles),
            any(typed in word or word in typed for word in keywords if word),
            any(typed in line for line in lines),
            all(character in whole for character in typed),
        )
    return next((rank for rank, holds in enumerate(tests) if holds), None)


def search(catalogue: Catalogue, typed: str) -> tuple[Item, ...]:
    """The items that words or pinyin initials find, the best first; the whole catalogue for nothing.

    Each word has to be found: `社保 sbk` or `card lost`.
    """
    pieces = unicodedata.normalize("NFKC", typed).lower().split()
    if not pieces:
        return catalogue.items
    scored: list[tuple[int, int, Item]] = []
    for place, item in enumerate(catalogue.items):
        ranks = [_rank(item, piece) for piece in pieces]
        if all(rank is not None for rank in ranks):
            scored.append((sum(rank or 0 for rank in ranks), place, item))
    return tuple(item for _, _, item in sorted(scored, key=lambda one: one[:2]))


def groups(catalogue: Catalogue, by: view.By) -> tuple[view.Group, ...]:
    """The life events, or the departments, that have items."""
    if by is view.By.EVENT:
        found = [
            view.Group(topic.key, words(topic.title), words(topic.line), len(members(catalogue, by, topic.key)))
            for topic in catalogue.life_events
        ]
    else:
        titles = dict.fromkeys(item.department.zh_hans for item in catalogue.items)
        found = []
        for title in titles:
            items = members(catalogue, by, title)
            names = tuple(words(item.title) for item in items[:2])
            line = Words(
                "、".join(name.zh_hans for name in names),
                "、".join(name.zh_hant for name in names),
                "; ".join(name.en for name in names),
            )
            found.append(view.Group(title, words(items[0].department), line, len(items)))
    return tuple(group for group in found if group.count)


def members(catalogue: Catalogue, by: view.By, key: str) -> tuple[Item, ...]:
    """The items of a life event or department."""
    if by is view.By.EVENT:
        return tuple(item for item in catalogue.items if key in item.life_events)
    return tuple(item for item in catalogue.items if item.department.zh_hans == key)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where somebody is while looking: the list, the groups, one group, or the search."""

    by: view.By
    group: str = ""
    typed: str = ""


class Finder:
    """Looks for an item with somebody. Where they were is kept, so that *back* from an item returns there.

    Args:
        desk: the desk.
        session: of the person.
        name_masked: empty while nobody has identified.
        first: where to begin.
    """

    def __init__(self, desk: Desk, session: Session, name_masked: str, first: view.By = view.By.ALL) -> None:
        self._desk, self._session = desk, session
        self.name_masked = name_masked
        self._trail: list[_Place] = [_Place(first)]

    async def find(self) -> Item | None:
        """The item they chose; None when they went back before the first screen.

        Raises:
            ServicesAsked: they want one of the other services.
        """
        while self._trail:
            catalogue, place = self._desk.catalogue(), self._trail[-1]
            match await self._session.ask(self._state(catalogue, place)):
                case view.Choose(key=key) if place.by in (view.By.EVENT, view.By.DEPARTMENT) and not place.group:
                    if members(catalogue, place.by, key):
                        self._trail.append(_Place(place.by, key))
                case view.Choose(key=key):
                    item = catalogue.item(key)
                    if item is not None and not closed(item, camera=self._desk.camera()):
                        return item
                case view.Browse(by=by):
                    self._go(_Place(by))
                case view.SearchFor(text=text):
                    self._trail[-1] = _Place(view.By.SEARCH, typed=text[:_MOST_TYPED])
                case OpenServices() if self._desk.after is not None:
                    raise ServicesAsked
                case Back():
                    self._trail.pop()
        return None

    def _go(self, place: _Place) -> None:
        if place in self._trail:
            del self._trail[self._trail.index(place) + 1 :]
        else:
            self._trail.append(place)

    def _state(self, catalogue: Catalogue, place: _Place) -> DeskState:
        camera = self._desk.camera()
        match place:
            case _Place(by=view.By.SEARCH, typed=typed):
                return view.FindItem(typed, summaries(search(catalogue, typed)[:_MOST_FOUND], camera=camera))
            case _Place(by=view.By.ALL):
                items = summaries(catalogue.items, camera=camera)
                return view.ChooseItem(self.name_masked, items, services=self._desk.after is not None)
            case _Place(by=by, group=""):
                return view.ChooseGroup(by, groups(catalogue, by))
            case _:
                title = next((g.title for g in groups(catalogue, place.by) if g.key == place.group), view.NO_WORDS)
                items = summaries(members(catalogue, place.by, place.group), camera=camera)
                return view.ChooseItem(self.name_masked, items, group=title)
