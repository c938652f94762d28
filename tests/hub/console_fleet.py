"""The newer half of a busy day: text messages, machines by serial number, a watch list, releases and settings in steps.

All through the calls that the hub itself makes; what would take a day (a message that is given up) is noted as its
sender notes it.
"""

import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec

from drivers.simulate.text_gateway import TextGatewayServer
from hub.audit.chain import Actor, Who
from hub.fleet import releases, serials, site_settings
from hub.fleet.serial_lists import read_list
from hub.fleet.site_settings import Place, Scope
from hub.office import staff_steps
from hub.office.alarms import OfficeAlarm, raise_once
from hub.rules.stages import halt, set_group
from hub.texts.reports import Report, Reports, take
from hub.texts.sending import Tried, due, note, put_off
from hub.texts.shown import of_subject
from kiosk.clock import WallClock, local_date
from kiosk.wire.catalogue import Handling
from kiosk.wire.fleet import EnrolmentTicket
from kiosk.wire.release import Wanted
from kiosk.wire.site import KIND as SITE
from kiosk.wire.texts import CONSENT, TextsWanted
from provisioning.enrol import BySerial, EnrolmentFailed, enrol
from tests.hub.console_papers import HALL, Papers
from tests.hub.office_world import JPEG, Citizen

WATCHED = ("110101199003070011", "110101198001010010", "110101196001010011", "110101195001010017")
DEADLINE = 120
"""Seconds; generous: other tests run beside."""
TYPED_HERE = [
    *("某某社区 2026-17 号", "家属报失，老人走失", "请到值班台", "挂失登记 12345", "市公安局", "登记号不完整"),
    *("三次扰乱办事秩序，有记录", "已回家", "陈工"),
    "渭南政务大厅",
    "华州区便民中心",
]
"""What people typed, which no program translates."""


class Machines(Papers):
    """What the town has since the console knows messages, machines by number, lists and editions in steps."""

    def console(self, role: str) -> httpx.Client:
        """The console as somebody in a role; to be closed."""
        client = httpx.Client(base_url=self.running.at.console, trust_env=False, timeout=60)
        client.cookies.set("session", self.token(role))
        return client

    # Messages -----------------------------------------------------------------------------------------------------

    def texts(self) -> None:
        """Messages sent, delivered, not delivered, waiting, given up for two reasons, and one taken back."""
        desk, data = Citizen(self.desks[0]), self.running.data
        with TextGatewayServer() as gateway:
            (data.keys / "texts.secret").write_bytes(gateway.secret)
            text = (
                f'url = "{gateway.url}"\nclient = "hall"\nsecret_file = "keys/texts.secret"\nsign = "渭南政务大厅"\n'
                "quiet_from = 0\nquiet_to = 0\ntimeout_seconds = 5\n"  # at night too, when tests run
            )
            (data.path / "texts.toml").write_text(text, encoding="utf-8")
            sent = [self._accepted(desk) for _ in range(4)]
            until = time.monotonic() + DEADLINE
            while len([each for each in sent if self._state(each) == "sent"]) < len(sent):
                assert time.monotonic() < until, "the gateway got no message"
                time.sleep(0.1)
            keys = {row[0]: row[1] for row in self.running.rows("SELECT subject, key FROM text_message")}
            told = [("delivered", ""), ("failed", "off"), ("failed", "bad_number")]
            reports = Reports(
                reports=tuple(
                    Report(key=keys[number], state=state, why=why)
                    for number, (state, why) in zip(sent, told, strict=False)
                )
            )
            reports = msgspec.convert(msgspec.to_builtins(reports), Reports)
            self.write(lambda c: take(c, reports, self.now))
        for why in ("HTTP 503", "HTTP 503", "ConnectError"):
            self._accepted(desk, lambda c, w=why: self._given_up(c, w))
        self._accepted(desk, self._tomorrow)
        self.write(lambda c: raise_once(c, OfficeAlarm.TEXT_DEAD, HALL, local_date(self.now).isoformat(), self.now))
        with self.console("window") as clerk:
            back = clerk.post(f"/office/{HALL}/s/{sent[3]}/texts", data={"do": "take_back"})
            assert back.status_code == 303

    def _accepted(self, desk: Citizen, after: Callable[[Any], None] = lambda _: None) -> str:
        """The number of a submission that was accepted, whose person wants messages."""
        item = self._item(HALL, Handling.HERE)
        kind = next((each.key for each in self.facts(item).papers), "registration")
        wanted = TextsWanted(phone="+8613800000011", consent=CONSENT, agreed=self.now)
        papers = [desk.paper(JPEG, kind)]
        number: str = desk.hand_in(papers, item=item, texts_sealed=self.desks[0].seal(wanted)).number

        def work(connection: Any) -> None:
            version = self.record(number).version
            staff_steps.accept(connection, number, version, Who(Actor.WINDOW, HALL, "w01"), self.now)
            after(connection)

        self.write(work)
        return number

    def _given_up(self, connection: Any, why: str) -> None:
        for each in due(connection, self.running.hub.now()):
            note(connection, replace(each, first_try=self.ago(days=2)), Tried(why), None, self.now)

    def _tomorrow(self, connection: Any) -> None:
        for each in due(connection, self.running.hub.now()):
            put_off(connection, each, self.now + timedelta(hours=20))

    def _state(self, number: str) -> str:
        found = self.read(lambda c: of_subject(c, number))
        return found[0].state if found else ""

    # Machines -----------------------------------------------------------------------------------------------------

    def serials(self) -> None:
        """Listed, waiting to be compared, admitted, turned away, over its time, and enrolled."""
        rows = [
            "SN-2026-000041,weinan,gate-41,gate,pilot",
            "SN-2026-000042,weinan,desk-42,desk,",
            "SN-2026-000043,weinan,desk-43,desk,",
            "SN-2026-000044,weinan,gate-44,gate,",
        ]
        head = "serial,hall,terminal,role,group\n"

        def expect(lines: list[str], days: float, *, at_once: bool = False) -> None:
            machines = read_list((head + "\n".join(lines)).encode())
            until = self.ago(days=-days)
            self.write(
                lambda c: serials.expect(c, machines, until=until, at_once=at_once, by="陈工", now=self.ago(days=60))
            )

        expect(rows, 30)
        expect(["SN-2026-000039,weinan,gate-39,gate,"], -2)
        expect(["SN-2026-000045,weinan,desk-45,desk,pilot"], 30, at_once=True)
        with tempfile.TemporaryDirectory() as folder:
            for number in ("42", "43", "44", "45"):
                self._asks(Path(folder) / number, f"SN-2026-0000{number}")
        with self.console("administrator") as chief:
            key = self.read(lambda c: serials.expected(c, "SN-2026-000043")).fingerprint
            given = {"serial": "SN-2026-000043", "fingerprint": key}
            assert chief.post("/terminals/machines/admit", data=given).status_code == 303
            answer = chief.post("/terminals/machines/turn-away", data={"serial": "SN-2026-000044"})
            assert answer.status_code == 303

    def _asks(self, folder: Path, serial: str) -> None:
        ticket = EnrolmentTicket(url=self.running.at.terminals, ca_sha256=self.running.hub.authority.fingerprint)
        try:
            enrol(ticket, folder, WallClock(), lambda _: None, by_serial=BySerial(serial, 0), with_tpm=False)
        except EnrolmentFailed:  # it waits for somebody who compares its key
            assert serial != "SN-2026-000045"

    # The watch list -----------------------------------------------------------------------------------------------

    def watch(self) -> None:
        """Proposed, in force (one begins later), refused, and taken off."""
        today = local_date(self.now)

        def fields(place: int, kind: str, **more: str) -> dict[str, str]:
            return {
                "number": WATCHED[place],
                "kind": kind,
                "begins": "",
                "ends": (today + timedelta(days=30 + place)).isoformat(),
                "asked_by": "某某社区 2026-17 号",
                "why": "家属报失，老人走失",
                "note": "请到值班台",
                **more,
            }

        address = f"/gate/{HALL}/watch"
        later = (today + timedelta(days=3)).isoformat()
        with self.console("supervisor") as first, self.console("administrator") as second:

            def propose(place: int, kind: str, **more: str) -> int:
                answer = first.post(address, data=fields(place, kind, **more))
                assert answer.status_code == 303, answer.text
                return int(self.running.rows("SELECT max(number) FROM proposal")[0][0])

            for place, kind, more in (
                (0, "needs_help", {}),
                (1, "document_lost", {"asked_by": "市公安局", "why": "挂失登记 12345", "note": "", "begins": later}),
                (2, "disorder", {"why": "三次扰乱办事秩序，有记录"}),
            ):
                number = propose(place, kind, **more)
                assert second.post(f"/decisions/{number}/confirm").status_code == 303
            gone = self.running.rows("SELECT id FROM watch_entry WHERE proposal = ?", number)[0][0]
            assert second.post(f"{address}/{gone}/take-back", data={"why": "已回家"}).status_code == 303
            number = propose(2, "needs_help")
            assert second.post(f"/decisions/{number}/refuse", data={"why": "登记号不完整"}).status_code == 303
            propose(3, "needs_help")

    # Releases and settings ----------------------------------------------------------------------------------------

    def editions(self) -> None:
        """A release for all and a newer one halted on its way; settings in steps, one edition halted."""
        key = self.running.hub.signing
        first = self.gates[0].enrolled.terminal

        def work(connection: Any) -> None:
            releases.want(connection, key, HALL, Wanted(release="0.2.0"), self.ago(days=6), share=100)
            newer = Wanted(release="0.3.0", from_hour=22, until_hour=5)
            releases.want(connection, key, HALL, newer, self.ago(days=1), share=20, names=[first])
            releases.halt(connection, key, HALL, self.ago(hours=20))
            for place, text, days, share in (
                (Place(Scope.EVERYBODY), "[desk]\nidle_seconds = 90.0\n", 9, 100),
                (Place(Scope.GROUP, "pilot"), "[desk]\nidle_seconds = 120.0\n", 4, 100),
                (Place(Scope.TERMINAL, self.desks[0].enrolled.terminal), "[desk]\nidle_seconds = 60.0\n", 2, 30),
            ):
                set_group(connection, HALL, self.desks[1].enrolled.terminal, "pilot")
                site_settings.put(connection, key, HALL, place, text, self.ago(days=days), share=share)
            halt(connection, SITE, HALL, f"{self.desks[0].enrolled.terminal}: [desk] idle_seconds")

        self.write(work)
        with self.console("technician") as technician:
            given = {"scope": "everybody", "newest": "3", "text": "[desk]\nidle_seconds = 75.0", "share": "25"}
            address = f"/terminals/{HALL}/{self.desks[0].enrolled.terminal}/site"
            assert technician.post(address, data=given).status_code == 303
