"""Audit of a machine against what its site file asks for. Reads files only; works on any root, running or not."""

import stat
from pathlib import Path
from typing import Final

import msgspec

from kiosk.config import Site
from provisioning.checks.contract import Result, Verdict, Who
from provisioning.lockdown.files import STATE, USER, Rendered, render, steps
from provisioning.site_text import write_whole
from provisioning.talk import CannotDo, Exit

_NO_SHELLS: Final = frozenset({"/usr/sbin/nologin", "/sbin/nologin", "/bin/false", "/usr/bin/false"})
_NOT_USB: Final = ("/dev/ttyS", "/dev/ttyAMA", "/dev/i2c-", "/dev/gpiochip")
_MASKED: Final = ("ctrl-alt-del.target", "getty@tty1.service")


class File(msgspec.Struct, frozen=True, kw_only=True):
    """One file of the lock-down, and how it stands."""

    path: str
    why: str
    state: str
    """`new`, `other` (another text is there), or `same`."""
    text: str = ""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a lock-down would do, or did."""

    root: str
    applied: bool
    files: tuple[File, ...]
    commands: tuple[str, ...]
    unbound: tuple[str, ...] = ()
    """Devices that the USB filter cannot name, because the site file has a path for them."""


def _state(root: Path, file: Rendered) -> str:
    here = root / file.path.lstrip("/")
    try:
        return "same" if here.read_text(encoding="utf-8") == file.text else "other"
    except FileNotFoundError:
        return "new"
    except (OSError, UnicodeDecodeError):
        return "other"


def plan(site: Site, root: Path, *, apply: bool = False, texts: bool = True) -> Plan:
    """Say what would be written, or write it.

    Args:
        site: the site file.
        root: of the machine: `/`, or the folder of an image that is being made.
        apply: write. Files that say the same already are left alone, so doing it twice does nothing twice.
        texts: whether the answer holds what the files say.

    Raises:
        CannotDo: a file cannot be written.
    """
    rendered = render(site)
    states = [(file, _state(root, file)) for file in rendered]
    if apply:
        for file, state in states:
            if state != "same":
                write_whole(root / file.path.lstrip("/"), file.text.encode(), file.mode)
    files = tuple(
        File(path=file.path, why=file.why, state=state, text=file.text if texts else "") for file, state in states
    )
    return Plan(
        root=str(root),
        applied=apply,
        files=files,
        commands=tuple(one.command for one in steps(site)),
        unbound=_unbound(site),
    )


def _unbound(site: Site) -> tuple[str, ...]:
    found: list[str] = []
    for role in site.roles:
        for entry in site.devices[role].values():
            paths = [value for _, value in entry.options if isinstance(value, str) and value.startswith("/dev/")]
            numbered = any(name == "device" and isinstance(value, int) for name, value in entry.options)
            if numbered or any(not path.startswith(_NOT_USB) for path in paths):
                found.append(f"{role}.{entry.name}")
    return tuple(found)


def _result(what: str, words: str, *, holds: bool | None, value: str, remedy: str) -> Result:
    verdict = Verdict.NOT_RUN if holds is None else Verdict.PASS if holds else Verdict.FAIL
    return Result(
        id=f"lockdown.{what}",
        what=words,
        verdict=verdict,
        value=value,
        remedy="" if holds else remedy,
        who=Who.TECHNICIAN if holds is False else Who.NOBODY,
    )


def audit(site: Site, root: Path) -> tuple[Result, ...]:
    """Check a machine.

    Args:
        site: the site file.
        root: of the machine.

    Raises:
        CannotDo: there is no such root.
    """
    if not (root / "etc").is_dir():
        raise CannotDo(Exit.BAD_INPUT, f"{root} is no root of a machine: it has no etc")
    words = {"same": "as it should be", "other": "another text", "new": "missing"}
    found = [
        _result(
            file.path.removeprefix("/etc/"),
            file.why,
            holds=(state := _state(root, file)) == "same",
            value=f"{file.path}: {words[state]}",
            remedy="lockdown --apply writes it",
        )
        for file in render(site)
    ]
    found.append(_user(root))
    for unit in _MASKED:
        link = root / "etc/systemd/system" / unit
        masked = link.is_symlink() and str(link.readlink()) == "/dev/null"
        found.append(
            _result(
                unit,
                f"{unit} is masked",
                holds=masked,
                value="masked" if masked else "not masked",
                remedy=f"systemctl mask {unit}",
            )
        )
    for role in site.roles:
        name = f"kiosk-{role}.service"
        enabled = (root / "etc/systemd/system/multi-user.target.wants" / name).is_symlink()
        found.append(
            _result(
                f"{name}.enabled",
                f"{name} starts at boot",
                holds=enabled,
                value="enabled" if enabled else "not enabled",
                remedy=f"systemctl enable {name}",
            )
        )
    return (*found, _folder(root), _root_filesystem(root))


def _user(root: Path) -> Result:
    try:
        lines = (root / "etc/passwd").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    entry = next((line.split(":") for line in lines if line.startswith(f"{USER}:")), [])
    shell = entry[6] if len(entry) > 6 else ""
    return _result(
        "user",
        "a user of its own, without a shell",
        holds=shell in _NO_SHELLS and entry[2] != "0",
        value=shell or "no such user",
        remedy="systemd-sysusers",
    )


def _folder(root: Path) -> Result:
    try:
        mode = stat.S_IMODE((root / STATE.lstrip("/")).stat().st_mode)
    except OSError:
        return _result(
            "state", "its folder is its own", holds=False, value="missing", remedy="systemd-tmpfiles --create"
        )
    return _result(
        "state", "its folder is its own", holds=not mode & 0o077, value=f"{mode:04o}", remedy=f"chmod 0700 {STATE}"
    )


def _root_filesystem(root: Path) -> Result:
    words = "the root file system is read-only"
    try:
        mounts = [line.split() for line in (root / "proc/mounts").read_text().splitlines()]
    except OSError:
        return _result("root", words, holds=None, value="", remedy="no running machine: cannot be seen from here")
    options = next((one[3].split(",") for one in mounts if len(one) > 3 and one[1] == "/"), [])
    readable = "ro" in options or any(one[2] == "overlay" for one in mounts if len(one) > 2 and one[1] == "/")
    # Not every image has it; where it has not, power cuts are what the journal of the file system is for.
    return _result(
        "root",
        words,
        holds=True if readable else None,
        value=",".join(options[:1]),
        remedy="only where the image has it",
    )
