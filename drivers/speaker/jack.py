"""Whether headphones are plugged in, asked of ALSA's own `amixer`; and the loudspeaker's switch."""

import re
import subprocess
from typing import Final

from drivers.errors import DeviceFault, Effect, NoAnswer, NotPresent, Remedy

_WITHIN_S: Final = 1.5
_VALUE: Final = re.compile(r"^\s*:\s*values=(on|off)", re.MULTILINE)


def plugged_in(said: str) -> bool:
    """What `amixer cget` says of a jack.

    Raises:
        ValueError: it says neither on nor off.
    """
    found = _VALUE.search(said)
    if found is None:
        raise ValueError("no value that is on or off")
    return found[1] == "on"


class Jack:
    """The jack of one card.

    Args:
        program: `amixer`, by name or by path.
        card: the card with the controls.
        control: tells whether something is plugged; empty where there is no jack.
        switch: is off while something is plugged; empty where the card does that itself.
    """

    def __init__(self, program: str, card: str, control: str, switch: str) -> None:
        self._program, self._card, self._control, self._switch = program, card, control, switch
        self._set: bool | None = None

    def plugged(self) -> bool:
        """Whether headphones are plugged in; sets the loudspeaker's switch accordingly.

        Raises:
            NotPresent: there is no `amixer`.
            NoAnswer: it does not come to an end.
            DeviceFault: `no_jack_control`.
        """
        if not self._control:
            return False
        said = self._run("cget", f"iface=CARD,name={self._control}")
        try:
            plugged = plugged_in(said)
        except ValueError as error:
            raise DeviceFault("no_jack_control", f"{self._control}: {error}", remedy=Remedy.TECHNICIAN) from error
        if self._switch and plugged is not self._set:
            self._run("cset", f"iface=MIXER,name={self._switch}", "off" if plugged else "on")
            self._set = plugged
        return plugged

    def _run(self, *arguments: str) -> str:
        try:
            done = subprocess.run(  # noqa: S603  the program is the site file's
                [self._program, "-c", self._card, *arguments],
                capture_output=True,
                timeout=_WITHIN_S,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise NoAnswer(f"{self._program} does not come to an end", effect=Effect.NO) from error
        except OSError as error:
            raise NotPresent(f"{self._program}: {error.strerror}") from error
        if done.returncode:
            why = done.stderr.decode("utf-8", "replace").strip().splitlines() or [str(done.returncode)]
            raise DeviceFault("no_jack_control", f"{arguments[1]}: {why[0]}", remedy=Remedy.TECHNICIAN)
        return done.stdout.decode("utf-8", "replace")
