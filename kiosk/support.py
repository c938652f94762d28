"""The support bundle, made on the hub's order by the technician's own tool, in a process of its own."""

import subprocess
import sys
import tempfile
from pathlib import Path

import anyio
from anyio import to_thread

from kiosk.link.client import HubClient
from kiosk.link.orders import ActFailed
from kiosk.log import recent_lines
from kiosk.wire import routes

_PATIENCE_SECONDS = 120.0


async def send_bundle(hub: HubClient, site_file: Path, number: int) -> None:
    """Make a bundle of this terminal, without anything personal, and send it.

    Args:
        hub: takes it.
        site_file: of this terminal.
        number: of the order.

    Raises:
        ActFailed: it could not be made, or is too large.
        HubAway: the line went; nothing is lost.
    """
    content = await to_thread.run_sync(_made, site_file, recent_lines())
    if len(content) > routes.MAX_BUNDLE_BYTES:
        raise ActFailed(f"the bundle has {len(content)} bytes, the hub takes {routes.MAX_BUNDLE_BYTES}")
    with anyio.fail_after(_PATIENCE_SECONDS):
        await hub.exchange("PUT", f"{routes.ORDERS}/{number}/bundle", content)


def _made(site_file: Path, lines: list[str]) -> bytes:
    with tempfile.TemporaryDirectory(prefix="kiosk-bundle-") as folder:
        log, out = Path(folder) / "kiosk.log", Path(folder) / "bundle.tar.gz"
        log.write_text("\n".join(lines) + "\n", encoding="utf-8")
        command = [sys.executable, "-m", "provisioning", "bundle", "--json"]
        command += ["--site", str(site_file), "--out", str(out), "--log", str(log)]
        try:
            done = subprocess.run(command, capture_output=True, timeout=_PATIENCE_SECONDS, check=False)  # noqa: S603  our own tool, by its full path
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ActFailed(f"the bundle was not made: {type(error).__name__}") from error
        if done.returncode != 0:
            raise ActFailed(f"the bundle was not made: exit code {done.returncode}")
        return out.read_bytes()
