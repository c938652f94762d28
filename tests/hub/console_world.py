"""A hub with something of everything in it: two halls on a busy day, for whoever looks at the console's pages."""

import gzip
from datetime import timedelta
from typing import Any

import httpx
import msgspec
import uuid6

from drivers.simulate.courier_service import CourierServer
from hub.audit.chain import Actor, Who
from hub.fleet import alarms
from hub.fleet.alarms import AlarmKind
from hub.fleet.live import Heard, TerminalKey
from hub.gate import cases
from hub.gate.case_states import Move
from hub.people.halls import name_hall
from hub.rules.publish import LEVELS, RULES
from hub.rules.stages import stages
from hub.supervision.measure import Measure
from kiosk.wire import routes
from kiosk.wire.events import Crossed, LaneAlarm, LaneTrouble, StaffAct, StaffAction
from kiosk.wire.evidence import Band, Colour, HealthChecked, Holder, MaskSeen, MaskWorn, NotMeasured, Why
from kiosk.wire.fleet import DeviceHealth, ScreenUse
from kiosk.wire.orders import OrderFate
from kiosk.wire.rules import Decision, Reason, Verdict
from tests.hub.console_fleet import TYPED_HERE, Machines
from tests.hub.console_papers import HALL, LONG, LONG_WORD, OTHER_HALL
from tests.hub.test_browser import png
from tests.hub.test_terminal_pages import fetched, settle, tell


class Town(Machines):
    """Fills a running hub."""

    def __init__(self, running: Any) -> None:
        super().__init__(running)
        self.typed += TYPED_HERE

    def fill(self) -> "Town":
        """All of it."""
        with CourierServer() as courier:
            self.outside(None, courier)
            for part in (
                self.halls,
                self.passages,
                self.cases,
                self.lanes,
                self.submissions,
                self.opinions,
                self.payments,
                self.calls,
                self.windows,
                self.appointments,
                self.decisions,
                self.texts,
                self.serials,
                self.watch,
                self.editions,
                self.terminals,
            ):
                part()
        return self

    def halls(self) -> None:
        """Both have names; one is given as the supervisor gives it."""
        with self.console("supervisor") as chief:
            answer = chief.post(f"/windows/{HALL}/wall", data={"do": "name", "name": "渭南政务大厅"})
            assert answer.status_code == 303
        self.write(lambda c: name_hall(c, OTHER_HALL, "华州区便民中心", Who(Actor.OPERATOR), self.now))

    def passages(self) -> None:
        first, second = self.gates[:2]
        kinds: list[tuple[Verdict, tuple[Reason, ...], Crossed | None]] = [
            (Verdict.ADMIT, (Reason.ALL_IN_ORDER,), Crossed.PASSED),
            (Verdict.ADMIT, (Reason.ALL_IN_ORDER,), None),
            (Verdict.ADMIT, (Reason.ALL_IN_ORDER,), Crossed.TAILGATED),
            (Verdict.REFUSE, (Reason.CODE_EXPIRED,), Crossed.TURNED_BACK),
            (Verdict.REFUSE, (Reason.MASK_MISSING, Reason.CODE_WRONG_HALL), None),
            (Verdict.REFER, (Reason.TEMPERATURE_UNSURE, Reason.NO_LIVENESS, Reason.HEALTH_UNREACHABLE), None),
        ]
        for place, (verdict, reasons, crossed) in reversed(list(enumerate(kinds * 3))):
            for lane in (second, first):
                at = self.ago(minutes=7 * place + (3 if lane is first else 5))
                passage = lane.passage(
                    decided=at,
                    began=at - timedelta(seconds=6),
                    decision=Decision(verdict=verdict, reasons=reasons, rules_version=1),
                )
                lane.send(passage)
                if crossed is not None:
                    lane.send(lane.ended(passage, crossed))

    def cases(self) -> None:
        lane = self.gates[0]
        wanted: list[tuple[str, tuple[Reason, ...], tuple[Move, ...]]] = [
            ("张*国", (Reason.FACE_UNSURE,), ()),
            ("李*梅", (Reason.FACE_UNSURE, Reason.NO_MASK_SEEN), (Move.TAKE, Move.ASK, Move.NOTE)),
            ("周*生", (Reason.CODE_NOT_KNOWN,), (Move.TAKE, Move.CLEAR)),
            ("吴*", (Reason.TEMPERATURE_HIGH,), (Move.TAKE, Move.READ_AGAIN)),
            ("郑*兰", (Reason.HEALTH_RED,), (Move.TAKE, Move.HAND_OVER)),
            ("欧**明", (Reason.TEMPERATURE_HIGH, Reason.HEALTH_YELLOW), ()),
        ]
        for name, reasons, moves in wanted:
            evidence = lane.passage().evidence
            evidence = msgspec.structs.replace(
                evidence,
                temperature=msgspec.structs.replace(evidence.temperature, object_c=37.8),
                face=msgspec.structs.replace(evidence.face, band=Band.STAFF),
                mask=MaskSeen(worn=MaskWorn.WORN, frames=4, device="camera", at=self.now),
                health=HealthChecked(
                    colour=Colour.YELLOW, service="city", made=self.now, holder=Holder.SAME, at=self.now
                )
                if Reason.HEALTH_YELLOW in reasons
                else NotMeasured(why=Why.DEVICE_FAULT, device="code_scanner", code="no_answer"),
            )
            decision = Decision(verdict=Verdict.REFER, reasons=reasons, rules_version=1)
            passage = lane.passage(decision=decision, name_masked=name, evidence=evidence)
            lane.send(passage)
            self.write(lambda c, m=moves, p=passage: self._moves(c, p.id, m))

    def _moves(self, connection: Any, passage: Any, moves: tuple[Move, ...]) -> None:
        (case,) = [each for each in cases.listed(connection, HALL) if each.passage == passage]
        given: dict[Move, dict[str, Any]] = {
            Move.ASK: {"question": "最近 14 天是否到过外地？", "text": "没有，一直在本地"},
            Move.NOTE: {"text": LONG[:480]},
            Move.READ_AGAIN: {"temperature_c": 36.6},
            Move.CLEAR: {"text": "人工核对身份证，与本人一致"},
            Move.HAND_OVER: {"text": "已交疾控人员"},
        }
        for move in moves:
            case = cases.act(
                connection, case.number, case.version, move, who="e01", now=self.now, **given.get(move, {})
            )

    def lanes(self) -> None:
        lane = self.gates[0]

        def act(kind: StaffAct, minutes: int, **given: Any) -> StaffAction:
            return StaffAction(id=uuid6.uuid7(), act=kind, staff="e01", lane="1", at=self.ago(minutes=minutes), **given)

        lane.send(
            act(StaffAct.OPENED, 50, reason="送材料的推车"),
            act(StaffAct.PAUSED, 40),
            act(StaffAct.RESUMED, 36),
            act(StaffAct.COUNT_SET, 20, count=42),
            act(StaffAct.DISINFECTED, 10),
            act(StaffAct.ENROLLED, 9, count=3, reason="同意书 2026-017"),
            act(StaffAct.TECHNICIAN, 5, reason="calibrate thermometer"),
            LaneAlarm(id=uuid6.uuid7(), trouble=LaneTrouble.HELD_OPEN, lane="1", at=self.ago(minutes=2)),
        )

    def decisions(self) -> None:
        """Proposed by one, for another to confirm."""
        with httpx.Client(base_url=self.running.at.console, trust_env=False, timeout=30) as chief:
            chief.cookies.set("session", self.token("supervisor"))
            assert chief.post("/privacy/kept", data={"kind": "passages", "days": "30"}).status_code == 303
            with self.running.hub.engine.connect() as connection:
                newest = stages(connection, RULES, HALL)[0].version
            wanted = {"newest": str(newest), "do": "publish", "text": LEVELS["level-3"].read_text(), "share": "50"}
            assert chief.post(f"/gate/{HALL}/rules", data=wanted).status_code in {200, 303}

    def terminals(self) -> None:
        gate, paused, broken, _never = self.gates
        desk, dead, silent = self.desks
        counted = {"entered": 163, "left": 122}
        good = (
            DeviceHealth(name="id_reader", driver="id_reader/sam_v", state="ready"),
            DeviceHealth(name="camera", driver="camera/uvc", state="ready"),
            DeviceHealth(name="thermometer", driver="thermometer/gy614", state="ready"),
            DeviceHealth(name="barrier", driver="barrier/relay", state="ready"),
        )
        tell(gate, devices=good, outbox_waiting=0, list_made=self.ago(minutes=2), **counted)
        tell(paused, devices=good, in_service=False, paused=True, view="common.OutOfService")
        tell(broken, in_service=False, outbox_waiting=312, oldest_waiting=self.ago(hours=30), view="gate.Welcome")
        tell(desk, role="desk", view="desk.Question")
        tell(dead, role="desk", view="desk.Start", outbox_dead=3)
        tell(silent, role="desk", view="desk.Review")
        for terminal, size in ((gate, (270, 480)), (desk, (270, 480))):
            terminal.http.put(routes.SCREEN, content=png(*size))
        fleet = self.running.hub.fleet
        key = TerminalKey(HALL, silent.enrolled.terminal)
        fleet.heard[key] = Heard(fleet.heard[key].health, self.ago(hours=3))
        for each, heard in list(fleet.heard.items()):
            if each != key:  # and they stay in touch while somebody looks
                fleet.heard[each] = Heard(heard.health, heard.at + timedelta(minutes=20))
        self.write(lambda c: self._alarms(c, dead))
        self.write(self._measured)
        self._orders(gate)

    def _alarms(self, connection: Any, dead: Any) -> None:
        key = TerminalKey(HALL, dead.enrolled.terminal)
        alarms._raise(connection, key, AlarmKind.DEAD_LETTER, "", "3", self.ago(minutes=40))
        broken = TerminalKey(HALL, self.gates[2].enrolled.terminal)
        alarms._raise(connection, broken, AlarmKind.DEVICE, "camera", "no_answer", self.ago(hours=5))
        alarms._raise(connection, broken, AlarmKind.OUTBOX, "", "312, 1800 min", self.ago(hours=1))
        first = alarms.of_terminal(connection, broken)[0]
        alarms.acknowledge(connection, first.number, "t01", self.ago(minutes=30))

    def _measured(self, connection: Any) -> None:
        """Two minutes of looking, so that there are figures of screens and devices."""
        measure, heard = Measure(), dict(self.running.hub.fleet.heard)
        measure.take(connection, heard, self.ago(minutes=1))
        grown = {
            key: Heard(
                msgspec.structs.replace(
                    each.health,
                    screens=tuple(
                        ScreenUse(view=use.view, shown=use.shown + 40, left=use.left + 7, seconds=use.seconds + 700)
                        for use in each.health.screens
                    ),
                ),
                each.at,
            )
            for key, each in heard.items()
        }
        measure.take(connection, grown, self.now)

    def _orders(self, terminal: Any) -> None:
        with httpx.Client(base_url=self.running.at.console, trust_env=False, timeout=30) as technician:
            technician.cookies.set("session", self.token("technician"))
            where = f"/terminals/{HALL}/{terminal.enrolled.terminal}/orders"
            for kind in ("reload", "bundle", "message", "restart"):
                given = {"kind": kind, "text": "今天 16:30 停止取号"}
                assert technician.post(where, data=given).status_code == 303
            numbers = [order.number for order in fetched(terminal).orders]
            body = gzip.compress(b"a bundle")
            assert terminal.http.put(f"{routes.ORDERS}/{numbers[1]}/bundle", content=body).status_code == 204
            for number, fate in zip(numbers, (OrderFate.FAILED, OrderFate.DONE, OrderFate.DONE), strict=False):
                settle(terminal, number, fate, LONG_WORD[:150] if fate is OrderFate.FAILED else "")
            technician.post(where, data={"kind": "reload"})
