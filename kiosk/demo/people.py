"""Invented people, what each of them does at the machine, and what each of them deserves."""

import random
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum

from kiosk.demo.cases import ACT_OF, COMPANIONS, DESERVED, MUST_OCCUR, PAIRS, Act, Deserved, GateCase
from kiosk.demo.plan import Plan
from kiosk.wire.gb11643 import check_character

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
    def number(self) -> str:
        """Of the document they show."""
        return f"E{self.person.number[-9:-1]}" if self.case is GateCase.PASSPORT else self.person.number

    @property
    def deserved(self) -> Deserved:
        """What this visit has to come to."""
        return DESERVED[self.case]

    @property
    def act(self) -> Act:
        """When they come."""
        return ACT_OF[self.case]

    @property
    def companions(self) -> int:
        """How many come along."""
        return COMPANIONS.get(self.case, 0)


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


def visitor(
    registry: Registry, rng: random.Random, faces: int, case: GateCase, person: Invented | None = None
) -> Visitor:
    """One visitor. A fever is a fever; everybody else is well below the limit.

    Args:
        person: somebody who was here before; somebody new without.
    """
    warm = rng.uniform(37.8, 39.4) if case is GateCase.FEVER else rng.uniform(35.9, 36.8)
    if case in {GateCase.UNSURE_THEN_NORMAL, GateCase.UNSURE_TWICE}:
        warm = 37.2
    who = person or registry.invent(faces)
    if ACT_OF[case] is Act.ALIVE:  # the first portrait looks straight ahead: films can be made of it
        who = replace(who, face=0)
    return Visitor(who, case, round(warm, 1))


def crowd(plan: Plan, faces: int) -> Crowd:
    """A crowd: the same for the same plan.

    From 20 people on, every case of `MUST_OCCUR` is among them; from as many as there are cases on, every case is. From
    5 submissions on, every case of the desk is.

    Args:
        faces: how many different people the portraits show; at least 2.
    """
    rng = random.Random(plan.seed)  # noqa: S311  an invented crowd
    registry = Registry(rng)
    people = plan.people if "gate" in plan.roles else 0
    submissions = plan.submissions if "desk" in plan.roles else 0
    if plan.cases:
        groups = [[case] for case in plan.cases]
    else:
        groups = [] if plan.plain else _cases(people, rng, only_first_act=plan.hub_down == "whole")
    at_gate = _in_acts(groups, people, rng)
    at_desk = [
        DeskCase.PAPER_OUT,
        DeskCase.PRINTER_GARBAGE,
        DeskCase.GOES_BACK,
        DeskCase.CARD_TAKEN_MID_READ,
        DeskCase.CAMERA_UNPLUGGED,
        DeskCase.HALF_A_PAPER,
    ][: 0 if plan.plain else submissions]
    at_desk += [DeskCase.IN_ORDER] * max(submissions - len(at_desk), 0)
    rng.shuffle(at_desk)
    visitors: list[Visitor] = []
    for case in at_gate:
        again = visitors[-1].person if case is GateCase.COMES_AGAIN else None
        visitors.append(visitor(registry, rng, faces, case, again))
    applicants = [Applicant(registry.invent(faces), case, place) for place, case in enumerate(at_desk)]
    return Crowd(visitors, applicants)


def _cases(people: int, rng: random.Random, *, only_first_act: bool) -> list[list[GateCase]]:
    """What is special about somebody of so many, those who belong together together."""
    second = {after: before for before, after in PAIRS}
    first = dict(PAIRS)
    others: list[list[GateCase]] = [
        [case, first[case]] if case in first else [case]
        for case in GateCase
        if case not in MUST_OCCUR and case is not GateCase.IN_ORDER and case not in second
        if not only_first_act or ACT_OF[case] is Act.LEVEL_3
    ]
    room = people - len(MUST_OCCUR) - 1
    if people < len(GateCase):  # not everything can occur: something else with each seed
        rng.shuffle(others)
    chosen = [[case] for case in MUST_OCCUR]
    for group in others:
        if len(group) <= room:
            chosen.append(group)
            room -= len(group)
    return chosen


def _in_acts(groups: list[list[GateCase]], people: int, rng: random.Random) -> list[GateCase]:
    """The order in which they come: act by act, and by chance within each."""
    plain = max(people - sum(len(group) for group in groups), 0)
    everybody = groups + [[GateCase.IN_ORDER]] * plain
    rng.shuffle(everybody)
    everybody.sort(key=lambda group: list(Act).index(ACT_OF[group[0]]))
    return [case for group in everybody for case in group][:people]
