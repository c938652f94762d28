"""What the desk can do with camera and A4 printer: ID photos, copies, filled forms to be signed by hand."""

from typing import Final

from anyio.to_thread import run_sync

from drivers.kinds import PageJob
from kiosk.clock import CHINA
from kiosk.desk import afterwards_pdf as pdf
from kiosk.desk import afterwards_words as say
from kiosk.desk.afterwards_visitor import Visitor
from kiosk.desk.draft import Draft
from kiosk.desk.finding import summary
from kiosk.desk.form import shown, words
from kiosk.desk.keeping import NotYours, opened
from kiosk.desk.papers import capture
from kiosk.desk.portrait import NoPhotosHere, taken
from kiosk.log import logger
from kiosk.view import afterwards as view
from kiosk.view import desk
from kiosk.view.afterwards import Service
from kiosk.view.common import Back, Language, Next, Words
from kiosk.wire.catalogue import PaperWanted, Text

_log = logger("desk")
MOST_PAGES: Final = 10
SIZES: Final = {"id_card": (26, 32), "social_card": (26, 32), "passport": (33, 48), "visa": (33, 48)}
"""Of the print in millimetres (`kiosk.vision.id_photo_layout.FORMATS`)."""
_COPY: Final = PaperWanted(key="copy", title=Text(zh_hans="要复印的材料", zh_hant="要複印的材料", en="Paper to copy"))


# ID photos ----------------------------------------------------------------------------------------------------------


async def id_photo(visitor: Visitor) -> None:
    """An ID photo to a document's rules: shown, taken again, printed at its true size."""
    photos = visitor.after.photos
    if photos is None:
        await visitor.told(view.Told(view.News.NO_PHOTO))
        return
    wanted = ""
    while True:
        given = await _document(visitor, wanted)
        if given is None:
            return
        wanted = given
        title = next(option.title for option in say.PHOTOS if option.key == wanted)
        try:
            while (photo := await taken(visitor.desk, visitor.session, photos, wanted, title)) is not None:
                if photo.jpeg is not None and not await _checked(visitor, photo.jpeg, wanted, title):
                    return
        except NoPhotosHere:
            _log.error("ID photos cannot be made here: a package is missing or altered")
            await visitor.told(view.Told(view.News.NO_PHOTO))
            return


async def _document(visitor: Visitor, value: str) -> str | None:
    state = desk.Question(
        step=0, steps=0, key="photo", title=say.PHOTO_FOR, explanation=say.PHOTO_HELP, field=desk.Field.CHOICE,
        value=value, options=say.PHOTOS,
    )  # fmt: skip
    while True:
        match await visitor.session.ask(state):
            case desk.Answer(key="photo", value=given) if given in SIZES:
                return given
            case Back():
                return None


async def _checked(visitor: Visitor, photo: bytes, wanted: str, title: Words) -> bool:
    """Show it; whether to take another one."""
    wide, high = SIZES[wanted]
    while True:
        match await visitor.session.ask(view.CheckPhoto(title, photo, wide, high, visitor.printable)):
            case desk.Retake() | Back():
                return True
            case Next():
                return False
            case view.Do(act=view.Act.PRINT) if visitor.printable:
                made = await run_sync(pdf.photo_sheet, photo, wide, high)
                if await visitor.print_pages(PageJob(name=f"photo-{wanted}", pdf=made), 1):
                    return False


# Copies -------------------------------------------------------------------------------------------------------------


async def copy_papers(visitor: Visitor) -> None:
    """Pages under the camera, out of the A4 printer. Nothing is kept."""
    pages: list[tuple[bytes, bytes]] = []
    while True:
        if not pages:
            taken = await capture(visitor.desk, visitor.session, _COPY, 0, 0)
            if taken is None:
                return
            pages.append((taken.jpeg, taken.preview))
        state = view.Copies(len(pages), MOST_PAGES, pages[-1][1], visitor.printable)
        match await visitor.session.ask(state):
            case view.Do(act=view.Act.ADD) if len(pages) < MOST_PAGES:
                taken = await capture(visitor.desk, visitor.session, _COPY, 0, 0)
                if taken is not None:
                    pages.append((taken.jpeg, taken.preview))
            case desk.Retake():
                pages.pop()
            case view.Do(act=view.Act.PRINT) if visitor.printable:
                made = await run_sync(pdf.copies, tuple(page for page, _ in pages))
                if await visitor.print_pages(PageJob(name="copy", pdf=made), len(pages)):
                    return
            case Back():
                return


# Filled forms -------------------------------------------------------------------------------------------------------


async def print_form(visitor: Visitor) -> None:
    """A form that was filled in here and saved, on paper, to be signed by hand."""
    card = await visitor.identified(Service.FORM)
    if card is None:
        return
    drafts: dict[str, Draft] = {}
    shelf = visitor.desk.shelf
    for stored in [] if shelf is None else await shelf.of(visitor.person):
        try:
            drafts[stored.item] = opened(stored.body, card, visitor.desk.trust.hall_key)
        except NotYours:
            _log.warning("a draft cannot be opened with this card", item=stored.item)
    if not drafts:
        await visitor.told(view.Told(view.News.NO_FORMS))
        return
    items = tuple(summary(draft.item) for draft in drafts.values())
    while True:
        match await visitor.session.ask(desk.ChooseItem(visitor.name_masked, items, group=say.FORMS)):
            case desk.Choose(key=key) if key in drafts:
                filled = filled_form(visitor, drafts[key])
                try:
                    made, pages = await run_sync(pdf.form, filled)
                except pdf.NoFont as error:
                    _log.error("a form cannot be drawn", font=str(error))
                    await visitor.told(view.Told(view.News.NOT_POSSIBLE))
                    return
                await visitor.print_pages(PageJob(name=f"form-{key}", pdf=made), pages)
            case Back():
                return


def filled_form(visitor: Visitor, draft: Draft) -> pdf.FilledForm:
    """A draft as a form: in Chinese, whatever the screen speaks, because an office reads it."""

    def text(said: Words) -> str:
        return said.of(Language.ZH_HANS)

    card, item = draft.card, draft.item
    rows = [("申请人", card.name), ("证件号码", f"{card.number[:6]} {card.number[6:14]} {card.number[14:]}")]
    rows += [
        (text(words(query.caption or query.title)), text(shown(draft.given(query.key), query)))
        for query in draft.asked()
    ]
    day = visitor.desk.clock.now().astimezone(CHINA)
    return pdf.FilledForm(
        hall=visitor.desk.hall_name,
        title=text(words(item.title)),
        department=text(words(item.department)),
        rows=tuple(rows),
        sign="申请人签名：",
        day="日期：",
        note=f"本表于 {day:%Y-%m-%d} 在自助终端打印，填写内容以申请人签名为准。",
    )
