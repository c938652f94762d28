"""A turnstile at the pins of a computer. No kernel here simulates pins, so it is gpiozero's own stand-in."""

import errno
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Final

import gpiozero
from gpiozero.pins import PinInfo
from gpiozero.pins.mock import MockFactory, MockPin

from drivers.simulate.contract import Garble
from drivers.simulate.turnstile import People, Turnstile

_RELAY: Final = "17"
_BITS: Final = {"GPIO22": 1, "GPIO23": 2, "GPIO24": 4}
"""Beam A, beam B and the open door, as `Turnstile.inputs` has them."""


class _Board(MockFactory):
    """gpiozero's stand-in, with a plug that can be pulled."""

    def __init__(self, turnstile: Turnstile) -> None:
        self.turnstile = turnstile
        self.gone = threading.Event()
        self.spoilt = threading.Event()
        super().__init__(pin_class=_WiredPin)

    def fail_if_broken(self) -> None:
        """Fail as the kernel does when a chip is gone, or when a transfer went wrong once."""
        if self.gone.is_set():
            raise OSError(errno.ENODEV, "no such device")
        if self.spoilt.is_set():
            self.spoilt.clear()
            raise OSError(errno.EIO, "input/output error")

    def pin(self, name: int | str, pin_class: type[MockPin] | None = None) -> MockPin:
        """Hand out a pin, unless the plug is pulled."""
        self.fail_if_broken()
        return super().pin(name, pin_class)


class _WiredPin(MockPin):
    """A pin that something is wired to: contacts close to ground, the relay opens the turnstile."""

    def __init__(self, factory: _Board, info: PinInfo) -> None:
        self._board = factory
        self._bit = _BITS.get(info.name, 0)
        super().__init__(factory, info)

    def _get_state(self) -> bool:
        self._board.fail_if_broken()
        return not self._board.turnstile.inputs() & self._bit if self._bit else super()._get_state()

    def _set_state(self, value: float) -> None:
        self._board.fail_if_broken()
        super()._set_state(value)

    def _set_function(self, value: str) -> None:
        super()._set_function(value)
        if value == "input" and not self._bit:
            self._board.turnstile.switch(on=False)  # nothing drives the relay any more

    def _change_state(self, value: bool) -> bool:  # noqa: FBT001  as gpiozero has it
        changed = super()._change_state(value)
        if changed and not self._bit:
            self._board.turnstile.switch(on=value)
        return changed


class GpioSimulator(People):
    """Pin 17 opens the turnstile; beam A, beam B and the door contact are at 22, 23 and 24.

    It takes the place of the process's pins, so only drivers of the same process see it, and only one at a time. Pins
    do not talk, so there is no silence and no split answer: only a transfer that fails.

    Args:
        folder: not used; there is no file.
        name: not used either.
        seed: not used either.
    """

    driver: ClassVar[str] = "barrier/gpio"

    def __init__(self, folder: Path, name: str = "barrier", *, seed: int = 0) -> None:
        del folder, name, seed
        self.turnstile = Turnstile()
        self._board = _Board(self.turnstile)
        self._before = gpiozero.Device.pin_factory
        gpiozero.Device.pin_factory = self._board

    @property
    def options(self) -> Mapping[str, str | int | float | bool]:
        """The keys of the driver's options."""
        return {"relay": _RELAY, "beam_a": "22", "beam_b": "23", "door": "24"}

    def unplug(self) -> None:
        """The chip with the pins is gone; nothing drives the relay."""
        self._board.gone.set()
        self.turnstile.switch(on=False)

    def replug(self) -> None:
        """It is back, as after power-up."""
        self._board.spoilt.clear()
        self._board.gone.clear()

    def garble(self, how: Garble) -> None:
        """Let the next transfer fail, where the fault is one that a pin can have."""
        if how in {Garble.TRUNCATED, Garble.CHECKSUM}:
            self._board.spoilt.set()

    def hang(self, seconds: float) -> None:
        """Nothing: pins do not answer late."""

    def close(self) -> None:
        """Give the process its own pins back."""
        if gpiozero.Device.pin_factory is self._board:
            gpiozero.Device.pin_factory = self._before
