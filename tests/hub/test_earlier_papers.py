"""Papers of earlier submissions over real HTTP: offered to their person only, and used again as they are."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import msgspec
import pytest
from sqlalchemy import update

from hub.store import schema
from hub.submissions.earlier import offers
from kiosk.wire import routes
from kiosk.wire.earlier import AskEarlier, AskEarlierPage, EarlierOffer, EarlierOffers
from kiosk.wire.events import Content, Fate, Paper
from tests.hub.office_world import OTHER, Citizen, World
from tests.hub.test_phone_papers import pdf, photo

CHANGE, PAPER = "business-licence-change", "licence"


@pytest.fixture
def world(running: Any) -> World:
    return World(running)


@pytest.fixture
def desk(running: Any) -> Iterator[Any]:
    return running.terminal("desk")


def asked(citizen: Citizen, item: str = "medical-device-filing", paper: str = PAPER) -> tuple[EarlierOffer, ...]:
    body = msgspec.json.encode(AskEarlier(who=citizen.who, item=item, paper=paper))
    answer = citizen.terminal.http.post(routes.OFFICE_EARLIER, content=body)
    assert answer.status_code == 200, answer.text
    return msgspec.json.decode(answer.content, type=EarlierOffers).papers


def page(citizen: Citizen, offer: EarlierOffer) -> httpx.Response:
    body = msgspec.json.encode(AskEarlierPage(who=citizen.who, number=offer.number, sha256=offer.sha256))
    answer: httpx.Response = citizen.terminal.http.post(routes.OFFICE_EARLIER_PAGE, content=body)
    return answer


def reused(offer: EarlierOffer, **changes: Any) -> Paper:
    given = {
        "sha256": offer.sha256, "bytes": offer.bytes, "kind": PAPER, "captured": offer.captured,
        "device": offer.device, "grade": offer.grade, "pages": offer.pages, "earlier": offer.number,
    }  # fmt: skip
    return Paper(**{**given, **changes})


def submitted(citizen: Citizen, *papers: Paper) -> Fate:
    content = Content(person=citizen.identified, answers={"reason": "lost"})
    made = citizen.terminal.submission(person=citizen.person, content_sealed=citizen.terminal.seal(content))
    (answer,) = citizen.terminal.send(msgspec.structs.replace(made, papers=papers))
    fate: Fate = answer.fate
    return fate


def test_the_same_paper_of_another_item_is_offered_shown_and_used(desk: Any, running: Any) -> None:
    citizen = Citizen(desk)
    first = citizen.hand_in([citizen.paper(pdf(2), PAPER)], item=CHANGE)
    offer = asked(citizen)[0]
    assert (offer.number, offer.grade, offer.item_title.zh_hans) == (first.number, "C", "营业执照变更登记")
    shown = page(citizen, offer)
    assert shown.status_code == 200
    assert shown.content.startswith(b"\xff\xd8\xff")
    assert submitted(citizen, reused(offer)) is Fate.STORED  # nothing was uploaded again
    again = asked(citizen)[0]
    assert again.sha256 == offer.sha256
    assert len(running.rows("SELECT sha256 FROM paper WHERE sha256 = ?", offer.sha256)) == 2


def test_a_photo_is_shown_too(desk: Any) -> None:
    citizen = Citizen(desk)
    citizen.hand_in([citizen.paper(photo(), PAPER)], item=CHANGE)
    assert page(citizen, asked(citizen)[0]).status_code == 200


def test_nobody_else_sees_or_uses_it(desk: Any, running: Any) -> None:
    owner, other = Citizen(desk), Citizen(desk, OTHER)
    owner.hand_in([owner.paper(pdf(3), PAPER)], item=CHANGE)
    offer = asked(owner)[0]
    assert not [each for each in asked(other) if each.sha256 == offer.sha256]
    assert page(other, offer).status_code == 404
    assert submitted(other, reused(offer)) is Fate.REFUSED
    elsewhere = Citizen(running.terminal("desk", "huayin"))
    assert not asked(elsewhere)


@pytest.mark.parametrize(
    "changes", [{"grade": "A"}, {"pages": 2}, {"device": "camera-9"}, {"earlier": "99999900000017"}]
)
def test_its_provenance_cannot_be_improved(desk: Any, changes: dict[str, Any]) -> None:
    citizen = Citizen(desk)
    citizen.hand_in([citizen.paper(pdf(2), PAPER)], item=CHANGE)
    assert submitted(citizen, reused(asked(citizen)[0], **changes)) is Fate.REFUSED


@pytest.mark.parametrize(("item", "paper"), [(CHANGE, "resolution"), ("no-such-item", PAPER), (CHANGE, "no-such")])
def test_only_papers_that_may_come_from_earlier_are_offered(desk: Any, item: str, paper: str) -> None:
    citizen = Citizen(desk)
    citizen.hand_in([citizen.paper(pdf(1), "resolution")], item=CHANGE)
    assert asked(citizen, item, paper) == ()


def test_what_is_too_old_or_was_refused_is_not_offered(desk: Any, world: World, running: Any) -> None:
    citizen = Citizen(desk)
    made = citizen.hand_in([citizen.paper(pdf(4), PAPER)], item=CHANGE)

    def found(days: int) -> list[str]:
        later = running.hub.now() + timedelta(days=days)
        return world.read(lambda c: [each.number for each in offers(c, "weinan", citizen.person, CHANGE, PAPER, later)])

    assert made.number in found(179)
    assert made.number not in found(181)
    table = schema.handling
    world.write(lambda c: c.execute(update(table).where(table.c.number == made.number).values(standing="refused")))
    assert made.number not in found(0)
