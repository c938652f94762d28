"""The checks of the machine itself: disk, clock, hub, certificate, store, memory."""

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pysqlite3.dbapi2 as sqlite

from kiosk.clock import Clock
from kiosk.config import Role, Site
from provisioning.checks.contract import Bench, Measure, Result, Who
from provisioning.hub_line import HubLine, Papers, identity_in
from provisioning.store_file import LEAST_VERSION, depth, opened, path_of, runs_with, scripts, version
from provisioning.talk import CannotDo

LEAST_DISK: Final = 2 * 1024**3
"""Free space below which a technician should look; the terminal itself stops taking work at 0.2 GB."""
LEAST_MEMORY: Final = 1024**3
CLOCK_S: Final = 2.0
"""Offset from the hub that codes, appointments and receipts live with."""
EARLIEST: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""No terminal of this release ran before: an earlier clock has lost its battery."""
RENEW_DAYS: Final = 30
GIB: Final = 1024**3


def check_machine(site: Site, clock: Clock, memory: Path = Path("/proc/meminfo")) -> list[Result]:
    """Check the machine, and for each role its identity, its way to the hub and its store.

    Args:
        site: the site file.
        clock: this machine's time.
        memory: where the kernel tells of it.
    """
    bench = Bench("machine")

    def disk(seen: Measure) -> None:
        place = next(one for one in (site.data, *site.data.parents) if one.exists())
        free = shutil.disk_usage(place).free
        seen.value = f"{free / GIB:.1f} GB free"
        seen.expect(free >= LEAST_DISK, "make room: old logs, old releases; papers that wait go when the hub is back")

    def ram(seen: Measure) -> None:
        lines = dict(line.split(":", 1) for line in memory.read_text().splitlines() if ":" in line)
        available = int(lines.get("MemAvailable", "0 kB").split()[0]) * 1024
        seen.value = f"{available / GIB:.1f} GB available"
        seen.expect(available >= LEAST_MEMORY, "too little memory: other programs must not run on this machine")

    def year(seen: Measure) -> None:
        now = clock.now()
        seen.value = f"{now:%Y-%m-%d %H:%M} UTC"
        seen.expect(
            now >= EARLIEST,
            "the clock lost its time: set it (timedatectl set-time), then change the battery on the board",
        )

    def library(seen: Measure) -> None:
        seen.value = f"SQLite {sqlite.sqlite_version}"
        seen.expect(sqlite.sqlite_version_info >= LEAST_VERSION, "install the release again: this SQLite can lose data")

    bench.run("disk", "free space", disk, limits=f"≥ {LEAST_DISK / GIB:g} GB")
    bench.run("memory", "available memory", ram, limits=f"≥ {LEAST_MEMORY / GIB:g} GB")
    bench.run("clock", "the clock is of this age", year, limits=f"after {EARLIEST:%Y-%m-%d}")
    bench.run("sqlite", "the database library", library, limits=f"≥ {'.'.join(map(str, LEAST_VERSION))}")
    results = bench.results
    for role in site.roles:
        results += _role(site, role, clock)
    return results


def _role(site: Site, role: Role, clock: Clock) -> list[Result]:
    bench = Bench(role)
    papers = identity_in(site.identity_of(role))
    if papers is None:
        for what, words in (("hub", "the hub answers"), ("certificate", "the certificate is valid")):
            bench.skip(what, words, f"not enrolled: no identity in {site.identity_of(role)}; run enrol")
    else:
        _hub(bench, papers, clock)
    path = path_of(site, role)
    if not path.exists():
        bench.skip("store", "the store", "the terminal has not run yet")
        return bench.results

    def store(seen: Measure) -> None:
        try:
            with opened(path) as connection:
                have, waits = version(connection), depth(connection)
                usable = have <= len(scripts()) or 0 < runs_with(connection) <= len(scripts())
        except CannotDo as error:
            seen.expect(False, str(error))  # noqa: FBT003  the sentence reads well enough
            return
        seen.value = f"schema {have}, {waits.waiting} waiting, {waits.dead} refused"
        seen.expect(usable, "written by a newer release: update the program")
        seen.expect(waits.dead == 0, "the hub refused events for good: outbox list, then outbox retry", Who.HUB)

    bench.run("store", "the store and its outbox", store, limits=f"schema ≤ {len(scripts())}, none refused")
    return bench.results


def _hub(bench: Bench, papers: Papers, clock: Clock) -> None:
    offset_s: list[float] = []

    def hub(seen: Measure) -> None:
        try:
            with HubLine(papers) as line:
                offset, took = line.offset(clock)
        except CannotDo as error:
            seen.value = "not reached"
            seen.expect(False, str(error), Who.HUB)  # noqa: FBT003  the sentence reads well enough
            return
        offset_s.append(offset.total_seconds())
        seen.value = f"answers in {took * 1000:.0f} ms"

    def synchronous(seen: Measure) -> None:
        seen.value = f"{offset_s[0]:+.1f} s"
        seen.expect(abs(offset_s[0]) <= CLOCK_S, "set the clock, and let it follow a time server (chrony)")

    def certificate(seen: Measure) -> None:
        days = (papers.expires - clock.now()).days
        seen.value = f"until {papers.expires:%Y-%m-%d}, {days} days"
        seen.expect(days >= RENEW_DAYS, "have the hub make a new code, and enrol again (--again)", Who.HUB)

    if bench.run("hub", "the hub answers", hub, limits="within 8 s, as the hub this terminal was enrolled at"):
        bench.run("clock_offset", "clock against the hub's", synchronous, limits=f"± {CLOCK_S:g} s")
    else:
        bench.skip("clock_offset", "clock against the hub's", "the hub does not answer")
    bench.run("certificate", "the certificate is valid", certificate, limits=f"for {RENEW_DAYS} days or more")
