"""How the result comes to the person: collected, or by courier to an address. Asked like questions of the form.

A form that asks it itself, by the question `collect` with the answers `post` and `window` (and `receiver`, `address`,
`phone`), is not asked again: what it says counts.
"""

from collections.abc import Mapping
from typing import Final

from kiosk.wire.catalogue import Choice, Delivery, Item, Query, Text
from kiosk.wire.events import Address

PREFIX: Final = "/post/"
"""Of the keys of these questions; none of a form begins so."""
WAY: Final = PREFIX + "way"
NAME: Final = PREFIX + "name"
PHONE: Final = PREFIX + "phone"
STREET: Final = PREFIX + "street"
_POST: Final = "post"


def _text(zh_hans: str, zh_hant: str, en: str) -> Text:
    return Text(zh_hans=zh_hans, zh_hant=zh_hant, en=en)


_COLLECT_CHOICE: Final = Choice(
    key=Delivery.COLLECT.value,
    title=_text("到窗口领取", "到窗口領取", "I collect it at a window"),
    line=_text("带身份证和回执来取", "帶身份證和回執來取", "Bring your ID card and the receipt"),
)
_COURIER_CHOICE: Final = Choice(
    key=Delivery.COURIER.value,
    title=_text("邮寄给我", "郵寄給我", "Send it by courier"),
    line=_text("邮费由大厅承担", "郵費由大廳承擔", "The hall pays the postage"),
)
_CHOICES: Final = {Delivery.COLLECT: _COLLECT_CHOICE, Delivery.COURIER: _COURIER_CHOICE}
_NAME_QUERY: Final = Query(
    key=NAME,
    title=_text("收件人是谁？", "收件人是誰？", "Who receives it?"),
    explanation=_text("签收时要看身份证。", "簽收時要看身份證。", "The courier asks for the ID card."),
    caption=_text("收件人", "收件人", "Receiver"),
    field="text",
    prefill="post_name",
    shortest=2,
    longest=40,
)
_PHONE_QUERY: Final = Query(
    key=PHONE,
    title=_text("收件人的手机号码？", "收件人的手機號碼？", "The receiver's mobile number?"),
    explanation=_text("快递员打这个电话。", "快遞員打這個電話。", "The courier calls this number."),
    caption=_text("收件电话", "收件電話", "Receiver's phone"),
    field="phone",
    prefill="phone",
)
_STREET_QUERY: Final = Query(
    key=STREET,
    title=_text("寄到哪个地址？", "寄到哪個地址？", "Where is it to be sent?"),
    explanation=_text("写到门牌号。", "寫到門牌號。", "Down to the door."),
    caption=_text("收件地址", "收件地址", "Address"),
    field="address",
    prefill="post_address",
    shortest=5,
    longest=120,
)


def _asks_itself(item: Item) -> bool:
    """Whether the form asks by itself how the result comes."""
    return any(query.key == "collect" and any(choice.key == _POST for choice in query.choices) for query in item.form)


def _way_query(item: Item) -> Query:
    return Query(
        key=WAY,
        title=_text("结果怎么给您？", "結果怎麼給您？", "How do you want the result?"),
        explanation=_text("办好后可以到窗口拿，也可以邮寄。", "辦好後可以到窗口拿，也可以郵寄。", "Choose one."),
        caption=_text("领取方式", "領取方式", "Delivery"),
        field="choice",
        choices=tuple(_CHOICES[way] for way in item.delivery),
    )


def way_of(item: Item, answers: Mapping[str, str]) -> Delivery:
    """How the result comes, by what was answered."""
    if _asks_itself(item):
        return Delivery.COURIER if answers.get("collect") == _POST else Delivery.COLLECT
    if item.delivery == (Delivery.COURIER,):
        return Delivery.COURIER
    return Delivery(answers.get(WAY) or Delivery.COLLECT)


def delivery_queries(item: Item, answers: Mapping[str, str]) -> tuple[Query, ...]:
    """The questions that apply: none where the result can only be collected, or the form asks itself."""
    if Delivery.COURIER not in item.delivery or _asks_itself(item):
        return ()
    way = (_way_query(item),) if len(set(item.delivery)) > 1 else ()
    if way_of(item, answers) is Delivery.COURIER:
        return (*way, _NAME_QUERY, _PHONE_QUERY, _STREET_QUERY)
    return way


def address_of(item: Item, answers: Mapping[str, str], name: str) -> Address | None:
    """Where the courier goes; None where the result is collected.

    Args:
        item: the item.
        answers: of the form, and to these questions.
        name: of the applicant, who receives it where nobody else is named.
    """
    if way_of(item, answers) is not Delivery.COURIER:
        return None
    own = _asks_itself(item)
    street = answers.get("address" if own else STREET, "")
    phone = answers.get("phone" if own else PHONE, "")
    if not street or not phone:
        return None  # a form that asks itself, and not for these: the office asks
    return Address(name=answers.get("receiver" if own else NAME) or name, phone=phone, street=street)
