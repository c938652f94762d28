"""Fields of documents that are drawn here, with invented people, and read by the networks that ship."""

from datetime import date

import cv2
import numpy as np
import pytest

from kiosk.vision.faces import Image
from kiosk.vision.text import engine as engine_module
from kiosk.vision.text.engine import RapidText
from kiosk.vision.text.fields import Checked, DocumentKind, Fields, Key, TextProblem, read_document
from kiosk.vision.text.lines import TextError, box_quad
from tests.vision.sheets import sheet

TODAY = date(2026, 11, 22)
NUMBER = "110101199003070011"
CODE = "91110101MA01234A4A"


@pytest.fixture(scope="module")
def card() -> Image:
    return sheet(
        (800, 500),
        [
            (40, 40, "姓 名   欧阳若溪", 30),
            (40, 105, "性 别   男      民 族   土家", 28),
            (40, 165, "出 生   1990 年 3 月 7 日", 28),
            (40, 230, "住 址   青湖市民族路12号3号楼", 28),
            (155, 275, "4单元502室", 28),
            (40, 415, "公民身份号码", 26),
            (270, 408, NUMBER, 36),
        ],
    )


def read(reader: RapidText, image: Image, kind: DocumentKind, wanted: set[str] | None = None) -> Fields:
    return read_document(image, kind, reader, TODAY, wanted)


def values(fields: Fields) -> dict[str, str]:
    return {key: field.value for key, field in fields.values.items()}


def test_identity_card(reader: RapidText, card: Image) -> None:
    fields = read(reader, card, DocumentKind.ID_FRONT)
    assert values(fields) == {
        Key.NUMBER: NUMBER,
        Key.NAME: "欧阳若溪",
        Key.SEX: "男",
        Key.ETHNIC_GROUP: "土家",
        Key.BIRTH: "1990-03-07",
        Key.ADDRESS: "青湖市民族路12号3号楼4单元502室",
    }
    assert [fields.values[key].checked for key in (Key.NUMBER, Key.SEX, Key.BIRTH)] == [Checked.PASSED] * 3
    assert fields.values[Key.NAME].checked is Checked.NONE
    assert not fields.values[Key.NUMBER].repaired


@pytest.mark.parametrize("turns", [1, 2])
def test_a_turned_card(reader: RapidText, card: Image, turns: int) -> None:
    fields = read(reader, np.ascontiguousarray(np.rot90(card, turns)), DocumentKind.ID_FRONT)
    assert (values(fields)[Key.NUMBER], values(fields)[Key.NAME]) == (NUMBER, "欧阳若溪")


def test_only_what_is_wanted(reader: RapidText, card: Image) -> None:
    fields = read(reader, card, DocumentKind.ID_FRONT, {Key.NUMBER})
    assert values(fields) == {Key.NUMBER: NUMBER}


def test_a_printed_number_with_a_wrong_check_digit_is_not_repaired(reader: RapidText) -> None:
    image = sheet((800, 200), [(40, 60, "公民身份号码", 26), (270, 53, "110101199003070012", 36)])
    number = read(reader, image, DocumentKind.ID_FRONT)[Key.NUMBER]
    assert number is not None
    assert (number.value, number.checked, number.repaired) == ("110101199003070012", Checked.FAILED, False)


def test_sex_and_birth_against_the_number(reader: RapidText) -> None:
    image = sheet(
        (800, 400),
        [
            (40, 40, "性 别   女", 28),
            (40, 110, "出 生   1991 年 3 月 7 日", 28),
            (40, 300, "公民身份号码 " + NUMBER, 30),
        ],
    )
    fields = read(reader, image, DocumentKind.ID_FRONT)
    assert [fields.values[key].checked for key in (Key.NUMBER, Key.SEX, Key.BIRTH)] == [
        Checked.PASSED,
        Checked.FAILED,
        Checked.FAILED,
    ]


@pytest.mark.parametrize(
    ("term", "start", "end"),
    [("2010.01.08-2030.01.08", "2010-01-08", "2030-01-08"), ("2010.01.08-长期", "2010-01-08", "长期")],
)
def test_the_back_of_a_card(reader: RapidText, term: str, start: str, end: str) -> None:
    image = sheet((800, 300), [(60, 60, "签发机关   青湖市公安局", 30), (60, 150, "有效期限   " + term, 30)])
    fields = read(reader, image, DocumentKind.ID_BACK)
    assert values(fields) == {Key.ISSUER: "青湖市公安局", Key.VALID_FROM: start, Key.VALID_UNTIL: end}


def test_a_licence_in_two_columns(reader: RapidText) -> None:
    image = sheet(
        (1300, 560),
        [
            (480, 20, "营业执照", 60),
            (60, 110, "统一社会信用代码", 24),
            (60, 145, CODE, 26),
            (60, 220, "名        称", 24),
            (220, 220, "青湖云岫餐饮管理有限公司", 24),
            (750, 220, "注册资本", 24),
            (900, 220, "壹佰万元整", 24),
            (60, 280, "类        型", 24),
            (220, 280, "有限责任公司", 24),
            (750, 280, "成立日期", 24),
            (900, 280, "2018年06月21日", 24),
            (60, 340, "法定代表人", 24),
            (220, 340, "沈知远", 24),
            (750, 340, "住        所", 24),
            (900, 340, "青湖区听雨巷8号", 24),
            (60, 400, "经营范围", 24),
            (220, 400, "餐饮服务；食品销售；", 24),
            (220, 440, "会议服务。", 24),
        ],
    )
    fields = read(reader, image, DocumentKind.LICENCE)
    assert values(fields) == {
        Key.CODE: CODE,
        Key.NAME: "青湖云岫餐饮管理有限公司",
        Key.CAPITAL: "壹佰万元整",
        Key.TYPE: "有限责任公司",
        Key.FOUNDED: "2018-06-21",
        Key.LEGAL_REPRESENTATIVE: "沈知远",
        Key.ADDRESS: "青湖区听雨巷8号",
        Key.SCOPE: "餐饮服务；食品销售；会议服务。",
    }
    assert values(read(reader, image, DocumentKind.LICENCE, {Key.CODE})) == {Key.CODE: CODE}


def test_a_form(reader: RapidText) -> None:
    image = sheet(
        (1000, 400),
        [
            (60, 50, "申请人姓名：沈知远", 28),
            (60, 120, "公民身份号码：" + NUMBER, 28),
            (60, 190, "本人承诺所填内容真实有效，并愿意承担由此产生的一切后果和责任", 28),
        ],
    )
    fields = read(reader, image, DocumentKind.FORM)
    assert values(fields) == {"申请人姓名": "沈知远", "公民身份号码": NUMBER}
    assert fields.values["公民身份号码"].checked is Checked.PASSED
    assert values(read(reader, image, DocumentKind.FORM, {"公民身份号码"})) == {"公民身份号码": NUMBER}


@pytest.mark.parametrize("kind", DocumentKind)
@pytest.mark.parametrize(
    "image",
    [
        np.zeros((0, 0, 3), np.uint8),
        np.zeros((1, 1, 3), np.uint8),
        np.zeros(12, np.uint8),
        np.zeros((40, 40, 7), np.uint8),
        np.zeros((40, 40), np.complex128),
        np.broadcast_to(np.uint8(0), (90_000, 90_000, 3)),
    ],
    ids=["empty", "1x1", "row", "seven channels", "complex", "huge"],
)
def test_what_is_no_picture(reader: RapidText, kind: DocumentKind, image: Image) -> None:
    assert read(reader, image, kind).problem is TextProblem.NO_PICTURE


@pytest.mark.parametrize("kind", DocumentKind)
def test_nothing_is_read_where_nothing_is(reader: RapidText, kind: DocumentKind) -> None:
    fields = read(reader, np.full((100, 160, 3), 255, np.uint8), kind)
    assert fields.values == {}
    assert fields.problem in {TextProblem.NO_TEXT, TextProblem.OTHER_DOCUMENT}


def test_another_document(reader: RapidText) -> None:
    image = sheet((700, 200), [(60, 60, "欢迎光临政务服务大厅", 40)])
    assert read(reader, image, DocumentKind.ID_FRONT).problem is TextProblem.OTHER_DOCUMENT
    assert read(reader, image, DocumentKind.MRZ).problem is TextProblem.OTHER_DOCUMENT


@pytest.mark.parametrize("form", ["grey", "16 bits", "floating point", "not a number", "transparent"])
def test_other_pictures(reader: RapidText, card: Image, form: str) -> None:
    grey = cv2.cvtColor(card, cv2.COLOR_BGR2GRAY)
    nan = card.astype(np.float32)
    nan[:3] = np.nan
    pictures = {
        "grey": grey,
        "16 bits": grey.astype(np.uint16) * 257,
        "floating point": card.astype(np.float64) / 255,
        "not a number": nan,
        "transparent": cv2.cvtColor(card, cv2.COLOR_BGR2BGRA),
    }
    lines = reader.recognise(pictures[form], [box_quad(262, 402, 690, 462)])
    assert lines[0].text.replace(" ", "") == NUMBER


def test_altered_models_are_refused(monkeypatch: pytest.MonkeyPatch, card: Image) -> None:
    monkeypatch.setattr(engine_module, "DETECTOR", (engine_module.DETECTOR[0], "0" * 64))
    altered = RapidText()
    with pytest.raises(TextError, match="not the one expected"):
        altered.find(card)
    assert read(altered, card, DocumentKind.ID_FRONT).problem is TextProblem.NOT_AVAILABLE
    assert read(altered, card, DocumentKind.MRZ).problem is TextProblem.NOT_AVAILABLE


def test_closing_gives_the_networks_back(reader: RapidText, card: Image) -> None:
    number = card[400:470]
    reader.find(number)
    assert reader.loaded
    reader.close()
    assert not reader.loaded
    assert reader.find(number)


def test_a_reader_that_is_told_to_stop_goes_no_further(card: Image) -> None:
    asked: list[int] = []

    def go_on() -> bool:
        asked.append(1)
        return len(asked) <= 1

    stopped = RapidText(go_on=go_on)
    assert stopped.find(card[400:470])
    with pytest.raises(TextError, match="stopped"):
        stopped.read(card)
    assert read(stopped, card, DocumentKind.ID_FRONT).values == {}


def test_another_kind_of_document_gives_no_number(reader: RapidText, card: Image) -> None:
    assert read(reader, card, DocumentKind.LICENCE).values == {}
    licence = sheet((700, 200), [(40, 60, "统一社会信用代码", 26), (270, 56, CODE, 30)])
    assert read(reader, licence, DocumentKind.ID_FRONT)[Key.NUMBER] is None
