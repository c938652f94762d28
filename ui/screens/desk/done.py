"""Handed in."""

from kiosk.view.desk import Done, Fee, Outcome, PrinterProblem, Receipt, Reprint
from ui import text, theme
from ui.screens.sheet import FLOOR, DeskSheet
from ui.surface import Box
from ui.widgets.button import WordButton
from ui.widgets.code_square import CodeSquare
from ui.widgets.note import Note
from ui.widgets.outcome import OutcomeShape
from ui.widgets.shape import Panel, Rule
from ui.widgets.target import OUTLINED
from ui.widgets.text import Text
from ui.widgets.top_bar import HEIGHT as TOP_HEIGHT

_CODE = 344
_AGAIN = 112


class DoneScreen(DeskSheet[Done]):
    """Number, date promised, QR, and where the receipt is."""

    def draw(self, state: Done) -> None:
        """Draw it."""
        say = self.say
        self.frame(back=None, words=say("完成"), leave=False)
        mark = Box(theme.MARGIN, TOP_HEIGHT + 24, 144, 144)
        self._mark(state, mark)
        left = mark.right + 32
        wide = theme.WIDTH - theme.MARGIN - left
        y = self.write(self._title(state), mark.y - 8, 120, x=left, w=wide, size=theme.TITLE, bold=True)
        self.write(say.of(state.title), y, 128, x=left, w=wide, colour=theme.INK_SOFT)
        box = Box(theme.MARGIN, 312, theme.INNER, 648)
        self.put(Panel(self.surface, box, edge=theme.HAIRLINE))
        inner = box.inset(40, 24)
        y = self.write(say("回执号"), inner.y, 56, x=inner.x, w=inner.w, size=theme.CAPTION, colour=theme.INK_SOFT)
        number = Box(inner.x, y, inner.w, 104)
        label = Text(self.surface, text.grouped(state.number), number, size=theme.TITLE)
        self.put(label)
        self.put(Rule(self.surface, Box(inner.x, 488, inner.w, 2)))
        code = Box(inner.right - _CODE, inner.bottom - _CODE - 64, _CODE, _CODE)
        self.put(CodeSquare(self.surface, code, state.qr))
        self.write(
            say("扫码查进度"),
            code.bottom + 4,
            64,
            x=code.x - 40,
            w=_CODE + 80,
            size=theme.CAPTION,
            colour=theme.INK_SOFT,
            align="center",
        )
        self._facts(state, Box(inner.x, 500, inner.w - _CODE - 64, inner.bottom - 500))
        self._receipt(state, self._still(state, box.bottom + 24))

    def _mark(self, state: Done, box: Box) -> None:
        if state.outcome in (Outcome.REFUSED, Outcome.RETURNED):
            self.put(OutcomeShape(self.surface, "wait", box, fill=theme.AMBER, ink=theme.INK, sign="info"))
        else:
            self.put(OutcomeShape(self.surface, "go", box, fill=theme.GREEN, ink=theme.WHITE, sign="tick"))

    def _title(self, state: Done) -> str:
        say = self.say
        if state.earlier:
            return say("您已经提交过了")
        return {
            Outcome.NONE: say("提交成功"),
            Outcome.GRANTED: say("办好了"),
            Outcome.REFUSED: say("没有批准"),
            Outcome.RETURNED: say("还要补正"),
        }[state.outcome]

    def _facts(self, state: Done, box: Box) -> None:
        say = self.say
        submitted = state.submitted
        if submitted.tzinfo is not None:
            submitted = submitted.astimezone(self.surface.now().tzinfo)
        promised = say("当日办结") if state.promised is None else say.day(state.promised)
        if state.provisional and state.promised is not None:
            promised = say("约 {day}").format(day=promised)
        rows = [(say("提交时间"), say.moment(submitted)), (say("承诺办结"), promised)]
        who = say.of(state.decided_by)
        rows.append((say("决定机关"), who) if who else (say("咨询电话"), state.hotline))
        high = box.h / 3
        for place, (caption, words) in enumerate(rows):
            y = box.y + place * high
            y = self.write(caption, y, 56, x=box.x, w=box.w, size=theme.CAPTION, colour=theme.INK_SOFT)
            self.write(words, y, box.y + (place + 1) * high - y, x=box.x, w=box.w, size=36)

    def _still(self, state: Done, top: float) -> float:
        """What is still to be done: papers that follow, a fee at a window. Returns where it ends."""
        say = self.say
        lines = []
        if len(state.owed) > 1:
            first = min(paper.due for paper in state.owed)
            lines.append(say("还有 {count} 份材料要补交，最早 {day}").format(count=len(state.owed), day=say.day(first)))
        elif state.owed:
            (paper,) = state.owed
            lines.append(say("{day} 前补交：{paper}").format(day=say.day(paper.due), paper=say.of(paper.title)))
        fee = {
            Fee.NONE: "",
            Fee.PAID: "",
            Fee.AT_WINDOW: say("凭回执到窗口付费"),
            Fee.UNSURE: say("付款没有确认：扫过码的请不要再付，到窗口核对"),
        }[state.fee]
        lines += [fee] if fee else []
        if not lines:
            return top
        gap = say("。")
        room = 232 if state.receipt is Receipt.PRINTED else 176
        note = Note(self.surface, gap.join(lines) + gap.strip(), Box(theme.MARGIN, top, theme.INNER, room), size=36)
        self.put(note)
        return note.bottom + 16

    def _receipt(self, state: Done, top: float) -> None:
        say = self.say
        words, warning = self._where(state)
        again = state.receipt in (Receipt.ON_SCREEN, Receipt.PRINT_UNSURE)
        room = FLOOR - top - (_AGAIN + 24 if again else 0)
        note = Note(self.surface, words, Box(theme.MARGIN, top, theme.INNER, room), warning=warning)
        self.put(note)
        if again:
            box = Box(theme.MARGIN, FLOOR - _AGAIN, theme.INNER, _AGAIN)
            self.put(WordButton(self.surface, box, say("再打印一次"), Reprint(), look=OUTLINED, pictogram="printer"))

    def _where(self, state: Done) -> tuple[str, bool]:
        say = self.say
        match state.receipt:
            case Receipt.PRINTING:
                return say("回执正在打印，请稍候。"), False
            case Receipt.PRINTED:
                return say("回执已打印，请在下方取走。"), False
            case Receipt.PRINT_UNSURE:
                return say("打印中断了。请看看回执有没有出来；没有就再打印一次。"), True
            case Receipt.ON_SCREEN:
                why = {
                    PrinterProblem.NONE: "",
                    PrinterProblem.PAPER_OUT: say("打印机没有纸了。"),
                    PrinterProblem.COVER_OPEN: say("打印机的盖子开着。"),
                    PrinterProblem.AWAY: say("打印机没有应答。"),
                }[state.problem]
                gap = " " if why and why.endswith(".") else ""
                return why + gap + say("您的申请已经收到。请用手机拍下这个页面。"), True
