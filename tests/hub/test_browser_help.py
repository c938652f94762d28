"""Remote help with real Chromium and a real terminal: pictures, sound, pointing, masking, consent, three parties."""

import time
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from anyio.from_thread import start_blocking_portal
from playwright.sync_api import Browser, Page, expect

from kiosk.clock import WallClock
from kiosk.view import desk, typing
from kiosk.view import help as remote
from kiosk.view.help import Help, Wish
from provisioning.enrol import enrol
from tests.hub.chromium import PICTURES, chromium, opened
from tests.hub.help_world import RATE, STAFF_TONE, TERMINAL_TONE, DeskTerminal, strongest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
Running = Any

SEEN = """async (id) => {
    const video = document.getElementById(id) || document.querySelector(id);
    if (!video) return {width: 0, height: 0, moved: 0, light: 0}; // its connection is just made anew
    const canvas = Object.assign(document.createElement('canvas'), {width: 64, height: 64});
    const context = canvas.getContext('2d', {willReadFrequently: true});
    const shots = [];
    for (let turn = 0; turn < 8; turn++) {
        context.drawImage(video, 0, 0, 64, 64);
        shots.push(Array.from(context.getImageData(0, 0, 64, 64).data));
        await new Promise((resolve) => setTimeout(resolve, 170));
    }
    let moved = 0;
    for (let turn = 1; turn < shots.length; turn++) {
        let differs = 0;
        for (let place = 0; place < shots[0].length; place += 4) {
            if (Math.abs(shots[turn][place] - shots[turn - 1][place]) > 40) differs++;
        }
        moved = Math.max(moved, differs);
    }
    const light = shots[7].reduce((sum, value, place) => place % 4 === 3 ? sum : sum + value, 0) / (64 * 64 * 3);
    return {width: video.videoWidth, height: video.videoHeight, moved, light};
}"""
HEARD = """async () => {
    const audio = document.querySelector('#help-audio audio[data-of="terminal"]');
    const context = new AudioContext({sampleRate: 48000});
    const look = context.createAnalyser();
    look.fftSize = 16384;
    context.createMediaStreamSource(audio.srcObject).connect(look);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const bins = new Float32Array(look.frequencyBinCount);
    look.getFloatFrequencyData(bins);
    let best = 5;
    for (let place = 5; place < bins.length; place++) if (bins[place] > bins[best]) best = place;
    context.close();
    return {pitch: best * 48000 / look.fftSize, loud: bins[best]};
}"""
PIXELS = """(box) => {
    const video = document.getElementById('help-screen');
    const canvas = Object.assign(document.createElement('canvas'), {width: 540, height: 960});
    const context = canvas.getContext('2d', {willReadFrequently: true});
    context.drawImage(video, 0, 0, 540, 960);
    return canvas.toDataURL('image/png');
}"""


@pytest.fixture(scope="module")
def tone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tone") / "tone.wav"
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes((np.sin(np.arange(RATE * 2) * 2 * np.pi * STAFF_TONE / RATE) * 12000).astype("<i2").tobytes())
    return path


@pytest.fixture(scope="module")
def browser(tone: Path) -> Iterator[Browser]:
    fakes = [
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-audio-capture={tone}",
        "--autoplay-policy=no-user-gesture-required",
    ]
    with chromium(*fakes) as started:
        yield started


@pytest.fixture(scope="module")
def terminal(running: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskTerminal]:
    with start_blocking_portal() as portal:
        # Short, for a Unix socket's address has at most 107 characters.
        made = DeskTerminal(tmp_path_factory.mktemp("t"), portal)
        try:
            enrol(running.ticket("desk-help", "desk", "weinan"), made.identity, WallClock(), lambda _step: None)
            made.start("desk-help")
            yield made
        finally:
            made.close()


@pytest.fixture
def desk_of(browser: Browser, running: Running) -> Iterator[Callable[..., Page]]:
    contexts = []

    def open_desk(staff_id: str, name: str, *, hall: str = "weinan", role: str = "window") -> Page:
        token = running.sign_in(None, role, hall=hall, staff_id=staff_id, name=name)
        context = opened(browser, running, token, width=1600, height=1000)
        contexts.append(context)
        context.set_default_timeout(90_000)
        page = context.new_page()
        page.goto("/help?lang=zh-Hans")
        return page

    yield open_desk
    for each in contexts:
        each.close()


def keep(page: Page, name: str, *, phone: bool = False) -> None:
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"))
        if phone:
            page.set_viewport_size({"width": 390, "height": 844})
            page.screenshot(path=str(Path(PICTURES) / f"{name}-phone.png"), full_page=True)
            page.set_viewport_size({"width": 1600, "height": 1000})


def eventually(look: Callable[[], Any], good: Callable[[Any], bool], within: float = 90.0) -> Any:
    deadline = time.monotonic() + within
    while True:
        found = look()
        if good(found):
            return found
        assert time.monotonic() < deadline, found
        time.sleep(0.3)


def again_until(act: Callable[[], Any], done: Callable[[], bool], within: float = 90.0) -> None:
    """Do something, and again while nothing comes of it: a connection may just be made anew."""
    deadline = time.monotonic() + within
    while True:
        act()
        look_until = time.monotonic() + 5.0
        while time.monotonic() < look_until:
            if done():
                return
            time.sleep(0.1)
        assert time.monotonic() < deadline, "nothing came of it"


def told(page: Page) -> str:
    """What staff are told of the call."""
    return page.locator("#help-state").text_content() or ""


def screen_pixels(page: Page) -> np.ndarray[Any, Any]:
    import base64
    import io

    from PIL import Image

    url = page.evaluate(PIXELS)
    with Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))) as picture:
        return np.asarray(picture.convert("RGB"))


def ink(picture: np.ndarray[Any, Any]) -> int:
    """How many pixels are dark: writing."""
    return int((picture.mean(axis=2) < 110).sum())


def field_area(picture: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Where the text of a written question stands, above the keys."""
    return picture[int(0.16 * 960) : int(0.46 * 960), 40:500]


def fill_in(terminal: DeskTerminal, asked: typing.Write | desk.Question) -> None:
    """Have something stand in the field that is nobody's business."""
    if isinstance(asked, typing.Write):
        for sign in "ABCDEFGH":
            terminal.touch(typing.Use(typing.Layout.LATIN))
            terminal.touch(typing.Key(sign))
        terminal.until(lambda screen: isinstance(screen.state, typing.Write) and screen.state.text.endswith("H"))
        return
    # A number that is none: it is asked again, and what was filled in stands in the field.
    terminal.touch(desk.Answer(asked.key, "88888888"))
    terminal.until(lambda screen: isinstance(screen.state, desk.Question) and "8888" in screen.state.value)


def settled(look: Callable[[], int]) -> int:
    """What is seen once the picture has come to rest: the same, nearly, four times one after the other."""
    seen: list[int] = []

    def again() -> list[int]:
        seen.append(look())
        return seen[-4:]

    eventually(again, lambda last: len(last) == 4 and max(last) - min(last) <= 20)
    return seen[-1]


def click_screen(page: Page, across: float, down: float) -> None:
    """Click on the citizen's screen, wherever it is on the page by now."""
    page.locator("#help-screen").scroll_into_view_if_needed()
    video = page.locator("#help-screen").bounding_box()
    assert video is not None
    page.mouse.click(video["x"] + video["width"] * across, video["y"] + video["height"] * down)


def test_a_citizen_is_helped(terminal: DeskTerminal, desk_of: Callable[..., Page], running: Running) -> None:
    page = desk_of("li", "李静")
    asked = terminal.to_a_written_question()
    terminal.touch(Help(Wish.OPEN))
    assert terminal.shows(remote.Offer).line
    terminal.touch(Help(Wish.CALL))
    terminal.shows(remote.Waiting)

    # Answering ----------------------------------------------------------------------------------------------------
    row = page.locator("#help-queue tr[data-call]")
    expect(row).to_have_count(1, timeout=90_000)
    keep(page, "help-desk", phone=True)
    row.locator("button").click()
    expect(page.locator("#help-call")).to_be_visible()
    shown = terminal.until(lambda screen: screen.helped is not None and bool(screen.helped.staff))
    assert shown.helped.staff == ("李静",)
    assert type(shown.state) is type(asked), "the form is where it was"

    # Both pictures, and sound both ways ---------------------------------------------------------------------------
    camera = eventually(lambda: page.evaluate(SEEN, "help-camera"), lambda seen: seen["moved"] > 100)
    assert camera["width"] >= 480
    assert 20 < camera["light"] < 240, "not black, not white"
    screen = eventually(lambda: page.evaluate(SEEN, "help-screen"), lambda seen: seen["light"] > 150)
    assert (screen["width"], screen["height"]) == (540, 960)
    eventually(
        lambda: page.evaluate(HEARD), lambda found: abs(found["pitch"] - TERMINAL_TONE) < 12 and found["loud"] > -70
    )
    eventually(
        lambda: strongest(terminal.handset.all_heard()),
        lambda found: abs(found[0] - STAFF_TONE) < 12 and found[1] > 0.02,
        90,
    )
    terminal.until(lambda screen: screen.helped is not None and screen.helped.talk is remote.Talk.VIDEO)
    keep(page, "help-call", phone=True)

    # What is private is not in the picture until the citizen shows it ---------------------------------------------
    fill_in(terminal, asked)
    hidden = settled(lambda: ink(field_area(screen_pixels(page))))
    terminal.touch(Help(Wish.SHOW))
    eventually(lambda: ink(field_area(screen_pixels(page))), lambda found: found > hidden + 150)
    more = settled(lambda: ink(field_area(screen_pixels(page))))
    keep(page, "help-shown")
    terminal.touch(Help(Wish.HIDE))
    eventually(lambda: ink(field_area(screen_pixels(page))), lambda found: found < more - 150)
    keep(page, "help-hidden")

    # Pointing and a frame at the right widget ---------------------------------------------------------------------
    page.locator('[data-tool="highlight"]').click()
    again_until(lambda: click_screen(page, 0.15, 0.925), lambda: page.locator("#help-mark").is_visible())
    box = page.locator("#help-mark").evaluate("mark => [mark.style.left, mark.style.top, mark.style.width]")
    left, top, width = (float(part.rstrip("%")) for part in box)
    assert left < 15 < left + width, box
    assert 86 < top < 92.5, "the row with back and next"
    keep(page, "help-highlight")

    # Control only by consent, and only until it is taken back ------------------------------------------------------
    before = terminal.state
    press = page.locator('[data-tool="press"]')
    expect(press).to_be_disabled()
    pressing = (
        "() => { const c = window.helpCall.peers.get('terminal')?.channel;"
        ' if (c?.readyState === \'open\') c.send(\'{"do":"press","x":0.15,"y":0.925}\'); }'
    )
    again_until(lambda: page.evaluate(pressing), lambda: "没有同意代为点按" in told(page))
    assert terminal.state == before, "pressed without consent"
    page.locator("#help-ask").click()
    assert terminal.shows(remote.Consent).staff == "李静"
    terminal.touch(Help(Wish.ALLOW))
    expect(press).to_be_enabled(timeout=90_000)
    assert terminal.until(lambda screen: screen.helped is not None and screen.helped.control)
    press.click()
    again_until(lambda: click_screen(page, 0.15, 0.925), lambda: terminal.state != before)
    terminal.touch(Help(Wish.REVOKE))
    expect(press).to_be_disabled(timeout=90_000)

    # A suggestion that the citizen takes --------------------------------------------------------------------------
    asked = terminal.to_a_written_question()
    page.locator("#help-suggest input").fill("13800138000")
    page.locator("#help-suggest button").click()
    assert terminal.shows(remote.Suggested).words == "13800138000"
    terminal.touch(Help(Wish.ACCEPT))
    expect(page.locator("#help-state")).to_contain_text("采用了建议", timeout=90_000)

    # Text -----------------------------------------------------------------------------------------------------------
    page.locator("#help-chat input").fill("请看第二行")
    page.locator("#help-chat button").click()
    assert terminal.shows(remote.Chat).lines[-1].words == "请看第二行"
    terminal.touch(Help(Wish.SAY, "好的"))
    expect(page.locator("#help-lines")).to_contain_text("好的", timeout=90_000)
    terminal.touch(Help(Wish.GO_ON))

    # Garbage through the channel ------------------------------------------------------------------------------------
    garbage = (
        "() => { const c = window.helpCall.peers.get('terminal')?.channel;"
        " if (c?.readyState !== 'open') return;"
        " for (const each of ['', '{', '[]', '{\"do\":\"format\"}', '\\u0000']) c.send(each);"
        ' c.send(\'{"do":"highlight","x":0.5,"y":0.005}\'); }'
    )
    # What came after it was taken, so what came before it was read.
    again_until(lambda: page.evaluate(garbage), lambda: "那里没有" in told(page))
    assert terminal.until(lambda screen: screen.helped is not None).helped.staff == ("李静",)

    # A third party ----------------------------------------------------------------------------------------------------
    office = desk_of("zhao", "赵敏", hall="xian", role="back_office")
    assert office.locator("#help-queue tr[data-call]").count() == 0
    call = page.locator("#help-call").get_attribute("data-call")
    hail = (
        "(call) => fetch(`/help/calls/${call}/do/hail`, {method: 'POST', headers: {Accept: 'application/json'},"
        " body: new URLSearchParams({who: 'xian/zhao'})}).then((answer) => answer.ok)"
    )
    eventually(lambda: page.evaluate(hail, call), bool)  # they are there as soon as their page listens
    office.locator(".help-hailed button").click(timeout=90_000)
    terminal.until(lambda screen: screen.helped is not None and screen.helped.staff == ("李静", "赵敏"))
    eventually(lambda: office.evaluate(SEEN, "help-camera"), lambda seen: seen["moved"] > 100)
    expect(office.locator("#help-others video")).to_have_count(1, timeout=90_000)
    eventually(lambda: office.evaluate(SEEN, "#help-others video"), lambda seen: seen["moved"] > 10)
    eventually(lambda: page.evaluate(SEEN, "#help-others video"), lambda seen: seen["moved"] > 10)
    keep(office, "help-three")
    page.locator(".help-ends form").nth(3).locator("button").click()
    terminal.until(lambda screen: screen.helped is not None and screen.helped.staff == ("赵敏",))

    # A browser that is closed, and the end ----------------------------------------------------------------------------
    eventually(lambda: office.evaluate(SEEN, "help-camera"), lambda seen: seen["moved"] > 100)
    office.locator(".help-ends form").nth(0).locator("button").click()
    assert terminal.shows(remote.Over).how is remote.Ended.DONE
    terminal.touch(Help(Wish.GO_ON))
    assert terminal.until(lambda screen: screen.helped is None)
    outcome = running.rows("SELECT standing, outcome, most_staff FROM help_call")
    assert outcome == [("ended", "solved", 2)]
    steps = {row[0] for row in running.rows("SELECT what FROM audit WHERE what LIKE 'help_%'")}
    assert {"help_call", "help_answer", "help_connect", "help_join", "help_leave", "help_end"} <= steps
