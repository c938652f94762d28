"""Text messages to citizens: the number that somebody leaves, and what they agreed to when they left it.

Leaving one is never required. What was agreed to is named by its version, so that it can be shown years later; a new
wording is a new version, and the old one stays here.
"""

from typing import Annotated, Final

import msgspec

from kiosk.wire.catalogue import Text
from kiosk.wire.evidence import Moment, Wire
from kiosk.wire.telephone import E164

CONSENT: Final = 1
"""Version of the words that are shown now."""
CONSENT_WORDS: Final = {
    1: Text(
        zh_hans="号码只用来发这件事的进度，加密保存，办完即删，随时可以取消。",
        zh_hant="號碼只用來發這件事的進度，加密保存，辦完即刪，隨時可以取消。",
        en="Used only for news of this matter, kept encrypted, deleted afterwards; you can stop it at any time.",
    ),
}
"""By version."""
LANGUAGES: Final = ("zh-Hans", "en")
"""Of the messages; who reads traditional characters gets the simplified ones, as the office's letters are."""

PHONE_KEY: Final = "/texts/phone"
ABROAD_KEY: Final = "/texts/abroad"
"""Keys of the desk's questions for the number, among the answers of a draft that goes on at a window."""

MobileNumber = Annotated[str, msgspec.Meta(pattern=E164)]


class TextsWanted(Wire, frozen=True, kw_only=True):
    """Where messages about one matter go. Travels only sealed.

    Attributes:
        phone: E.164 (`kiosk.wire.telephone.phone_of`).
        consent: Version of what was agreed to.
        language: Of the messages.
        agreed: When.
    """

    phone: MobileNumber
    consent: Annotated[int, msgspec.Meta(ge=1, le=10_000)]
    language: Annotated[str, msgspec.Meta(pattern="^(zh-Hans|en)$")] = "zh-Hans"
    agreed: Moment
