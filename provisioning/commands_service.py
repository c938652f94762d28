"""The commands of set-up and service: lockdown, report, bundle, doctor, stats, outbox, migrate."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer
from rich.console import Console

from kiosk.clock import WallClock
from kiosk.config import Site
from provisioning import outbox
from provisioning.checks.contract import Result, Verdict
from provisioning.doctor import diagnose
from provisioning.lockdown.audit import Plan, audit, plan
from provisioning.options import DryRun, RoleOption, SiteOption, read, role_of
from provisioning.report_line import keep_for_hub, send_waiting
from provisioning.statistics import gather
from provisioning.store_file import migrate, path_of
from provisioning.talk import AsJson, CannotDo, Exit, answer, give_up, step, table

if TYPE_CHECKING:
    from provisioning import acceptance  # PDF and pictures take a second to load

Out = Annotated[Path, typer.Option("--out", help="The file to write.")]
Root = Annotated[Path, typer.Option("--root", help="Root of the machine, or of an image that is being made.")]
By = Annotated[str, typer.Option("--by", help="Who does it, as your company knows you.")]
_VERDICTS = {Verdict.PASS: "pass", Verdict.FAIL: "FAIL", Verdict.NOT_RUN: "not run"}


def _show_plan(console: Console, done: Plan) -> None:
    for file in done.files:
        if file.state != "same" and file.text:
            console.print(f"── {file.path}: {file.why}", markup=False, style="bold")
            console.print(file.text, markup=False, highlight=False, soft_wrap=True)  # as it stands in the file
    rows = [(file.path, file.state, file.why) for file in done.files]
    console.print(table("written" if done.applied else "would be written", ("file", "", "why"), rows))
    console.print("Then, as root:" if done.applied else "Then would be run, as root:")
    for command in done.commands:
        console.print(f"  {command}", markup=False)
    if done.unbound:
        console.print(f"The USB filter cannot name {', '.join(done.unbound)}: bind them by socket first.")


def _show_results(console: Console, title: str, results: tuple[Result, ...]) -> None:
    rows = [(one.id, _VERDICTS[one.verdict], one.value, one.remedy) for one in results]
    console.print(table(title, ("check", "verdict", "found", "what to do"), rows))


def lockdown_command(
    *,
    site: SiteOption,
    dry_run: DryRun = False,
    check: Annotated[bool, typer.Option("--check", help="Audit the machine.")] = False,
    apply: Annotated[bool, typer.Option("--apply", help="Write the files; the commands are yours to run.")] = False,
    root: Root = Path("/"),
    json: AsJson = False,
) -> None:
    """Make this machine a terminal and nothing else: own user, units, device names, USB filter, no way out.

    Exit codes: 0 done, or the audit found nothing; 1 the audit found something; 2 bad input; 4 not now.
    """
    results: tuple[Result, ...] = ()
    done: Plan | None = None
    try:
        found = read(site)
        _one_of(dry_run, check, apply)
        if check:
            results = audit(found, root)
        else:
            done = plan(found, root, apply=apply)
    except CannotDo as error:
        give_up(error, as_json=json)
    if done is not None:
        shown = done
        answer(shown, lambda console: _show_plan(console, shown), as_json=json)
        return
    answer(results, lambda console: _show_results(console, f"lock-down of {root}", results), as_json=json)
    if any(one.verdict is Verdict.FAIL for one in results):
        raise typer.Exit(int(Exit.WRONG_FOUND))


def _one_of(*chosen: bool) -> None:
    if sum(chosen) != 1:
        raise CannotDo(Exit.BAD_INPUT, "choose one of --dry-run, --check and --apply")


def _hand_in(site: Site, done: "acceptance.Reported") -> "acceptance.Reported":
    """Send a report that was made, and with it those from before; a hub that is away takes nothing from it."""
    if not done.signed_as:
        return msgspec.structs.replace(done, hub="not sent, it is not signed: enrol, then make the report again")
    kept = keep_for_hub(site, Path(done.file))
    sent = send_waiting(site, step)
    if kept in sent.sent:
        return msgspec.structs.replace(done, hub="the hub has it")
    return msgspec.structs.replace(done, hub=f"kept to be sent later with report --send: {sent.why}")


def _send(site: Site, *, as_json: bool) -> None:
    sent = send_waiting(site, step)

    def show(console: Console) -> None:
        console.print(f"{len(sent.sent)} sent, {len(sent.waiting)} wait", markup=False)
        if sent.why:
            console.print(sent.why, markup=False)

    answer(sent, show, as_json=as_json)
    if sent.waiting:
        raise typer.Exit(int(Exit.HUB))


def report_command(
    *,
    site: SiteOption,
    out: Out = Path("acceptance.pdf"),
    by: By = "",
    audit_root: Annotated[Path | None, typer.Option("--audit", help="Also audit the lock-down of this root.")] = None,
    picture: Annotated[
        list[Path] | None, typer.Option("--picture", help="A photo for the report; may be repeated.")
    ] = None,
    send: Annotated[bool, typer.Option("--send", help="Make none; send those that wait for the hub.")] = False,
    json: AsJson = False,
) -> None:
    """Write the acceptance report: readings, calibrations, versions, pictures, signed with the terminal's key.

    An enrolled terminal sends it to the hub, which shows it; where the line is down it waits for `report --send`.

    Exit codes: 0 all in order; 1 written, and something in it is open; 2 bad input; 3 (--send) the hub does not have
    all of them; 4 not now.
    """
    from provisioning import acceptance  # noqa: PLC0415  PDF and pictures take a second to load

    try:
        found = read(site)
        if send:
            _send(found, as_json=json)
            return
        done = acceptance.report(found, WallClock(), out, by=by, root=audit_root, pictures=tuple(picture or ()))
        done = _hand_in(found, done)
    except CannotDo as error:
        give_up(error, as_json=json)

    def show(console: Console) -> None:
        console.print(
            f"{done.file}: {done.pages} pages, signed as {done.signed_as or 'nobody: not enrolled'}", markup=False
        )
        console.print(f"hub: {done.hub}", markup=False)
        for line in done.open:
            console.print(f"open: {line}", markup=False)

    answer(done, show, as_json=json)
    if done.open:
        raise typer.Exit(int(Exit.WRONG_FOUND))


def verify_command(
    file: Annotated[Path, typer.Argument(help="An acceptance report (PDF).")],
    *,
    ca: Annotated[Path, typer.Option("--ca", help="The hub's CA: ca.pem of an identity folder.")],
    json: AsJson = False,
) -> None:
    """Check an acceptance report: signed by a terminal of this hub, and nothing changed. Exit codes: 0; 2; 5 not."""
    from provisioning import acceptance  # noqa: PLC0415  the same

    try:
        done = acceptance.verify(file, ca)
    except CannotDo as error:
        give_up(error, as_json=json)
    made = f"{done.facts.made:%Y-%m-%d %H:%M} UTC"
    answer(
        done,
        lambda console: console.print(
            f"signed by {done.signed_by}, {made}, by {done.facts.by}: unchanged", markup=False
        ),
        as_json=json,
    )


def bundle_command(
    *,
    site: SiteOption,
    out: Out = Path("kiosk-bundle.tar.gz"),
    log: Annotated[list[Path] | None, typer.Option("--log", help="A log of the terminal; may be repeated.")] = None,
    json: AsJson = False,
) -> None:
    """Make a support bundle without personal data. Exit codes: 0; 2 bad input; 4 not now."""
    from provisioning.bundle import bundle  # noqa: PLC0415  the same

    try:
        done = bundle(read(site), WallClock(), out, logs=tuple(log or ()), say=step)
    except CannotDo as error:
        give_up(error, as_json=json)

    def show(console: Console) -> None:
        for line in done.contents:
            console.print(line, markup=False)
        console.print(f"{done.file}: {done.hidden} words and numbers were taken out of the logs", markup=False)

    answer(done, show, as_json=json)


def doctor_command(
    *,
    site: SiteOption,
    devices: Annotated[bool, typer.Option("--devices/--no-devices", help="Also open the devices.")] = True,
    json: AsJson = False,
) -> None:
    """Say what is wrong, and who can mend it. Exit codes: 0 nothing; 1 something."""
    try:
        done = diagnose(site, WallClock(), devices=devices, say=step)
    except CannotDo as error:
        give_up(error, as_json=json)
    rows = [(one.who.value, one.where, one.what, one.do) for one in done.findings]

    def show(console: Console) -> None:
        if done.well:
            console.print(f"Nothing is wrong ({done.looked_at} things looked at).")
        else:
            console.print(table("what is wrong", ("who", "where", "what", "what to do"), rows))

    answer(done, show, as_json=json)
    if not done.well:
        raise typer.Exit(int(Exit.WRONG_FOUND))


def stats_command(*, site: SiteOption, json: AsJson = False) -> None:
    """What the terminal has done, in numbers. Exit codes: 0; 2 bad input; 4 the store cannot be used."""
    try:
        done = gather(read(site))
    except CannotDo as error:
        give_up(error, as_json=json)

    def show(console: Console) -> None:
        if not done:
            console.print("the terminal has never run here: nothing to count yet")
        for one in done:
            rows = [
                (name, str(count))
                for part in (one.passages, one.submissions, one.waiting)
                for name, count in part.items()
            ]
            counts = table(f"{one.role}: schema {one.schema}", ("what", "how many"), rows)
            console.print(counts if rows else f"{one.role}: nobody has come yet")
            lives = [
                (life.name, life.driver, str(life.good), str(life.errors), str(life.cycles), f"{life.ready_hours:.1f}")
                for life in one.devices
            ]
            console.print(table("devices", ("name", "driver", "good", "errors", "cycles", "hours ready"), lives))

    answer(done, show, as_json=json)


group = typer.Typer(help="What waits for the hub, and what it refused.", no_args_is_help=True)


@group.command("list")
def list_command(
    *,
    site: SiteOption,
    role: RoleOption = "",
    dead: Annotated[bool, typer.Option("--dead", help="Only what the hub refused.")] = False,
    json: AsJson = False,
) -> None:
    """What waits, in order. Exit codes: 0; 1 the hub refused something; 2; 4 no store."""
    try:
        found = read(site)
        events = outbox.listed(found, role_of(found, role), dead_only=dead)
    except CannotDo as error:
        give_up(error, as_json=json)
    rows = [(str(one.seq), one.kind, one.made[:19], one.state, str(one.papers), one.detail) for one in events]
    none = "nothing that the hub refused" if dead else "nothing waits for the hub"
    shown = table("outbox", ("seq", "kind", "made", "state", "papers", "why"), rows) if rows else none
    answer(events, lambda console: console.print(shown), as_json=json)
    if any(one.state == "dead" for one in events):
        raise typer.Exit(int(Exit.WRONG_FOUND))


@group.command("retry")
def retry_command(
    seqs: Annotated[list[int] | None, typer.Argument(help="Which; all refused ones when left out.")] = None,
    *,
    site: SiteOption,
    role: RoleOption = "",
    json: AsJson = False,
) -> None:
    """Have refused events sent again. Exit codes: 0; 2 not refused; 4 no store."""
    try:
        found = read(site)
        done = outbox.retry(found, role_of(found, role), seqs or [])
    except CannotDo as error:
        give_up(error, as_json=json)
    answer(done, lambda console: console.print(f"{len(done.seqs)} will be sent again"), as_json=json)


@group.command("export")
def export_command(*, site: SiteOption, out: Out, role: RoleOption = "", json: AsJson = False) -> None:
    """Write all that waits into one file, sealed as it would be sent. Exit codes: 0; 1 a paper is missing; 2; 4."""
    try:
        found = read(site)
        done = outbox.export(found, role_of(found, role), out)
    except CannotDo as error:
        give_up(error, as_json=json)
    answer(
        done, lambda console: console.print(f"{done.file}: {done.events} events, {done.papers} papers"), as_json=json
    )
    if done.missing_papers:
        raise typer.Exit(int(Exit.WRONG_FOUND))


def migrate_command(*, site: SiteOption, role: RoleOption = "", dry_run: DryRun = False, json: AsJson = False) -> None:
    """Bring the store up to date; a copy of the old one stays. Safe to run twice. Exit codes: 0; 2; 4 not now."""
    try:
        found = read(site)
        done = migrate(path_of(found, role_of(found, role)), dry_run=dry_run)
    except CannotDo as error:
        give_up(error, as_json=json)
    answer(
        done,
        lambda console: console.print(f"{done.path}: schema {done.before} → {done.after}", markup=False),
        as_json=json,
    )


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("lockdown")(lockdown_command)
    app.command("report")(report_command)
    app.command("verify")(verify_command)
    app.command("bundle")(bundle_command)
    app.command("doctor")(doctor_command)
    app.command("stats")(stats_command)
    app.add_typer(group, name="outbox")
    app.command("migrate")(migrate_command)
