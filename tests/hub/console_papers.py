"""The office's and the windows' half of a busy day: a submission wherever one can stand, money, opinions, calls."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import uuid6

from hub.audit.chain import Actor, Who
from hub.fleet.live import TerminalKey
from hub.office import board, staff_steps, windows
from hub.office.items import published
from hub.office.opinions import reply
from hub.office.payments import note_paid, show_qr, write_order
from hub.office.queue import call_next, take_number
from hub.office.staff_steps import Ask
from hub.people.appointments import book, withdraw
from hub.people.slots import open_slots, slots
from kiosk.clock import local_date
from kiosk.wire.catalogue import Delivery, Handling
from kiosk.wire.events import CallbackNumber, CallbackWanted, Content, Opinion, OpinionKind, OpinionWords
from kiosk.wire.progress import Part
from kiosk.wire.requests import Pay, Withdraw
from tests.hub.office_world import JPEG, Citizen, World, pdf
from tests.hub.test_help_calls import Calls

HALL, OTHER_HALL = "weinan", "huazhou"
NAMES = {
    "entry": ("e01", "陈岗"),
    "window": ("w01", "王芳"),
    "back_office": ("b01", "李强"),
    "supervisor": ("s01", "赵敏"),
    "technician": ("t01", "周工"),
    "auditor": ("a01", "何审"),
    "administrator": ("adm", "孙管"),
}
"""By role: the account's id and name."""
LONG = "因申请材料中的户口簿页面与身份证地址不一致，且租赁合同未经登记备案，" * 8
TYPED = [
    "number, kind, begins (optional), ends, asked_by, why, note (optional)",  # names in a file
    *("seats_share", "中文"),  # a name in the rules; a language by its own name
    *(name for _, name in NAMES.values()),
    *("张*国", "李*梅", "周*生", "吴*", "郑*兰", "欧**明", "王小明", "王*明"),
    *("陕西省渭南市临渭区", "渭南市临渭区", "朝阳大街1号", "送材料的推车", "同意书 2026-017", "今天 16:30 停止取号"),
    *("本周六照常办公，9:00 开门。", "系统维护，暂停取号半小时。", "3号窗口", "5号窗口", "卡片遗失"),
    *("最近 14 天是否到过外地？", "没有，一直在本地", "人工核对身份证，与本人一致", "已交疾控人员"),
    *(
        "不属于本厅受理范围，请到不动产登记中心办理",
        "需要征求其他部门意见",
        "准予行政许可决定书",
        "页面模糊，请重拍",
        "符合条件",
    ),
    *("<b>叫号屏</b>看不清楚", "窗口没有人，等了四十分钟", "已调高亮度，谢谢您告诉我们"),
]
"""What people typed, which no program translates."""
LONG_WORD = "unbrokenwordthatgoesonandon" * 8
"""What somebody typed without a space."""


class Papers(World):
    """What lies on the desks of two halls."""

    def __init__(self, running: Any) -> None:
        super().__init__(running)
        self.now: datetime = running.hub.now()
        self.typed = [*(LONG[:size] for size in (500, 480, 300, 190)), *TYPED]
        self.numbers: dict[str, str] = {}
        self.gates = [running.terminal("gate", HALL) for _ in range(4)]
        self.desks = [running.terminal("desk", HALL) for _ in range(3)]
        self.far = running.terminal("desk", OTHER_HALL)
        running.terminal("gate", OTHER_HALL)  # enrolled, and never heard
        for hall in (HALL, OTHER_HALL):
            self.staff(hall)
        for role, (staff_id, name) in NAMES.items():
            running.sign_in(None, role, hall=HALL, staff_id=staff_id, name=name)

    def token(self, role: str) -> str:
        """The session of somebody in a role."""
        staff_id, name = NAMES[role]
        token: str = self.running.sign_in(None, role, hall=HALL, staff_id=staff_id, name=name)
        return token

    def ago(self, **span: float) -> datetime:
        """Some time ago."""
        return self.now - timedelta(**span)

    def _item(self, hall: str, handling: Handling) -> str:
        catalogue: Any = self.read(lambda connection: published(connection, hall))
        return next(each.key for each in catalogue.items if each.handling is handling and each.working_days)

    def facts(self, item: str) -> Any:
        """An item as the hall offers it."""
        catalogue: Any = self.read(lambda connection: published(connection, HALL))
        return next(each for each in catalogue.items if each.key == item)

    def submissions(self) -> None:
        item = self._item(HALL, Handling.ACCEPT_REMOTELY)
        self.home(HALL, item, OTHER_HALL)
        window, back = Who(Actor.WINDOW, HALL, "w01"), Who(Actor.BACK_OFFICE, OTHER_HALL, "b01")
        desk = Citizen(self.desks[0])
        office = self.desks[0]
        here = self._item(HALL, Handling.HERE)
        own = Who(Actor.BACK_OFFICE, HALL, "b01")

        def handed(name: str, days: float, **more: Any) -> str:
            wanted = self.facts(more.get("item", item))
            kinds = [each.key for each in wanted.papers] or ["registration"]
            papers = [desk.paper(JPEG + name.encode(), kinds[0]), desk.paper(pdf(name), kinds[-1])]
            said = {each.key: "2026-11-02" for each in wanted.form[:4]}
            content = Content(person=desk.identified, answers=said)
            more = {"content_sealed": self.desks[0].seal(content), **more}
            given = {"item": item, "submitted": self.ago(days=days), "began": self.ago(days=days, minutes=6), **more}
            number: str = desk.hand_in(papers, **given).number
            self.numbers[name] = number
            return number

        def done(number: str, *steps: Callable[..., Any]) -> None:
            for step in steps:
                version = self.record(number).version
                self.write(lambda c, v=version, s=step: s(c, number, v))

        def step(work: Any, who: Who, *words: Any) -> Callable[..., Any]:
            return lambda c, number, version: work(c, number, version, who, self.now, *words)

        accept, route = step(staff_steps.accept, window), step(staff_steps.route, window, OTHER_HALL)
        grant, mine = step(staff_steps.grant, back, "符合条件"), step(staff_steps.grant, own, "符合条件")
        kind = next((each.key for each in self.facts(item).papers), "registration")
        asked = [Ask(Part.PAPER, kind, "页面模糊，请重拍"), Ask(Part.OTHER, "", LONG[:190])]
        handed("received", 0.02)
        handed("waiting", 3)
        handed("courier", 1, way=Delivery.COURIER, address_sealed=desk.address())
        done(handed("correcting", 2), step(staff_steps.return_for_correction, window, asked))
        number = handed("corrected", 4)
        done(number, step(staff_steps.return_for_correction, window, asked[:1]))
        desk.supply(number, [desk.paper(JPEG + b" sharper", kind)])
        done(handed("accepted", 2, item=here), accept)
        done(handed("noted", 2, item=here), accept, step(staff_steps.note, window, LONG[:300]))
        done(handed("extended", 9, item=here), accept, step(staff_steps.extend, own, "需要征求其他部门意见"))
        done(handed("routed", 2), accept, route)
        done(handed("granted", 5, item=here), accept, mine)
        done(handed("refused", 5), step(staff_steps.reject, window, "不属于本厅受理范围，请到不动产登记中心办理"))
        result = step(self._result, own)
        done(handed("result", 6, item=here), accept, mine, result)
        done(handed("collected", 7, item=here), accept, mine, result, step(staff_steps.hand_out, window))
        number = handed("sent", 8, item=here, way=Delivery.COURIER, address_sealed=desk.address())
        done(number, accept, mine, result, step(staff_steps.send, window, "ems"))
        done(handed("far", 5), accept, route, grant)
        desk.done(Withdraw(who=desk.who, number=handed("withdrawn", 1)))
        plain = office.submission()
        office.send(plain, office.receipt(plain))

    def _result(self, connection: Any, number: str, version: int, who: Who, now: datetime) -> Any:
        sealed = self.desks[0].seal("a result")
        name = hashlib.sha256(sealed).hexdigest()
        self.running.hub.papers.add(f"office/{HALL}", name, 0, len(sealed), sealed)
        return staff_steps.add_result(
            connection, number, version, who, now, title="准予行政许可决定书", sha256=name, size=len(sealed)
        )

    def opinions(self) -> None:
        desk = self.desks[0]
        kinds = [
            (OpinionKind.COMPLAINT, "CMPL2345", 1, "窗口没有人，等了四十分钟", 1.0),
            (OpinionKind.COMPLAINT, "CMPL2346", 1, LONG[:500], 9.0),
            (OpinionKind.COMPLAINT, "CMPL2347", 2, "<b>叫号屏</b>看不清楚", 2.0),
            (OpinionKind.RATING, "RATE2345", 5, "", 0.2),
        ]
        for kind, code, stars, words, days in kinds:
            given: dict[str, Any] = {
                "id": uuid6.uuid7(),
                "kind": kind,
                "code": code,
                "at": self.ago(days=days),
                "name_masked": "王*明",
                "stars": stars,
            }
            if words:
                given["words_sealed"] = desk.seal(OpinionWords(text=words, phone="13800000000"))
            desk.send(Opinion(**given))
        who = Who(Actor.SUPERVISOR, HALL, "s01")
        self.write(lambda c: reply(c, HALL, "CMPL2347", 1, who, self.now, "已调高亮度，谢谢您告诉我们"))

    def payments(self) -> None:
        catalogue: Any = self.read(lambda connection: published(connection, HALL))
        item, fen = next((each.key, each.fee_fen) for each in catalogue.items if each.fee_fen)
        key = TerminalKey(HALL, self.desks[0].enrolled.terminal)
        for paid in (False, True, True):
            order = uuid6.uuid7()
            asked = Pay(item=item, fen=fen)
            self.write(lambda c, o=order, a=asked: write_order(c, key, o, a, self.now))
            self.write(lambda c, o=order: show_qr(c, o, "https://pay.invalid/1"))
            if paid:
                self.write(lambda c, o=order: note_paid(c, o, fen, "G2026112200017", self.now))

    def calls(self) -> None:
        Calls(self.desks[1]).ask(item="social-card-replacement")
        first = Calls(self.desks[0])
        call = first.ask(view="desk.CapturePaper", language="en")
        first.end(call)
        call = Calls(self.desks[2]).ask(view="desk.Question")
        wanted = CallbackWanted(
            id=uuid6.uuid7(),
            call=call.id,
            role="desk",
            language="zh-Hans",
            view="desk.Question",
            at=self.now,
            number_sealed=self.desks[2].seal(CallbackNumber(phone="13800138000")),
        )
        self.desks[2].send(wanted)

    def windows(self) -> None:
        def work(connection: Any) -> None:
            for department, many in (("tax", 4), ("social", 7), ("", 3)):
                for _ in range(many):
                    take_number(connection, HALL, department, None, self.ago(minutes=18))
            text = call_next(connection, HALL, "tax", "3号窗口", self.ago(minutes=9), "w01")
            windows.act(connection, HALL, text, "3号窗口", windows.Act.SERVE, "w01", self.ago(minutes=8))
            text = call_next(connection, HALL, "social", "5号窗口", self.ago(minutes=6), "w02")
            windows.act(connection, HALL, text, "5号窗口", windows.Act.NO_SHOW, "w02", self.ago(minutes=4))
            call_next(connection, HALL, "social", "5号窗口", self.ago(minutes=1), "w02")
            today = local_date(self.now)
            who = Who(Actor.SUPERVISOR, HALL, "s01")
            later = today + timedelta(days=2)
            board.add_notice(connection, HALL, "本周六照常办公，9:00 开门。", (today, later), who, self.now)
            board.add_notice(connection, HALL, "系统维护，暂停取号半小时。", (later, later), who, self.now)
            items = [self._item(HALL, Handling.HERE)]
            board.set_public_items(connection, HALL, items, who, self.now)

        self.write(work)

    def appointments(self) -> None:
        def work(connection: Any) -> None:
            today = local_date(self.now)
            days = [today + timedelta(days=ahead) for ahead in range(4)]
            open_slots(connection, HALL, "", days, range(9, 17), 12)
            open_slots(connection, HALL, "tax", days, range(9, 12), 3)
            begins = slots(connection, HALL, days[1], "")[1].begins
            for place, name in enumerate(("王*明", "李*梅", "欧**明")):
                made = book(
                    connection,
                    hall=HALL,
                    department="",
                    begins=begins,
                    companions=place,
                    now=self.now,
                    person=f"{place + 1:064d}",
                    name_masked=name,
                )
            withdraw(connection, hall=HALL, code_id=made.appointment.code_id, now=self.now)

        self.write(work)
