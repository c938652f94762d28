"""What the desk says before the form: arriving, choosing an item, what it needs, and the end."""

from kiosk.view import desk
from ui.language import N_
from ui.voice.gate import CARD
from ui.voice.script import Script, tells


@tells(desk.Start)
def _start(script: Script, state: desk.Start) -> None:
    note = CARD.get(state.problem, "")
    script.quiet = not note
    if note:
        script.tell(note)
        return
    script.tell(N_("请把身份证平放在感应区"), N_("办企业的事，请再带上营业执照。先看看也可以。"))
    if not state.printing:
        script.tell(N_("回执现在打不出来，办完会显示在屏幕上，请用手机拍下。"))
    if state.offline:
        script.tell(N_("网络暂时不通。照常可以办，接通后自动上传。"))


@tells(desk.ReadingCard)
def _reading(script: Script, state: desk.ReadingCard) -> None:
    del state
    script.tell(N_("正在读身份证"), N_("请不要移动证件。"))


@tells(desk.LayCard)
def _lay(script: Script, state: desk.LayCard) -> None:
    if state.problem in CARD:
        script.tell(CARD[state.problem])
        return
    script.tell(N_("请把身份证平放在感应区"), N_("读到身份证就开始填写。"))


def _items(script: Script, items: tuple[desk.ItemSummary, ...]) -> None:
    script.rows(script.say.of(item.title) for item in items if not item.closed)


@tells(desk.ChooseItem)
def _choose(script: Script, state: desk.ChooseItem) -> None:
    script.tell(N_("您要办什么？"))
    script.data(state.group)
    _items(script, state.items)


@tells(desk.ChooseGroup)
def _group(script: Script, state: desk.ChooseGroup) -> None:
    script.tell(N_("找哪个部门？") if state.by is desk.By.DEPARTMENT else N_("您遇到什么事？"))
    script.rows(script.say.of(group.title) for group in state.groups)


@tells(desk.FindItem)
def _find(script: Script, state: desk.FindItem) -> None:
    if not state.typed:
        script.tell(N_("您要找什么？"), N_("请点拼音的第一个字母。"))
    elif state.found:
        _items(script, state.found[:3])
    else:
        script.tell(N_("没有找到。请少输几个字母，或返回按一件事、按部门找。"))


@tells(desk.BeforeYouStart)
def _before(script: Script, state: desk.BeforeYouStart) -> None:
    script.data(state.title)
    script.fill(N_("填写大约 {count} 分钟。"), count=state.minutes)
    if state.working_days:
        script.fill(N_("交齐后 {count} 个工作日办结。"), count=state.working_days)
    else:
        script.tell(N_("当场办结"))
    script.data(state.fee)
    script.tell(N_("请准备好"))
    for need in state.needs:
        script.data(need)
    for paper in state.papers:
        script.data(paper.title)
        if paper.later:
            script.fill(N_("现在没有，{days} 天内补交"), days=paper.later)
    for notice in state.notices:
        script.data(notice)
    script.tell(N_("准备好了，请点“开始办理”。"))


@tells(desk.NotEligible)
def _not_eligible(script: Script, state: desk.NotEligible) -> None:
    script.tell(N_("这项现在办不了"))
    script.data(state.reason)
    script.data(state.instead)


@tells(desk.SavedDrafts)
def _drafts(script: Script, state: desk.SavedDrafts) -> None:
    script.tell(N_("您有没办完的事，要继续吗？"))
    script.rows(script.say.of(draft.title) for draft in state.drafts)


@tells(desk.DraftKept)
def _kept(script: Script, state: desk.DraftKept) -> None:
    script.tell(N_("已经保存"))
    script.fill(N_("请在 {day} 前带同一张身份证来，在这台机器上继续。"), day=script.say.day(state.until))
    script.tell(N_("别人打不开。到期自动删除。"))


@tells(desk.ItemChanged)
def _changed(script: Script, state: desk.ItemChanged) -> None:
    if state.gone:
        script.tell(N_("这项现在不办了"), N_("部门已经停办这项。有疑问请找工作人员。"))
    else:
        script.tell(N_("办理要求刚刚变了"), N_("填好的内容都还在。只有新要求的地方请再填一下。"))


@tells(desk.TakeYourThings)
def _take(script: Script, state: desk.TakeYourThings) -> None:
    if state.card_left:
        script.tell(N_("您的身份证还在机器上"), N_("请取走。如果这不是您的，请交给工作人员。"))
    else:
        script.tell(N_("请取走您的证件"), N_("身份证、材料原件和回执，一样都不要落下。"))


@tells(desk.StillThere)
def _still(script: Script, state: desk.StillThere) -> None:
    if state.calm and state.card:
        script.tell(N_("您还在吗？"), N_("请把您的身份证再放一次，接着办。"))
        return
    if state.calm:
        script.tell(N_("您还在吗？"), N_("不着急，没有时间限制。请点“继续办理”。"))
        return
    # Without the seconds, which change: it is said once.
    script.tell(N_("您还在吗？"), N_("请点“继续办理”。不点，已填的内容很快会清除。"))


@tells(desk.StaffCalled)
def _called(script: Script, state: desk.StaffCalled) -> None:
    del state
    script.tell(N_("工作人员马上来"), N_("请在这里等一下。您填的内容都还在。"))
