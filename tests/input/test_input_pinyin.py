"""Pinyin: what is meant stands on the first page, whatever way it is typed; every character can be reached."""

import itertools

import pytest

from kiosk.input.pinyin import Kind, Mode, Pinyin
from kiosk.input.syllables import Fuzzy
from kiosk.input.writer import Engines

POLYPHONES = {
    "luan": "六安",
    "yueqing": "乐清",
    "panyu": "番禺",
    "taizhou": "台州",
    "lishui": "丽水",
    "bengbu": "蚌埠",
    "yanshan": "铅山",
    "xunxian": "浚县",
    "bozhou": "亳州",
    "shexian": "歙县",
    "xuyi": "盱眙",
    "daichengxian": "大城县",
    "zhangzixian": "长子县",
    "yulixian": "尉犁县",
    "changchunshi": "长春市",
    "lvliangshi": "吕梁市",
}


@pytest.fixture
def pinyin(engines: Engines) -> Pinyin:
    engines.pinyin.alike(frozenset())
    return engines.pinyin


def first(pinyin: Pinyin, letters: str, mode: Mode = Mode.ANY) -> list[str]:
    return [candidate.text for candidate in pinyin.candidates(letters, mode).page(0)]


@pytest.mark.parametrize(("letters", "place"), POLYPHONES.items())
def test_places_are_read_as_those_who_live_there_say(pinyin: Pinyin, letters: str, place: str) -> None:
    assert place in first(pinyin, letters)


@pytest.mark.parametrize(
    ("letters", "place"), {"leqingshi": "乐清市", "fanyuqu": "番禺区", "liuanshi": "六安市"}.items()
)
def test_places_are_found_as_strangers_read_them(pinyin: Pinyin, letters: str, place: str) -> None:
    assert place in first(pinyin, letters)


@pytest.mark.parametrize(
    ("letters", "meant"),
    {
        "beijingshihaidianqu": "北京市海淀区",
        "weinanshilinweiqu": "渭南市临渭区",
        "zhejiangshengtaizhoushihuangyanqu": "浙江省台州市黄岩区",
        "shanxishengxianshiyantaqu": "陕西省西安市雁塔区",
        "chaoyangqujianguolu88hao3danyuan1201shi": "朝阳区建国路88号3单元1201室",
        "shehuibaozhangka": "社会保障卡",
        "yidijiuyibeian": "异地就医备案",
        "budongchandengji": "不动产登记",
        "zhangwei": "张伟",
        "ouyangnana": "欧阳娜娜",
    }.items(),
)
def test_whole_pinyin_without_blanks(pinyin: Pinyin, letters: str, meant: str) -> None:
    assert meant in first(pinyin, letters)


@pytest.mark.parametrize(
    ("letters", "meant"),
    {
        "bjs": "北京市",
        "sbk": "社保卡",
        "shebk": "社保卡",
        "zhonghrm": "中华人民",
        "jzzh": "居住证",
        "beijings": "北京市",
    }.items(),
)
def test_initials_parts_and_a_syllable_only_begun(pinyin: Pinyin, letters: str, meant: str) -> None:
    assert meant in first(pinyin, letters)


def test_an_apostrophe_parts_syllables(pinyin: Pinyin) -> None:
    assert first(pinyin, "xi'an")[0] == "西安"
    assert "先" not in first(pinyin, "xi'an")
    assert "方案" in first(pinyin, "fang'an")
    assert "方案" not in first(pinyin, "fan'gan")


def test_other_spellings_of_the_umlaut(pinyin: Pinyin) -> None:
    for letters in ("lvyou", "lüyou", "LYUYOU"):
        assert first(pinyin, letters)[0] == "旅游"


def test_sounds_that_many_do_not_tell_apart(pinyin: Pinyin) -> None:
    assert "四川省" not in first(pinyin, "sicuansheng")
    pinyin.alike(frozenset({Fuzzy.C_CH}))
    assert "四川省" in first(pinyin, "sicuansheng")
    pinyin.alike(frozenset(Fuzzy))
    assert "湖南省" in first(pinyin, "hulansen")


def test_key_by_key_is_the_same_as_at_once(engines: Engines, pinyin: Pinyin) -> None:
    letters = "guangdongshengguangzhoushitianhequ88hao"
    for end in range(1, len(letters) + 1):
        pinyin.candidates(letters[:end]).page(0)
    slowly = first(pinyin, letters)
    for end in range(len(letters), 20, -1):
        pinyin.candidates(letters[:end])
    again = first(pinyin, letters)
    pinyin.forget()
    assert slowly == again == first(pinyin, letters)
    assert slowly[0] == "广东省广州市天河区88号"


def test_a_place_before_decides_between_namesakes(engines: Engines, pinyin: Pinyin) -> None:
    known = engines.addresses.search("吉林省长春市") or engines.addresses.search("长春市")
    found = pinyin.candidates("chaoyangqu", Mode.ADDRESS, places=(known[0].number,)).page(0)
    assert found[0].text == "朝阳区"
    guangdong = engines.addresses.search("汕头市")
    found = pinyin.candidates("chaoyangqu", Mode.ADDRESS, places=(guangdong[0].number,)).page(0)
    assert found[0].text == "潮阳区"


def test_names_first_where_a_name_is_asked(pinyin: Pinyin) -> None:
    found = pinyin.candidates("shebaoka", Mode.NAME).page(0)
    assert found[0].kind is Kind.NAME
    assert found[0].text[0] in "佘厍"
    assert first(pinyin, "shebaoka")[0] == "社保卡"


def test_every_character_can_be_reached(pinyin: Pinyin) -> None:
    for letters, rare in {"yan": "䶮", "di": "𬱖", "zhe": "喆", "xian": "𬀪", "qiu": "㐀"}.items():
        texts = [candidate.text for candidate in pinyin.candidates(letters).whole()]
        assert rare in texts, letters
        assert len(texts) == len(set(texts))


def test_pages_follow_each_other_without_gap(pinyin: Pinyin) -> None:
    listed = pinyin.candidates("shi")
    pages = [listed.page(number) for number in range(5)]
    assert all(len(page) == 9 for page in pages)
    whole = pinyin.candidates("shi").whole()
    assert list(itertools.chain(*pages)) == list(whole[:45])
    last = len(whole) // 9
    assert not listed.more(last + 1)
    assert listed.page(last + 2) == ()


def test_what_a_candidate_does_not_stand_for_stays(pinyin: Pinyin) -> None:
    found = {candidate.text: candidate for candidate in pinyin.candidates("beijing'shihaidian").page(0)}
    whole = found["北京市海淀"]
    assert whole.used == len("beijing'shihaidian")
    part = next(c for c in pinyin.candidates("beijing'shihaidian").whole() if c.text == "北京")
    assert "beijing'shihaidian"[part.used :].lstrip("'") == "shihaidian"


@pytest.mark.parametrize(
    "letters", ["", "'", "''", "1", "!!", "üüü", "qqqqqqqqqqqqqqqqqqqqqqqq", "v", "i", "zh" * 80, "北京"]
)
def test_nonsense_gives_no_error_and_no_long_wait(pinyin: Pinyin, letters: str) -> None:
    listed = pinyin.candidates(letters)
    for candidate in listed.page(0):
        assert candidate.text
        assert 0 < candidate.used <= len(letters)
