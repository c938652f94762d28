"""Evidence at random, quicker than hypothesis makes it: good parts mostly, so that all three verdicts are frequent."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import TypeVar
from uuid import UUID

from kiosk.gate.policy import decide
from kiosk.wire.events import Passage
from kiosk.wire.evidence import (
    Band,
    CertificateChecked,
    CodeChecked,
    CodeStatus,
    Colour,
    DocumentKind,
    Evidence,
    FaceCompared,
    HealthChecked,
    HealthProof,
    Holder,
    IdentityRead,
    LivenessChecked,
    MaskSeen,
    MaskWorn,
    NotMeasured,
    Occupancy,
    TemperatureTaken,
    Why,
)
from kiosk.wire.rules import Rules

T = TypeVar("T")
FIRST = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
GOOD_SHARE = 0.93


def moment(chance: Random) -> datetime:
    """Any time of the year that follows, to the microsecond."""
    return FIRST + timedelta(microseconds=chance.randrange(365 * 86_400 * 1_000_000))


def evidence(chance: Random, now: datetime) -> Evidence:
    """What was seen of somebody."""

    def seen(good: Callable[[], T], bad: Callable[[], T]) -> T | NotMeasured:
        if chance.random() < GOOD_SHARE:
            return good()
        if chance.random() < 0.5:
            return NotMeasured(why=chance.choice(list(Why)), device=chance.choice(["", "camera", "health_service"]))
        return bad()

    return Evidence(
        identity=seen(lambda: _identity(chance, now, good=True), lambda: _identity(chance, now, good=False)),
        face=seen(lambda: _face(Band.ACCEPT, now), lambda: _face(chance.choice(list(Band)), now)),
        temperature=seen(
            lambda: _warmth(chance, now, chance.uniform(35.5, 36.9)), lambda: _warmth(chance, now, _degrees(chance))
        ),
        code=seen(
            lambda: _code(chance, now, CodeStatus.VALID), lambda: _code(chance, now, chance.choice(list(CodeStatus)))
        ),
        occupancy=seen(lambda: _count(chance, now, most=40), lambda: _count(chance, now, most=400)),
        liveness=seen(lambda: _alive(now, passed=True), lambda: _alive(now, passed=False)),
        mask=seen(lambda: _mask(MaskWorn.WORN, now), lambda: _mask(chance.choice(list(MaskWorn)), now)),
        health=seen(lambda: _health(chance, now, good=True), lambda: _health(chance, now, good=False)),
        green_channel=chance.random() < 0.1,
    )


def _degrees(chance: Random) -> float:
    """Often just at a limit."""
    return chance.choice([37.1, 37.3, 34.0, 37.09999999999999, 37.300000000000004, chance.uniform(20, 43)])


def _identity(chance: Random, now: datetime, *, good: bool) -> IdentityRead:
    ends = None if chance.random() < 0.2 else now.date() + timedelta(days=chance.randrange(1, 4000))
    if not good:
        ends = now.date() + timedelta(days=chance.randrange(-3, 3))
    return IdentityRead(
        document=chance.choice(list(DocumentKind)),
        person=f"{chance.getrandbits(256):064x}",
        number_is_valid=good or chance.random() < 0.5,
        valid_from=date(2016, 1, 1) if good else now.date() + timedelta(days=chance.randrange(-3, 3)),
        valid_to=ends,
        device="id_reader",
        at=now,
    )


def _face(band: Band, now: datetime) -> FaceCompared:
    return FaceCompared(band=band, engine="sface", model="0" * 64, frames=5, device="camera", at=now)


def _alive(now: datetime, *, passed: bool) -> LivenessChecked:
    return LivenessChecked(passed=passed, method="challenge", frames=40, device="camera", at=now)


def _mask(worn: MaskWorn, now: datetime) -> MaskSeen:
    return MaskSeen(worn=worn, frames=3, device="camera", at=now)


def _warmth(chance: Random, now: datetime, object_c: float) -> TemperatureTaken:
    return TemperatureTaken(
        object_c=object_c,
        ambient_c=chance.uniform(17, 31) if chance.random() < 0.95 else chance.uniform(-5, 45),
        spread_c=chance.uniform(0, 0.3),
        readings=3,
        device="thermometer",
        at=now,
    )


def _code(chance: Random, now: datetime, status: CodeStatus) -> CodeChecked:
    return CodeChecked(
        status=status,
        code_id=f"{chance.getrandbits(40):010X}",
        companions=chance.choice([0, 0, 0, 1, 2, 9]),
        listed=chance.random() < 0.5,
        list_made=None if chance.random() < 0.2 else now - timedelta(seconds=chance.randrange(900)),
        device="code_scanner",
        at=now,
    )


def _count(chance: Random, now: datetime, most: int) -> Occupancy:
    last = now - timedelta(minutes=chance.randrange(120)) if chance.random() < 0.1 else None
    return Occupancy(inside=chance.randrange(most), last_entered=last, at=now)


def _health(chance: Random, now: datetime, *, good: bool) -> HealthProof:
    if chance.random() < 0.3:
        return CertificateChecked(
            scheme="dcc" if good else chance.choice(["dcc", "shc", "vds_nc", "paper"]),
            answer="valid" if good else chance.choice(["valid", "expired", "bad_signature", "stale_list", "?"]),
            holder=Holder.SAME if good else chance.choice(list(Holder)),
            device="code_scanner",
            at=now,
        )
    return HealthChecked(
        colour=Colour.GREEN if good else chance.choice(list(Colour)),
        service="gateway",
        made=now - timedelta(minutes=chance.randrange(600 if good else 6000)),
        holder=Holder.SAME if good else chance.choice(list(Holder)),
        device="code_scanner",
        at=now,
    )


def passages(editions: list[Rules], count: int, seed: int) -> list[Passage]:
    """What a lane would have decided and stored."""
    chance = Random(seed)
    made: list[Passage] = []
    for _ in range(count):
        rules, now = chance.choice(editions), moment(chance)
        seen = evidence(chance, now)
        decision = decide(seen, rules, now)
        made.append(
            Passage(
                id=UUID(int=chance.getrandbits(128), version=4),
                lane="东门 1",
                began=now - timedelta(seconds=3),
                decided=now,
                evidence=seen,
                decision=decision,
            )
        )
    return made
