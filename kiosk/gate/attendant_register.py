"""Real-name registration of a person without a card: staff type the number, with the document in their hand."""

import re
from typing import Final

from kiosk.clock import local_date
from kiosk.gate.attendant_sign_in import ask
from kiosk.gate.evidence import Who
from kiosk.gate.lane import Arrival, Lane
from kiosk.view import attendant as view
from kiosk.view.common import Back
from kiosk.wire.digest import person_digest
from kiosk.wire.evidence import DocumentKind, IdentityRead
from kiosk.wire.gb11643 import birth_date, is_valid
from kiosk.wire.masking import mask_name, mask_number

_PASSPORT: Final = re.compile(r"[A-Z0-9]{5,18}")
"""Passports, travel permits and older residence cards: letters and digits, no check character that all share."""
NAME_MOST: Final = 64


def problem_of(document: DocumentKind, number: str) -> view.TypedProblem:
    """What is wrong with a number; `NONE` where it can be one of its document.

    Args:
        document: resident card (GB 11643, also of residents from Hong Kong, Macau, Taiwan and abroad) or passport.
        number: without blanks, capital letters.
    """
    if not number:
        return view.TypedProblem.EMPTY
    if document is DocumentKind.RESIDENT:
        return view.TypedProblem.NONE if is_valid(number) else view.TypedProblem.CHECK_CHARACTER
    return view.TypedProblem.NONE if _PASSPORT.fullmatch(number) else view.TypedProblem.PASSPORT


async def register_by_hand(lane: Lane) -> Arrival | None:
    """Ask for document, number and name; None when they go back.

    Raises:
        kiosk.gate.attendant_sign_in.Left: they leave.
    """
    while True:
        match await ask(lane, view.ChooseDocument()):
            case view.Choose(key=key) if key in {DocumentKind.RESIDENT.value, DocumentKind.PASSPORT.value}:
                found = await _number(lane, DocumentKind(key))
                if found is not None:
                    return found
            case Back():
                return None
            case _:
                pass


async def _number(lane: Lane, document: DocumentKind) -> Arrival | None:
    asked = view.Asked.NUMBER if document is DocumentKind.RESIDENT else view.Asked.PASSPORT
    problem, number = view.TypedProblem.NONE, ""
    while True:
        match await ask(lane, view.TypeIn(asked, problem, number)):
            case view.Typed(text=text):
                number = "".join(text.split()).upper()[:32]
                problem = problem_of(document, number)
                if problem is view.TypedProblem.NONE:
                    name = await _name(lane, mask_number(number))
                    if name is not None:
                        return arrival_of(lane, document, number, name)
            case Back():
                return None
            case _:
                pass


async def _name(lane: Lane, number_masked: str) -> str | None:
    """The name, empty where it is left out; None when they go back."""
    while True:
        match await ask(lane, view.TypeIn(view.Asked.NAME, told=number_masked)):
            case view.Typed(text=text):
                return " ".join(text.split())[:NAME_MOST]
            case Back():
                return None
            case _:
                pass


def arrival_of(lane: Lane, document: DocumentKind, number: str, name: str) -> Arrival:
    """Who was registered, as the lane takes them.

    Args:
        lane: whose hall key makes the digest.
        document: that staff have seen.
        number: checked.
        name: may be empty.
    """
    now = lane.clock.now()
    person = person_digest(number, lane.trust.hall_key)
    read = IdentityRead(
        document=DocumentKind.TYPED,
        person=person,
        number_is_valid=True,
        valid_from=local_date(now),  # staff have looked at the document's dates
        valid_to=None,
        device="staff",
        at=now,
    )
    birth = birth_date(number) if document is DocumentKind.RESIDENT else None
    who = Who(person, mask_name(name), name, number, birth)
    return Arrival(read, who, document=document.value, number_masked=mask_number(number))
