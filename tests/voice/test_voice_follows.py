"""The voice follows the screens: one instruction at a time, the loudspeaker or headphones, pause, repeat, volume."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

import anyio
import pytest

from drivers.errors import NoAnswer
from kiosk.session import Stage
from kiosk.view import desk, gate
from kiosk.view.common import ChangeLanguage, Language, Mode, SwitchMode, Words
from kiosk.view.screen import Screen, Touch
from kiosk.view.spoken import PauseVoice, ReadOut, Route, SayAgain, Sentence, SetVolume, Spoken
from kiosk.voice.synthesis import wav
from kiosk.voice.voice import Voice
from tests.journeys.conftest import anyio_backend, time_waits_for_threads
from ui.voice import spoken

__all__ = ["anyio_backend", "time_waits_for_threads"]

T = TypeVar("T")


@dataclass
class Card:
    """A loudspeaker that notes what it plays; a sentence takes its seconds unless it is hushed."""

    heard: list[tuple[str, float, bool]] = field(default_factory=list)
    finished: list[str] = field(default_factory=list)
    plugged: bool = False
    broken: bool = False
    hushed: anyio.Event = field(default_factory=anyio.Event)
    ready: bool = True
    now: str = ""

    def play(self, wav: bytes, volume: float, *, private: bool = False) -> None:
        if self.broken:
            raise NoAnswer("no sound")
        if private and not self.plugged:
            return
        self.now = wav[44:].rstrip(b"\0").decode()
        self.heard.append((self.now, round(volume, 2), private))

    def hush(self) -> None:
        self.hushed.set()

    def headphones(self) -> bool:
        return self.plugged

    async def until_ready(self) -> None:
        while not self.ready:
            await anyio.sleep(0.1)

    async def until_away(self) -> None:
        while self.ready:
            await anyio.sleep(0.1)

    async def call(self, work: Callable[["Card"], T], within: float) -> T:
        self.hushed = anyio.Event()
        count = len(self.heard)
        result = work(self)
        if len(self.heard) > count:
            with anyio.move_on_after(SECONDS):
                await self.hushed.wait()
                return result
            self.finished.append(self.heard[-1][0])
        return result


SECONDS = 0.3


class Texts:
    """A library whose sounds are the sentences themselves."""

    def sound(self, sentence: Sentence, language: Language) -> bytes | None:
        import numpy as np

        text = sentence.words.encode()
        return wav(np.frombuffer(text + b"\0" * (len(text) % 2), "<i2"))


class World:
    def __init__(self) -> None:
        self.card = Card()
        self.stage = Stage("desk", self._draw, Language.ZH_HANS)
        self.voice = Voice(self.card, _tell, Texts(), self.stage.set_sound)  # type: ignore[arg-type]
        self.stage.on_wish = self.voice.wish
        self.screens: list[Screen] = []

    def _draw(self, screen: Screen) -> None:
        self.screens.append(screen)
        self.voice.show(screen)

    def touch(self, intent: object) -> None:
        self.stage.touch(Touch(intent, 0))  # type: ignore[arg-type]

    def said(self) -> list[str]:
        return [words for words, _, _ in self.card.heard]


def _tell(screen: Screen) -> Spoken:
    return spoken(screen.state, screen.language)


@asynccontextmanager
async def world() -> AsyncIterator[World]:
    made = World()
    async with anyio.create_task_group() as group:
        group.start_soon(made.voice.run)
        await anyio.sleep(0.01)
        yield made
        group.cancel_scope.cancel()


pytestmark = pytest.mark.anyio
ADDRESS = desk.Question(
    1, 2, "address", Words("地址对吗？", "地址對嗎？", "Is the address right?"), Words("", "", ""), desk.Field.CONFIRM,
    value="示例路 1 号",
)  # fmt: skip


async def test_a_new_screen_breaks_off_the_old_sentence() -> None:
    async with world() as w:
        w.stage.show(desk.ReadingCard())
        await anyio.sleep(0.3)
        assert w.said() == ["正在读身份证。"]
        w.stage.show(desk.Submitting())
        await anyio.sleep(0.35)
        assert w.said() == ["正在读身份证。", "正在提交。"]
        assert w.card.finished == []


async def test_a_screen_that_flashes_by_says_nothing() -> None:
    async with world() as w:
        w.stage.show(gate.ReadingCard())
        await anyio.sleep(0.05)
        w.stage.show(gate.Deciding())
        await anyio.sleep(0.3)
        assert w.said() == ["请稍候。"]


async def test_progress_repeats_nothing() -> None:
    async with world() as w:
        for share in range(10):
            w.stage.show(gate.LookAtCamera("王*明", progress=share / 10))
            await anyio.sleep(0.12)
        await anyio.sleep(0.6)
        assert w.said() == ["请看摄像头。", "请摘下帽子和墨镜。"]


async def test_the_attract_screen_is_silent_until_asked() -> None:
    async with world() as w:
        w.stage.show(gate.Welcome("大厅", "1"))
        await anyio.sleep(0.4)
        assert w.said() == []
        w.touch(SayAgain())
        await anyio.sleep(0.2)
        assert w.said() == ["请把身份证平放在感应区。"]


async def test_private_sentences_need_headphones() -> None:
    async with world() as w:
        w.stage.show(ADDRESS)
        await anyio.sleep(2.2)
        assert "示例路 1 号。" not in w.said()
        assert "请看屏幕核对。对，请点“是，没有错”。" in w.said()
    async with world() as w:
        w.card.plugged = True
        w.voice._route = Route.HEADPHONES
        w.stage.set_sound(Route.HEADPHONES)
        w.stage.show(ADDRESS)
        await anyio.sleep(2.2)
        assert ("示例路 1 号。", 0.5, True) in w.card.heard
        assert w.stage.screen.sound.route is Route.HEADPHONES


async def test_volume_is_heard_and_ends_with_the_person() -> None:
    async with world() as w:
        w.stage.set_sound(Route.SPEAKER, 2)
        w.stage.show(desk.ReadingCard())
        await anyio.sleep(0.25)
        w.touch(SetVolume(4))
        await anyio.sleep(0.25)
        assert [volume for _, volume, _ in w.card.heard] == [0.38, 0.75]
        assert w.stage.screen.sound.volume == 4
        w.touch(SetVolume(0))
        await anyio.sleep(0.5)
        assert len(w.card.heard) == 2
        w.stage.reset()
        w.stage.show(desk.Submitting())
        await anyio.sleep(0.3)
        assert w.stage.screen.sound.volume == 2
        assert w.card.heard[-1][1] == 0.38


async def test_a_pause_goes_on_with_the_sentence_it_broke() -> None:
    async with world() as w:
        w.stage.show(desk.ReadingCard())
        await anyio.sleep(0.25)
        w.touch(PauseVoice(on=True))
        await anyio.sleep(1.0)
        assert w.said() == ["正在读身份证。"]
        w.touch(PauseVoice(on=False))
        await anyio.sleep(1.0)
        assert w.said() == ["正在读身份证。", "正在读身份证。", "请不要移动证件。"]


async def test_again_begins_at_the_beginning() -> None:
    async with world() as w:
        w.stage.show(desk.ReadingCard())
        await anyio.sleep(1.3)
        w.touch(SayAgain())
        await anyio.sleep(1.3)
        assert w.said() == ["正在读身份证。", "请不要移动证件。"] * 2


async def test_another_language_is_another_voice() -> None:
    async with world() as w:
        w.stage.show(desk.ReadingCard())
        await anyio.sleep(0.25)
        w.touch(ChangeLanguage(Language.EN))
        await anyio.sleep(0.4)
        assert w.said()[-1] == str(spoken(desk.ReadingCard(), Language.EN).sentences[0].words)


async def test_the_calm_mode_turns_a_silent_voice_on() -> None:
    async with world() as w:
        w.stage.show(desk.ReadingCard())
        w.touch(SetVolume(0))
        w.touch(SwitchMode(Mode.CALM, on=True))
        assert w.stage.screen.sound.volume > 0


async def test_the_focus_is_read_out() -> None:
    async with world() as w:
        w.stage.show(desk.ReadingCard())
        await anyio.sleep(0.2)
        w.touch(ReadOut("下一步"))
        await anyio.sleep(0.2)
        assert w.said()[-1] == "下一步"


async def test_a_card_that_fails_stops_nobody() -> None:
    async with world() as w:
        w.card.broken = True
        w.stage.show(desk.ReadingCard())
        await anyio.sleep(0.4)
        w.card.broken = False
        w.stage.show(desk.Submitting())
        await anyio.sleep(0.3)
        assert w.said() == ["正在提交。"]


async def test_a_teller_that_fails_stops_nobody() -> None:
    async with world() as w:
        w.voice._tell = lambda _: {}["no words"]  # type: ignore[assignment,return-value]
        w.stage.show(desk.ReadingCard())
        assert w.stage.screen.state == desk.ReadingCard()
