"""The terminal's microphone and earpiece: samples in and out, through a program or a socket.

`alsa:NAME` records with `arecord` and plays with `aplay`, each a program of its own, so that a sound card whose driver
hangs cannot hang the call. `socket:PATH` is a Unix stream that carries the same samples both ways: a handset with its
own driver, or a simulated one. Everywhere: 48 000 samples a second, 16 bits, one channel, little end first.
"""

import asyncio
from collections import deque
from typing import Final

import numpy as np
from numpy.typing import NDArray

RATE: Final = 48_000
CHUNK: Final = RATE // 50
"""Samples of 20 ms."""
_BYTES: Final = CHUNK * 2
_MOST_WAITING: Final = 15
"""Chunks of one speaker that wait to be played; older ones are dropped, so that speech does not lag behind."""
_AGAIN_SECONDS: Final = 2.0
Samples = NDArray[np.int16]
SILENCE: Final = np.zeros(CHUNK, np.int16)


class Mixer:
    """Adds up what several people say."""

    def __init__(self) -> None:
        self._voices: dict[str, deque[Samples]] = {}

    def put(self, party: str, samples: Samples) -> None:
        """What somebody said, in chunks of 20 ms."""
        self._voices.setdefault(party, deque(maxlen=_MOST_WAITING)).append(samples)

    def drop(self, party: str) -> None:
        """Somebody is gone."""
        self._voices.pop(party, None)

    def take(self) -> Samples:
        """The next 20 ms of all together; silence when nobody speaks."""
        said = [voice.popleft() for voice in self._voices.values() if voice]
        if not said:
            return SILENCE
        if len(said) == 1:
            return said[0]
        total = np.sum([each.astype(np.int32) for each in said], axis=0)
        mixed: Samples = np.clip(total, -32768, 32767).astype(np.int16)
        return mixed


class Ears:
    """Everybody who wants the microphone, each with a box of their own."""

    def __init__(self) -> None:
        self._boxes: list[asyncio.Queue[Samples]] = []

    def listen(self) -> "asyncio.Queue[Samples]":
        """A box into which chunks come from now on."""
        box: asyncio.Queue[Samples] = asyncio.Queue(_MOST_WAITING)
        self._boxes.append(box)
        return box

    def leave(self, box: "asyncio.Queue[Samples]") -> None:
        """Nobody empties it any more."""
        if box in self._boxes:
            self._boxes.remove(box)

    def put(self, samples: Samples) -> None:
        """The next 20 ms; a box that nobody empties loses its oldest."""
        for box in self._boxes:
            if box.full():
                box.get_nowait()
            box.put_nowait(samples)


class Handset:
    """Microphone and earpiece of the terminal, opened again when they fail.

    Args:
        where: `alsa:NAME`, `socket:PATH`, or empty for none.

    Attributes:
        present: the microphone delivers now.
    """

    def __init__(self, where: str) -> None:
        self.kind, _, self._name = where.partition(":")
        self.ears = Ears()
        self.mixer = Mixer()
        self.present = False

    async def run(self) -> None:
        """Work until cancelled."""
        if not self.kind:
            await asyncio.get_running_loop().create_future()
        while True:
            try:
                await (self._over_socket() if self.kind == "socket" else self._over_programs())
            except* (OSError, asyncio.IncompleteReadError):
                pass  # cannot be opened, or went away: the latter in a group, for it is read and played at one time
            self.present = False
            await asyncio.sleep(_AGAIN_SECONDS)

    async def _over_socket(self) -> None:
        reader, writer = await asyncio.open_unix_connection(self._name)
        try:
            await self._both(reader, writer)
        finally:
            writer.close()

    async def _over_programs(self) -> None:
        words = ("-q", "-D", self._name, "-t", "raw", "-f", "S16_LE", "-r", str(RATE), "-c", "1")
        pipe, away = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
        records = await asyncio.create_subprocess_exec("arecord", *words, stdin=away, stdout=pipe, stderr=away)
        try:
            plays = await asyncio.create_subprocess_exec("aplay", *words, stdin=pipe, stdout=away, stderr=away)
            try:
                assert records.stdout is not None
                assert plays.stdin is not None
                await self._both(records.stdout, plays.stdin)
            finally:
                await _end(plays)
        finally:
            await _end(records)

    async def _both(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.TaskGroup() as group:
            playing = group.create_task(self._play(writer))
            try:
                while True:
                    chunk = await reader.readexactly(_BYTES)
                    self.present = True
                    self.ears.put(np.frombuffer(chunk, "<i2").astype(np.int16, copy=False))
            finally:
                playing.cancel()

    async def _play(self, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            writer.write(self.mixer.take().astype("<i2").tobytes())
            await writer.drain()
            due = max(due + CHUNK / RATE, loop.time() - 0.2)
            await asyncio.sleep(due - loop.time())


async def _end(program: asyncio.subprocess.Process) -> None:
    if program.returncode is None:
        program.kill()
        await program.wait()
