"""Acceptance reports on their way to the hub: kept in `<data>/acceptance/` until the hub has them."""

import hashlib
from pathlib import Path

import msgspec

from kiosk.config import Site
from kiosk.wire import routes
from provisioning.hub_line import HubLine, identity_in
from provisioning.site_text import write_whole
from provisioning.talk import CannotDo, Exit, Say


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the reports that waited.

    Attributes:
        sent: SHA-256 of those the hub has now.
        waiting: SHA-256 of those that stay to be sent later.
        why: why they do; empty where none does.
    """

    sent: tuple[str, ...]
    waiting: tuple[str, ...]
    why: str = ""


def _folder(site: Site) -> Path:
    return site.data / "acceptance"


def keep_for_hub(site: Site, file: Path) -> str:
    """Keep a copy of a report until the hub has it; returns its SHA-256.

    Raises:
        CannotDo: it cannot be read or written, or is larger than the hub takes.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise CannotDo(Exit.BAD_INPUT, f"{file}: cannot be read: {error.strerror}") from error
    if len(content) > routes.MAX_ACCEPTANCE_BYTES:
        most = routes.MAX_ACCEPTANCE_BYTES // 1024 // 1024
        raise CannotDo(Exit.BAD_INPUT, f"{file} has {len(content)} bytes; the hub takes {most} MB: use fewer pictures")
    sha256 = hashlib.sha256(content).hexdigest()
    write_whole(_folder(site) / f"{sha256}.pdf", content)
    return sha256


def send_waiting(site: Site, say: Say) -> Sent:
    """Send every report that waits; each leaves the folder when the hub has said that it is stored.

    Args:
        site: the site file.
        say: is told each step.
    """
    files = sorted(_folder(site).glob("*.pdf"), key=lambda file: (file.stat().st_mtime_ns, file.name))
    waiting = [file.stem for file in files]
    papers = identity_in(site.identity_of(site.roles[0]))
    if not files:
        return Sent(sent=(), waiting=())
    if papers is None:
        return Sent(sent=(), waiting=tuple(waiting), why="this terminal is not enrolled: enrol it, then report --send")
    sent: list[str] = []
    why = ""
    try:
        with HubLine(papers) as hub:
            for file in files:
                say(f"sending report {file.stem[:12]}… to {papers.url}")
                try:
                    hub.hand_in(file.read_bytes())
                except CannotDo as error:
                    why = str(error)  # one that the hub refuses does not keep the others
                    continue
                sent.append(file.stem)
                file.unlink()
    except CannotDo as error:
        why = str(error)
    except OSError as error:
        why = f"{error.filename}: {error.strerror}"
    return Sent(sent=tuple(sent), waiting=tuple(one for one in waiting if one not in sent), why=why)
