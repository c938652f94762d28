"""Lock-down, report, bundle, outbox, migration: what is left behind, what leaves, and what never does."""

import base64
import json
import tarfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

import anyio
import msgspec
import pikepdf
import pysqlite3.dbapi2 as sqlite
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from kiosk.clock import WallClock
from kiosk.config import Site, read_site
from kiosk.store.database import Database
from kiosk.wire import identity as files
from kiosk.wire.fleet import Enrolled
from provisioning import acceptance, outbox
from provisioning.bundle import bundle
from provisioning.calibrate.records import Calibration, What, keep, kept, sign_pending
from provisioning.checks.contract import Checked, Depth, Result, Verdict, Who
from provisioning.checks.machine import check_machine
from provisioning.checks.run import kept_at
from provisioning.lockdown.audit import audit, plan
from provisioning.people_out import line_without_people
from provisioning.site_text import write_whole
from provisioning.statistics import gather
from provisioning.store_file import migrate, path_of, scripts
from provisioning.talk import CannotDo, Exit
from tests.provisioning.technician import tool

NAME, LATIN, NUMBER, PHONE, STREET = "王小明", "Wang Xiaoming", "110101199003070011", "13912345678", "朝阳大街1号"
ENCODED = (NUMBER[6:14], "1234-5678", "u738b", "U738B", quote(NAME)[:9], "xe7", ascii(NAME)[1:7])
"""The same in other clothes."""
TEXT = """\
hall = "weinan"
hall_name = "示例市政务服务中心"
terminal = "desk-1"

[desk]

[desk.devices.id_reader]
driver = "id_reader/sam-v-serial"
port = "usb:1-1.2/1a86:7523/A1"

[desk.devices.camera]
driver = "camera/mjpeg-http"
host = "camera.hall"
user = "viewer"
password = "very-secret-password"

[desk.devices.printer]
driver = "printer/escpos-usb"
vid = 1208
pid = 514
path = "1-1.3"
"""


@pytest.fixture
def site(tmp_path: Path) -> Site:
    file = tmp_path / "site.toml"
    file.write_text(TEXT)
    return read_site(file)


def fill(site: Site) -> Path:
    """A store in which people are."""
    path = path_of(site, "desk")

    async def make() -> None:
        database = await Database.open(path)
        personal = f"{NAME} {NUMBER} {PHONE} {STREET}"

        def work(c: sqlite.Connection) -> None:
            c.execute(
                "INSERT INTO passage (id, decided, verdict, body) VALUES ('a', '2026-11-22T01:00:00Z', 'ADMIT', ?)",
                (personal.encode(),),
            )
            c.execute(
                "INSERT INTO submission (id, number, person, item, submitted) VALUES ('b', '1', ?, 'x', '2026-11-22')",
                (personal,),
            )
            for state, detail in (("waiting", ""), ("dead", f"no such item for {personal}")):
                c.execute(
                    "INSERT INTO outbox (id, kind, made, body, state, detail) VALUES (?, 'submission', '1', ?, ?, ?)",
                    (state, json.dumps({"name": personal}).encode(), state, detail),
                )
            c.execute("INSERT INTO paper (sha256, seq, bytes) VALUES (?, 1, 5)", ("ab" * 32,))

        await database.write(work)
        await database.close()

    anyio.run(make)
    papers = path.parent / "papers"
    papers.mkdir()
    (papers / ("ab" * 32)).write_bytes(b"seale")
    return path


LOG = "\n".join(
    (
        json.dumps({"event": "device left", "detail": "could not open port", "device": "printer", "level": "warning"}),
        json.dumps(
            {"event": f"card of {NAME} read", "name": NAME, "number": NUMBER, "phone": PHONE}, ensure_ascii=False
        ),
        json.dumps({"event": "card read", "detail": f"{LATIN}, {NUMBER}, {STREET}", "count": int(PHONE)}),
        json.dumps({"event": {"name": LATIN}, "why": [NAME, PHONE, LATIN]}),
        f"Traceback: ValueError: {NAME} ({LATIN}) {NUMBER} {PHONE} lives at {STREET}",
        json.dumps([NAME, LATIN]),
        json.dumps({"event": json.dumps(NAME), "detail": repr(NAME.encode())}),
        f"GET /find?name={quote(NAME)}&phone=139-1234-5678 {NAME!a} {NAME.encode()!r}",
    )
)


def test_nobody_is_in_the_bundle(site: Site, tmp_path: Path) -> None:
    fill(site)
    log, out = tmp_path / f"{NAME}.log", tmp_path / "bundle.tar.gz"
    log.write_text(LOG)
    done = bundle(site, WallClock(), out, logs=(log,))
    with tarfile.open(out) as archive:
        inside = {one.name: archive.extractfile(one) for one in archive.getmembers()}
        whole = "".join(name + (stream.read().decode() if stream else "") for name, stream in inside.items())
    for planted in (NAME, *NAME, *LATIN.split(), NUMBER, PHONE, STREET, "very-secret-password", *ENCODED):
        assert planted not in whole, planted
    # and it is of use all the same
    assert "device left" in whole
    assert "could not open port" in whole
    assert "ValueError" in whole
    assert '"submission dead":1' in whole
    assert "2026-11-22 ADMIT" in whole
    assert done.hidden > 5
    assert out.stat().st_mode & 0o077 == 0


def test_the_program_s_own_words_stay() -> None:
    line = json.dumps({"event": "plugged in", "path": "/dev/ttyUSB0", "timestamp": "2026-11-22T12:00:00Z", "ms": 12.5})
    said = json.loads(line_without_people(line))
    assert said["event"] == "plugged in"
    assert said["timestamp"] == "2026-11-22T12:00:00Z"
    assert said["ms"] == 12.5


def test_statistics_count_and_name_nobody(site: Site) -> None:
    fill(site)
    (found,) = gather(site)
    assert found.passages == {"2026-11-22 ADMIT": 1}
    assert (found.outbox.waiting, found.outbox.dead) == (1, 1)


def test_the_outbox_is_listed_tried_again_and_carried_away(site: Site, tmp_path: Path) -> None:
    fill(site)
    waiting, dead = outbox.listed(site, "desk")
    assert (waiting.state, waiting.papers, dead.state) == ("waiting", 1, "dead")
    with pytest.raises(CannotDo, match="not refused") as caught:
        outbox.retry(site, "desk", [waiting.seq])
    assert caught.value.code is Exit.BAD_INPUT
    assert outbox.retry(site, "desk", []).seqs == (dead.seq,)
    assert outbox.retry(site, "desk", []).seqs == ()
    assert {one.state for one in outbox.listed(site, "desk")} == {"waiting"}
    out = tmp_path / "carry.tar"
    done = outbox.export(site, "desk", out)
    assert (done.events, done.papers, done.missing_papers) == (2, 1, ())
    with tarfile.open(out) as archive:
        lines = archive.extractfile("events.jsonl")
        assert lines is not None
        assert len(lines.read().splitlines()) == 2
    assert len(outbox.listed(site, "desk")) == 2  # nothing leaves the outbox by being copied


def test_an_old_store_is_brought_up_to_date_once_and_a_copy_stays(site: Site) -> None:
    path = path_of(site, "desk")
    path.parent.mkdir(parents=True)
    with closing(sqlite.connect(str(path), isolation_level=None)) as old:
        old.executescript(scripts()[0])
        old.execute("PRAGMA user_version=1")
        old.execute("INSERT INTO meta VALUES ('k', 'kept')")
    assert migrate(path, dry_run=True).before == 1
    done = migrate(path)
    assert (done.before, done.after) == (1, len(scripts()))
    assert Path(done.copy).exists()
    again = migrate(path)
    assert (again.before, again.copy) == (len(scripts()), "")
    anyio.run(Database.open, path)


def test_a_store_of_a_newer_release_and_a_broken_one_are_left_alone(site: Site) -> None:
    path = fill(site)
    with closing(sqlite.connect(str(path), isolation_level=None)) as connection:
        connection.execute("PRAGMA user_version=999")
        connection.execute("UPDATE meta SET value = '999' WHERE key = 'runs_with'")
    with pytest.raises(CannotDo, match="newer release"):
        migrate(path)
    path.write_bytes(b"no database at all, but long enough to be looked at" * 100)
    before = path.read_bytes()
    with pytest.raises(CannotDo, match="keep the file"):
        migrate(path)
    assert path.read_bytes() == before
    with pytest.raises(CannotDo, match="never run"):
        migrate(path.with_name("none.db"))


def test_lockdown_dry_run_apply_and_audit(site: Site, tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "etc").mkdir(parents=True)
    first = plan(site, root)
    assert {one.state for one in first.files} == {"new"}
    assert list((root / "etc").iterdir()) == []
    texts = {one.path: one.text for one in first.files}
    assert 'KERNELS=="1-1.2"' in texts["/etc/udev/rules.d/70-kiosk.rules"]
    usb = texts["/etc/usbguard/rules.conf"]
    assert 'allow id 1a86:7523 serial "A1" via-port "1-1.2"' in usb
    assert 'allow id 04b8:0202 via-port "1-1.3"' in usb
    assert usb.rstrip().endswith("reject")
    assert "--role desk" in texts["/etc/systemd/system/kiosk-desk.service"]
    ids = [one.id for one in audit(site, root)]
    assert len(ids) == len(set(ids))
    before = [one for one in audit(site, root) if one.verdict is Verdict.FAIL]
    assert all(one.remedy for one in before)
    plan(site, root, apply=True)
    assert {one.state for one in plan(site, root).files} == {"same"}
    # what the commands would do
    (root / "etc/passwd").write_text("root:x:0:0::/root:/bin/sh\nkiosk:x:990:990::/var/lib/kiosk:/usr/sbin/nologin\n")
    (root / "var/lib/kiosk").mkdir(parents=True, mode=0o700)
    units = root / "etc/systemd/system"
    (units / "multi-user.target.wants").mkdir()
    (units / "multi-user.target.wants/kiosk-desk.service").symlink_to("../kiosk-desk.service")
    for masked in ("ctrl-alt-del.target", "getty@tty1.service"):
        (units / masked).symlink_to("/dev/null")
    assert [one for one in audit(site, root) if one.verdict is Verdict.FAIL] == []
    (root / "etc/usbguard/rules.conf").write_text("allow\n")
    (root / "etc/passwd").write_text("kiosk:x:0:0::/:/bin/bash\n")
    assert {one.id for one in audit(site, root) if one.verdict is Verdict.FAIL} == {
        "lockdown.usbguard/rules.conf",
        "lockdown.user",
    }


def test_lockdown_wants_to_know_what_to_do(site: Site, tmp_path: Path) -> None:
    assert tool("lockdown", "--site", site.path).code == Exit.BAD_INPUT
    assert tool("lockdown", "--site", site.path, "--check", "--root", tmp_path / "nowhere").code == Exit.BAD_INPUT


# ---------------------------------------------------------------------------------------------------------------
# The acceptance report


def certificate(key: ec.EllipticCurvePrivateKey, name: str, issuer: str, signer: ec.EllipticCurvePrivateKey) -> bytes:
    named = [x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, one)]) for one in (name, issuer)]
    now = WallClock().now()
    made = (
        x509.CertificateBuilder()
        .subject_name(named[0])
        .issuer_name(named[1])
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=300))
        .sign(signer, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM)


def enrol_by_hand(site: Site, folder: Path) -> Path:
    """Key and certificate as enrolment leaves them; returns the CA."""
    ca, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    identity = site.identity_of("desk")
    identity.mkdir(parents=True)
    private = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (identity / files.KEY).write_bytes(key.private_bytes(*private))
    (identity / files.CERTIFICATE).write_bytes(certificate(key, "weinan/desk-1", "hub", ca))
    authority = folder / "ca.pem"
    authority.write_bytes(certificate(ca, "hub", "hub", ca))
    (identity / files.CA).write_bytes(authority.read_bytes())
    hub = files.HubAddress(url="https://127.0.0.1:9", ca_sha256="ab" * 32)
    (identity / files.HUB).write_bytes(msgspec.json.encode(hub))
    enrolled = Enrolled(
        terminal="desk-1",
        hall="weinan",
        certificate=(identity / files.CERTIFICATE).read_text(),
        ca=authority.read_text(),
        hub_recipient="age1",
        hall_key="00" * 32,
        rules_key="00" * 32,
        receipt_range=1,
    )
    (identity / files.ENROLLED).write_bytes(msgspec.json.encode(enrolled))
    return authority


def test_a_hub_that_is_not_reached_is_the_hub_operator_s_matter(site: Site, tmp_path: Path) -> None:
    enrol_by_hand(site, tmp_path)
    found = {one.id: one for one in check_machine(site, WallClock())}
    assert found["desk.hub"].verdict is Verdict.FAIL
    assert found["desk.hub"].who is Who.HUB
    assert "is the net plugged in" in found["desk.hub"].remedy
    assert found["desk.clock_offset"].verdict is Verdict.NOT_RUN
    assert found["desk.certificate"].verdict is Verdict.PASS


def results(verdict: Verdict) -> Checked:
    one = Result(
        id="desk.printer.status", what="纸", verdict=verdict, value="paper out", limits="ready", remedy="put a roll in"
    )
    return Checked(made=WallClock().now(), site="s", depth=Depth.FULL, results=(one,))


def test_a_report_is_signed_and_no_page_can_be_exchanged(site: Site, tmp_path: Path) -> None:
    ca = enrol_by_hand(site, tmp_path)
    write_whole(kept_at(site), msgspec.json.encode(results(Verdict.FAIL)))
    out = tmp_path / "report.pdf"
    done = acceptance.report(site, WallClock(), out, by="t7")
    assert any("put a roll in" in line for line in done.open)
    found = acceptance.verify(out, ca)
    assert found.signed_by == "weinan/desk-1"
    assert found.facts.devices[1].options["host"] == "camera.hall"
    assert "very-secret-password" not in found.facts.devices[1].options.values()

    other = tmp_path / "other.pdf"
    write_whole(kept_at(site), msgspec.json.encode(results(Verdict.PASS)))
    acceptance.report(site, WallClock(), other, by="t7")
    with pikepdf.open(out) as real, pikepdf.open(other) as nicer:
        real.pages[0] = nicer.pages[0]
        forged = BytesIO()
        real.save(forged)
    (tmp_path / "forged.pdf").write_bytes(forged.getvalue())
    with pytest.raises(CannotDo, match="pages") as caught:
        acceptance.verify(tmp_path / "forged.pdf", ca)
    assert caught.value.code is Exit.REFUSED
    stranger = enrol_by_hand(read_site(_copy(site, tmp_path / "stranger")), tmp_path / "stranger")
    with pytest.raises(CannotDo, match="not signed by a terminal of this hub"):
        acceptance.verify(out, stranger)


def _copy(site: Site, folder: Path) -> Path:
    folder.mkdir()
    (folder / "site.toml").write_text(site.path.read_text())
    return folder / "site.toml"


def test_facts_that_were_changed_are_noticed(site: Site, tmp_path: Path) -> None:
    ca = enrol_by_hand(site, tmp_path)
    out = tmp_path / "report.pdf"
    acceptance.report(site, WallClock(), out, by="t7")
    with pikepdf.open(out, allow_overwriting_input=True) as pdf:
        sealed = json.loads(pdf.attachments[acceptance.ATTACHED].get_file().read_bytes())
        body = base64.b64decode(sealed["body"]).replace(b'"by":"t7"', b'"by":"t8"')
        sealed["body"] = base64.b64encode(body).decode()
        pdf.attachments[acceptance.ATTACHED] = json.dumps(sealed).encode()
        pdf.save(out)
    with pytest.raises(CannotDo, match="changed after it was signed"):
        acceptance.verify(out, ca)


def test_before_enrolment_nothing_is_signed_and_it_says_so(site: Site, tmp_path: Path) -> None:
    out = tmp_path / "report.pdf"
    done = acceptance.report(site, WallClock(), out, by="t7")
    assert done.signed_as == ""
    assert "desk: not enrolled" in done.open
    ca = enrol_by_hand(site, tmp_path)
    with pytest.raises(CannotDo, match="not signed"):
        acceptance.verify(out, ca)
    with pytest.raises(CannotDo, match="--by"):
        acceptance.report(site, WallClock(), out, by=" ")


def test_a_calibration_from_before_enrolment_is_signed_afterwards(site: Site, tmp_path: Path) -> None:
    made = Calibration(
        what=What.DESK, role="desk", driver="camera/uvc", by="t7", made=datetime(2026, 11, 22, tzinfo=UTC)
    )
    keep(site, made)
    assert sign_pending(site) == ()
    enrol_by_hand(site, tmp_path)
    assert len(sign_pending(site)) == 1
    assert sign_pending(site) == ()
    (found,) = kept(site, WallClock().now())
    assert found.signed
    assert found.calibration == made


def test_no_report_of_a_picture_that_is_none(site: Site, tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"not a picture")
    said = tool(
        "report", "--site", site.path, "--out", tmp_path / "r.pdf", "--by", "t7", "--picture", tmp_path / "photo.jpg"
    )
    assert said.code == Exit.BAD_INPUT
    assert not (tmp_path / "r.pdf").exists()
