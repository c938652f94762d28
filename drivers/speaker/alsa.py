"""A sound card under Linux, through ALSA's own `aplay`.

A program of its own, so that a card whose driver hangs in the kernel cannot hang the terminal: it is left behind, and
silence is one signal away.
"""

import contextlib
import os
import select
import subprocess
import threading
import time
from collections.abc import Iterator
from typing import ClassVar, Final

from pydantic import Field

from drivers.contract import Driver, Identity, Kind, Options, Proof, ProofLevel
from drivers.errors import DeviceFault, DriverError, Effect, LinkError, NoAnswer, NotPresent, Remedy
from drivers.speaker.jack import Jack
from drivers.speaker.pcm import Sound, at_volume, read_wav, silence

ANSWER_S: Final = 2.0
"""Beyond the length of a sound."""
TEST_S: Final = 0.05
GUARD_S: Final = 0.1
"""How often it is looked whether headphones are still plugged while something private is played."""
NOT_OPENED: Final = "open error"
"""In what aplay says of a card that is missing, or that another program holds."""


class AlsaOptions(Options):
    """Which sound card."""

    device: str = Field(default="default", description="ALSA name of the card, best one that lasts: plughw:CARD=…")
    program: str = Field(default="aplay", description="the player, by name or by path")
    jack: str = Field(
        default="",
        description='ALSA control that tells whether headphones are plugged, e.g. "Headphone Jack"; empty: none',
    )
    mixer_card: str = Field(default="0", description="number or name of the card with that control")
    headphones: str = Field(
        default="", description="ALSA name of the headphones' own card; empty: the same card, which switches by itself"
    )
    speaker_switch: str = Field(
        default="", description='switch that is off while headphones are plugged, e.g. "Speaker Playback Switch"'
    )
    mixer: str = Field(default="amixer", description="the program that reads controls, by name or by path")


class Alsa(Driver):
    """A speaker on a sound card. Sounds are played one at a time."""

    key: ClassVar[str] = "speaker/alsa"
    kind: ClassVar[Kind] = Kind.SPEAKER
    options: ClassVar[type[Options]] = AlsaOptions
    proven_on: ClassVar[tuple[Proof, ...]] = (
        Proof(ProofLevel.SIMULATOR, "a program in place of aplay; ALSA's aplay writing to a file", firmware="1.2.8"),
    )

    def __init__(self, options: AlsaOptions) -> None:
        self._program = options.program
        self._card = options.device
        self._private_card = options.headphones or options.device
        self._jack = Jack(options.mixer, options.mixer_card, options.jack, options.speaker_switch)
        self._state = threading.Lock()  # guards what follows; never held while waiting
        self._open = False
        self._busy = False
        self._hushed = False
        self._player: subprocess.Popen[bytes] | None = None

    def open(self) -> Identity:
        """Play a moment of silence.

        Raises:
            NotPresent: there is no such card, another program holds it, or there is no aplay.
            DriverError: as in `Driver.open`.
        """
        with self._state:
            self._open = True
        try:
            self._play(silence(TEST_S), NotPresent)
        except BaseException:
            self.close()
            raise
        return Identity(model=self._card)

    def probe(self) -> None:
        """Play a moment of silence."""
        self._play(silence(TEST_S), LinkError)

    def close(self) -> None:
        """Be silent, and play no more."""
        with self._state:
            self._open = False
        self._kill()

    def headphones(self) -> bool:
        """Whether headphones are plugged in. See `Speaker.headphones`.

        Raises:
            DeviceFault: `no_jack_control`: the card has no control of that name.
        """
        return self._jack.plugged()

    def play(self, wav: bytes, volume: float, *, private: bool = False) -> None:
        """Play a WAV to its end, or until `hush`. See `Speaker.play`.

        Raises:
            DeviceFault: `unsupported_sound`; nothing was played.
            NotPresent: the card cannot be had; nothing was played.
            NoAnswer, LinkError: the card stopped in the middle, or the driver was closed.
        """
        try:
            sound = read_wav(wav)
        except ValueError as error:
            raise DeviceFault("unsupported_sound", str(error), remedy=Remedy.TECHNICIAN) from error
        plugged = self._jack.plugged() if private or self._private_card != self._card else False
        if private and not plugged:
            return
        card = self._private_card if plugged else self._card
        scaled = Sound(sound.rate, sound.channels, at_volume(sound.samples, volume))
        self._play(scaled, LinkError, card=card, private=private)

    def hush(self) -> None:
        """Be silent now. Safe to call when nothing is played, and from another thread."""
        with self._state:
            self._hushed = self._busy
        self._kill()

    def _kill(self) -> None:
        with self._state:
            if self._player is not None:
                self._player.kill()

    def _play(
        self, sound: Sound, failed: type[NotPresent | LinkError], *, card: str = "", private: bool = False
    ) -> None:
        card = card or self._card
        deadline = time.monotonic() + sound.seconds + ANSWER_S
        with self._state:
            self._hushed, self._busy = False, True
        try:
            player = self._start(sound, card)
            with player, self._guarded(private=private):
                try:
                    said = self._feed(player, sound.samples, deadline)
                finally:
                    player.kill()
        finally:
            with self._state:
                self._player, self._busy = None, False
        with self._state:
            if not self._open:
                raise LinkError(f"{self._card} was closed", effect=Effect.UNKNOWN)
            if self._hushed:
                return
        if player.returncode:
            why = said.decode("utf-8", "replace").strip().splitlines() or [f"{self._program}: {player.returncode}"]
            if NOT_OPENED in why[-1]:
                raise NotPresent(f"{card}: {why[-1]}")
            raise failed(f"{card}: {why[-1]}", effect=Effect.UNKNOWN)

    @contextlib.contextmanager
    def _guarded(self, *, private: bool) -> Iterator[None]:
        """While something private is played, look at the jack; pulled out, it ends."""
        if not private:
            yield
            return
        over = threading.Event()
        guard = threading.Thread(target=self._guard, args=(over,), name="jack", daemon=True)
        guard.start()
        try:
            yield
        finally:
            over.set()
            guard.join()

    def _guard(self, over: threading.Event) -> None:
        while not over.wait(GUARD_S):
            try:
                plugged = self._jack.plugged()
            except DriverError:
                plugged = False  # what cannot be known is not private
            if not plugged:
                self.hush()
                return

    def _start(self, sound: Sound, card: str) -> subprocess.Popen[bytes]:
        shape = ("-f", "S16_LE", "-r", str(sound.rate), "-c", str(sound.channels))
        command = [self._program, "-q", "-D", card, "-t", "raw", *shape, "-"]
        with self._state:
            if not self._open:
                raise LinkError(f"{self._card} is closed")
            try:
                self._player = subprocess.Popen(  # noqa: S603  the program is the site file's
                    command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
                )
            except OSError as error:
                raise NotPresent(f"{self._program}: {error.strerror}") from error
            if self._hushed:
                self._player.kill()
            return self._player

    def _feed(self, player: subprocess.Popen[bytes], samples: bytes, deadline: float) -> bytes:
        """Hand over the samples and wait until the player has ended; returns what it complained of."""
        if player.stdin is None or player.stderr is None:
            raise RuntimeError("started without pipes")
        to_player, from_player = player.stdin.fileno(), player.stderr.fileno()
        os.set_blocking(to_player, False)
        rest, said = memoryview(samples), b""
        poll = select.poll()
        poll.register(to_player, select.POLLOUT)
        poll.register(from_player, select.POLLIN)
        while ready := poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
            if any(fd == to_player for fd, _ in ready):
                try:
                    rest = rest[os.write(to_player, rest) :]
                except BrokenPipeError:
                    rest = rest[:0]  # it has ended, and says why
                if not rest:
                    poll.unregister(to_player)
                    player.stdin.close()
            if any(fd == from_player for fd, _ in ready):
                piece = os.read(from_player, 4096)
                said = (said + piece)[-4096:]
                if not piece:
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        player.wait(max(0.0, deadline - time.monotonic()))
                        return said
                    break
        raise NoAnswer(f"{self._card} does not come to an end", effect=Effect.UNKNOWN)
