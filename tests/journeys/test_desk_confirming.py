"""Signing without a hand: the card once more, or the last four characters of its number; said as it was."""

from datetime import UTC, datetime

import anyio
import msgspec
import pytest

from drivers.kinds import IdCard
from kiosk.view import desk as view
from kiosk.view.common import Back, Next
from kiosk.wire.events import Content, Signature, SignedBy
from kiosk.wire.sealing import unseal
from kiosk.wire.signature import svg
from tests.journeys.cast import card
from tests.journeys.test_desk_drafts import Keeping, Shelf
from tests.journeys.test_desk_journey import ANSWERS, CHOOSE, HAND_IN, LATER, PAPER, SECRET, SIGNED, TOLD

pytestmark = pytest.mark.anyio

OWN = card()


@pytest.fixture
def hall() -> Keeping:
    return Keeping(Shelf())


async def _to_the_signature(hall: Keeping) -> None:
    await hall.walk(CHOOSE, *TOLD, *ANSWERS, PAPER, LATER, HAND_IN)
    await hall.person.see(view.Sign)


async def _leave(hall: Keeping) -> None:
    # Looked at again and again: while a thread seals, the virtual clock would jump to the last deadline.
    while not isinstance(state := hall.person.seen[-1], view.Done) or state.receipt is view.Receipt.PRINTING:
        await anyio.sleep(0.05)
    hall.person.touch(Next())


def _handed_in(hall: Keeping) -> Signature:
    (made,) = hall.notes.submissions
    content = msgspec.json.decode(unseal(made.content_sealed, SECRET), type=Content)
    assert content.signature is not None
    return content.signature


async def test_by_the_end_of_the_number(hall: Keeping) -> None:
    async def citizen() -> None:
        await _to_the_signature(hall)
        await hall.walk((view.Sign, view.ConfirmInstead()))
        asked = await hall.person.see(view.Confirm)
        assert not asked.wrong
        assert len(asked.declared) == 3
        assert asked.promises, "what follows is confirmed, too"
        await hall.walk((view.Confirm, view.Confirmed("0000")))
        assert (await hall.person.see(view.Confirm)).wrong
        hall.person.touch(view.Confirmed(OWN.number[-4:].lower()))
        await _leave(hall)

    assert await hall.visit(citizen) == "served"
    signed = _handed_in(hall)
    assert (signed.how, signed.strokes) == (SignedBy.NUMBER, ())
    assert len(signed.declared) == 4
    assert "<polyline" not in svg(signed)
    assert "未手写签名" in svg(signed)


async def test_by_the_card_once_more(hall: Keeping) -> None:
    async def citizen() -> None:
        await _to_the_signature(hall)
        await hall.walk((view.Sign, view.ConfirmInstead()))
        await hall.person.see(view.Confirm)
        hall.reader.driver.queue = [None, OWN]
        await _leave(hall)

    assert await hall.visit(citizen) == "served"
    assert _handed_in(hall).how is SignedBy.CARD


@pytest.mark.parametrize(
    "laid", [[OWN] * 50, [None, card("110101199003070038", name="李华")]], ids=["lay there", "other"]
)
async def test_a_card_that_lay_there_or_anothers_confirms_nothing(hall: Keeping, laid: list[IdCard | None]) -> None:
    async def citizen() -> None:
        await _to_the_signature(hall)
        hall.reader.driver.queue = list(laid)
        await hall.walk((view.Sign, view.ConfirmInstead()))
        while hall.reader.driver.queue:
            await hall.person.see(view.Confirm)
            await anyio.sleep(1.0)
        assert isinstance(hall.person.seen[-1], view.Confirm)
        assert not hall.notes.submissions
        await hall.walk((view.Confirm, Back()), (view.Sign, SIGNED))
        await _leave(hall)

    assert await hall.visit(citizen) == "served"
    assert _handed_in(hall).how is SignedBy.WRITTEN


def test_a_signature_is_written_or_confirmed_and_never_both() -> None:
    now = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
    with pytest.raises(ValueError, match="only then"):
        Signature(width=1, height=1, strokes=(), declared=(), signed=now)
    with pytest.raises(ValueError, match="only then"):
        Signature(width=9, height=9, strokes=((1, 1, 2, 2),), how=SignedBy.CARD, declared=(), signed=now)
    assert Signature(width=9, height=9, strokes=((1, 1, 2, 2),), declared=(), signed=now).how is SignedBy.WRITTEN


def test_what_was_typed_is_in_no_log() -> None:
    assert "0011" not in repr(view.Confirmed("0011"))
