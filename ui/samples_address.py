"""Plausible data for the address picker."""

from dataclasses import replace

from kiosk.view.address import PickPlace, Place
from kiosk.view.desk import AnswerProblem, Question
from kiosk.view.screen import State

_PROVINCES = (
    *("北京市", "天津市", "河北省", "山西省", "内蒙古自治区", "辽宁省", "吉林省", "黑龙江省", "上海市", "江苏省"),
    *("浙江省", "安徽省", "福建省", "江西省", "山东省", "河南省", "湖北省", "湖南省", "广东省", "广西壮族自治区"),
    *("海南省", "重庆市", "四川省", "贵州省"),
)
_STREETS = (
    "示例街道", "东华门街道", "景山街道", "交道口街道", "安定门街道", "北新桥街道", "东四街道", "朝阳门街道",
    "中关村国家自主创新示范区大兴生物医药产业基地",
)  # fmt: skip
_CHOSEN = (Place(11, "内蒙古自治区"), Place(12, "呼伦贝尔市"), Place(13, "莫力达瓦达斡尔族自治旗"))
_FOUND = (
    Place(21, "海东市", "青海省"), Place(22, "海淀区", "北京市"), Place(23, "河东区", "天津市"),
    Place(24, "邯郸经济技术开发区", "河北省邯郸市"),
)  # fmt: skip


def _places(names: tuple[str, ...]) -> tuple[Place, ...]:
    return tuple(Place(number, name) for number, name in enumerate(names, start=1))


def address_samples(question: Question) -> dict[str, State]:
    """Every variant by its name."""
    first = PickPlace(question, _places(_PROVINCES))
    given = replace(question, value="北京市东城区示例胡同 1 号", prefilled=True)
    return {
        "address.PickPlace": first,
        "address.PickPlace-street": PickPlace(question, _places(_STREETS), _CHOSEN, level=4),
        "address.PickPlace-given": PickPlace(
            given, _places(_STREETS), (Place(1, "北京市"), Place(2, "东城区")), value=given.value, level=4
        ),
        "address.PickPlace-found": replace(first, rows=_FOUND, typed="hd"),
        "address.PickPlace-nothing": replace(first, rows=(), typed="qqq"),
        "address.PickPlace-wrong": replace(first, question=replace(question, problem=AnswerProblem.TOO_LONG)),
    }
