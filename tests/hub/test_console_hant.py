"""The console in traditional characters: complete, nothing simplified left where there is another way to write it."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from opencc import OpenCC

from hub.console.words import WORDS, Language, word
from hub.console.words_hant import REVIEWED, hant

Running = Any
_FIELD = re.compile(r"\{[a-z_]+\}")
_SAME_BOTH_WAYS = frozenset("台准周里面只后系复签群")
"""Characters that traditional texts have too; the table says where they are meant."""


def test_every_word_is_there_and_traditional() -> None:
    back, forth = OpenCC("t2s"), OpenCC("s2t")
    for key, (zh, en) in WORDS.items():
        written = word(key, Language.HANT)
        assert bool(written) == bool(zh), key
        assert word(key, Language.EN) == en
        assert sorted(_FIELD.findall(written)) == sorted(_FIELD.findall(zh)), key
        left = [
            each
            for each in written
            if each in zh and forth.convert(each) != each and back.convert(each) == each and each not in _SAME_BOTH_WAYS
        ]
        assert left == [], f"{key}: {written}"


def test_chinese_words_have_chinese_marks() -> None:
    half = re.compile(r"[\u4e00-\u9fff][,:;?!]|[,:;?!][\u4e00-\u9fff]|\([^)]*[\u4e00-\u9fff]")
    assert [key for key, (zh, _) in WORDS.items() if half.search(zh)] == []


def test_the_table_of_reviewed_phrases_counts() -> None:
    for simplified, traditional in REVIEWED.items():
        assert traditional in hant(f"甲{simplified}乙")
    assert hant("工作人员登录 {number}") == "工作人員登錄 {number}"


@pytest.fixture
def console(running: Running) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=running.at.console, trust_env=False, timeout=30) as client:
        running.sign_in(client, "supervisor", "administrator", "auditor", "window", staff_id="all")
        yield client


@pytest.mark.parametrize("language", list(Language))
def test_every_new_page_in_every_language(running: Running, console: httpx.Client, language: Language) -> None:
    running.terminal("desk")
    paths = ("/", "/figures", "/figures/daily", "/privacy", "/decisions", "/people", "/me", "/windows/weinan")
    for path in (*paths, "/windows/weinan/wall", "/board/weinan", "/office/weinan", "/gate/weinan", "/passages"):
        answer = console.get(path, params={"lang": language.value}, follow_redirects=True)
        assert answer.status_code == 200, path
        assert f'lang="{language.value}"' in answer.text
        shown = re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", answer.text, flags=re.DOTALL)
        assert not re.findall(r"\b(?:figure|kept|window|role|account|privacy|decision|view)_[a-z_]+\b", shown), path
