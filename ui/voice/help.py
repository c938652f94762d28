"""What is said while help from afar is asked for. In the call itself people speak: nothing is said over them."""

from kiosk.view import help as remote
from ui.language import N_
from ui.voice.script import Script, tells


@tells(remote.Offer)
def _offer(script: Script, state: remote.Offer) -> None:
    script.tell(N_("需要帮助吗？"))
    if state.line:
        script.tell(N_("工作人员在屏幕上看到您办到哪一步，可以说话、指给您看。身份证号等内容会遮住。"))
    else:
        script.tell(N_("现在连不上工作人员。可以留下电话，我们打给您。您填的内容都还在。"))


@tells(remote.Waiting)
def _waiting(script: Script, state: remote.Waiting) -> None:
    script.tell(N_("正在为您换一位工作人员") if state.again else N_("正在呼叫工作人员"), N_("您填的内容都还在。"))


@tells(remote.LeaveNumber)
def _number(script: Script, state: remote.LeaveNumber) -> None:
    script.tell(N_("请留下电话"))
    if state.wrong:
        script.tell(N_("电话号码不对，请再看一下。"))
    else:
        script.tell(N_("工作人员会打这个电话找您。"))


@tells(remote.NumberLeft)
def _left(script: Script, state: remote.NumberLeft) -> None:
    del state
    script.tell(N_("电话已经记下"), N_("工作人员会打电话给您。您可以继续办理，填的内容都还在。"))


@tells(remote.InCall)
def _call(script: Script, state: remote.InCall) -> None:
    script.quiet = True
    if state.showing:
        script.tell(N_("对方看得到您的屏幕，也看得到您填的私人内容。"))
    else:
        script.tell(N_("对方看得到您的屏幕，身份证号等私人内容已遮住。"))


@tells(remote.Consent)
def _consent(script: Script, state: remote.Consent) -> None:
    del state
    script.quiet = True
    script.tell(N_("只在这次通话里有效。屏幕上一直有“停止”按钮，随时可以收回。提交和签名仍由您自己来。"))


@tells(remote.Suggested)
def _suggested(script: Script, state: remote.Suggested) -> None:
    script.quiet = True
    script.tell(N_("请看一下对不对。"))
    script.data(state.words, private=True)


@tells(remote.Chat)
def _chat(script: Script, state: remote.Chat) -> None:
    heard = [line.words for line in state.lines if not line.mine]
    if heard:
        script.data(heard[-1], private=True)
    else:
        script.tell(N_("请稍候，工作人员马上写给您。"))


@tells(remote.Over)
def _over(script: Script, state: remote.Over) -> None:
    match state.how:
        case remote.Ended.DONE:
            script.tell(N_("通话已结束"), N_("请继续办理，您填的内容都还在。"))
        case remote.Ended.STAFF_GONE:
            script.tell(N_("通话中断了"), N_("可以再呼叫一次。您填的内容都还在。"))
        case remote.Ended.LINE_DOWN:
            script.tell(N_("网络中断，通话断开了"), N_("可以留下电话，我们打给您。您填的内容都还在。"))
        case remote.Ended.NOBODY:
            script.tell(N_("现在没有人能接听"), N_("可以留下电话，我们打给您。您填的内容都还在。"))
