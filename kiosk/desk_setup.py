"""A desk put together, with the watch over its paper."""

import contextlib
import shutil
from typing import cast

import anyio

from drivers.contract import Kind
from drivers.errors import DriverError
from drivers.kinds import IdReader, PagePrinter, ReceiptPrinter
from kiosk.desk.afterwards_parts import Afterwards
from kiosk.desk.desk import Desk, DeskPace, DeskTrust
from kiosk.desk.typing import engines
from kiosk.devices.supervisor import Device
from kiosk.link.office import Office
from kiosk.link.phone import PhoneLine
from kiosk.parts import Parts
from kiosk.store.drafts import Drafts
from kiosk.store.post import CitizenPost
from kiosk.store.window_post import WindowPost
from kiosk.vision.binding import Binding
from kiosk.vision.sent_process import SentInProcess

LEAST_DISK_BYTES = 200 * 1024 * 1024
"""With less free space no new work is begun; what was begun is finished."""
PAPER_SECONDS = 15.0
"""How often the printer is asked how it is."""


def set_up_desk(parts: Parts) -> Desk:
    """The desk, with everything that watches it started."""
    equipment, site, identity = parts.equipment, parts.site, parts.identity
    printer = equipment.start(parts.start, equipment.entry(Kind.PRINTER))
    parts.start(_watch_paper, printer)
    assert site.desk is not None
    office = Office(parts.hub)
    return Desk(
        hall_name=site.hall_name,
        hotline=site.hotline,
        stage=parts.stage,
        reader=cast("Device[IdReader]", equipment.start(parts.start, equipment.entry(Kind.ID_READER))),
        printer=cast("Device[ReceiptPrinter]", printer),
        printing=lambda: printer.ready and printer.report().supplies.get("paper") != "out",
        sight=parts.sight,
        ledger=parts.ledger,
        trust=DeskTrust(
            identity.hall_key,
            identity.hub_recipient,
            identity.enrolled.receipt_range,
            identity.enrolled.receipts_from,
        ),
        catalogue=parts.published.catalogue_in_force,
        offline=parts.offline,
        pace=DeskPace(
            idle_seconds=site.desk.idle_seconds,
            warning_seconds=site.desk.warning_seconds,
            result_seconds=site.desk.result_seconds,
        ),
        clock=parts.clock,
        shelf=Drafts(parts.database, parts.clock),
        writing=engines(),
        office=office,
        after=_other_services(parts),
        reads=parts.sight,
        lines=parts.sight,
        binder=Binding(),
        calendar=lambda: parts.published.calendar,
        camera=equipment.camera_ready,
        room=lambda: shutil.disk_usage(site.data).free >= LEAST_DISK_BYTES,
        speaker=parts.speaker,
        windows=WindowPost(parts.database, parts.uplink.wake),
        phone=PhoneLine(office),
        sent=SentInProcess(parts.sight),
        earlier=office,
        texts=site.desk.text_messages,
        lock=parts.lock,
    )


def _other_services(parts: Parts) -> Afterwards:
    """What serves whoever has handed something in before, or came for something else."""
    equipment, pages = parts.equipment, None
    if equipment.has(Kind.PAGE_PRINTER):
        pages = cast("Device[PagePrinter]", equipment.start(parts.start, equipment.entry(Kind.PAGE_PRINTER)))
    post = CitizenPost(parts.database, parts.uplink.wake)
    return Afterwards(Office(parts.hub), post, photos=parts.sight, pages=pages)


async def _watch_paper(printer: Device[object]) -> None:
    """Ask the printer how it is, so that the start screen and staff know before somebody needs it."""
    while True:
        with contextlib.suppress(DriverError):
            await printer.call(lambda p: cast("ReceiptPrinter", p).status(), 3.0)
        await anyio.sleep(PAPER_SECONDS)
