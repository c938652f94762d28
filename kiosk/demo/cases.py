"""What is special about each person of the demonstration, under which rules they come, and what they deserve."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from kiosk.wire.events import Crossed
from kiosk.wire.rules import Reason, Verdict


class Act(StrEnum):
    """A part of the demonstration's day: one set of rules, one state of the line to the hub. In this order."""

    LEVEL_3 = "level_3"
    """Level III as it is shipped; for its second half the hub is away."""
    CHANGED = "changed"
    """The same, when the hub is back: 2,000 appointments were changed meanwhile."""
    OPEN = "open"
    """Level IV as it is shipped: a code made out to a person identifies, walk-ins are registered."""
    HEALTH = "health"
    """Level II without the movements: mask, proof of health, anti-passback."""
    ALIVE = "alive"
    """Level I as it is shipped: a living person before the camera too."""


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
    UNSURE_THEN_NORMAL = "unsure_then_normal"
    UNSURE_TWICE = "unsure_twice"
    HOT_DRINK = "hot_drink"
    NEVER_SETTLES = "never_settles"
    SUN = "sun_on_the_thermometer"
    ASKS_FOR_STAFF = "asks_for_staff"
    # appointments and codes
    NOT_A_CODE = "code_that_is_no_code"
    TEN_KILOBYTES = "code_of_10_kb"
    LARGEST_CODE = "largest_code_there_is"
    GBK = "code_in_gbk"
    DAMAGED_CODE = "damaged_code"
    FORGED_CODE = "forged_code"
    EXPIRED_CODE = "expired_code"
    OTHER_HALL = "code_for_another_hall"
    OTHER_PERSONS_CODE = "code_of_somebody_else"
    NO_CODE = "no_code"
    LENT_CODE = "code_that_is_lent_on"
    REPLAYED_CODE = "code_replayed"
    LISTED = "appointment_without_a_telephone"
    EARLY = "too_early"
    LATE = "too_late"
    CANCELLED = "cancelled"
    REVOKED = "revoked"
    USED_ELSEWHERE = "used_at_another_lane"
    PARTY = "party_with_companions"
    PARTY_TOO_LARGE = "party_too_large"
    CHILD_WITH_PARENT = "child_with_parent"
    MOVED_WHILE_OFFLINE = "moved_while_offline"
    CANCELLED_WHILE_OFFLINE = "cancelled_while_offline"
    BOOKED_WHILE_OFFLINE = "booked_while_offline"
    # devices, barrier, power
    EXPIRED_CARD = "expired_card"
    READER_UNPLUGGED = "reader_unplugged"
    THERMOMETER_UNPLUGGED = "thermometer_unplugged"
    CAMERA_UNPLUGGED = "camera_unplugged"
    TURNS_BACK = "turns_back"
    TAILGATED = "tailgated"
    HOLDS_OPEN = "holds_the_door_open"
    NEVER_WALKS = "never_walks"
    POWER_CUT_BEFORE_RELEASE = "power_cut_before_release"
    POWER_CUT_BEFORE_BEAM = "power_cut_before_beam"
    # ordinary times
    WALK_IN = "walk_in"
    WALK_IN_CANCELLED = "walk_in_with_cancelled_appointment"
    CODE_FOR_A_CARD = "code_instead_of_a_card"
    PASSPORT = "passport"
    # an emergency
    GREEN = "health_code_green"
    YELLOW = "health_code_yellow"
    RED = "health_code_red"
    NOT_KNOWN_THERE = "health_code_unknown"
    UNREACHABLE = "health_service_unreachable"
    OLD_JUDGEMENT = "health_code_old"
    OTHERS_HEALTH_CODE = "health_code_of_somebody_else"
    HAS_TELEPHONE = "family_member_with_telephone"
    ON_HER_TELEPHONE = "shown_on_a_family_members_telephone"
    NO_MASK = "no_mask"
    DCC = "eu_dcc_valid"
    DCC_EXPIRED = "eu_dcc_expired"
    DCC_FORGED = "eu_dcc_forged"
    SHC = "health_card_valid"
    SHC_EXPIRED = "health_card_expired"
    SHC_FORGED = "health_card_forged"
    NOT_HEALTH = "no_proof_of_health"
    GOES_IN = "goes_in"
    COMES_AGAIN = "card_handed_back"
    ALIVE = "moves_as_asked"
    PRINTED_PHOTO = "printed_photo"
    SCREEN = "screen_before_the_camera"


PAIRS: Final[tuple[tuple[GateCase, GateCase], ...]] = (
    (GateCase.LENT_CODE, GateCase.REPLAYED_CODE),
    (GateCase.HAS_TELEPHONE, GateCase.ON_HER_TELEPHONE),
    (GateCase.GOES_IN, GateCase.COMES_AGAIN),
)
"""Who comes directly after whom."""


@dataclass(frozen=True)
class Deserved:
    """What a case has to come to.

    Attributes:
        crossed: what the barrier saw in the end.
        heads: how many came in.
    """

    verdict: Verdict
    reasons: frozenset[Reason]
    crossed: Crossed
    heads: int = 0


def _refused(*reasons: Reason) -> Deserved:
    return Deserved(Verdict.REFUSE, frozenset(reasons), Crossed.NOT_RELEASED)


def _referred(*reasons: Reason) -> Deserved:
    return Deserved(Verdict.REFER, frozenset(reasons), Crossed.NOT_RELEASED)


def _admitted(crossed: Crossed = Crossed.PASSED, heads: int = 1) -> Deserved:
    return Deserved(Verdict.ADMIT, frozenset({Reason.ALL_IN_ORDER}), crossed, heads)


ADMITTED: Final = _admitted()
COMPANIONS: Final[Mapping[GateCase, int]] = {
    GateCase.PARTY: 2,
    GateCase.CHILD_WITH_PARENT: 1,
    GateCase.PARTY_TOO_LARGE: 8,
}

DESERVED: Final[Mapping[GateCase, Deserved]] = {
    **dict.fromkeys(GateCase, ADMITTED),
    GateCase.FRIEND_STAYS: _referred(Reason.SEVERAL_FACES),
    GateCase.NO_FACE: _referred(Reason.NO_FACE),
    GateCase.OTHER_FACE: _referred(Reason.FACE_DIFFERS),
    GateCase.FEVER: _referred(Reason.TEMPERATURE_HIGH),
    GateCase.UNSURE_TWICE: _referred(Reason.TEMPERATURE_UNSURE),
    GateCase.NEVER_SETTLES: _referred(Reason.NO_TEMPERATURE),
    GateCase.SUN: _referred(Reason.NO_TEMPERATURE),
    GateCase.ASKS_FOR_STAFF: _referred(Reason.ASKED_FOR_STAFF),
    GateCase.NOT_A_CODE: _refused(Reason.CODE_NOT_KNOWN),
    GateCase.TEN_KILOBYTES: _referred(Reason.DEVICE_FAULT),  # no code holds as much: the scanner is faulty
    GateCase.LARGEST_CODE: _refused(Reason.CODE_NOT_KNOWN),
    GateCase.GBK: _refused(Reason.CODE_NOT_KNOWN),
    GateCase.DAMAGED_CODE: _referred(Reason.CODE_UNREADABLE),
    GateCase.FORGED_CODE: _refused(Reason.CODE_FORGED),
    GateCase.EXPIRED_CODE: _refused(Reason.CODE_EXPIRED),
    GateCase.OTHER_HALL: _refused(Reason.CODE_WRONG_HALL),
    GateCase.OTHER_PERSONS_CODE: _refused(Reason.CODE_OTHER_PERSON),
    GateCase.NO_CODE: _referred(Reason.NO_CODE),
    GateCase.REPLAYED_CODE: _refused(Reason.CODE_USED),
    GateCase.EARLY: _refused(Reason.CODE_NOT_YET),
    GateCase.LATE: _refused(Reason.CODE_EXPIRED),
    GateCase.CANCELLED: _refused(Reason.CODE_CANCELLED),
    GateCase.REVOKED: _refused(Reason.CODE_REVOKED),
    GateCase.USED_ELSEWHERE: _refused(Reason.CODE_USED),
    GateCase.PARTY: _admitted(heads=3),
    GateCase.PARTY_TOO_LARGE: _refused(Reason.PARTY_TOO_LARGE),
    GateCase.CHILD_WITH_PARENT: _admitted(heads=2),
    GateCase.MOVED_WHILE_OFFLINE: _refused(Reason.CODE_NOT_YET),
    GateCase.CANCELLED_WHILE_OFFLINE: _refused(Reason.CODE_CANCELLED),
    GateCase.EXPIRED_CARD: _refused(Reason.DOCUMENT_EXPIRED),
    GateCase.READER_UNPLUGGED: _referred(Reason.DEVICE_FAULT),
    GateCase.THERMOMETER_UNPLUGGED: _referred(Reason.DEVICE_FAULT),
    GateCase.CAMERA_UNPLUGGED: _referred(Reason.DEVICE_FAULT),
    GateCase.TURNS_BACK: _admitted(Crossed.TURNED_BACK, 0),
    GateCase.TAILGATED: _admitted(Crossed.TAILGATED, 2),
    GateCase.HOLDS_OPEN: _admitted(Crossed.HELD_OPEN),
    GateCase.NEVER_WALKS: _admitted(Crossed.NOBODY, 0),
    GateCase.POWER_CUT_BEFORE_BEAM: _admitted(Crossed.UNKNOWN, 0),
    GateCase.WALK_IN_CANCELLED: _refused(Reason.CODE_CANCELLED),
    GateCase.YELLOW: _referred(Reason.HEALTH_YELLOW),
    GateCase.RED: _referred(Reason.HEALTH_RED),
    GateCase.NOT_KNOWN_THERE: _referred(Reason.HEALTH_UNKNOWN),
    GateCase.UNREACHABLE: _referred(Reason.HEALTH_UNREACHABLE),
    GateCase.OLD_JUDGEMENT: _refused(Reason.HEALTH_OLD),
    GateCase.OTHERS_HEALTH_CODE: _referred(Reason.HEALTH_OTHER_PERSON),
    GateCase.NO_MASK: _refused(Reason.MASK_MISSING),
    # What was refused is not believed in whose it is either: that is told too.
    GateCase.DCC_EXPIRED: _refused(Reason.CERTIFICATE_EXPIRED, Reason.CERTIFICATE_UNSURE),
    GateCase.DCC_FORGED: _referred(Reason.CERTIFICATE_REFUSED, Reason.CERTIFICATE_UNSURE),
    GateCase.SHC_EXPIRED: _refused(Reason.CERTIFICATE_EXPIRED, Reason.CERTIFICATE_UNSURE),
    GateCase.SHC_FORGED: _referred(Reason.CERTIFICATE_REFUSED, Reason.CERTIFICATE_UNSURE),
    GateCase.NOT_HEALTH: _referred(Reason.NO_HEALTH),
    GateCase.COMES_AGAIN: _referred(Reason.ALREADY_INSIDE),
    GateCase.PRINTED_PHOTO: _referred(Reason.NOT_ALIVE),
    GateCase.SCREEN: _referred(Reason.NOT_ALIVE),
}

CUT: Final = frozenset({GateCase.POWER_CUT_BEFORE_RELEASE, GateCase.POWER_CUT_BEFORE_BEAM})
"""Whoever does this makes the gate lose its power."""

_OTHER_ACTS: Final[Mapping[Act, Sequence[GateCase]]] = {
    Act.CHANGED: (GateCase.MOVED_WHILE_OFFLINE, GateCase.CANCELLED_WHILE_OFFLINE, GateCase.BOOKED_WHILE_OFFLINE),
    Act.OPEN: (GateCase.WALK_IN, GateCase.WALK_IN_CANCELLED, GateCase.CODE_FOR_A_CARD, GateCase.PASSPORT),
    Act.HEALTH: tuple(
        case
        for case in GateCase
        if list(GateCase).index(GateCase.GREEN) <= list(GateCase).index(case) < list(GateCase).index(GateCase.ALIVE)
    ),
    Act.ALIVE: (GateCase.ALIVE, GateCase.PRINTED_PHOTO, GateCase.SCREEN),
}
ACT_OF: Final[Mapping[GateCase, Act]] = {
    **dict.fromkeys(GateCase, Act.LEVEL_3),
    **{case: act for act, cases in _OTHER_ACTS.items() for case in cases},
}
"""In which act each case occurs."""

LISTED: Final = frozenset(
    {
        GateCase.LISTED,
        GateCase.PARTY,
        GateCase.PARTY_TOO_LARGE,
        GateCase.CHILD_WITH_PARENT,
        GateCase.EARLY,
        GateCase.LATE,
        GateCase.CANCELLED,
        GateCase.REVOKED,
        GateCase.USED_ELSEWHERE,
        GateCase.CANCELLED_WHILE_OFFLINE,
        GateCase.WALK_IN_CANCELLED,
    }
)
"""Whose appointment is in the list from the beginning: no code is asked for."""
SPONTANEOUS: Final = frozenset(
    case
    for case in GateCase
    if ACT_OF[case] is Act.LEVEL_3 and case not in LISTED and case not in CUT and case is not GateCase.REPLAYED_CODE
)
"""For whom nothing has to be prepared at the hub."""

MUST_OCCUR: Final[Sequence[GateCase]] = (
    GateCase.GARBAGE_ON_EVERY_WIRE,
    GateCase.TRUNCATED_FRAMES,
    GateCase.SPLIT_FRAMES,
    GateCase.WRONG_CHECKSUMS,
    GateCase.CARD_TAKEN_MID_READ,
    GateCase.FRIEND_LEAVES,
    GateCase.FRIEND_STAYS,
    GateCase.NO_FACE,
    GateCase.OTHER_FACE,
    GateCase.FEVER,
    GateCase.NOT_A_CODE,
    GateCase.FORGED_CODE,
    GateCase.EXPIRED_CODE,
    GateCase.OTHER_HALL,
    GateCase.EXPIRED_CARD,
    GateCase.READER_UNPLUGGED,
    GateCase.THERMOMETER_UNPLUGGED,
    GateCase.CAMERA_UNPLUGGED,
    GateCase.TURNS_BACK,
)
"""The cases that every crowd of at least this many people has, once each, whatever the seed."""
