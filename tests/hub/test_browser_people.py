"""The main path of each role in Chromium: set up, sign in, call numbers, decide together, look; at 1280 and 360 px."""

import base64
import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from hub.audit.chain import Actor, Who
from hub.office.queue import take_number
from hub.people.accounts import find_account, put_account
from hub.people.sessions import SET_UP, open_session
from hub.people.totp import code_at, step_of
from kiosk.clock import WallClock
from tests.hub.chromium import PICTURES, browser, complaints, opened, over_wide

__all__ = ["browser"]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
Running = Any
HALL = "weinan"
PASSWORD = "a sentence of my own"
PATHS = {
    "entry": (f"/gate/{HALL}", f"/gate/{HALL}/cases", "/passages"),
    "window": (f"/windows/{HALL}", f"/office/{HALL}", f"/gate/{HALL}/appointments"),
    "back_office": (f"/office/{HALL}", "/submissions"),
    "supervisor": ("/figures", "/figures/daily", f"/office/{HALL}/opinions", "/privacy", "/decisions"),
    "technician": ("/",),
    "auditor": ("/privacy", "/figures", "/decisions"),
    "administrator": ("/people", f"/gate/{HALL}/rules"),
}


def page_of(browser: Browser, running: Running, width: int = 1280, token: str = "") -> Page:
    return opened(browser, running, token, width=width, height=800).new_page()


def invited(running: Running, staff_id: str, role: Actor) -> str:
    running.sign_in(None, "technician", hall=HALL)  # the hall is there
    with running.hub.engine.execution_options(writes=True).begin() as connection:
        now, roles = running.hub.now(), frozenset({role})
        put_account(
            connection, hall=HALL, account_id=staff_id, name="王芳", roles=roles, by=Who(Actor.OPERATOR), now=now
        )
        account = find_account(connection, HALL, staff_id)
        assert account is not None
        return open_session(connection, account, SET_UP, now)


def test_set_up_and_sign_in_with_the_keyboard(browser: Browser, running: Running) -> None:
    token = invited(running, "k01", Actor.WINDOW)
    page = page_of(browser, running, 390)
    page.goto(f"/sign-in/set-up?token={token}")
    plain = page.locator("code.secret").inner_text().replace(" ", "")
    secret = base64.b32decode(plain + "=" * (-len(plain) % 8))
    page.keyboard.type(PASSWORD)  # the first field has the focus
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Tab")
    while WallClock().now().timestamp() % 30 > 10:  # the code of the step before counts until this one ends
        page.wait_for_timeout(200)
    page.keyboard.type(code_at(secret, step_of(WallClock().now()) - 1))
    page.keyboard.press("Enter")
    expect(page.locator(".recovery li")).to_have_count(10)
    page.get_by_role("link", name="进入控制台").click()
    page.get_by_role("button", name="退出").first.click()
    expect(page.locator("h1")).to_contain_text("工作人员登录")
    page.get_by_label("大厅").select_option(HALL)
    page.get_by_label("工号").fill("k01")
    page.get_by_label("密码").fill("not this one at all")
    page.get_by_label("手机验证码").fill("000000")
    page.keyboard.press("Enter")
    expect(page.locator(".problem")).to_contain_text("工号、密码或验证码不对")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_label("手机验证码").fill(code_at(secret, step_of(WallClock().now())))
    page.keyboard.press("Enter")
    expect(page.locator(".top")).to_contain_text("王芳")
    page.context.close()


@pytest.mark.parametrize("role", list(PATHS))
def test_each_role_finds_its_way_at_any_width(browser: Browser, running: Running, role: str) -> None:
    token = running.sign_in(None, role, hall=HALL, staff_id=f"walks-{role}")
    for width in (1280, 360):
        page = page_of(browser, running, width, token)
        problems = complaints(page)
        for number, path in enumerate(PATHS[role]):
            answer = page.goto(path)
            assert answer is not None
            assert answer.status == 200, path
            expect(page.locator("h1, .sections, .tabs").first).to_be_visible()
            over = over_wide(page)
            assert over <= 0, f"{path} is wider than {width} px by {over}"
            if PICTURES:
                page.screenshot(path=f"{PICTURES}/people-{role}-{number}-{width}.png", full_page=True)
        assert problems == []
        page.context.close()


def test_a_number_is_called_and_the_wall_shows_it_by_itself(browser: Browser, running: Running) -> None:
    token = running.sign_in(None, "window", hall=HALL, staff_id="calls")
    with running.hub.engine.execution_options(writes=True).begin() as connection:
        text = take_number(connection, HALL, "", None, running.hub.now()).text
    wall, desk = page_of(browser, running), page_of(browser, running, token=token)
    wall.goto(f"/board/{HALL}")
    expect(wall.locator("#called")).not_to_contain_text(text)
    desk.goto(f"/windows/{HALL}")
    desk.get_by_label("窗口名称").fill("5号窗口")
    desk.get_by_role("button", name="记录").click()
    desk.get_by_role("button", name="叫下一位").click()
    expect(desk.locator(".ticket")).to_have_text(text)
    expect(wall.locator("#called .newest")).to_contain_text(re.compile(rf"{text}.*5号窗口", re.DOTALL))
    height = wall.locator("#called .newest td").first.evaluate("each => parseFloat(getComputedStyle(each).fontSize)")
    assert height >= 0.06 * 1280, "read from five metres"
    desk.get_by_role("button", name="办理完毕").click()
    expect(wall.locator("#called")).not_to_contain_text(text)
    for page in (wall, desk):
        page.context.close()


def test_an_administrator_lets_somebody_in_and_out_again(browser: Browser, running: Running) -> None:
    page = page_of(browser, running, token=running.sign_in(None, "administrator", hall=HALL, staff_id="lets-in"))
    problems = complaints(page)
    page.goto("/people?lang=zh-Hans")
    page.get_by_label("工号").fill("new01")
    page.get_by_label("姓名").fill("钱新")
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".problem")).to_contain_text("请至少选择一个岗位")
    expect(page.get_by_label("姓名")).to_have_value("钱新")  # nothing has to be typed again
    page.get_by_label("窗口", exact=True).check()
    page.get_by_role("button", name="保存").click()
    link = page.locator("code.long").inner_text()
    newcomer = page_of(browser, running, 390)
    newcomer.goto(urlsplit(link).path + "?" + urlsplit(link).query)
    expect(newcomer.locator("code.secret")).to_be_visible()
    row = page.locator("tr", has_text="new01")
    expect(row).to_contain_text("等待设置")
    row.locator("summary").focus()
    page.keyboard.press("Enter")
    row.get_by_role("button", name="停用").click()
    expect(page.locator("tr", has_text="new01")).to_contain_text("已停用")
    newcomer.reload()
    expect(newcomer.locator("code.secret")).to_have_count(0)
    newcomer.context.close()
    page.context.close()
    assert problems == []


def test_a_supervisor_has_a_time_of_keeping_changed_with_a_second_and_an_auditor_sees_it(
    browser: Browser, running: Running
) -> None:
    first = page_of(browser, running, token=running.sign_in(None, "supervisor", hall=HALL, staff_id="one", name="赵敏"))
    first.goto("/privacy?lang=zh-Hans")
    first.get_by_label("类别").select_option("queue")
    first.get_by_label("新期限").fill("14")
    first.get_by_role("button", name="提出修改").click()
    first.locator("main table a").first.click()
    expect(first.locator("main")).to_contain_text("这是您提出的")
    expect(first.get_by_role("button", name="确认生效")).to_have_count(0)
    second = page_of(
        browser, running, 390, running.sign_in(None, "administrator", hall="", staff_id="two", name="孙管")
    )
    second.goto(first.url + "?lang=zh-Hans")
    second.get_by_role("button", name="确认生效").click()
    expect(second.locator("dl")).to_contain_text("已生效")
    auditor = page_of(browser, running, token=running.sign_in(None, "auditor", hall="", staff_id="looks"))
    auditor.goto("/decisions?lang=zh-Hans")
    auditor.locator("main table a").first.click()
    expect(auditor.locator("dl")).to_contain_text("已生效")
    auditor.goto("/privacy?lang=zh-Hans")
    expect(auditor.locator("main table").first).to_contain_text("14 天")
    assert auditor.get_by_role("button", name="提出修改").count() == 0
    for page in (first, second, auditor):
        page.context.close()
