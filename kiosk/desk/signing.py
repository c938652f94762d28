"""The declaration, the promise for papers that follow, and the signature under both.

Not everybody writes with a finger: who says so confirms with their card laid down once more, or with the last four
characters of its number. What was done is said in the signature (`SignedBy`); whether that will do is the office's to
say, which may ask for a hand-written one.
"""

from datetime import date, datetime, timedelta
from functools import partial
from itertools import pairwise
from math import hypot
from typing import Final

from kiosk.clock import local_date
from kiosk.desk.desk import Desk
from kiosk.desk.draft import Draft
from kiosk.desk.form import words
from kiosk.desk.session import Session
from kiosk.session import first
from kiosk.view import desk as view
from kiosk.view.common import Back, Words
from kiosk.wire.events import MOST_INK, Signature, SignedBy

DECLARATION: Final = (
    Words(
        "填写的内容和提交的材料真实、有效。",
        "填寫的內容和提交的材料真實、有效。",
        "What I have filled in and handed in is true and valid.",
    ),
    Words(
        "材料复印件与原件一致，需要时我出示原件。",
        "材料影本與原件一致，需要時我出示原件。",
        "The copies are as the originals; I show these when asked.",
    ),
    Words(
        "我知道弄虚作假要承担法律责任。",
        "我知道弄虛作假要承擔法律責任。",
        "I know that I answer before the law for anything false.",
    ),
)
"""What is declared with every application."""

GRID: Final = 999
"""The shorter side of the field in the signature's units."""
LEAST_INK: Final = 0.35
"""Shorter than that, in shares of the field's shorter side, is no signature but a touch."""
_DROP: Final = (0.0, 1.5, 3.0, 5.0, 8.0, 12.0, 20.0, 40.0)
"""How far a point may lie off the line between its neighbours to be left out, tried one after another."""
_MOST_STROKES: Final = 100
_LAST: Final = 4
"""So many characters at the end of a number confirm."""
Point = tuple[int, int]


def due(now: datetime, days: int) -> date:
    """The day by which a paper comes that may follow within so many days."""
    return local_date(now) + timedelta(days=days)


def promises(draft: Draft, now: datetime) -> tuple[Words, ...]:
    """What is promised, paper by paper."""
    found = []
    for paper in draft.owed():
        title, day = words(paper.title), due(now, paper.deferrable_days)
        found.append(
            Words(
                f"我在 {day.year} 年 {day.month} 月 {day.day} 日前补交：{title.zh_hans}",
                f"我在 {day.year} 年 {day.month} 月 {day.day} 日前補交：{title.zh_hant}",
                f"I hand in by {day.isoformat()}: {title.en}",
            )
        )
    return tuple(found)


async def sign(desk: Desk, session: Session, draft: Draft, place: tuple[int, int]) -> Signature | None:
    """Have it signed. None is back.

    Raises:
        SessionOver: they left.
    """
    empty = False
    while True:
        now = desk.clock.now()
        promised = promises(draft, now)
        state = view.Sign(*place, DECLARATION, promised, empty=empty, can_save=session.can_save)
        match await session.ask(state):
            case view.Signed() as written:
                made = signature(written, _declared(desk, promised), now)
                if made is not None:
                    return made
                empty = True
            case view.ConfirmInstead():
                how = await _confirmed(desk, session, draft, state)
                if how is not None:
                    declared = _declared(desk, promised)
                    return Signature(width=1, height=1, strokes=(), how=how, declared=declared, signed=desk.clock.now())
            case Back():
                return None


def _declared(desk: Desk, promised: tuple[Words, ...]) -> tuple[str, ...]:
    """The words as they stand on the screen."""
    lines = (said.of(desk.stage.language) for said in (*DECLARATION, *promised))
    return tuple(line[:300] for line in lines)[:24]


async def _confirmed(desk: Desk, session: Session, draft: Draft, place: view.Sign) -> SignedBy | None:
    """Have it confirmed by card or number. None is back to writing.

    Raises:
        SessionOver: they left.
    """
    wrong = False
    while True:
        state = view.Confirm(
            place.step,
            place.steps,
            place.declared,
            place.promises,
            card=desk.reader.ready,
            wrong=wrong,
            can_save=session.can_save,
        )
        match await first(partial(session.ask, state), session.card_again):
            case view.Confirmed(last=last):
                if last.upper() == draft.card.number[-_LAST:].upper():
                    return SignedBy.NUMBER
                wrong = True
            case bool() as own:
                if own:
                    return SignedBy.CARD
                wrong = True
            case Back():
                return None


def signature(written: view.Signed, declared: tuple[str, ...], now: datetime) -> Signature | None:
    """What was written, small enough to travel; None when it is only a touch.

    Args:
        written: from the screen.
        declared: the words above it.
        now: the time.
    """
    strokes = [[(x, y) for x, y in stroke if abs(x) < 1e6 and abs(y) < 1e6] for stroke in written.strokes]
    if sum(_length(stroke) for stroke in strokes) < LEAST_INK:
        return None
    width = _whole(written.across)
    placed = [[(min(_whole(x), width), min(_whole(y), GRID)) for x, y in stroke] for stroke in strokes if stroke]
    placed = sorted(placed, key=len, reverse=True)[:_MOST_STROKES] if len(placed) > _MOST_STROKES else placed
    for off in _DROP:
        thin = [_thinned(stroke, off) for stroke in placed]
        if 2 * sum(map(len, thin)) <= MOST_INK:
            break
    else:
        most = MOST_INK // 2 // len(placed)
        thin = [stroke[:: max(1, -(-len(stroke) // most))] for stroke in placed]
    return Signature(
        width=width,
        height=_whole(written.down),
        strokes=tuple(tuple(part for point in stroke for part in point) for stroke in thin),
        declared=declared,
        signed=now,
    )


def _whole(share: float) -> int:
    return min(9999, max(0, round(share * GRID))) or (1 if share > 0 else 0)


def _length(stroke: list[tuple[float, float]]) -> float:
    return sum(hypot(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(stroke))


def _thinned(stroke: list[Point], off: float) -> list[Point]:
    """Without the points that lie on the line between their neighbours (Douglas and Peucker, 1973)."""
    if len(stroke) < 3:
        return stroke
    keep = {0, len(stroke) - 1}
    spans = [(0, len(stroke) - 1)]
    while spans:
        start, end = spans.pop()
        (ax, ay), (bx, by) = stroke[start], stroke[end]
        long = hypot(bx - ax, by - ay)
        farthest, at = off, 0
        for place in range(start + 1, end):
            x, y = stroke[place]
            far = abs((bx - ax) * (ay - y) - (ax - x) * (by - ay)) / long if long else hypot(x - ax, y - ay)
            if far > farthest:
                farthest, at = far, place
        if at:
            keep.add(at)
            spans += [(start, at), (at, end)]
    return [stroke[place] for place in sorted(keep)]
