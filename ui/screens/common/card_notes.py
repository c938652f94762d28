"""What went wrong with the card, and how to mend it."""

from typing import Final

from kiosk.view.common import CardProblem
from ui.language import N_

CARD_NOTES: Final[dict[CardProblem, str]] = {
    CardProblem.NONE: "",
    CardProblem.MOVED: N_("身份证拿得太早了。请重新平放，听到提示再拿起。"),
    CardProblem.WRONG_CARD: N_("这不是居民身份证。请换成身份证，平放在感应区。"),
    CardProblem.UNREADABLE: N_("读卡器没有读到证件，请把身份证平放在感应区。"),
    CardProblem.PASSPORT: N_("护照没有读对。请把印有“<<<”的一页平放，再扫一次。"),
}
