"""The end: nobody leaves without their card. Who left it on the reader is called back, on the screen and aloud."""

import math
from functools import cache
from io import BytesIO
from struct import pack
from typing import Final
from wave import open as open_wave

import anyio

from drivers.errors import DeviceFault, DriverError
from drivers.kinds import IdCard
from kiosk.desk.desk import Desk
from kiosk.log import logger
from kiosk.view import desk as view

_log = logger("desk")

CALL_SECONDS: Final = 3.0
"""From one call to the next."""
CALLS_AFTERWARDS: Final = 20
"""When nobody came, only each so many-th time: a minute between two."""
LOUD: Final = 0.7
_RATE: Final = 16_000
_TONES: Final = ((880.0, 0.18), (660.0, 0.28))


async def see_off(desk: Desk, card: IdCard | None) -> None:
    """Show what is to be taken along; until the card is gone from the reader.

    Args:
        desk: the desk.
        card: theirs; None where none was read.
    """
    desk.stage.show(view.TakeYourThings())
    await anyio.sleep(desk.pace.result_seconds)
    await call_back(desk, card)


async def call_back(desk: Desk, card: IdCard | None) -> None:
    """Call somebody back to the card they left, until it is gone: whoever comes next must not go on with it.

    Args:
        desk: the desk.
        card: theirs; None where none was read.
    """
    if card is None or not await _lies_there(desk, card):
        return
    _log.warning("card left behind")
    calls = 0
    while await _lies_there(desk, card):
        desk.stage.show(view.TakeYourThings(card_left=True))
        if calls < desk.pace.card_calls or calls % CALLS_AFTERWARDS == 0:
            await _call(desk)
        calls += 1
        await anyio.sleep(CALL_SECONDS)


async def _lies_there(desk: Desk, card: IdCard) -> bool:
    """Whether the same card is on the reader."""
    try:
        found = await desk.reader.call(lambda reader: reader.read(), within=5.0)
    except DeviceFault:
        return False  # something moves there: it is being taken
    except DriverError:
        return False  # a reader that does not answer keeps nobody
    return found is not None and found.number == card.number


async def _call(desk: Desk) -> None:
    if desk.speaker is None or not desk.speaker.ready:
        return
    try:
        await desk.speaker.call(lambda speaker: speaker.play(chime(), LOUD), within=5.0)
    except DriverError as error:
        _log.info("no sound", code=error.code)


@cache
def chime() -> bytes:
    """Two falling tones as a WAV: 16 kHz, 16 bit, one channel."""
    samples = bytearray()
    for pitch, seconds in _TONES:
        count = round(_RATE * seconds)
        for place in range(count):
            swell = min(1.0, place / 400, (count - place) / 800)
            samples += pack("<h", round(24_000 * swell * math.sin(math.tau * pitch * place / _RATE)))
    out = BytesIO()
    with open_wave(out, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(_RATE)
        wav.writeframes(bytes(samples))
    return out.getvalue()
