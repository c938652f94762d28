"""Ties each device to its socket in the site file: from what was discovered, or by unplugging and plugging in."""

import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

import msgspec

from drivers.contract import Kind
from kiosk.config import NEEDED, Role
from provisioning.discover import Discovery, Fit, Found, look_at
from provisioning.site_text import NewSite, Value, keep, read_text, table_of, with_table
from provisioning.sockets import Socket
from provisioning.talk import CannotDo, Exit, Say

PLUG_S: Final = 60.0
"""How long the wizard waits for a plug."""
LOOK_EVERY_S: Final = 0.25


class Bound(msgspec.Struct, frozen=True, kw_only=True):
    """One device that is in the site file now."""

    kind: str
    driver: str
    address: str
    model: str = ""
    changed: bool = True


class Binding(msgspec.Struct, frozen=True, kw_only=True):
    """What `bind` did.

    Attributes:
        bound: what was tied, also where it was before.
        open: what is still to be decided, one line each, with what to do.
        missing: what `kiosk run` would still refuse the file for.
    """

    site: str
    role: str
    written: bool
    bound: tuple[Bound, ...]
    open: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def pick(discovery: Discovery, wanted: Mapping[str, str], kinds: Iterable[str]) -> tuple[dict[str, Fit], list[str]]:
    """Choose a device for each kind, where there is no doubt.

    Args:
        discovery: what is plugged in.
        wanted: kind → address, as the technician decided; goes before everything else.
        kinds: those to be tied.

    Returns:
        Kind → what fits; and what is in doubt, one line each.
    """
    chosen: dict[str, Fit] = {}
    doubts: list[str] = []
    for kind in kinds:
        fits = [(one.address, fit) for one in discovery.found for fit in one.fits if fit.kind == kind]
        if kind in wanted:
            named = [fit for address, fit in fits if address == wanted[kind]]
            if not named:
                places = ", ".join(address for address, _ in fits) or "none"
                raise CannotDo(
                    Exit.BAD_INPUT, f"{kind}: nothing that fits is at {wanted[kind]}; what fits is at: {places}"
                )
            chosen[kind] = named[0]
            continue
        spoken_for = {address for other, address in wanted.items() if other != kind}
        free = [(address, fit) for address, fit in fits if address not in spoken_for]
        sure = [(address, fit) for address, fit in free if not fit.needs]
        if len(sure) == 1:
            chosen[kind] = sure[0][1]
        elif len(free) > 1:
            places = ", ".join(address for address, _ in free)
            doubts.append(
                f"{kind}: {len(free)} fit: {places}. Nobody can tell them apart from here: unplug one and see "
                f"which it is (bind --wizard {kind}), or say it with --take {kind}=ADDRESS"
            )
        elif free:
            address, fit = free[0]
            doubts.append(f"{kind}: perhaps {address}; {fit.needs}? If so: --take {kind}={address}")
    return chosen, doubts


def bind(
    site: Path,
    role: Role,
    chosen: Mapping[str, Fit],
    *,
    new: NewSite | None = None,
    doubts: Iterable[str] = (),
    dry_run: bool = False,
) -> Binding:
    """Write devices into the site file. Doing it twice changes nothing the second time.

    Args:
        site: the file; made from `new` where there is none.
        role: whose devices.
        chosen: kind → what fits.
        new: what a new file says of the hall and the terminal.
        doubts: passed on to the answer.
        dry_run: change nothing.

    Raises:
        CannotDo: the file cannot be read, edited or written; it is as it was.
    """
    if site.exists():
        before = text = read_text(site)
    elif new is not None:
        before, text = "", new.text()
    else:
        raise CannotDo(
            Exit.BAD_INPUT, f"{site} does not exist yet: say --hall, --hall-name and --terminal, and it will be made"
        )
    if table_of(text, (role,)) is None:
        lane: dict[str, Value] = {"lane": new.lane if new is not None and new.lane else "1"} if role == "gate" else {}
        text = with_table(text, (role,), lane) if lane else text + f"\n[{role}]\n"
    bound: list[Bound] = []
    for kind, fit in chosen.items():
        was = text
        text = with_table(
            text,
            (role, "devices", kind),
            {"driver": fit.driver, **fit.options},
            drop_others=_other(text, role, kind, fit),
        )
        address = next((str(value) for value in fit.options.values()), "")
        bound.append(Bound(kind=kind, driver=fit.driver, address=address, model=fit.model, changed=text != was))
    missing = () if dry_run else keep(site, text)
    return Binding(
        site=str(site),
        role=role,
        written=text != before and not dry_run,
        bound=tuple(bound),
        open=tuple(doubts),
        missing=missing,
    )


def _other(text: str, role: str, kind: str, fit: Fit) -> bool:
    """Whether another driver stands there, whose options would be unknown to the new one."""
    there = table_of(text, (role, "devices", kind)) or {}
    return there.get("driver", fit.driver) != fit.driver


class Wizard:
    """Unplug and plug: the socket that goes and comes is the device's.

    Args:
        look: lists what is plugged in now.
        say: told what to do and what was seen.
        within: seconds to wait for each plug.
    """

    def __init__(self, look: Callable[[], tuple[Socket, ...]], say: Say, within: float = PLUG_S) -> None:
        self._look, self._say, self._within = look, say, within

    def find(self, kind: str) -> Found:
        """Have one device unplugged and plugged in again.

        Raises:
            CannotDo: nothing was unplugged, several were, or it did not come back.
        """
        before = set(self._look())
        self._say(f"Unplug the {kind.replace('_', ' ')} now.")
        gone = self._until(lambda now: before - now, f"no plug was pulled within {self._within:.0f} s")
        after = self._settled()
        gone = before - after or gone
        sockets = {socket.place.socket if socket.place else socket.address for socket in gone}
        if len(sockets) > 1:
            raise CannotDo(
                Exit.NOT_NOW, f"several went at once: {', '.join(sorted(sockets))}. Unplug one device only, and again"
            )
        self._say("Plug it in again, into the socket where it is to stay.")
        back = self._until(lambda now: now - after, f"nothing was plugged in within {self._within:.0f} s")
        back = (self._settled() - after) or back
        self._say(f"There it is: {', '.join(sorted(socket.address for socket in back))}. Asking what it is.")
        looks = [look_at(socket) for socket in sorted(back, key=lambda socket: socket.address)]
        fitting = [one for one in looks if any(fit.kind == kind for fit in one.fits)]
        if not fitting:
            other = ", ".join(fit.driver for one in looks for fit in one.fits) or "something that nobody here knows"
            raise CannotDo(Exit.NOT_NOW, f"what was plugged in is no {kind} but {other}")
        return fitting[0]

    def _until(self, changed: Callable[[set[Socket]], set[Socket]], otherwise: str) -> set[Socket]:
        deadline = time.monotonic() + self._within
        while time.monotonic() < deadline:
            if found := changed(set(self._look())):
                return found
            time.sleep(LOOK_EVERY_S)
        raise CannotDo(Exit.NOT_NOW, f"{otherwise}; begin again when you are there")

    def _settled(self) -> set[Socket]:
        """What is there once nothing has changed for a moment: a device makes its nodes one after the other."""
        last, quiet = set(self._look()), 0
        while quiet < 3:
            time.sleep(LOOK_EVERY_S)
            now = set(self._look())
            quiet, last = (quiet + 1, last) if now == last else (0, now)
        return last


def kinds_of(role: Role, more: Iterable[str] = ()) -> tuple[str, ...]:
    """The kinds to tie: those that the role needs, and others that may be there."""
    needed = [kind.value for kind in NEEDED[role]]
    extra = {"gate": (Kind.LAMP, Kind.SPEAKER, Kind.PRINTER), "desk": (Kind.CODE_SCANNER, Kind.SPEAKER, Kind.LAMP)}
    return tuple(dict.fromkeys([*needed, *(kind.value for kind in extra[role]), *more]))
