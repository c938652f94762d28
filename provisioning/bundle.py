"""The support bundle: what we need to help from afar, and nothing that tells who was there.

Only counts leave the database. Logs leave without people (see `provisioning.people_out`). No paper, no draft, no event,
no key, no password and no picture is in it; what is, stands in its `contents.txt`, for the hall's data officer to see.
"""

import io
import platform
import tarfile
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

import msgspec

import kiosk
from kiosk.clock import Clock
from kiosk.config import Site
from provisioning.calibrate.records import kept
from provisioning.checks.run import newest
from provisioning.hub_line import identity_in
from provisioning.people_out import HIDDEN, line_without_people, plain
from provisioning.site_text import read_text, write_whole
from provisioning.statistics import gather
from provisioning.talk import CannotDo, Exit, Say

MOST_LINES: Final = 20_000
"""Of each log, the newest."""
_SECRET: Final = ("password", "secret", "key", "token", "app_id")


class Bundled(msgspec.Struct, frozen=True, kw_only=True):
    """What is in the bundle."""

    file: str
    contents: tuple[str, ...]
    hidden: int
    """Words and numbers that were taken out of the logs."""


def _settings(tree: Mapping[str, object]) -> dict[str, object]:
    """The site file's settings without secrets."""
    kept_here: dict[str, object] = {}
    for name, value in tree.items():
        if isinstance(value, dict):
            kept_here[name] = _settings(value)
        else:
            kept_here[name] = HIDDEN if any(word in name for word in _SECRET) and value != "" else value
    return kept_here


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()[-MOST_LINES:]
    except OSError as error:
        raise CannotDo(Exit.BAD_INPUT, f"--log {path}: cannot be read: {error.strerror}") from error


def _logs(logs: Iterable[Path], say: Say) -> Iterator[tuple[str, bytes]]:
    for number, path in enumerate(logs, start=1):
        say(f"taking people out of {path}")
        cleaned = [line_without_people(line) for line in _lines(path)]
        yield f"logs/{number}-{plain(path.name)}.txt", ("\n".join(cleaned) + "\n").encode()


def bundle(
    site: Site, clock: Clock, out: Path, *, logs: tuple[Path, ...] = (), say: Say = lambda _text: None
) -> Bundled:
    """Make a bundle.

    Args:
        site: the site file.
        clock: dates it.
        out: a `.tar.gz`.
        logs: what the terminal wrote (`journalctl -u 'kiosk-*' -o cat > kiosk.log`).
        say: told each step.

    Raises:
        CannotDo: a log cannot be read, or the bundle not written.
    """
    checked = newest(site)
    parts: dict[str, bytes] = {
        "versions.json": msgspec.json.encode(
            {
                "kiosk": kiosk.__version__,
                "python": platform.python_version(),
                "system": f"{platform.system()} {platform.release()} {platform.machine()}",
                "made": clock.now(),
            }
        ),
        "site.json": msgspec.json.encode(_settings(tomllib.loads(read_text(site.path)))),
        "statistics.json": msgspec.json.encode(gather(site)),
        # not who did it: that is a person too
        "calibrations.json": msgspec.json.encode(
            [msgspec.structs.replace(one.calibration, by=HIDDEN) for one in kept(site, clock.now())]
        ),
        "identity.json": msgspec.json.encode(
            {
                role: {"terminal": papers.enrolled.terminal, "hub": papers.url, "expires": papers.expires}
                for role in site.roles
                if (papers := identity_in(site.identity_of(role))) is not None
            }
        ),
    }
    if checked is not None:
        parts["checks.json"] = msgspec.json.encode(checked)
    parts |= dict(_logs(logs, say))
    hidden = sum(content.decode().count(HIDDEN) for name, content in parts.items() if name.startswith("logs/"))
    listed = tuple(f"{name}, {len(content)} bytes" for name, content in sorted(parts.items()))
    parts["contents.txt"] = ("\n".join(listed) + "\n").encode()
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        for name, content in sorted(parts.items()):
            entry = tarfile.TarInfo(f"kiosk-bundle/{name}")
            entry.size, entry.mtime = len(content), int(clock.now().timestamp())
            archive.addfile(entry, io.BytesIO(content))
    write_whole(out, made.getvalue(), 0o600)
    return Bundled(file=str(out), contents=listed, hidden=hidden)
