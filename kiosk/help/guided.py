"""What staff may do on the screen: point, mark, suggest, and press once the person has agreed."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import anyio
import msgspec

from kiosk.help import guidance, messages
from kiosk.help.guidance import guidance_of
from kiosk.help.links import Links
from kiosk.log import logger
from kiosk.view import desk, typing
from kiosk.view import help as view
from kiosk.wire.help import Means, Message, MessageKind, TerminalState

if TYPE_CHECKING:
    from kiosk.help.line import Around

_log = logger("help")
_FIELDS: Final = frozenset({
    desk.Field.TEXT, desk.Field.ADDRESS, desk.Field.PHONE, desk.Field.DIGITS, desk.Field.DATE, desk.Field.AMOUNT,
    desk.Field.ID_NUMBER, desk.Field.CREDIT_CODE, desk.Field.CODE,
})  # fmt: skip
"""Fields that something can be suggested for."""


class Guided:
    """What staff may do in one call, and what they were told of it.

    Args:
        around: what the help line works with.
        links: to those who help.
        send: passes a message on through the hub.
        changed: what is seen of the call may be another now.

    Attributes:
        control: staff may press.
        showing: the person shows what is private.
        asking: who wants to press, while the person is asked; empty otherwise.
        suggested: the field's key and the words that stand before the person; None otherwise.
    """

    def __init__(
        self, around: "Around", links: Links, send: Callable[[Message], None], changed: Callable[[], None]
    ) -> None:
        self._around, self._stage, self._links = around, around.stage, links
        self._send, self._changed = send, changed
        self.control = self.showing = False
        self.asking = ""
        self.suggested: tuple[str, str] | None = None
        self._told: TerminalState | None = None

    def heard(self, sender: str, text: str) -> None:
        """Somebody sent something to point, suggest or press with; garbage is counted."""
        link = self._links.get(sender)
        if link is None or not link.patience.takes(anyio.current_time()):
            return
        said = guidance_of(text)
        if said is not None:
            self._follow(said, link.party.name)
            return
        link.patience.garbage()
        if link.patience.spent:
            _log.warning("a party that sends garbage is hung up on")
            self._links.hang_up_on(link)

    def _follow(self, said: guidance.Guidance, who: str) -> None:
        match said:
            case guidance.Point(x=x, y=y):
                self._around.guide(view.Guide(point=(x, y), who=who))
            case guidance.Unpoint() | guidance.Clear():
                self._around.guide(view.Guide())
            case guidance.Highlight(x=x, y=y):
                self._around.guide(view.Guide(mark=(x, y), who=who))
            case guidance.Press(x=x, y=y) if self.control:
                self._around.guide(view.Guide(press=(x, y), who=who))
            case guidance.Press():
                self.tell_staff("not_allowed")
            case guidance.AskControl() if not self.control:
                self.asking = who
                self._stage.cover(view.Consent(who))
                self.tell_staff()
            case guidance.DropControl():
                self.set_control(on=False, note="")
            case guidance.Suggest(words=words):
                self._suggest(who, words)
            case guidance.AskControl():
                pass  # they may already

    def _suggest(self, who: str, words: str) -> None:
        key = field_of(self._stage.own)
        if key is None:
            self.tell_staff("no_field")
            return
        self.suggested = (key, words)
        self._stage.cover(view.Suggested(who, words))
        self.tell_staff()

    def decide(self, *, accept: bool) -> None:
        """The person takes what was suggested, or does not."""
        assert self.suggested is not None
        (key, words), self.suggested = self.suggested, None
        self._stage.cover(None)
        if accept and field_of(self._stage.own) == key:
            self._stage.pass_on(desk.Answer(key, words))
            self.tell_staff("accepted")
        else:
            self.tell_staff("declined" if not accept else "no_field")

    def set_control(self, *, on: bool, note: str) -> None:
        """Staff may press from now on, or no more."""
        self.control = on
        self.asking = ""
        self._changed()
        self.tell_staff(note)

    def forget(self) -> None:
        """Nobody helps any more: consent was for them, and for this time."""
        self.control = self.showing = False
        self.asking, self.suggested = "", None
        self._around.guide(view.Guide())

    def marked(self, box: tuple[float, float, float, float] | None) -> None:
        """Where the frame is that staff wanted."""
        if box is None:
            self.tell_staff("nothing_there")
        # Through the channel to those who have one, through the hub to the others.
        text = msgspec.json.encode({"tell": "marked", "box": box}).decode()
        self._links.tell(messages.Tell(text=text))
        for link in self._links:
            if not link.channel:
                self._send(Message(kind=MessageKind.GUIDE, to=link.party.id, body=text))

    def tell_anew(self) -> None:
        """Somebody knows nothing yet: the next time all of it is told."""
        self._told = None

    def tell_staff(self, note: str = "") -> None:
        """Tell staff how it is here, when it is another way than they were told."""
        if not self._links or not self._links.settled:
            return
        plain = TerminalState(
            control=self.control,
            private=self.showing,
            asked=bool(self.asking),
            suggested=self.suggested is not None,
            means=Means(self._links.talk().value),
        )
        if plain == self._told and not note:
            return
        self._told = plain
        state = msgspec.structs.replace(plain, note=note)
        body = msgspec.json.encode({"tell": "state", **msgspec.to_builtins(state)}).decode()
        self._send(Message(kind=MessageKind.STATE, body=body))


def field_of(state: object) -> str | None:
    """The key of the field before the person that can be filled in with words; None where there is none."""
    question = state.question if isinstance(state, typing.Write) else state
    if isinstance(question, desk.Question) and question.field in _FIELDS:
        return question.key
    return None
