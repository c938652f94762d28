"""Samples of remote help."""

from kiosk.view import help as remote
from kiosk.view.screen import State

_STAFF = "李静"


def help_samples() -> dict[str, State]:
    """Every cover, and its variants."""
    lines = (
        remote.Said(mine=False, words="您好，请问需要什么帮助？"),
        remote.Said(mine=True, words="我不明白"),
        remote.Said(mine=False, words="这一题请填您现在住的地方，写到门牌号。"),
    )
    found: dict[str, State] = {
        "help.Offer": remote.Offer(),
        "help.Offer-gate": remote.Offer(on_site=False),
        "help.Offer-no_line": remote.Offer(line=False),
        "help.Waiting": remote.Waiting(2, 3),
        "help.Waiting-next": remote.Waiting(),
        "help.Waiting-again": remote.Waiting(again=True),
        "help.LeaveNumber": remote.LeaveNumber(),
        "help.LeaveNumber-closed": remote.LeaveNumber("11-23 08:30"),
        "help.LeaveNumber-wrong": remote.LeaveNumber(wrong=True),
        "help.NumberLeft": remote.NumberLeft(),
        "help.InCall": remote.InCall((_STAFF,), remote.Talk.VIDEO, showing=False, control=False),
        "help.InCall-three": remote.InCall((_STAFF, "王磊"), remote.Talk.VIDEO, showing=True, control=True),
        "help.InCall-voice": remote.InCall((_STAFF,), remote.Talk.VOICE, showing=False, control=False),
        "help.Consent": remote.Consent(_STAFF),
        "help.Suggested": remote.Suggested(_STAFF, "渭南市临渭区朝阳大街 1 号"),
        "help.Chat": remote.Chat(_STAFF, lines),
        "help.Chat-empty": remote.Chat(""),
    }
    for how in remote.Ended:
        found[f"help.Over-{how}"] = remote.Over(how)
    return found
