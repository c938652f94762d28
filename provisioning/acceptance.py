"""The acceptance report: what was found, measured and calibrated, as a PDF that the terminal's key signs.

The facts are one JSON document. It is attached to the PDF with its signature, and names the SHA-256 of every page's
picture: what is printed, what is attached and what was signed are the same.
"""

import hashlib
import platform
from collections.abc import Iterable
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Final

import img2pdf
import msgspec
import pikepdf
import pysqlite3.dbapi2 as sqlite
from PIL import Image

import kiosk
from kiosk.clock import CHINA, Clock
from kiosk.config import Site
from kiosk.wire.technician import ATTACHED
from provisioning.acceptance_pages import Pages, Text
from provisioning.calibrate.records import Calibration, folder_of, kept, sign_pending
from provisioning.checks.contract import Result, Verdict
from provisioning.checks.run import newest
from provisioning.hub_line import identity_in
from provisioning.lockdown.audit import audit
from provisioning.signing import Sealed, sign, signer_of
from provisioning.site_text import write_whole
from provisioning.talk import CannotDo, Exit

__all__ = ("ATTACHED", "Facts", "Reported", "Verified", "draw", "gather", "report", "verify")
_VERDICTS: Final = {Verdict.PASS: "合格 pass", Verdict.FAIL: "不合格 FAIL", Verdict.NOT_RUN: "未检 not run"}
_MOST_PICTURES: Final = 12
_MOST_BY: Final = 200
"""Characters the hub takes."""


class DeviceLine(msgspec.Struct, frozen=True, kw_only=True):
    """One device of the site file."""

    role: str
    kind: str
    driver: str
    options: dict[str, str]
    proven_on: str


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What is signed.

    Attributes:
        pages: SHA-256 of each page's picture, in order.
        pictures: SHA-256 of each picture in it, by name.
        open: what is not in order, one line each; empty: accepted.
    """

    hall: str
    hall_name: str
    terminal: str
    roles: tuple[str, ...]
    by: str
    made: datetime
    versions: dict[str, str]
    identity: dict[str, str]
    devices: tuple[DeviceLine, ...]
    checked: datetime | None
    checks: tuple[Result, ...]
    calibrations: tuple[Calibration, ...]
    lockdown: tuple[Result, ...]
    open: tuple[str, ...]
    pictures: dict[str, str]
    pages: tuple[str, ...] = ()


class Reported(msgspec.Struct, frozen=True, kw_only=True):
    """What `report` did.

    Attributes:
        hub: whether the hub has it, or why not and what to do; empty before that was tried.
    """

    file: str
    sha256: str
    pages: int
    signed_as: str
    open: tuple[str, ...]
    hub: str = ""


def _devices(site: Site) -> tuple[DeviceLine, ...]:
    return tuple(
        DeviceLine(
            role=role,
            kind=entry.name,
            driver=entry.driver.key,
            # secrets of devices stay where they are
            options={
                name: str(value)
                for name, value in entry.options
                if value not in {"", None} and not any(word in name for word in ("password", "key", "secret"))
            },
            proven_on=", ".join(dict.fromkeys(proof.level.value for proof in entry.driver.proven_on)) or "nothing yet",
        )
        for role in site.roles
        for entry in site.devices[role].values()
    )


def gather(site: Site, clock: Clock, *, by: str, root: Path | None, pictures: Iterable[Path]) -> Facts:
    """Bring together what is known of the terminal.

    Args:
        site: the site file.
        clock: dates it.
        by: who reports.
        root: of the machine whose lock-down is audited; None leaves that out.
        pictures: more of them, e.g. of the machine in its place.

    Raises:
        CannotDo: nobody signed with a name, or a picture cannot be read.
    """
    if not by.strip():
        raise CannotDo(Exit.BAD_INPUT, "say who reports: --by, as your company knows you")
    if len(by) > _MOST_BY:
        raise CannotDo(Exit.BAD_INPUT, f"--by has {len(by)} characters: at most {_MOST_BY}")
    now = clock.now()
    sign_pending(site)
    checked = newest(site)
    calibrated = kept(site, now)
    locked = audit(site, root) if root is not None else ()
    missing: list[str] = []
    if checked is None:
        missing.append("nothing was checked yet: run check --full")
    results = checked.results if checked is not None else ()
    missing += [f"{one.id}: {one.remedy}" for one in (*results, *locked) if one.verdict is Verdict.FAIL]
    missing += [f"calibration of {one.calibration.what.value} has expired" for one in calibrated if one.expired]
    identity: dict[str, str] = {}
    for role in site.roles:
        papers = identity_in(site.identity_of(role))
        if papers is None:
            missing.append(f"{role}: not enrolled")
            continue
        identity[role] = f"{papers.enrolled.hall}/{papers.enrolled.terminal}, until {papers.expires:%Y-%m-%d}"
        if (papers.enrolled.hall, papers.enrolled.terminal) != (site.hall, site.terminal) and len(site.roles) == 1:
            missing.append(f"{role}: enrolled as {identity[role]}, the site file says {site.hall}/{site.terminal}")
    return Facts(
        hall=site.hall,
        hall_name=site.hall_name,
        terminal=site.terminal,
        roles=site.roles,
        by=by,
        made=now,
        versions={
            "kiosk": kiosk.__version__,
            "python": platform.python_version(),
            "sqlite": str(sqlite.sqlite_version),
            "system": f"{platform.system()} {platform.release()}",
        },
        identity=identity,
        devices=_devices(site),
        checked=checked.made if checked is not None else None,
        checks=results,
        calibrations=tuple(one.calibration for one in calibrated),
        lockdown=locked,
        open=tuple(missing),
        pictures={path.name: hashlib.sha256(_bytes(path)).hexdigest() for path in _pictures(site, pictures)},
    )


def _pictures(site: Site, more: Iterable[Path]) -> list[Path]:
    desk = folder_of(site) / "desk.png"
    found = [*([desk] if desk.exists() else []), *more]
    if len(found) > _MOST_PICTURES:
        raise CannotDo(Exit.BAD_INPUT, f"{len(found)} pictures: at most {_MOST_PICTURES}")
    return found


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CannotDo(Exit.BAD_INPUT, f"{path}: cannot be read: {error.strerror}") from error


def _results(pages: Pages, title: str, results: Iterable[Result]) -> None:
    pages.heading(title)
    for one in results:
        bold = one.verdict is Verdict.FAIL
        pages.row(
            (
                Text(one.id, 0.27),
                Text(_VERDICTS[one.verdict], 0.15, bold=bold),
                Text(one.remedy if one.verdict is Verdict.NOT_RUN else one.value, 0.33),
                Text(one.limits, 0.25),
            )
        )
        if one.verdict is Verdict.FAIL:
            pages.row((Text("", 0.05), Text(f"→ {one.remedy}", 0.95, bold=True)))


def draw(facts: Facts, pictures: Iterable[Path]) -> list[Image.Image]:
    """Draw the pages. A4 at 150 dpi, grey."""
    pages = Pages(f"{facts.hall_name} · {facts.terminal} · {facts.made.astimezone(CHINA):%Y-%m-%d %H:%M}")
    pages.title("自助终端验收报告", "Acceptance report")
    for caption, value in (
        ("政务大厅 hall", f"{facts.hall_name} ({facts.hall})"),
        ("终端 terminal", f"{facts.terminal} ({', '.join(facts.roles)})"),
        ("技术员 technician", facts.by),
        ("日期 date", f"{facts.made.astimezone(CHINA):%Y-%m-%d %H:%M} UTC+8"),
        (
            "身份 identity",
            "; ".join(f"{role}: {text}" for role, text in facts.identity.items()) or "未注册 not enrolled",
        ),
        ("版本 versions", ", ".join(f"{name} {text}" for name, text in facts.versions.items())),
    ):
        pages.row((Text(caption, 0.25), Text(value, 0.75)))
    pages.heading("结论 Conclusion")
    if facts.open:
        pages.row((Text(f"有 {len(facts.open)} 项未完成 / {len(facts.open)} open:", 1.0, bold=True),))
        for line in facts.open:
            pages.row((Text(f"• {line}", 1.0),))
    else:
        skipped = sum(one.verdict is Verdict.NOT_RUN for one in (*facts.checks, *facts.lockdown))
        words = f"已检项目全部合格。 All that was checked is in order. 未检 not run: {skipped}"
        pages.row((Text(words, 1.0, bold=True),))
    pages.heading("设备 Devices")
    for device in facts.devices:
        where = ", ".join(f"{name} = {text}" for name, text in device.options.items() if name in _WHERE)
        proven = f"proven: {device.proven_on}"
        pages.row(
            (
                Text(f"{device.role}.{device.kind}", 0.22),
                Text(device.driver, 0.26),
                Text(where, 0.34),
                Text(proven, 0.18),
            )
        )
    when = f"{facts.checked.astimezone(CHINA):%Y-%m-%d %H:%M}" if facts.checked else "—"
    _results(pages, f"检测 Checks（{when}）", facts.checks)
    pages.heading("校准 Calibration")
    for one in facts.calibrations:
        until = f"until {one.expires:%Y-%m-%d}" if one.expires else "until moved"
        values = ", ".join(f"{name} {value}" for name, value in one.values.items() if name != "sha256")
        pages.row(
            (
                Text(f"{one.role} {one.what.value}", 0.2),
                Text(f"{one.made:%Y-%m-%d} {one.by}, {until}", 0.3),
                Text(values, 0.5),
            )
        )
        if one.reference:
            pages.row((Text("", 0.2), Text(f"基准 reference: {one.reference}; {one.limits}", 0.8)))
    if facts.lockdown:
        _results(pages, "锁定 Lock-down", facts.lockdown)
    for path in pictures:
        pages.picture(path.name, path)
    pages.heading("签字 Signature")
    pages.row((Text("技术员 technician: ______________", 0.5), Text("大厅 hall: ______________", 0.5)))
    return pages.done()


_WHERE: Final = frozenset(
    {"port", "device", "host", "path", "url", "queue", "server", "beam_a", "beam_b", "width_dots"}
)


def _layout(width: int, height: int, _dpi: tuple[float, float]) -> tuple[float, float, float, float]:
    """A page as large as its picture, in points."""
    return (width * 72 / 150, height * 72 / 150, width * 72 / 150, height * 72 / 150)


def _png(page: Image.Image) -> bytes:
    out = BytesIO()
    page.save(out, "PNG")
    return out.getvalue()


def report(
    site: Site, clock: Clock, out: Path, *, by: str, root: Path | None = None, pictures: tuple[Path, ...] = ()
) -> Reported:
    """Make the acceptance report.

    Args:
        site: the site file.
        clock: dates it.
        out: the PDF.
        by: who reports.
        root: see `gather`.
        pictures: see `gather`.

    Raises:
        CannotDo: see `gather`; or it cannot be written.
    """
    facts = gather(site, clock, by=by, root=root, pictures=pictures)
    drawn = [_png(page) for page in draw(facts, _pictures(site, pictures))]
    facts = msgspec.structs.replace(facts, pages=tuple(_mark(png) for png in drawn))
    sealed = sign(msgspec.json.encode(facts), site.identity_of(site.roles[0]))
    plain = img2pdf.convert(*drawn, layout_fun=_layout, nodate=True)
    with pikepdf.open(BytesIO(plain)) as pdf:
        pdf.attachments[ATTACHED] = msgspec.json.encode(sealed)
        made = BytesIO()
        pdf.save(made, deterministic_id=True)
    content = made.getvalue()
    write_whole(out, content)
    papers = identity_in(site.identity_of(site.roles[0]))
    return Reported(
        file=str(out),
        sha256=hashlib.sha256(content).hexdigest(),
        pages=len(drawn),
        signed_as=f"{papers.enrolled.hall}/{papers.enrolled.terminal}" if papers and sealed.signature else "",
        open=facts.open,
    )


def _mark(png: bytes) -> str:
    """What stands for a page: the digest of its dots, however they are packed."""
    with Image.open(BytesIO(png)) as page:
        return hashlib.sha256(page.convert("L").tobytes()).hexdigest()


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """A report that was checked."""

    signed_by: str
    facts: Facts


def verify(file: Path, ca: Path) -> Verified:
    """Check a report: signed by a terminal of this hub, nothing changed, and the pages are those that were signed.

    Args:
        file: the PDF.
        ca: the hub's CA (`ca.pem` of any identity folder).

    Raises:
        CannotDo: it is not; the message says what is wrong.
    """
    try:
        with pikepdf.open(BytesIO(_bytes(file))) as pdf:
            attached = pdf.attachments.get(ATTACHED)
            if attached is None:
                raise CannotDo(Exit.REFUSED, f"{file} is no acceptance report: {ATTACHED} is not attached")
            sealed = msgspec.json.decode(attached.get_file().read_bytes(), type=Sealed)
            facts = msgspec.json.decode(sealed.body, type=Facts)
            marks = tuple(_page_mark(page) for page in pdf.pages)
    except (pikepdf.PdfError, msgspec.DecodeError) as error:
        raise CannotDo(Exit.REFUSED, f"{file} cannot be read as an acceptance report: {error}") from error
    signer = signer_of(sealed, _bytes(ca), facts.made)
    if marks != facts.pages:
        raise CannotDo(Exit.REFUSED, "its pages are not those that were signed")
    return Verified(signed_by=signer, facts=facts)


def _page_mark(page: pikepdf.Page) -> str:
    pictures = [one for one in page.get_images().values() if isinstance(one, pikepdf.Stream)]
    if len(pictures) != 1:
        return ""
    with pikepdf.PdfImage(pictures[0]).as_pil_image() as picture:
        return hashlib.sha256(picture.convert("L").tobytes()).hexdigest()
