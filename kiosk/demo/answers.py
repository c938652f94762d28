"""What an applicant says to any question: something of its kind, and something else when that is not taken."""

from datetime import timedelta

from kiosk.clock import WallClock, local_date
from kiosk.view.desk import AnswerProblem, Field, Question

_CREDIT_CODE = "91110000600037341L"
_SAYINGS: dict[Field, tuple[str, ...]] = {
    Field.PHONE: ("13800138000",),
    Field.DIGITS: ("1000", "10", "1", "100", "30000"),
    Field.AMOUNT: ("1000.00", "100", "20000", "1"),
    Field.TEXT: ("示例市示例区示例路一号", "示例有限公司"),
    Field.ADDRESS: ("示例市示例区示例路一号",),
    Field.ID_NUMBER: ("110101199003070011",),
    Field.CREDIT_CODE: (_CREDIT_CODE,),
    Field.CODE: (
        "6222020000000000000", "1234567890", "123456789", "123456789012", "1234567890123456", "A12345",
        f"{_CREDIT_CODE}001P", "2026-110101-77-03-000001",
    ),
}  # fmt: skip
_DAYS = (-200, 20, 40, 100, 400)
"""From today, for dates."""


class Sayings:
    """What one applicant has tried, so that the next time it is something else."""

    def __init__(self) -> None:
        self._tried: dict[str, int] = {}
        self._first: dict[str, bool] = {}

    def say(self, state: Question) -> str:
        """An answer; after a refusal or a problem the next one of its kind."""
        kinds = self._kinds(state)
        key = f"{state.part}/{state.key}"
        if state.value and state.problem is AnswerProblem.NONE and not self._chosen_before(state, key):
            return state.value
        at = self._tried.get(key, 0)
        self._tried[key] = at + 1
        return kinds[at % len(kinds)]

    def _chosen_before(self, state: Question, key: str) -> bool:
        """The same question with the same answer again: it was refused."""
        again = state.field is Field.CHOICE and self._first.get(key, False)
        self._first[key] = True
        return again and state.part == "eligibility"

    @staticmethod
    def _kinds(state: Question) -> tuple[str, ...]:
        if state.field in (Field.CHOICE, Field.MULTI):
            return tuple(option.key for option in state.options)
        if state.field is Field.DATE:
            today = local_date(WallClock().now())
            return tuple((today + timedelta(days=days)).isoformat() for days in _DAYS)
        return _SAYINGS.get(state.field, (state.value or "1",))
