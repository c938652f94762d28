"""The acceptance report on its way: a real hub takes it, shows it once, and nothing that was changed."""

import shutil
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pikepdf
import pytest

from hub.fleet.acceptance import NotAcceptable, check_report
from kiosk.clock import WallClock
from kiosk.config import Site, read_site
from kiosk.wire import identity as files
from kiosk.wire import routes
from kiosk.wire.technician import ATTACHED
from provisioning import acceptance
from provisioning.talk import Exit
from tests.hub.conftest import running as hub_running
from tests.provisioning.technician import tool
from tests.provisioning.test_service import TEXT

running = hub_running
Running = Any


@pytest.fixture
def site(tmp_path: Path) -> Site:
    file = tmp_path / "site.toml"
    file.write_text(TEXT)
    return read_site(file)


@pytest.fixture
def enrolled(site: Site, running: Running) -> Any:
    """The terminal's line to the hub, for what the command would never send."""
    terminal = running.terminal("desk")
    site.identity_of("desk").parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(terminal.folder, site.identity_of("desk"))
    return terminal


def waiting(site: Site) -> list[Path]:
    return sorted((site.data / "acceptance").glob("*"))


def look(running: Running, path: str) -> httpx.Response:
    cookies = {"session": running.sign_in(None, "technician")}
    return httpx.get(running.at.console + path, cookies=cookies, trust_env=False)


def overview(running: Running, language: str) -> str:
    return look(running, f"/?lang={language}").text


def test_it_is_sent_shown_and_stored_once(site: Site, enrolled: Any, running: Running, tmp_path: Path) -> None:
    out, name = tmp_path / "r.pdf", enrolled.enrolled.terminal
    said = tool("report", "--site", site.path, "--out", out, "--by", "t7 <b>")
    assert said.code == Exit.WRONG_FOUND  # nothing was checked: that is open, and said so
    assert said.out["hub"] == "the hub has it"
    assert waiting(site) == []
    link = f"/acceptance/weinan/{name}/{said.out['sha256']}.pdf"
    for language, words in (("en", "Acceptance report:"), ("zh-Hans", "验收报告：")):
        card = overview(running, language).split(f'id="t-weinan-{name}"')[1].split("</article>")[0]
        assert words in card
        assert link in card
        assert "t7 &lt;b&gt;" in card
        count = len(said.out["open"])
        assert (f"{count} open" if language == "en" else f"{count} 项未完成") in card
    fetched = look(running, link)
    assert fetched.headers["content-type"] == "application/pdf"
    assert fetched.content == out.read_bytes()
    assert look(running, link.replace(name, "other")).status_code == 404
    before = running.rows("SELECT * FROM acceptance")
    assert enrolled.http.put(routes.ACCEPTANCE, content=out.read_bytes()).status_code == 204
    assert running.rows("SELECT * FROM acceptance") == before


def test_with_the_line_down_it_waits_and_goes_later(
    site: Site, enrolled: Any, running: Running, tmp_path: Path
) -> None:
    address = site.identity_of("desk") / files.HUB
    right = address.read_bytes()
    there = msgspec.json.decode(right, type=files.HubAddress)
    address.write_bytes(msgspec.json.encode(msgspec.structs.replace(there, url="https://127.0.0.1:9")))
    said = tool("report", "--site", site.path, "--out", tmp_path / "r.pdf", "--by", "t7")
    assert said.out["hub"].startswith("kept to be sent later with report --send: https://127.0.0.1:9 does not answer")
    assert [file.stem for file in waiting(site)] == [said.out["sha256"]]
    failed = tool("report", "--site", site.path, "--send")
    assert failed.code == Exit.HUB
    assert failed.out["waiting"] == [said.out["sha256"]]
    address.write_bytes(right)
    sent = tool("report", "--site", site.path, "--send")
    assert (sent.code, sent.out["sent"], sent.out["waiting"]) == (0, [said.out["sha256"]], [])
    assert waiting(site) == []
    assert said.out["sha256"] in overview(running, "en")
    assert tool("report", "--site", site.path, "--send").out == {"sent": [], "waiting": [], "why": ""}
    assert enrolled.enrolled.hall == "weinan"


def test_before_enrolment_it_is_not_sent_and_says_what_to_do(site: Site, tmp_path: Path) -> None:
    said = tool("report", "--site", site.path, "--out", tmp_path / "r.pdf", "--by", "t7")
    assert "enrol, then make the report again" in said.out["hub"]
    assert waiting(site) == []
    with pytest.raises(NotAcceptable, match="not signed"):
        check_report((tmp_path / "r.pdf").read_bytes())


def test_what_is_no_report_of_this_terminal_is_refused(
    site: Site, enrolled: Any, running: Running, tmp_path: Path
) -> None:
    out = tmp_path / "r.pdf"
    acceptance.report(site, WallClock(), out, by="t7")
    before = running.rows("SELECT count(*) FROM acceptance")
    with pikepdf.open(out) as pdf:
        pdf.pages.append(pdf.pages[0])
        longer = BytesIO()
        pdf.save(longer)
    with pikepdf.open(out) as pdf:
        facts = msgspec.json.decode(pdf.attachments[ATTACHED].get_file().read_bytes())
        facts["body"] = facts["body"][:-8] + "AAAAAAA="
        pdf.attachments[ATTACHED] = msgspec.json.encode(facts)
        changed = BytesIO()
        pdf.save(changed)
    for body, kind in ((longer.getvalue(), "changed"), (changed.getvalue(), ""), (b"%PDF-1.7 no", "not-a-report")):
        answer = enrolled.http.put(routes.ACCEPTANCE, content=body)
        assert answer.status_code == 422, kind
        assert kind in answer.json()["type"]
        assert answer.json()["detail"]
    other = running.terminal("desk").http.put(routes.ACCEPTANCE, content=out.read_bytes())
    assert other.json()["type"].endswith("other-signer")
    too_large = enrolled.http.put(routes.ACCEPTANCE, content=b"0" * (routes.MAX_ACCEPTANCE_BYTES + 1))
    assert too_large.status_code == 413
    assert running.client().put(routes.ACCEPTANCE, content=out.read_bytes()).status_code == 401
    assert running.rows("SELECT count(*) FROM acceptance") == before


class LongAgo(WallClock):
    """A terminal whose clock is years behind."""

    def now(self) -> Any:
        return super().now() - timedelta(days=4000)


def test_a_report_from_a_time_before_its_certificate_is_refused(site: Site, enrolled: Any, tmp_path: Path) -> None:
    acceptance.report(site, LongAgo(), tmp_path / "r.pdf", by="t7")
    answer = enrolled.http.put(routes.ACCEPTANCE, content=(tmp_path / "r.pdf").read_bytes())
    assert answer.status_code == 422
    assert "Set the terminal's clock" in answer.json()["detail"]
