"""One screen: a sheet the size of the panel, on which a view state is drawn."""

from collections.abc import Callable
from typing import Generic, TypeVar, cast

from kivy.graphics import ClearBuffers, ClearColor
from kivy.input.motionevent import MotionEvent
from kivy.uix.widget import Widget

from kiosk.view.common import Back, CallStaff, Next
from kiosk.view.screen import Intent, State
from kiosk.view.spoken import Route
from ui import theme
from ui.screens.leave_question import LeaveQuestion
from ui.surface import Box, Surface, Toward
from ui.widgets.access_bar import TOP as ACCESS_TOP
from ui.widgets.bottom_row import HEIGHT as BOTTOM_HEIGHT
from ui.widgets.bottom_row import TOP as BOTTOM_TOP
from ui.widgets.bottom_row import BottomRow
from ui.widgets.button import WordButton
from ui.widgets.camera_view import CameraView
from ui.widgets.note import Note
from ui.widgets.pictogram import Name, Pictogram
from ui.widgets.progress import Bar, Steps
from ui.widgets.service_bar import ServiceBar
from ui.widgets.shape import Disc
from ui.widgets.sound_panel import SoundPanel
from ui.widgets.target import WARM
from ui.widgets.text import Align, Text
from ui.widgets.top_bar import HEIGHT as TOP_HEIGHT
from ui.widgets.top_bar import TopBar

Shown = TypeVar("Shown", bound=State)
Part = TypeVar("Part", bound=Widget)
FLOOR = ACCESS_TOP - 20
"""Where the content ends, above the bars."""
_FEW = 3


class Sheet(Widget, Generic[Shown]):
    """A screen of one kind of view state.

    Args:
        surface: where and how it is drawn.
        state: what it shows.

    Attributes:
        state: what it shows now.
        camera: the live picture's view when the screen has one.
        moving: the bar of a moment's progress when there is one.
        colour: of the whole screen, as it is drawn.
        drawing: what is on it is being changed.
    """

    def __init__(self, surface: Surface, state: Shown) -> None:
        whole = Box(0, 0, theme.WIDTH, theme.HEIGHT)
        super().__init__(size_hint=(None, None), pos=surface.pos(whole), size=surface.size(whole))
        self.surface = surface
        self.state = state
        self.say = surface.words
        self.camera: CameraView | None = None
        self.moving: Bar | None = None
        self._bar: TopBar | None = None
        self._over: Widget | None = None
        with self.canvas.before:
            self.colour: theme.Colour = surface.tone(theme.PAPER)
            # A rectangle of this size would be most of a frame; nothing lies under a sheet.
            self._ground = ClearColor(*self.colour)
            ClearBuffers()
        self._kept: dict[tuple[object, ...], Widget] = {}
        self._from_before: dict[tuple[object, ...], Widget] = {}
        self.drawing = True
        self.draw(state)
        self.drawing = False

    def draw(self, state: Shown) -> None:
        """Put the widgets of a state on the empty sheet."""
        raise NotImplementedError  # Kivy's metaclass leaves no room for an abstract class; each screen has its own

    def take(self, state: Shown) -> bool:
        """Show another state of the same kind in place; False when it has to be drawn anew."""
        del state
        return False

    def keep(self, before: "Sheet[State]") -> None:
        """This sheet follows another one; a kind that holds something typed takes it over."""
        del before

    def redraw(self) -> None:
        """Draw the same state anew, because something touched here changed."""
        self.drawing = True
        self.clear_widgets()
        self.camera = None
        self.moving = None
        self._over = None
        before, self._kept = self._kept, {}
        self._from_before = before
        self.draw(self.state)
        self._from_before = {}
        self.drawing = False
        self.property("children").dispatch(self)

    def tick(self) -> None:
        """A minute may have passed."""
        if self._bar is not None:
            self._bar.tick()

    # Parts ------------------------------------------------------------------------------------------------------

    def ground(self, colour: theme.Colour) -> None:
        """Colour of the whole screen."""
        self.colour = self.surface.tone(colour)
        self._ground.rgba = self.colour

    def put(self, widget: Widget) -> None:
        """Put a widget on the sheet."""
        self.add_widget(widget)

    def lasting(self, make: Callable[..., Part], *told: object) -> Part:
        """Put a part that stays what it is when the sheet is drawn anew; returns it.

        Args:
            make: makes it, of the surface and what it is told; in words that can be compared.
            told: besides the surface.
        """
        key = (make, *told)
        found = self._from_before.get(key)
        part = cast("Part", found) if found is not None else make(self.surface, *told)
        self._kept[key] = part
        self.put(part)
        return part

    def head(self, ink: theme.Colour = theme.INK_SOFT, rule: theme.Colour = theme.HAIRLINE) -> None:
        """The bar with the hall's name and the time."""
        self._bar = self.lasting(TopBar, ink, rule)

    def bars(
        self,
        *,
        help_here: bool = True,
        leave: Callable[[], None] | None = None,
        staff_entry: bool = False,
        remote: bool = True,
    ) -> None:
        """What is on every screen: help, languages, modes, voice, leaving."""
        sound = None if self.surface.sound.route is Route.NOWHERE else self.set_sound
        self.lasting(_service_bar, help_here, leave, staff_entry, sound, remote)

    def write(
        self,
        words: str,
        y: float,
        room: float,
        *,
        x: float = theme.MARGIN,
        w: float = theme.INNER,
        size: float = theme.BODY,
        bold: bool = False,
        colour: theme.Colour = theme.INK,
        align: Align = "left",
    ) -> float:
        """Put a text at a height; returns where it ends.

        Args:
            words: what it says; empty takes no room.
            y: its upper edge.
            room: the height it may take.
            x: its left edge.
            w: its width.
            size: of the letters.
            bold: in the bold weight.
            colour: of the letters.
            align: of the lines.
        """
        if not words:
            return y
        text = Text(self.surface, words, Box(x, y, w, room), size=size, bold=bold, colour=colour, align=align)
        self.put(text)
        return text.bottom

    def emblem(self, name: Name, y: float, side: float, *, tint: theme.Colour = theme.BLUE_TINT) -> float:
        """A large pictogram on a disc, in the middle; returns where it ends."""
        box = Box((theme.WIDTH - side) / 2, y, side, side)
        self.put(Disc(self.surface, box, tint))
        self.put(Pictogram(self.surface, name, box.square(side * 0.56), weight=2.4))
        return box.bottom

    def arrow(self, toward: Toward, top: float, floor: float) -> None:
        """A large arrow towards a device, in the room between two heights, when there is room."""
        side = min(216.0, floor - top)
        if side < theme.TARGET:
            return
        box = Box((theme.WIDTH - side) / 2, top + (floor - top - side) / 2, side, side)
        self.put(Pictogram(self.surface, "arrow", box, toward=toward, weight=4.0))

    def from_reach(self, y: float) -> float:
        """Where something that is touched may begin: here, or lower for somebody who sits."""
        return max(y, self.surface.reach)

    def at_once(self, fit: float) -> int:
        """How many choices a page shows of those that fit; three at most for whoever wants it calm."""
        return max(1, min(int(fit), _FEW if self.surface.modes.calm else int(fit)))

    # Over the screen --------------------------------------------------------------------------------------------

    @property
    def topmost(self) -> Widget:
        """What is touched now: a question over the screen, or the screen itself."""
        return self if self._over is None else self._over

    @property
    def setting_sound(self) -> bool:
        """Whether the voice is being set."""
        return isinstance(self._over, SoundPanel)

    def ask_to_leave(self) -> None:
        """Before everything that was entered is forgotten, ask once."""
        if self._over is None:
            self._cover(LeaveQuestion(self.surface, self.uncover, can_save=getattr(self.state, "can_save", False)))

    def set_sound(self) -> None:
        """Louder, softer, once more, pause."""
        if self._over is None:
            self._cover(SoundPanel(self.surface, self.uncover))

    def _cover(self, widget: Widget) -> None:
        self._over = widget
        self.put(widget)

    def uncover(self) -> None:
        """Back to the screen."""
        if self._over is not None:
            over, self._over = self._over, None
            self.remove_widget(over)

    def on_touch_down(self, touch: MotionEvent) -> bool:
        """A question on top takes every touch."""
        if self._over is not None:
            self._over.on_touch_down(touch)
            return True
        return bool(super().on_touch_down(touch))


def _service_bar(
    surface: Surface,
    help_here: bool,  # noqa: FBT001  told as a part of a key
    leave: Callable[[], None] | None,
    staff_entry: bool,  # noqa: FBT001  the same
    sound: Callable[[], None] | None,
    remote: bool,  # noqa: FBT001  the same
) -> ServiceBar:
    return ServiceBar(surface, help_here=help_here, leave=leave, staff_entry=staff_entry, sound=sound, remote=remote)


def _bottom_row(
    surface: Surface,
    back: Intent | Callable[[], None] | None,
    forward: Intent | Callable[[], None] | None,
    words: str,
    enabled: bool,  # noqa: FBT001  the same
) -> BottomRow:
    return BottomRow(surface, back=back, forward=forward, words=words, enabled=enabled)


class GateSheet(Sheet[Shown]):
    """A screen of the gate with its fixed parts."""

    def frame(self, *, staff_entry: bool = False, green_channel: bool = False) -> None:
        """Top bar, language and large type, and the way without the face.

        Args:
            staff_entry: nobody is being served: the screens of the staff may be opened.
            green_channel: help is offered to whoever needs it, before anything is asked.
        """
        self.head()
        self.bars(help_here=False, staff_entry=staff_entry)
        self.put(StaffButton(self.surface, self.say("需要帮助 · 不刷脸 · 绿色通道") if green_channel else ""))

    def addressed(self, words: str, name: str) -> str:
        """A sentence to somebody: `{name}，…`; who came with a code has no name here, and the sentence begins without.

        Args:
            words: in the language of the screen, beginning with `{name}` and a comma.
            name: masked, may be empty.
        """
        said = words.format(name=name)
        if name:
            return said
        bare = said.lstrip("，, ")
        return bare[:1].upper() + bare[1:]

    def device(
        self,
        pictogram: Name,
        toward: Toward,
        title: str,
        line: str,
        *,
        note: str = "",
        warning: bool = True,
        share: float | None = None,
    ) -> None:
        """One sentence, one pictogram, one arrow towards the device that wants something.

        Args:
            pictogram: what it is about.
            toward: where the device is.
            title: the sentence.
            line: what else helps.
            note: what went wrong, may be empty.
            warning: whether the note is about something to be mended.
            share: how far it is, None for no bar.
        """
        up = toward is Toward.UP
        if up:
            self.arrow(toward, TOP_HEIGHT + 24, TOP_HEIGHT + 24 + 136)
        y = self.emblem(pictogram, TOP_HEIGHT + (184 if up else 104), 464)
        if share is not None:
            self.moving = Bar(self.surface, Box(270, y + 32, 540, 16), share)
            self.put(self.moving)
            y += 32
        y = self.write(title, y + 56, 240, size=theme.TITLE, bold=True, align="center")
        y = self.write(line, y + 16, 240, colour=theme.INK_SOFT, align="center")
        if note:
            box = Box(theme.MARGIN, y + 32, theme.INNER, FLOOR - y - 32)
            widget = Note(self.surface, note, box, warning=warning)
            self.put(widget)
            y = widget.bottom
        if not up:
            self.arrow(toward, y + 24, FLOOR)


class StaffButton(WordButton):
    """不刷脸 · 找工作人员: another way than the machine's, always visible."""

    def __init__(self, surface: Surface, words: str = "") -> None:
        box = Box(theme.MARGIN, BOTTOM_TOP, theme.INNER, BOTTOM_HEIGHT)
        words = words or surface.words("不刷脸 · 找工作人员")
        super().__init__(surface, box, words, CallStaff(), look=WARM, pictogram="staff", size=48)


class DeskSheet(Sheet[Shown]):
    """A screen of the desk with its fixed parts."""

    def frame(
        self,
        *,
        back: Intent | Callable[[], None] | None = Back(),  # noqa: B008  frozen, without state
        forward: Intent | Callable[[], None] | None = Next(),  # noqa: B008  the same
        words: str = "",
        enabled: bool = True,
        leave: bool = True,
    ) -> None:
        """Top bar, service bar, and the row with back and next."""
        self.head()
        self.bars(leave=self.ask_to_leave if leave else None)
        if back is not None or forward is not None:
            self.lasting(_bottom_row, back, forward, words, enabled)

    def steps(self, step: int, steps: int) -> float:
        """How far one is; returns where it ends. Of no steps nothing is shown."""
        if not steps:
            return TOP_HEIGHT + 24
        box = Box(theme.MARGIN, TOP_HEIGHT + 24, theme.INNER, 88)
        self.put(Steps(self.surface, box, step, steps))
        return box.bottom
