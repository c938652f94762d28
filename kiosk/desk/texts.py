"""Messages about how the application goes: whether they are wanted, and where to. Asked like questions of the form.

Nobody needs to leave a number. What it is used for stands in the question itself, as the person agrees to it
(`kiosk.wire.texts.CONSENT_WORDS`).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from kiosk.view.common import Language
from kiosk.wire.answers import Problem, Verdict
from kiosk.wire.catalogue import Choice, Query, Text
from kiosk.wire.telephone import NotAPhone, mask_phone, phone_of
from kiosk.wire.texts import ABROAD_KEY, CONSENT, CONSENT_WORDS, PHONE_KEY, TextsWanted

PREFIX: Final = "/texts/"
"""Of the keys of these questions; none of a form begins so."""
WHERE: Final = PREFIX + "where"
PHONE: Final = PHONE_KEY
ABROAD: Final = ABROAD_KEY
MAINLAND_CHOICE: Final = "mainland"
ABROAD_CHOICE: Final = "abroad"
NO_CHOICE: Final = "no"


def _text(zh_hans: str, zh_hant: str, en: str) -> Text:
    return Text(zh_hans=zh_hans, zh_hant=zh_hant, en=en)


_WHERE_QUERY: Final = Query(
    key=WHERE,
    title=_text("要不要发短信告诉您进度？", "要不要發短信告訴您進度？", "Do you want messages about how it goes?"),
    explanation=CONSENT_WORDS[CONSENT],
    caption=_text("短信通知", "短信通知", "Messages"),
    field="choice",
    choices=(
        Choice(
            key=MAINLAND_CHOICE,
            title=_text("要，发到我的手机", "要，發到我的手機", "Yes, to my mobile"),
            line=_text("内地 11 位手机号", "內地 11 位手機號", "A mainland number, eleven digits"),
        ),
        Choice(
            key=ABROAD_CHOICE,
            title=_text("要，发到境外的手机", "要，發到境外的手機", "Yes, to a number from elsewhere"),
            line=_text("香港、澳门、台湾和国外", "香港、澳門、台灣和國外", "Hong Kong, Macao, Taiwan and abroad"),
        ),
        Choice(
            key=NO_CHOICE,
            title=_text("不要短信", "不要短信", "No messages"),
            line=_text("凭回执到自助机查进度", "憑回執到自助機查進度", "The receipt shows how it goes, at a desk"),
        ),
    ),
)
_PHONE_QUERY: Final = Query(
    key=PHONE,
    title=_text("短信发到哪个手机号码？", "短信發到哪個手機號碼？", "Which mobile number?"),
    explanation=_text("填您自己用的号码。", "填您自己用的號碼。", "One that you use yourself."),
    caption=_text("短信号码", "短信號碼", "Number for messages"),
    field="phone",
    prefill="phone",
)
_ABROAD_QUERY: Final = Query(
    key=ABROAD,
    title=_text("短信发到哪个手机号码？", "短信發到哪個手機號碼？", "Which mobile number?"),
    explanation=_text(
        "先填国家或地区代码，再填号码：香港 852，澳门 853，台湾 886，美国 1。",
        "先填國家或地區代碼，再填號碼：香港 852，澳門 853，台灣 886，美國 1。",
        "The area or country code first, then the number: Hong Kong 852, Macao 853, Taiwan 886, USA 1.",
    ),
    caption=_text("短信号码", "短信號碼", "Number for messages"),
    field="digits",
)
_NOT_ONE: Final = Verdict(
    Problem.WRONG_FORM,
    _text(
        "号码不对。先填国家或地区代码，再填手机号码，例如 852 51230000。",
        "號碼不對。先填國家或地區代碼，再填手機號碼，例如 852 51230000。",
        "That is no mobile number. The area or country code first, then the number, as 852 51230000.",
    ),
)


def texts_queries(answers: Mapping[str, str]) -> tuple[Query, ...]:
    """The questions that apply now."""
    match answers.get(WHERE):
        case "mainland":
            return (_WHERE_QUERY, _PHONE_QUERY)
        case "abroad":
            return (_WHERE_QUERY, _ABROAD_QUERY)
        case _:
            return (_WHERE_QUERY,)


def texts_verdict(query: Query, value: str) -> Verdict | None:
    """What is wrong with a number from elsewhere; None where the question's own kind says all."""
    if query.key != ABROAD or not value:
        return None
    try:
        phone_of(f"+{value.lstrip('0')}")
    except NotAPhone:
        return _NOT_ONE
    return None


def phone_in(answers: Mapping[str, str]) -> str:
    """The number that messages go to, as it is kept; empty where none are wanted."""
    given = {MAINLAND_CHOICE: answers.get(PHONE, ""), ABROAD_CHOICE: f"+{answers.get(ABROAD, '').lstrip('0')}"}
    try:
        return phone_of(given.get(answers.get(WHERE, ""), ""))
    except NotAPhone:
        return ""


def masked_in(answers: Mapping[str, str]) -> str:
    """The number as the receipt shows it; empty where no messages are wanted."""
    phone = phone_in(answers)
    return mask_phone(phone) if phone else ""


def texts_wanted(answers: Mapping[str, str], language: Language, now: datetime) -> TextsWanted | None:
    """What goes to the hub; None where no messages are wanted.

    Args:
        answers: to these questions.
        language: of the person.
        now: when they agreed.
    """
    phone = phone_in(answers)
    if not phone:
        return None
    spoken = "en" if language is Language.EN else "zh-Hans"
    return TextsWanted(phone=phone, consent=CONSENT, language=spoken, agreed=now)
