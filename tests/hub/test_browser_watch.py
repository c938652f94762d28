"""The watch list in Chromium: proposed by a form and by a file, confirmed by another, seen at the lane, taken off."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from kiosk.clock import local_date
from tests.hub.chromium import browser, complaints, looked_at, opened
from tests.hub.test_watch_lists import list_of, referred

__all__ = ("browser",)
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
Running = Any
HALL = "watch-seen"
ADDRESS = f"/gate/{HALL}/watch"


def page_of(chrome: Browser, running: Running, role: str, found: list[list[str]]) -> Page:
    token = running.sign_in(None, role, hall=HALL, staff_id=f"{role}-w", name={"supervisor": "赵敏"}.get(role, "孙管"))
    page = opened(chrome, running, token).new_page()
    found.append(complaints(page))
    return page


def test_two_people_and_a_file(browser: Browser, running: Running, tmp_path: Path) -> None:
    gate = running.terminal("gate", HALL)
    problems: list[list[str]] = []
    first, second = (page_of(browser, running, role, problems) for role in ("supervisor", "administrator"))
    until = (local_date(running.hub.now()) + timedelta(days=20)).isoformat()

    # a mistyped number is told, and nothing that was typed is lost
    first.goto(ADDRESS)
    expect(first.get_by_role("heading", name="提示名单", exact=True)).to_be_visible()
    first.locator("#number").fill("110101199003070012")
    first.locator("#kind").select_option("needs_help")
    first.locator("input[name=ends]").fill(until)
    first.locator("#asked_by").fill("某某社区 2026-17 号")
    first.locator("#why").fill("家属报失，老人走失")
    first.locator("#note").fill("请到值班台")
    first.get_by_role("button", name="提出列入").click()
    expect(first.locator("#faults")).to_contain_text("校验码")
    looked_at(first, "watch-wrong")
    expect(first.locator("#asked_by")).to_have_value("某某社区 2026-17 号")
    first.locator("#number").fill("110101199003070011")
    first.get_by_role("button", name="提出列入").click()
    expect(first.locator(".done")).to_contain_text("另一人")
    expect(first.locator("tbody")).to_contain_text("待确认")

    # the second person sees who it is about, and says yes
    first.goto("/decisions")
    first.locator("tbody a").first.click()
    expect(first.get_by_role("button", name="确认生效")).to_have_count(0)
    second.goto(first.url)
    expect(second.locator("tbody")).to_contain_text("110101********0011")
    looked_at(second, "watch-decision")
    second.get_by_role("button", name="确认生效").click()
    expect(second.locator("dl.facts")).to_contain_text("已生效")
    assert [each.kind.value for each in list_of(gate).entries] == ["needs_help"]

    # a file as a spreadsheet in China writes it
    file = tmp_path / "list.csv"
    rows = f"证件号码,类别,截止,提出单位,依据\r\n110101198001010010,证件挂失,{until},市公安局,挂失登记 12345\r\n"
    file.write_bytes(rows.encode("gb18030"))
    first.goto(ADDRESS)
    first.locator("input[type=file]").set_input_files(str(file))
    expect(first.locator("#file")).to_have_value("证件号码" + rows[4:].replace("\r\n", "\n"))
    first.get_by_role("button", name="核对并提出").click()
    expect(first.locator(".done")).to_contain_text("另一人")
    second.goto(ADDRESS)
    second.locator("tbody a").first.click()
    second.locator("#why").fill("登记号不完整")
    second.get_by_role("button", name="不采纳").click()
    second.goto(ADDRESS)
    expect(second.locator("tbody tr")).to_have_count(1)
    looked_at(second, "watch-list")

    # at the lane: the class and what to do
    passage = referred(gate, list_of(gate).entries[0].id)
    gate.send(passage)
    guard = page_of(browser, running, "entry", problems)
    guard.goto(f"/gate/{HALL}/cases")
    expect(guard.locator(".alarm-row")).to_contain_text("名单提示")
    guard.locator("#waiting-cases a").first.click()
    expect(guard.locator(".told")).to_contain_text("走失需帮助")
    looked_at(guard, "watch-case")
    assert guard.get_by_role("link", name="提示名单").count() == 0

    # found again by number, and taken off with one press and a reason
    second.locator("input[name=wanted]").fill("110101 19900307 0011")
    second.get_by_role("button", name="查询").click()
    expect(second.locator(".done")).to_contain_text("1 条")
    second.locator("summary", has_text="撤销").click()
    second.locator("input[name=why]").first.fill("老人已回家")
    looked_at(second, "watch-take-off")
    second.get_by_role("button", name="撤销").click()
    expect(second.locator(".done")).to_contain_text("已撤销")
    assert list_of(gate).entries == ()
    assert problems == [[], [], []]
