"""Papers from a telephone over real HTTP: the desk opens a ticket, a telephone sends, the desk fetches and closes."""

import hashlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import msgspec
import pikepdf
import pytest
import uuid6
from PIL import Image

from hub.phone import tickets
from kiosk.wire import routes
from kiosk.wire.catalogue import Text
from kiosk.wire.phone import PhoneStanding, PhoneState, PhoneTicket, PhoneWanted
from kiosk.wire.sealing import new_identity, unseal

TITLE = Text(zh_hans="户口簿", zh_hant="戶口簿", en="Household register")
ITEM = Text(zh_hans="社会保障卡补领", zh_hant="社會保障卡補領", en="Social-security card")


def photo(wide: int = 900, high: int = 700, kind: str = "JPEG") -> bytes:
    out = io.BytesIO()
    mark = Image.Exif()
    mark[0x010F] = "OWNERS-PHONE"
    mark[0x0112] = 6  # lies on its side
    Image.effect_noise((wide, high), 20).convert("RGB").save(out, kind, exif=mark)
    return out.getvalue()


def pdf(pages: int = 2, **root: Any) -> bytes:
    made = pikepdf.new()
    for _ in range(pages):
        made.add_blank_page(page_size=(595, 842))
    for key, value in root.items():
        made.Root[f"/{key}"] = value
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def locked() -> bytes:
    out = io.BytesIO()
    made = pikepdf.new()
    made.add_blank_page()
    made.save(out, encryption=pikepdf.Encryption(owner="a", user="b"))
    return out.getvalue()


def bomb() -> bytes:
    out = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(out, "PNG")
    return out.getvalue()


@dataclass
class Case:
    """A desk with a ticket."""

    terminal: Any
    secret: str
    wanted: PhoneWanted
    ticket: PhoneTicket

    def standing(self) -> PhoneStanding:
        answer = self.terminal.http.get(f"{routes.OFFICE_PHONE}/{self.wanted.id}")
        assert answer.status_code == 200, answer.text
        return msgspec.json.decode(answer.content, type=PhoneStanding)

    def page(self, place: int) -> bytes:
        answer = self.terminal.http.get(f"{routes.OFFICE_PHONE}/{self.wanted.id}/{place}")
        assert answer.status_code == 200, answer.text
        assert hashlib.sha256(answer.content).hexdigest() == self.standing().pages[place - 1].sha256
        return unseal(answer.content, self.secret)

    def close(self) -> PhoneStanding:
        answer = self.terminal.http.post(f"{routes.OFFICE_PHONE}/{self.wanted.id}/close")
        assert answer.status_code == 200, answer.text
        return msgspec.json.decode(answer.content, type=PhoneStanding)


@pytest.fixture
def opened(terminal: Any) -> Callable[..., Case]:
    def make(**changes: Any) -> Case:
        secret, recipient = new_identity()
        given = {"id": uuid6.uuid7(), "item": "social-card-replacement", "item_title": ITEM, "title": TITLE, "most": 5}
        wanted = PhoneWanted(**{**given, "recipient": recipient, **changes})
        answer = terminal.http.post(routes.OFFICE_PHONE, content=msgspec.json.encode(wanted))
        assert answer.status_code == 200, answer.text
        return Case(terminal, secret, wanted, msgspec.json.decode(answer.content, type=PhoneTicket))

    return make


@pytest.fixture
def phones() -> Iterator[Callable[[], httpx.Client]]:
    made: list[httpx.Client] = []

    def phone() -> httpx.Client:
        made.append(httpx.Client(trust_env=False, timeout=30, follow_redirects=True))
        return made[-1]

    yield phone
    for each in made:
        each.close()


def send(phone: httpx.Client, url: str, *files: tuple[str, bytes]) -> httpx.Response:
    phone.get(url)
    return phone.post(url, files=[("file", (name, content)) for name, content in files])


def stored(running: Any) -> list[bytes]:
    return [file.read_bytes() for file in (running.data.path / "phone").iterdir()]


def test_from_the_telephone_to_the_desk_and_gone(opened: Any, phones: Any, running: Any) -> None:
    case, phone = opened(), phones()
    assert case.standing().state is PhoneState.WAITING
    first = phone.get(case.ticket.url)
    assert first.status_code == 200
    assert "户口簿" in first.text
    assert "<script" not in first.text
    assert case.standing().state is PhoneState.OPENED
    original = photo()
    answer = send(phone, case.ticket.url, ("IMG_1.jpg", original), ("scan.pdf", pdf(2)))
    assert answer.status_code == 200, answer.text
    assert "已收到 3 页" in answer.text
    standing = case.standing()
    assert (standing.state, [page.photo for page in standing.pages]) == (PhoneState.ARRIVING, [True, False, False])
    page = case.page(1)
    assert Image.open(io.BytesIO(page)).size == (700, 900)  # upright, as the camera meant it
    assert b"OWNERS-PHONE" in original
    assert b"OWNERS-PHONE" not in page
    for sealed in stored(running):
        assert sealed.startswith(b"age-encryption.org/")
    assert "传好了" in phone.post(f"{case.ticket.url}/done").text
    assert case.standing().state is PhoneState.DONE
    assert case.close().state is PhoneState.CLOSED
    assert stored(running) == []
    assert "已经用过" in phone.get(case.ticket.url).text
    assert send(phone, case.ticket.url, ("again.jpg", photo())).status_code == 409
    assert case.terminal.http.get(f"{routes.OFFICE_PHONE}/{case.wanted.id}/1").status_code == 404


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("bomb.png", bomb, "尺寸太大"),
        ("photo.heic", lambda: b"\0\0\0\x18ftypheic" + b"\0" * 500, "HEIC"),
        ("page.html", lambda: b"<html><script>alert(1)</script></html>", "只收照片"),
        ("page.jpg", lambda: b"<svg onload=alert(1)>", "只收照片"),
        ("broken.jpg", lambda: photo()[:2000], "打不开"),
        ("small.png", lambda: photo(100, 80, "PNG"), "图片太小"),
        ("script.pdf", lambda: pdf(1, AA=pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="x")), "脚本"),
        ("locked.pdf", locked, "密码"),
        ("long.pdf", lambda: pdf(6), "页数太多"),
        ("large.jpg", lambda: b"\xff\xd8\xff" + b"\0" * (31 * 1024 * 1024), "30 MB"),
        ("<b>x</b>.txt", lambda: b"text", "&lt;b&gt;x&lt;/b&gt;.txt"),
    ],
    ids=["bomb", "heic", "html", "svg", "broken", "small", "script", "locked", "long", "large", "name"],
)
def test_a_bad_file_is_told_and_the_good_one_beside_it_is_kept(
    opened: Any, phones: Any, name: str, content: Callable[[], bytes], words: str
) -> None:
    case, phone = opened(), phones()
    answer = send(phone, case.ticket.url, (name, content()), ("good.png", photo(kind="PNG")))
    assert answer.status_code == 422
    assert words in answer.text
    assert len(case.standing().pages) == 1
    case.close()


def test_a_hundred_megabytes_are_heard_and_refused(opened: Any, phones: Any, running: Any) -> None:
    case, phone = opened(), phones()
    phone.get(case.ticket.url)
    huge = b"\xff\xd8\xff" + b"\0" * (100 * 1024 * 1024)
    answer = phone.post(case.ticket.url, files={"file": ("huge.jpg", huge)})
    assert answer.status_code == 422
    assert "太大" in answer.text
    assert stored(running) == []
    assert case.standing().state is PhoneState.OPENED


def test_a_second_telephone_can_look_and_send_nothing(opened: Any, phones: Any) -> None:
    case, first, second = opened(), phones(), phones()
    second.get(case.ticket.url)
    send(first, case.ticket.url, ("a.jpg", photo()))
    assert "另一部手机" in second.get(case.ticket.url).text
    answer = send(second, case.ticket.url, ("b.jpg", photo()))
    assert answer.status_code == 409
    assert second.post(f"{case.ticket.url}/done").status_code == 409
    assert second.post(f"{case.ticket.url}/remove").status_code == 409
    assert len(case.standing().pages) == 1
    assert "已收到 1 页" in first.get(case.ticket.url).text
    case.close()


def test_a_page_can_be_taken_back(opened: Any, phones: Any, running: Any) -> None:
    case, phone = opened(most=2), phones()
    send(phone, case.ticket.url, ("a.jpg", photo()), ("b.jpg", photo()))
    assert "页数已满" in phone.get(case.ticket.url).text
    assert "已收到 1 页" in phone.post(f"{case.ticket.url}/remove").text
    assert len(stored(running)) == 1
    case.close()


def test_it_runs_out_and_is_deleted(opened: Any, phones: Any, running: Any) -> None:
    case, phone = opened(), phones()
    send(phone, case.ticket.url, ("a.jpg", photo()))
    later = running.hub.now() + tickets.GOOD_FOR + timedelta(seconds=1)
    with running.hub.engine.execution_options(writes=True).begin() as connection:
        files = tickets.sweep(connection, later)
        assert len(files) == 1
        assert tickets.by_token(connection, case.ticket.url.rpartition("/")[2], later).state is PhoneState.CLOSED
    assert send(phone, case.ticket.url, ("b.jpg", photo())).status_code == 409
    # Left behind by an interruption: no ticket names it.
    from hub.phone.files import PhoneFiles

    assert PhoneFiles(running.data.path / "phone").keep_only(set()) == 1


def test_before_it_is_swept_a_ticket_that_ran_out_takes_nothing(opened: Any, running: Any) -> None:
    case = opened()
    token = case.ticket.url.rpartition("/")[2]
    later = running.hub.now() + tickets.GOOD_FOR
    writing = running.hub.engine.execution_options(writes=True)
    with writing.begin() as connection, pytest.raises(tickets.TicketRefused, match="no more"):
        tickets.add_pages(connection, token, "c" * 32, [("a" * 64, 1, True)], later)
    case.close()


def test_a_ticket_is_of_one_desk_and_one_draft(opened: Any, running: Any) -> None:
    case, other = opened(), running.terminal("desk")
    for path in ("", "/1"):
        assert other.http.get(f"{routes.OFFICE_PHONE}/{case.wanted.id}{path}").status_code == 404
    assert other.http.post(f"{routes.OFFICE_PHONE}/{case.wanted.id}/close").status_code == 404
    again = case.terminal.http.post(routes.OFFICE_PHONE, content=msgspec.json.encode(case.wanted))
    assert msgspec.json.decode(again.content, type=PhoneTicket).url == case.ticket.url  # a lost answer, asked again
    changed = msgspec.structs.replace(case.wanted, item="other")
    refused = case.terminal.http.post(routes.OFFICE_PHONE, content=msgspec.json.encode(changed))
    assert refused.status_code == 409
    assert refused.json()["type"].endswith("other_ticket")
    case.close()


def test_nobody_guesses_an_address_and_the_page_says_what_to_do(opened: Any, phones: Any) -> None:
    case, phone = opened(), phones()
    wrong = case.ticket.url.rpartition("/")[0] + "/" + "0" * 32
    answer = phone.get(wrong)
    assert answer.status_code == 404
    assert "换一个新的码" in answer.text
    assert phone.get(case.ticket.url.rpartition("/p/")[0] + "/").status_code == 404
    case.close()


@pytest.mark.parametrize(("language", "words"), [("en", "Household register"), ("zh-Hant", "戶口簿")])
def test_in_the_language_of_the_desk_or_as_chosen(opened: Any, phones: Any, language: str, words: str) -> None:
    case, phone = opened(language=language), phones()
    assert words in phone.get(case.ticket.url).text
    assert "户口簿" in phone.get(f"{case.ticket.url}?lang=zh-Hans").text
    assert "户口簿" in phone.get(case.ticket.url).text  # remembered
    case.close()


def test_nothing_chosen_and_no_form_are_told(opened: Any, phones: Any) -> None:
    case, phone = opened(), phones()
    assert "还没有选" in phone.post(case.ticket.url, files={"file": ("", b"")}).text
    assert phone.post(case.ticket.url, content=b"nothing").status_code == 422
    case.close()
