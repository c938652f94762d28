"""The voice of a terminal: it follows the screens and says one instruction at a time.

What is private is said over headphones only. Whatever fails here, the screen still says it all.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import anyio
from anyio.to_thread import run_sync

from drivers.errors import DriverError
from drivers.kinds import Speaker
from kiosk.devices.reach import Reach
from kiosk.log import logger
from kiosk.view.common import Language
from kiosk.view.screen import Screen, place_of
from kiosk.view.spoken import LOUDEST, ReadOut, Route, SayAgain, Sentence, Sound, Spoken
from kiosk.voice.clips import Clips
from kiosk.voice.reading import Tongue, reading, tongue_of
from kiosk.voice.synthesis import SpeechError, seconds_of, speak, wav

_log = logger("voice")

SETTLE_S = 0.15
"""A screen that stays shorter is not worth a word."""
SETTLE_HINT_S = 0.6
"""The same for a hint on the same screen: the camera changes its mind now and then."""
HUSH_S = 2.0
"""A card that is not silent by then is left behind by its supervisor."""
BETWEEN_S = 0.25
"""Between two sentences."""
LOOK_S = 2.0
"""How often somebody looks whether headphones were plugged."""
GAINS = (0.0, 0.3, 0.5, 0.75, 1.0)
"""Amplitude of each volume; each about 5 dB above the one before."""
AROUND = 0.75
"""The loudspeaker is left below the headphones' most: others stand around."""


@dataclass
class _Wanted:
    """What is to be said, and how far it has come."""

    spoken: Spoken
    settle: float
    at: int = 0
    begun: bool = False


class Library:
    """Where sentences come from: clips, or the synthesiser. Threads may ask.

    Args:
        clips: by tongue.
        cantonese: traditional characters are read in Cantonese.
    """

    def __init__(self, clips: dict[Tongue, Clips], *, cantonese: bool = True) -> None:
        self._clips, self._cantonese = clips, cantonese
        self._failed = False

    def sound(self, sentence: Sentence, language: Language) -> bytes | None:
        """A sentence as a WAV; None when it cannot be said."""
        tongue = tongue_of(language, cantonese=self._cantonese)
        clip = self._clips[tongue].get(sentence.words) if sentence.fixed and tongue in self._clips else None
        if clip is not None:
            return clip
        try:
            samples = speak(reading(sentence.words, tongue))
        except SpeechError as error:
            if not self._failed:
                self._failed = True
                _log.warning("no speech", why=str(error))
            return None
        self._failed = False
        return wav(samples) if samples.size else None


class Voice:
    """Says what the screens show.

    Args:
        speaker: the loudspeaker.
        tell: what is said of a screen.
        library: where its sounds come from.
        routed: called when sound goes another way.
    """

    def __init__(
        self,
        speaker: Reach[Speaker],
        tell: Callable[[Screen], Spoken],
        library: Library,
        routed: Callable[[Route], None],
    ) -> None:
        self._speaker, self._tell, self._library, self._routed = speaker, tell, library, routed
        self._route = Route.NOWHERE
        self._sound = Sound()
        self._place = ""
        self._told: Spoken | None = None
        self._wanted: _Wanted | None = None
        self._changed = anyio.Event()
        self._player: Speaker | None = None
        self._turn = 0
        """Counts up when what is being said is over; what was still to be played then is not begun."""

    # From the stage, on the core thread -------------------------------------------------------------------------

    def show(self, screen: Screen) -> None:
        """A screen was drawn. What it says now interrupts what was said before."""
        place = place_of(screen.state)
        try:
            told = self._tell(screen)
        except Exception:  # noqa: BLE001  a screen without words is silent; whoever stands there still sees it
            _log.exception("a screen could not be told", place=place.partition("/")[0])
            told = Spoken(screen.language, ())
        before, self._sound = self._sound, screen.sound
        if told != self._told or place != self._place:
            same_place = place == self._place and self._told is not None and told.language is self._told.language
            self._told, self._place = told, place
            self._want(None if told.quiet else _Wanted(told, SETTLE_HINT_S if same_place else SETTLE_S))
        elif before.volume != screen.sound.volume and self._wanted is None:
            self._want(_Wanted(told, 0.0))  # so that one hears how loud it is now
        elif (before.paused, before.volume) != (screen.sound.paused, screen.sound.volume):
            self._stir()

    def wish(self, wish: SayAgain | ReadOut) -> None:
        """Somebody wants something said."""
        match wish:
            case SayAgain() if self._told is not None:
                self._want(_Wanted(self._told, 0.0))
            case ReadOut(words, private) if words and self._told is not None:
                sentence = Sentence(words, fixed=False, private=private)
                self._want(_Wanted(Spoken(self._told.language, (sentence,)), 0.05))

    def _want(self, wanted: _Wanted | None) -> None:
        self._wanted = wanted
        self._stir()

    def _stir(self) -> None:
        self._changed.set()

    # Speaking ---------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Speak until cancelled."""
        async with anyio.create_task_group() as group:
            group.start_soon(self._watch_route)
            while True:
                self._changed = anyio.Event()
                wanted = self._wanted
                if wanted is None or self._silent():
                    await self._changed.wait()
                    continue
                async with anyio.create_task_group() as turn:
                    turn.start_soon(self._until_changed, turn.cancel_scope, self._changed)
                    await self._say(wanted)
                    turn.cancel_scope.cancel()
                if self._wanted is wanted and not self._silent() and not self._changed.is_set():
                    self._wanted = None

    def _silent(self) -> bool:
        return self._sound.paused or self._sound.volume == 0 or self._route is Route.NOWHERE

    async def _until_changed(self, scope: anyio.CancelScope, changed: anyio.Event) -> None:
        await changed.wait()
        await self._hush()
        scope.cancel()

    async def _hush(self) -> None:
        self._turn += 1
        # Once may be a moment too early: it is just about to begin.
        with anyio.move_on_after(HUSH_S):
            while (player := self._player) is not None:
                await run_sync(player.hush)
                await anyio.sleep(0.02)

    async def _say(self, wanted: _Wanted) -> None:
        """The sentences from where it stands; a pause goes on with the sentence that it broke off."""
        if not wanted.begun:
            await anyio.sleep(wanted.settle)
            wanted.begun = True
        sentences = wanted.spoken.aloud(private=self._route is Route.HEADPHONES)
        while wanted.at < len(sentences):
            sentence = sentences[wanted.at]
            sound = await run_sync(self._library.sound, sentence, wanted.spoken.language)
            if sound is not None and not await self._play(sound, private=sentence.private):
                return
            wanted.at += 1
            await anyio.sleep(BETWEEN_S)

    async def _play(self, sound: bytes, *, private: bool) -> bool:
        """Play one sentence; False when it did not come to its end."""
        gain = GAINS[min(LOUDEST, self._sound.volume)] * (1.0 if self._route is Route.HEADPHONES else AROUND)

        turn = self._turn

        def play(speaker: Speaker) -> None:
            self._player = speaker
            try:
                if turn == self._turn:
                    speaker.play(sound, gain, private=private)
            finally:
                self._player = None

        try:
            # Longer than the sound: the card may be taken by a chime just now.
            await self._speaker.call(play, within=seconds_of(sound) + 6.0)
        except DriverError as error:
            _log.info("not said", code=error.code)
            return False
        return True

    # Headphones -------------------------------------------------------------------------------------------------

    async def _watch_route(self) -> None:
        while True:
            route = await self._look()
            if route is not self._route:
                self._route = route
                self._routed(route)
                _log.info("sound goes", route=route.value)
                # What was private is said again from its beginning, or not at all, by the new route.
                if self._wanted is not None:
                    self._wanted.at = 0
                    self._stir()
            if route is Route.NOWHERE:
                await self._speaker.until_ready()
                continue
            with anyio.move_on_after(LOOK_S):
                await self._speaker.until_away()

    def _away(self) -> bool:
        return not self._speaker.ready

    async def _look(self) -> Route:
        if self._away():
            return Route.NOWHERE
        if self._player is not None:
            return self._route  # it speaks; the driver itself stops what is private when they are pulled out
        try:
            plugged = await self._speaker.call(lambda speaker: speaker.headphones(), within=4.0)
        except DriverError:
            return Route.NOWHERE if self._away() else self._route
        return Route.HEADPHONES if plugged else Route.SPEAKER


def library(folder_of: Callable[[Tongue], Clips] | None = None, *, cantonese: bool = True) -> Library:
    """The sounds of this terminal; what is missing is said in the log once, and spoken at run time.

    Args:
        folder_of: the clips of a tongue; None for those that set-up made.
        cantonese: traditional characters are read in Cantonese.
    """
    opened = {tongue: (folder_of or partial(Clips))(tongue) for tongue in Tongue}
    missing = [tongue.value for tongue, clips in opened.items() if not clips.there]
    if missing:
        _log.warning("no clips, everything is spoken at run time: run `make setup`", tongues=missing)
    return Library(opened, cantonese=cantonese)
