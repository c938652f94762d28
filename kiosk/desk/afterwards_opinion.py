"""Complaints, suggestions and ratings: step by step with *back*, through the outbox, so that they work offline too."""

import base64
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

import msgspec
from uuid6 import uuid7

from kiosk.clock import local_date
from kiosk.desk import afterwards_words as say
from kiosk.desk.afterwards_slips import opinion_slip
from kiosk.desk.afterwards_visitor import Visitor
from kiosk.desk.form import question
from kiosk.log import logger
from kiosk.view import afterwards as view
from kiosk.view import desk
from kiosk.view.afterwards import Service
from kiosk.view.common import Back, Next, Words
from kiosk.wire.answers import GOOD, clean, verdict
from kiosk.wire.catalogue import Choice, Query, Text
from kiosk.wire.events import Opinion, OpinionKind, OpinionWords
from kiosk.wire.progress import Mine, Progress
from kiosk.wire.requests import NotDone
from kiosk.wire.sealing import seal

_log = logger("desk")
LONGEST: Final = 200
"""Characters that one says; `OpinionWords` takes 500."""
MOST_MATTERS: Final = 5
"""So many of the newest submissions are offered as what it is about."""
LOW: Final = 3
"""So many stars or fewer are asked what was not good."""


@dataclass
class _Said:
    """What somebody says, as far as it has come."""

    kind: OpinionKind
    stars: int | None = None
    named: bool | None = None
    reasons: str = ""
    text: str = ""
    phone: str = ""
    about: str = ""
    matters: dict[str, Progress] = field(default_factory=dict)


Applies = Callable[[], bool]
Ask = Callable[[], Awaitable[bool]]
"""Asks one thing; whether they went on, False is back."""


async def _walk(steps: tuple[tuple[Applies, Ask], ...]) -> bool:
    """One step after the other, *back* included; those that do not apply are passed over. False is out."""
    at, by = 0, 1
    while 0 <= at < len(steps):
        applies, ask = steps[at]
        if applies():
            by = 1 if await ask() else -1
        at += by
    return at >= len(steps)


def _always() -> bool:
    return True


async def rate(visitor: Visitor) -> None:
    """Five levels, and what was not good where it was not."""
    said = _Said(OpinionKind.RATING)

    async def stars() -> bool:
        while True:
            match await visitor.session.ask(view.RateService()):
                case view.Rate(stars=given) if 1 <= given <= 5:
                    said.stars = given
                    return True
                case Back():
                    return False

    asking = _Asking(visitor, said)
    low = lambda: (said.stars or 5) <= LOW  # noqa: E731  read where it stands
    steps = ((_always, stars), (low, asking.reasons(say.RATING_WHY)), (low, asking.words(say.SAY_MORE, optional=True)))
    if await _walk(steps):
        await _send(visitor, said)


async def suggest(visitor: Visitor) -> None:
    """A suggestion, with a name or without."""
    await _speak(visitor, OpinionKind.SUGGESTION, say.SAY_SUGGESTION)


async def complain(visitor: Visitor) -> None:
    """办事找茬: what went wrong; it gets an answer by a day."""
    await _speak(visitor, OpinionKind.COMPLAINT, say.SAY_PROBLEM)


async def replies(visitor: Visitor) -> None:
    """What was answered to opinions that were given with this card."""
    if await visitor.identified(Service.REPLIES) is None:
        return
    mine = await visitor.ask_hub(lambda: visitor.after.office.mine(visitor.who()))
    if isinstance(mine, NotDone):
        await visitor.refused(mine)
    if not isinstance(mine, Mine):
        return
    if not mine.opinions:
        await visitor.told(view.Told(view.News.NO_OPINIONS))
        return
    lines = tuple(view.OpinionLine(one.code, one.kind.value, one.at, one.due, one.reply) for one in mine.opinions)
    while not isinstance(await visitor.session.ask(view.Opinions(visitor.name_masked, lines)), Next | Back):
        pass


async def _speak(visitor: Visitor, kind: OpinionKind, title: Words) -> None:
    said = _Said(kind)
    asking = _Asking(visitor, said)
    complaint = kind is OpinionKind.COMPLAINT
    steps: tuple[tuple[Applies, Ask], ...] = (
        (_always, asking.name),
        (lambda: complaint and bool(said.named) and bool(said.matters), asking.about),
        (lambda: complaint, asking.reasons(say.COMPLAINT_WHY)),
        (_always, asking.words(title)),
        (_always, asking.phone),
    )
    if await _walk(steps):
        await _send(visitor, said)


class _Asking:
    """The questions of an opinion."""

    def __init__(self, visitor: Visitor, said: _Said) -> None:
        self._visitor, self._said = visitor, said

    async def name(self) -> bool:
        """With their name or without; the card is read for it. What is theirs is looked up, where there is a line."""
        visitor, said = self._visitor, self._said
        service = Service.COMPLAINT if said.kind is OpinionKind.COMPLAINT else Service.SUGGESTION
        while True:
            value = "" if said.named is None else ("named" if said.named else "unnamed")
            given = await self._choice("who", say.WHO, desk.NO_WORDS, (say.NAMED, say.UNNAMED), value)
            if given is None:
                return False
            said.named = given == "named"
            if not said.named:
                said.about = ""
                return True
            if await visitor.identified(service) is not None:
                break
        if said.kind is OpinionKind.COMPLAINT and not said.matters and not visitor.desk.offline():
            visitor.desk.stage.show(view.Asking())
            mine = await visitor.after.office.mine(visitor.who())
            if isinstance(mine, Mine):  # without it one complains all the same
                said.matters = {one.number: one for one in mine.submissions[:MOST_MATTERS]}
        return True

    async def about(self) -> bool:
        """Which of their submissions it is about."""
        said = self._said
        options = tuple(
            desk.Option(number, self._visitor.title(one.item), _day_words(one)) for number, one in said.matters.items()
        )
        given = await self._choice("about", say.ABOUT, say.ABOUT_HELP, (*options, say.IN_GENERAL), said.about)
        if given is not None:
            said.about = given
        return given is not None

    def reasons(self, title: Words) -> Ask:
        """Asks what was not good, from a list."""
        choices = tuple(Choice(key=option.key, title=_text(option.title)) for option in say.REASONS)

        async def ask() -> bool:
            query = Query(
                key="reasons", title=_text(title), explanation=_text(say.SEVERAL), field="multi",
                choices=choices, optional=True, least=0, most=len(choices),
            )  # fmt: skip
            given = await self._answer(query, self._said.reasons)
            if given is not None:
                self._said.reasons = given
            return given is not None

        return ask

    def words(self, title: Words, *, optional: bool = False) -> Ask:
        """Asks for what they have to say."""

        async def ask() -> bool:
            query = Query(
                key="words", title=_text(title), explanation=_text(say.SAY_HELP), field="text", longest=LONGEST,
                optional=optional,
            )  # fmt: skip
            given = await self._answer(query, self._said.text)
            if given is not None:
                self._said.text = given
            return given is not None

        return ask

    async def phone(self) -> bool:
        """Where they can be reached; may be left empty."""
        query = Query(
            key="phone", title=_text(say.PHONE), explanation=_text(say.PHONE_HELP), field="phone", optional=True
        )
        given = await self._answer(query, self._said.phone)
        if given is not None:
            self._said.phone = given
        return given is not None

    async def _choice(
        self, key: str, title: Words, help_: Words, options: tuple[desk.Option, ...], value: str
    ) -> str | None:
        state = desk.Question(
            step=0, steps=0, key=key, title=title, explanation=help_, field=desk.Field.CHOICE, value=value,
            options=options,
        )  # fmt: skip
        while True:
            match await self._visitor.session.ask(state):
                case desk.Answer(key=answered, value=given) if answered == key and any(o.key == given for o in options):
                    return given
                case Back():
                    return None

    async def _answer(self, query: Query, value: str) -> str | None:
        """The answer to one question, checked; None is back."""
        found = GOOD
        today = local_date(self._visitor.desk.clock.now())
        while True:
            match await self._visitor.asked(question(query, step=0, steps=0, value=value, found=found)):
                case desk.Answer(key=key, value=given) if key == query.key:
                    value = clean(query, given)
                    found = verdict(query, value, {}, today)
                    if found.good:
                        return value
                case Back():
                    return None


async def _send(visitor: Visitor, said: _Said) -> None:
    """Queue it; it is durable before they are thanked. The slip carries the code only."""
    made = opinion(visitor, said)
    await visitor.after.post.opinion(made)
    _log.info("opinion", opinion=str(made.id), kind=made.kind.value)
    if said.kind is OpinionKind.RATING:
        await visitor.told(view.Told(view.News.THANKS))
        return
    visitor.desk.stage.show(view.Told(view.News.THANKS, code=made.code, slip=view.Slip.PRINTING))
    slip = await visitor.slip(opinion_slip(visitor.desk, made.code, made.at))
    await visitor.told(view.Told(view.News.THANKS, code=made.code, slip=slip))


def opinion(visitor: Visitor, said: _Said) -> Opinion:
    """What is sent. A rating by somebody whose card was read names nobody either: it is nobody's business."""
    matter = said.matters.get(said.about)
    item = None if matter is None else visitor.item(matter.item)
    spoken = OpinionWords(text=said.text, phone=said.phone)
    return Opinion(
        id=uuid7(),
        kind=said.kind,
        code=base64.b32encode(os.urandom(5)).decode(),
        at=visitor.desk.clock.now(),
        person=visitor.person if said.named else None,
        name_masked=visitor.name_masked if said.named else "",
        number="" if matter is None else matter.number,
        item="" if matter is None else matter.item,
        department="" if item is None else item.department_key,
        stars=said.stars,
        reasons=tuple(filter(None, said.reasons.split(","))),
        words_sealed=seal(msgspec.json.encode(spoken), visitor.desk.trust.recipient)
        if said.text or said.phone
        else b"",
    )


def _text(words: Words) -> Text:
    return Text(zh_hans=words.zh_hans, zh_hant=words.zh_hant, en=words.en)


def _day_words(found: Progress) -> Words:
    day = local_date(found.submitted).isoformat()
    return Words(day, day, day)
