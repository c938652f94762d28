"""What sends messages for as long as this process leads: a look twice a second, a message's fate noted by itself."""

from collections.abc import Sequence
from functools import partial

import anyio
import httpx
import structlog
from anyio.to_thread import run_sync
from sqlalchemy import Connection

from hub.app import Hub
from hub.files import WatchedFile
from hub.office.alarms import OfficeAlarm, raise_once
from hub.texts.outbox import State
from hub.texts.sending import Due, Tried, due, note, paid_on, put_off, send, tomorrow, waits_until
from hub.texts.settings import FILE, BadTexts, Gateway, load
from hub.texts.templates import parts, signed
from kiosk.clock import local_date

_log = structlog.get_logger()
NO_GATEWAY = Tried("no gateway in texts.toml")


class Texts:
    """The gateway for messages as `texts.toml` has it now; read again when it changes.

    Args:
        hub: The hub.
        client: For the connections.
    """

    def __init__(self, hub: Hub, client: httpx.AsyncClient) -> None:
        self._hub, self._client = hub, client
        self._file = WatchedFile(hub.data.path / FILE)
        self._gateway: Gateway | None = None

    async def gateway(self) -> Gateway | None:
        """What is configured; as before while the file has a mistake, which is logged once."""
        if await self._file.changed():
            try:
                self._gateway = await run_sync(load, self._file.path)
            except BadTexts as error:
                _log.error("texts.toml is not used until it is mended", why=str(error))
        return self._gateway

    async def look(self) -> None:
        """Send what is due."""
        hub = self._hub
        waiting = await hub.read(lambda connection: due(connection, hub.now()))
        if not waiting:
            return
        gateway = await self.gateway()
        if gateway is None:
            for each in waiting:
                await hub.writer.do(partial(self._note, each=each, tried=NO_GATEWAY, gateway=None))
            return
        going = await hub.writer.do(partial(self._going, waiting=waiting, gateway=gateway))
        by_contact: dict[int, list[Due]] = {}
        for each in going:
            by_contact.setdefault(each.contact, []).append(each)
        async with anyio.create_task_group() as group:
            for mine in by_contact.values():
                group.start_soon(self._send, mine, gateway)

    def _going(self, connection: Connection, waiting: Sequence[Due], gateway: Gateway) -> list[Due]:
        """What goes now: the others wait for the morning, or for tomorrow's money."""
        settings, now = gateway.settings, self._hub.now()
        left = settings.a_day - paid_on(connection, now)
        going = []
        for each in waiting:
            until = waits_until(each, settings, now)
            cost = parts(signed(each.words, settings.sign))
            if until is None and cost > left:
                until = tomorrow(settings, now)
                day = local_date(now).isoformat()
                raise_once(connection, OfficeAlarm.TEXT_LIMIT, "", day, now, detail=str(settings.a_day))
            if until is not None:
                put_off(connection, each, until)
                continue
            left -= cost
            going.append(each)
        return going

    async def _send(self, mine: Sequence[Due], gateway: Gateway) -> None:
        """Send what goes to one person, in its order; after a failure the others of theirs wait, too."""
        hub = self._hub
        for each in mine:
            tried = await send(self._client, gateway, each, hub.unsealing, hub.now())
            await hub.writer.do(partial(self._note, each=each, tried=tried, gateway=gateway))
            if tried.error:
                _log.warning("message not sent", message=each.number, tries=each.tries + 1, why=tried.error)
                return

    def _note(self, connection: Connection, each: Due, tried: Tried, gateway: Gateway | None) -> None:
        now = self._hub.now()
        if note(connection, each, tried, gateway, now) is State.DEAD:
            day = local_date(now).isoformat()
            raise_once(connection, OfficeAlarm.TEXT_DEAD, each.hall, day, now)
