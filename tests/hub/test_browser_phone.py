"""The telephone's page in real Chromium, as wide as a small telephone and without script."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
import uuid6
from playwright.sync_api import Browser, Page, expect

from kiosk.wire import routes
from kiosk.wire.phone import PhoneState, PhoneTicket, PhoneWanted
from kiosk.wire.sealing import new_identity
from tests.hub.chromium import PICTURES, browser
from tests.hub.test_phone_papers import ITEM, TITLE, Case, pdf, photo

__all__ = ["browser"]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def keep(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"phone-{name}.png", full_page=True)


def case_of(terminal: Any, language: str) -> Case:
    secret, recipient = new_identity()
    wanted = PhoneWanted(
        id=uuid6.uuid7(), item="card", item_title=ITEM, title=TITLE, most=5, recipient=recipient, language=language
    )
    answer = terminal.http.post(routes.OFFICE_PHONE, content=msgspec.json.encode(wanted))
    return Case(terminal, secret, wanted, msgspec.json.decode(answer.content, type=PhoneTicket))


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh-Hans", ("2 · 发送", "已收到 3 页", "传完了", "传好了", "HEIC")),
        ("zh-Hant", ("2 · 傳送", "已收到 3 頁", "傳完了", "傳好了", "HEIC")),
        ("en", ("2 · Send", "Pages received: 3", "That is all", "Done", "HEIC")),
    ],
)
def test_pictures_and_a_pdf_from_a_telephone(
    browser: Browser, terminal: Any, tmp_path: Path, language: str, words: tuple[str, ...]
) -> None:
    case = case_of(terminal, language)
    picture, document, heic = tmp_path / "a.jpg", tmp_path / "b.pdf", tmp_path / "c.heic"
    picture.write_bytes(photo())
    document.write_bytes(pdf(2))
    heic.write_bytes(b"\0\0\0\x18ftypheic" + b"\0" * 500)
    context = browser.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False)
    context.set_default_timeout(60_000)
    page = context.new_page()
    sent, received, all_sent, finished, heic_told = words
    page.goto(case.ticket.url)
    keep(page, f"{language}-1")
    inputs = page.locator("input[type=file]")
    inputs.nth(1).set_input_files([str(picture), str(document)])
    page.get_by_role("button", name=sent).click()
    expect(page.get_by_text(received)).to_be_visible()
    keep(page, f"{language}-2")
    inputs.nth(1).set_input_files(str(heic))
    page.get_by_role("button", name=sent).click()
    expect(page.get_by_role("alert").get_by_text(heic_told).first).to_be_visible()
    keep(page, f"{language}-3")
    page.get_by_role("button", name=all_sent, exact=True).click()
    expect(page.get_by_role("heading", name=finished, exact=True)).to_be_visible()
    keep(page, f"{language}-4")
    assert case.standing().state is PhoneState.DONE
    assert page.locator("body").bounding_box()["width"] <= 360  # type: ignore[index]  it is there
    case.close()
    context.close()
