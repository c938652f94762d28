"""What messages say, by version. Nothing personal: a number, a day, a count; no name, no item, no reason.

A new wording gets a new version; what was sent keeps the number of the one it was made with.
"""

import math
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

VERSION: Final = 1


class What(StrEnum):
    """What somebody is told."""

    ACCEPTED = "accepted"
    DEEMED = "deemed"
    """Nobody said anything in time: it counts as accepted."""
    DEEMED_LATE = "deemed_late"
    """The same, and the day to decide by is over as well: it is counted from when it came."""
    CORRECT = "correct"
    REJECTED = "rejected"
    EXTENDED = "extended"
    DECIDED = "decided"
    """For it or against it: which, only the person reads, at a desk or a window."""
    READY = "ready"
    """The result lies at a window."""
    SENT = "sent"
    CAME_BACK = "came_back"
    """The parcel could not be delivered."""
    LAPSED = "lapsed"
    CALLED = "called"
    """The number is called soon."""
    BOOKED = "booked"
    MOVED = "moved"
    CANCELLED = "cancelled"


URGENT: Final = frozenset({What.CALLED})
"""Is sent at night, too: somebody is waiting in the hall."""
_ZH: Final[Mapping[What, str]] = {
    What.ACCEPTED: "办件{subject}已受理，{day}前办结。",
    What.DEEMED: "办件{subject}逾期未答复，视为受理，{day}前办结。",
    What.DEEMED_LATE: "办件{subject}逾期未答复，视为受理，已过办结期限，系统正在催办。",
    What.CORRECT: "办件{subject}需补正{count}项，{day}前交。请到自助机或窗口查看。",
    What.REJECTED: "办件{subject}未予受理，原因请到自助机或窗口查看。",
    What.EXTENDED: "办件{subject}延期，{day}前办结。原因请到自助机或窗口查看。",
    What.DECIDED: "办件{subject}已作出决定，请到自助机或窗口查看。",
    What.READY: "办件{subject}的结果可以领取，请带身份证到窗口。",
    What.SENT: "办件{subject}的结果已寄出，{carrier}运单尾号{tail}。",
    What.CAME_BACK: "办件{subject}的快递被退回，请到窗口领取或改地址。",
    What.LAPSED: "办件{subject}因到期未补交已终止，可以重新申请。",
    What.CALLED: "{subject}号快到了，前面还有{count}位，请到大厅等候。",
    What.BOOKED: "已预约{day}{time}，凭证号{subject}，请带身份证。",
    What.MOVED: "大厅把您的预约{subject}改到{day}{time}，请带身份证。",
    What.CANCELLED: "大厅取消了您{day}{time}的预约{subject}，请重新预约。",
}
_EN: Final[Mapping[What, str]] = {
    What.ACCEPTED: "{subject} is accepted; decided by {day}.",
    What.DEEMED: "{subject} counts as accepted; decided by {day}.",
    What.DEEMED_LATE: "{subject} counts as accepted and is overdue; we press for it.",
    What.CORRECT: "{subject}: {count} to correct by {day}. See a desk.",
    What.REJECTED: "{subject} was not accepted. See a desk for why.",
    What.EXTENDED: "{subject}: extended to {day}. See a desk.",
    What.DECIDED: "{subject} is decided. See a desk or a window.",
    What.READY: "{subject}: collect the result, bring your ID.",
    What.SENT: "{subject} was sent by {carrier}, parcel …{tail}.",
    What.CAME_BACK: "{subject}: the parcel came back. Ask a window.",
    What.LAPSED: "{subject} has lapsed. You may apply again.",
    What.CALLED: "{subject}: soon your turn, {count} before you.",
    What.BOOKED: "{subject} booked: {day} {time}. Bring your ID.",
    What.MOVED: "{subject} was moved to {day} {time}.",
    What.CANCELLED: "{subject} on {day} {time} is cancelled by us.",
}
TEMPLATES: Final[Mapping[int, Mapping[str, Mapping[What, str]]]] = {1: {"zh-Hans": _ZH, "en": _EN}}
"""By version and language."""
USUAL_SIGN: Final = "政务大厅"
MOST_WORDS: Final = 280
_ONE: Final = 70
_OF_SEVERAL: Final = 67
"""Each of several parts has a head that costs three characters."""


class _Blank(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "—"


def words_of(what: What, language: str, values: Mapping[str, str]) -> str:
    """A message in words, without who it is from.

    Args:
        what: Which.
        language: `zh-Hans` or `en`; anything else is Chinese.
        values: `subject`, and what the template names; no value of a citizen's.
    """
    templates = TEMPLATES[VERSION]
    return templates.get(language, templates["zh-Hans"])[what].format_map(_Blank(values))


def signed(words: str, sign: str = USUAL_SIGN) -> str:
    """A message as it is sent: with who it is from in front, as the operators want it.

    Args:
        words: From `words_of`.
        sign: Without its brackets.
    """
    return f"【{sign}】{words}"


def units(text: str) -> int:
    """Length in UCS-2, as operators count it: a character beyond the first plane is two."""
    return len(text.encode("utf-16-le")) // 2


def parts(text: str) -> int:
    """How many messages a text is paid as."""
    length = units(text)
    return 1 if length <= _ONE else math.ceil(length / _OF_SEVERAL)
