"""`demo --role desk --items all`: every item of the catalogue, each applied for by somebody, and held against the hub.

The hub and the desk are the real programs; around them stand simulated devices, a payment gateway, and a clerk who
decides what is done at once.
"""

import random
import ssl
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from statistics import median
from typing import Final

import anyio
import anyio.to_thread
from sqlalchemy import Connection, select

from drivers.simulate.payment_gateway import PaymentGatewayServer
from hub.audit.chain import Actor, Who
from hub.data import DataFolder
from hub.office.advance import OfficeRefused
from hub.office.records import find
from hub.office.staff_steps import accept, grant
from hub.options import reading, writing
from hub.rules.publish import newest_catalogue
from hub.store import schema
from kiosk.clock import WallClock, local_date
from kiosk.demo.accounts import spread
from kiosk.demo.health import HealthOffice
from kiosk.demo.item_truth import Comparison, held
from kiosk.demo.item_walk import Given, ItemErrand
from kiosk.demo.people import Invented, Registry
from kiosk.demo.plan import HALL, Plan
from kiosk.demo.show import Show
from kiosk.demo.stage_crew import CrewError, watched
from kiosk.demo.street import Faces
from kiosk.wire.catalogue import Item
from kiosk.wire.progress import Standing
from kiosk.wire.routes import OFFICE_PAID

BAR_SECONDS: Final = 90.0
"""Median of machine time that an application with three papers may take."""
_OLDEST, _YOUNGEST = 60, 25
_CLERK_SECONDS = 0.3
THREE: Final = 3


class NoSuchItem(ValueError):
    """No item of the catalogue has this key; says which there are."""


@dataclass(frozen=True, slots=True)
class Applied:
    """One application with all that belongs to it."""

    item: Item
    person: Invented
    errand: ItemErrand
    given: Given


def chosen(items: Sequence[Item], wanted: Sequence[str]) -> list[Item]:
    """The items that are wanted; all of them by `all`.

    Raises:
        NoSuchItem: there is none of that key.
    """
    if "all" in wanted:
        return list(items)
    known = {item.key: item for item in items}
    for key in wanted:
        if key not in known:
            raise NoSuchItem(f"no item {key!r}: {', '.join(known)}")
    return [known[key] for key in wanted]


async def every_item(
    wanted: Sequence[str], seed: int, ui: str, portraits: dict[str, list[Path]], say: Callable[[str], None]
) -> dict[str, object]:
    """Have somebody apply for each item, one after the other.

    Args:
        wanted: keys of items, or `all`.
        seed: of everything that is invented.
        ui: `none`, `offscreen` or `window`.
        portraits: pictures of each person (`provisioning.assets.portraits`).
        say: takes a line for whoever watches.

    Returns:
        One JSON object; `agrees` says whether the hub holds exactly what was given.

    Raises:
        CrewError: a program did not start.
        NoSuchItem: see there.
    """
    plan = Plan(people=0, submissions=0, seed=seed, hub_down="never", ui=ui, plain=True, role="desk")
    rng = random.Random(seed)  # noqa: S311  invented people
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kiosk-items-")))
        gateway = stack.enter_context(PaymentGatewayServer())
        clinic = stack.enter_context(HealthOffice(WallClock()))
        show = Show(plan, folder, say, 0, clinic)
        await stack.enter_async_context(watched(show.programs))
        show.start_hub()
        faces = await anyio.to_thread.run_sync(Faces, portraits, seed)
        await show.build(stack)
        await anyio.to_thread.run_sync(_tell_hub_of, gateway, folder / "hub")
        await show.start_terminals(stack)
        await show.in_service()
        items = await anyio.to_thread.run_sync(published, folder / "hub")
        applied: list[Applied] = []
        async with anyio.create_task_group() as group:
            group.start_soon(_clerk, folder / "hub", {item.key for item in items if item.working_days == 0})
            registry, today = Registry(rng), local_date(WallClock().now())
            for serial, item in enumerate(chosen(items, wanted), 1):
                say(f"{serial}: {item.title.zh_hans}")
                person = _of_age(registry, len(faces), today)
                applied.append(await _apply(show, faces, person, item, gateway, serial, seed, today))
            await show.drained()
            group.cancel_scope.cancel()
        return await anyio.to_thread.run_sync(partial(_report, applied, show, folder, gateway))


def published(data: Path) -> tuple[Item, ...]:
    """The items as the hub has signed them for the hall.

    Raises:
        CrewError: it has none.
    """
    with reading(data, WallClock()) as connection:
        catalogue = newest_catalogue(connection, HALL)
    if catalogue is None:
        raise CrewError("the hub has published no items")
    return catalogue.items


def _tell_hub_of(gateway: PaymentGatewayServer, data: Path) -> None:
    """The hub pays at this gateway, which calls back when somebody has paid."""
    (data / "keys" / "payment.secret").write_bytes(gateway.secret)
    serving = DataFolder(data).announced()
    assert serving is not None
    fresh = data / "office.toml.new"
    fresh.write_text(
        f'[payment]\nurl = "{gateway.url}"\nmerchant = "hall"\nsecret_file = "keys/payment.secret"\n'
        f'notify_url = "{serving.terminals}{OFFICE_PAID}"\n',
        encoding="utf-8",
    )
    fresh.replace(data / "office.toml")
    gateway.trust = ssl.create_default_context(cafile=str(data / "ca" / "ca.pem"))


def _of_age(registry: Registry, faces: int, today: date) -> Invented:
    """Somebody who may apply for anything."""
    while True:
        person = registry.invent(faces)
        if _YOUNGEST <= today.year - person.birth.year <= _OLDEST:
            return person


async def _apply(
    show: Show,
    faces: Faces,
    person: Invented,
    item: Item,
    gateway: PaymentGatewayServer,
    serial: int,
    seed: int,
    today: date,
) -> Applied:
    street, eyes = show.cast.desk_street, show.cast.at_desk
    assert street is not None
    assert eyes is not None
    errand = ItemErrand(street, eyes, faces, person, item.key, item.title.zh_hans, gateway, today, serial, seed)
    return Applied(item, person, errand, await errand.run())


def circumstances(item: Item) -> dict[str, str]:
    """How things stand with somebody who has to bring the most papers for an item: option by question."""
    votes: dict[str, Counter[str]] = {}
    form = {query.key: query for query in item.form}
    for paper in item.papers:
        conditions = list(paper.only_if)
        while conditions:
            condition = conditions.pop()
            votes.setdefault(condition.key, Counter()).update(condition.values)
            conditions += form[condition.key].only_if if condition.key in form else ()
    return {key: counted.most_common(1)[0][0] for key, counted in votes.items()}


# The clerk -----------------------------------------------------------------------------------------------------------


async def _clerk(data: Path, at_once: set[str]) -> None:
    """Decides what is done at once as soon as it comes, where the hub does not by itself. Ends by being cancelled."""
    settled: set[str] = set()
    while True:
        await anyio.sleep(_CLERK_SECONDS)
        settled |= await anyio.to_thread.run_sync(_decide, data, at_once, settled)


def _decide(data: Path, at_once: set[str], settled: set[str]) -> set[str]:
    done: set[str] = set()
    with reading(data, WallClock()) as connection:
        table = schema.handling
        waiting = [row.number for row in connection.execute(select(table.c.number).where(table.c.item.in_(at_once)))]
    for number in waiting:
        if number in settled:
            continue
        with suppress(OfficeRefused), writing(data, WallClock()) as connection:
            _grant(connection, number)
        done.add(number)
    return done


def _grant(connection: Connection, number: str) -> None:
    now = WallClock().now()
    window, office = Who(Actor.WINDOW, HALL, "w01"), Who(Actor.BACK_OFFICE, HALL, "b01")
    record = find(connection, number)
    if record is not None and record.standing is Standing.RECEIVED:
        record = accept(connection, number, record.version, window, now)
    if record is not None and record.standing is Standing.ACCEPTED:
        grant(connection, number, record.version, office, now, "符合条件，准予办理。")


# The report ----------------------------------------------------------------------------------------------------------


def _report(applied: Sequence[Applied], show: Show, folder: Path, gateway: PaymentGatewayServer) -> dict[str, object]:
    hub = held(folder / "hub", show.hub_book(), folder / "desk.log")
    rows: list[dict[str, object]] = []
    times: list[float] = []
    for each in applied:
        compared = Comparison(hub, each.item, each.given, each.person, HALL)
        differences = compared.run(gateway)
        seconds = sum(wait for _, wait in each.given.waits)
        if compared.papers >= THREE:
            times.append(seconds)
        rows.append(
            {
                "item": each.item.key,
                "ok": not differences,
                "differences": differences,
                "number": "" if each.given.done is None else each.given.done.number,
                "kind": "promised" if each.item.working_days else "at_once",
                "standing": compared.standing,
                "answers": len(each.given.answers),
                "papers": compared.papers,
                "pages": compared.pages,
                "later": len(each.given.later),
                "pages_recognised": compared.recognised,
                "pages_searchable": compared.searched,
                "largest_page_bytes": compared.largest_page,
                "paid_fen": each.given.paid_fen or 0,
                "machine_seconds": round(seconds, 1),
                "steps": steps_of(each.given),
            }
        )
    desk = show.book("desk")
    left = {"waiting": desk.waiting, "dead": desk.dead}
    numbers = Counter(row["number"] for row in rows)
    twice = sorted(str(number) for number, count in numbers.items() if count > 1)
    strangers = len(hub.book.submissions) - len(rows)
    median_seconds = round(median(times), 1) if times else None
    return {
        "agrees": all(row["ok"] for row in rows) and not any(left.values()) and not twice and not strangers,
        "items": rows,
        "outbox_left": left,
        "numbers_given_twice": twice,
        "submissions_of_nobody": strangers,
        "three_papers": {
            "applications": len(times),
            "median_machine_seconds": median_seconds,
            "bar_seconds": BAR_SECONDS,
            "within": None if median_seconds is None else median_seconds <= BAR_SECONDS,
        },
        "steps": {
            label: {"count": len(waits), **{key: round(value, 2) for key, value in spread(waits).items()}}
            for label, waits in sorted(_by_step(applied).items())
        },
    }


def steps_of(given: Given) -> dict[str, dict[str, float]]:
    """What was waited for by kind of step: how often, seconds in all, and the longest."""
    found: dict[str, list[float]] = {}
    for label, wait in given.waits:
        found.setdefault(label, []).append(wait)
    return {
        label: {"count": len(waits), "seconds": round(sum(waits), 2), "longest": round(max(waits), 2)}
        for label, waits in found.items()
    }


def _by_step(applied: Sequence[Applied]) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for each in applied:
        for label, wait in each.given.waits:
            found.setdefault(label, []).append(wait)
    return found


def told(report: Mapping[str, object]) -> str:
    """The report for whoever reads it at a terminal: a line an item, and what is wrong."""
    lines = []
    rows = report["items"]
    assert isinstance(rows, list)
    for row in rows:
        lines.append(
            f"{'ok ' if row['ok'] else 'NOT'} {row['item']:<28} {row['answers']:>2} answers {row['papers']} papers "
            f"{row['pages']} pages  {row['machine_seconds']:>5} s  {row['standing']}"
        )
        lines += [f"      {difference}" for difference in row["differences"]]
    lines.append(f"three papers: {report['three_papers']}")
    return "\n".join(lines)
