"""The voice of a terminal put together, and its clips made."""

from collections.abc import Callable, Iterable, Iterator
from typing import cast

from anyio.to_thread import run_sync

from drivers.contract import Kind
from drivers.kinds import Speaker
from kiosk.config import Site
from kiosk.devices.supervisor import Device
from kiosk.equipment import Equipment, Start
from kiosk.session import Stage
from kiosk.view.common import Language
from kiosk.view.screen import Screen
from kiosk.view.spoken import Route, Spoken
from kiosk.voice.clips import make_clips
from kiosk.voice.reading import Tongue, tongue_of
from kiosk.voice.voice import Voice, library

Tell = Callable[[Screen], Spoken]
"""What is said aloud of a screen."""


def start_speaker(equipment: Equipment, start: Start) -> Device[Speaker] | None:
    """The loudspeaker; None where there is none."""
    if not equipment.has(Kind.SPEAKER):
        return None
    return cast("Device[Speaker]", equipment.start(start, equipment.entry(Kind.SPEAKER)))


async def start_voice(site: Site, stage: Stage, speaker: Device[Speaker], tell: Tell, start: Start) -> Voice:
    """Begin to speak.

    Args:
        site: the site file.
        stage: the screen that is followed.
        speaker: the loudspeaker.
        tell: what is said of a screen.
        start: starts a task beside the others.
    """
    sounds = await run_sync(lambda: library(cantonese=site.voice.traditional == "cantonese"))
    voice = Voice(speaker, tell, sounds, stage.set_sound)
    stage.on_wish = voice.wish
    stage.set_sound(Route.NOWHERE, site.voice.volume)
    start(voice.run)
    return voice


def make_all_clips(phrases: Callable[[Language], Iterable[str]]) -> Iterator[str]:
    """Make the clips of every tongue.

    Args:
        phrases: the fixed sentences in a language.

    Yields:
        A line a tongue: what there is now.

    Raises:
        SpeechError: nothing can be said here.
    """
    sentences: dict[Tongue, list[str]] = {tongue: [] for tongue in Tongue}
    for language in Language:
        for cantonese in (True, False):
            sentences[tongue_of(language, cantonese=cantonese)].extend(phrases(language))
    for tongue, said in sentences.items():
        count, made = make_clips(tongue, dict.fromkeys(said))
        yield f"{tongue}: {count} clips, {made} made now"
