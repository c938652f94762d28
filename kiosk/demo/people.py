"""Invented people, what each of them does at the machine, and what each of them deserves."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from kiosk.wire.events import Crossed
from kiosk.wire.gb11643 import check_character
from kiosk.wire.rules import Reason, Verdict

_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_GIVEN = (
    "小明",
    "丽华",
    "建国",
    "秀英",
    "志强",
    "海燕",
    "文博",
    "雨桐",
    "子涵",
    "桂芳",
    "俊杰",
    "淑珍",
    "浩然",
    "欣怡",
)
_AREAS = ("110101", "610502", "420281", "230506", "441302", "441900")
"""Dongcheng, Linwei, Daye, Baoshan, Huicheng, Dongguan: the halls of the reports."""
_STREETS = ("示例路", "幸福街", "解放大道", "和平巷", "新民路")


class GateCase(StrEnum):
    """What is special about a person at the gate."""

    IN_ORDER = "in_order"
    GARBAGE_ON_EVERY_WIRE = "garbage_on_every_wire"
    TRUNCATED_FRAMES = "truncated_frames"
    SPLIT_FRAMES = "split_frames"
    WRONG_CHECKSUMS = "wrong_checksums"
    CARD_TAKEN_MID_READ = "card_taken_mid_read"
    FRIEND_LEAVES = "two_faces_then_one"
    FRIEND_STAYS = "two_faces"
    NO_FACE = "no_face"
    OTHER_FACE = "face_that_does_not_match"
    FEVER = "fever"
    NOT_A_CODE = "code_that_is_no_code"
    FORGED_CODE = "forged_code"
    EXPIRED_CODE = "expired_code"
    OTHER_HALL = "code_for_another_hall"
    NO_CODE = "no_code"
    EXPIRED_CARD = "expired_card"
    READER_UNPLUGGED = "reader_unplugged"
    THERMOMETER_UNPLUGGED = "thermometer_unplugged"
    CAMERA_UNPLUGGED = "camera_unplugged"
    TURNS_BACK = "turns_back"
    TAILGATED = "tailgated"


class DeskCase(StrEnum):
    """What is special about a person at the desk."""

    IN_ORDER = "in_order"
    GOES_BACK = "goes_back"
    PAPER_OUT = "printer_out_of_paper"
    PRINTER_GARBAGE = "printer_garbage"
    CARD_TAKEN_MID_READ = "card_taken_mid_read"
    CAMERA_UNPLUGGED = "document_camera_unplugged"
    HALF_A_PAPER = "paper_half_outside"


@dataclass(frozen=True)
class Deserved:
    """What a case has to come to."""

    verdict: Verdict
    reasons: frozenset[Reason]
    crossed: Crossed


def _refused(*reasons: Reason) -> Deserved:
    return Deserved(Verdict.REFUSE, frozenset(reasons), Crossed.NOT_RELEASED)


def _referred(*reasons: Reason) -> Deserved:
    return Deserved(Verdict.REFER, frozenset(reasons), Crossed.NOT_RELEASED)


ADMITTED = Deserved(Verdict.ADMIT, frozenset({Reason.ALL_IN_ORDER}), Crossed.PASSED)

DESERVED: Mapping[GateCase, Deserved] = {
    **dict.fromkeys(GateCase, ADMITTED),
    GateCase.FRIEND_STAYS: _referred(Reason.SEVERAL_FACES),
    GateCase.NO_FACE: _referred(Reason.NO_FACE),
    GateCase.OTHER_FACE: _referred(Reason.FACE_DIFFERS),
    GateCase.FEVER: _referred(Reason.TEMPERATURE_HIGH),
    GateCase.NOT_A_CODE: _refused(Reason.CODE_NOT_KNOWN),
    GateCase.FORGED_CODE: _refused(Reason.CODE_FORGED),
    GateCase.EXPIRED_CODE: _refused(Reason.CODE_EXPIRED),
    GateCase.OTHER_HALL: _refused(Reason.CODE_WRONG_HALL),
    GateCase.NO_CODE: _referred(Reason.NO_CODE),
    GateCase.EXPIRED_CARD: _refused(Reason.DOCUMENT_EXPIRED),
    GateCase.READER_UNPLUGGED: _referred(Reason.DEVICE_FAULT),
    GateCase.THERMOMETER_UNPLUGGED: _referred(Reason.DEVICE_FAULT),
    GateCase.CAMERA_UNPLUGGED: _referred(Reason.DEVICE_FAULT),
    GateCase.TURNS_BACK: Deserved(Verdict.ADMIT, ADMITTED.reasons, Crossed.TURNED_BACK),
    GateCase.TAILGATED: Deserved(Verdict.ADMIT, ADMITTED.reasons, Crossed.TAILGATED),
}

MUST_OCCUR: Sequence[GateCase] = tuple(
    case for case in GateCase if case not in {GateCase.IN_ORDER, GateCase.NO_CODE, GateCase.TAILGATED}
)
"""The cases that every crowd of at least this many people has, once each; two more where there is room."""
OPTIONAL: Sequence[GateCase] = (GateCase.NO_CODE, GateCase.TAILGATED)


@dataclass(frozen=True)
class Invented:
    """A person who does not exist. The number's check character is right."""

    name: str
    number: str
    birth: date
    sex: str
    address: str
    face: int
    """Which of the portraits' people it looks like."""


@dataclass(frozen=True)
class Visitor:
    """Somebody at the gate."""

    person: Invented
    case: GateCase
    temperature_c: float

    @property
    def deserved(self) -> Deserved:
        """What this visit has to come to."""
        return DESERVED[self.case]


@dataclass(frozen=True)
class Applicant:
    """Somebody at the desk."""

    person: Invented
    case: DeskCase
    item: int
    """Which item of the catalogue, modulo their number."""


@dataclass
class Crowd:
    """Everybody of one demonstration."""

    visitors: list[Visitor] = field(default_factory=list)
    applicants: list[Applicant] = field(default_factory=list)


class Registry:
    """Invents people, no two with one number."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._numbers: set[str] = set()

    def invent(self, faces: int) -> Invented:
        """One more person, who looks like one of `faces` portraits."""
        rng = self._rng
        while True:
            birth = date(1940, 1, 1) + timedelta(days=rng.randrange(365 * 66))
            area, serial = rng.choice(_AREAS), rng.randrange(1, 999)
            first17 = f"{area}{birth:%Y%m%d}{serial:03d}"
            number = first17 + check_character(first17)
            if number not in self._numbers:
                break
        self._numbers.add(number)
        return Invented(
            name=rng.choice(_SURNAMES) + rng.choice(_GIVEN),
            number=number,
            birth=birth,
            sex="1" if serial % 2 else "2",
            address=f"示例市示例区{rng.choice(_STREETS)}{rng.randrange(1, 200)}号",
            face=rng.randrange(faces),
        )


def visitor(registry: Registry, rng: random.Random, faces: int, case: GateCase) -> Visitor:
    """One visitor. A fever is a fever; everybody else is well below the limit."""
    warm = rng.uniform(37.8, 39.4) if case is GateCase.FEVER else rng.uniform(35.9, 36.8)
    return Visitor(registry.invent(faces), case, round(warm, 1))


def crowd(people: int, submissions: int, seed: int, faces: int, *, plain: bool = False) -> Crowd:
    """A crowd: the same for the same arguments.

    Args:
        people: visitors at the gate. From 20 on, every case of `MUST_OCCUR` is among them.
        submissions: applicants at the desk. From 5 on, every case that has to occur is among them.
        seed: of everything that is chosen.
        faces: how many different people the portraits show; at least 2.
        plain: nothing is wrong with anybody.
    """
    rng = random.Random(seed)  # noqa: S311  an invented crowd
    registry = Registry(rng)
    cases: list[GateCase] = [] if plain else [*MUST_OCCUR]
    room = people - len(cases)
    cases += [] if plain else [*OPTIONAL][: max(room - 1, 0)]
    cases += [GateCase.IN_ORDER] * max(people - len(cases), 0)
    rng.shuffle(cases)
    at_desk = [
        DeskCase.PAPER_OUT,
        DeskCase.PRINTER_GARBAGE,
        DeskCase.GOES_BACK,
        DeskCase.CARD_TAKEN_MID_READ,
        DeskCase.CAMERA_UNPLUGGED,
        DeskCase.HALF_A_PAPER,
    ][: 0 if plain else submissions]
    at_desk += [DeskCase.IN_ORDER] * max(submissions - len(at_desk), 0)
    rng.shuffle(at_desk)
    return Crowd(
        [visitor(registry, rng, faces, case) for case in cases[:people]],
        [Applicant(registry.invent(faces), case, place) for place, case in enumerate(at_desk)],
    )
