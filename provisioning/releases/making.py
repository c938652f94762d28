"""`kiosk-provision release …` for those who make releases: ceremony, rotate, build, sign, withdraw, stamp."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from securesystemslib.signer import Key

from kiosk.clock import WallClock
from provisioning.releases.keys import make_key, read_public, read_signer
from provisioning.releases.repository import Manifest, Repository
from provisioning.talk import AsJson, CannotDo, Exit, answer, give_up, step

RepositoryOption = Annotated[Path, typer.Option("--repository", help="Its folder.", file_okay=False)]
Passphrase = Annotated[
    Path | None,
    typer.Option("--passphrase-file", help="First line is the passphrase; asked for when left out.", dir_okay=False),
]


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """What was made."""

    did: str
    files: tuple[str, ...] = ()


def _say(made: Made, *, as_json: bool) -> None:
    def show(console: Console) -> None:
        console.print(made.did, markup=False)
        for file in made.files:
            console.print(file, markup=False)

    answer(made, show, as_json=as_json)


def _passphrase(file: Path | None, whose: str, *, new: bool) -> bytes:
    if file is not None:
        try:
            return file.read_text(encoding="utf-8").splitlines()[0].encode()
        except (OSError, IndexError) as error:
            raise CannotDo(Exit.BAD_INPUT, f"{file}: no passphrase in it") from error
    return str(typer.prompt(f"Passphrase of {whose}", hide_input=True, confirmation_prompt=new, err=True)).encode()


def key_command(
    file: Annotated[Path, typer.Argument(help="Of the private key, on the holder's own stick, e.g. root-1.pem.")],
    *,
    passphrase_file: Passphrase = None,
    json: AsJson = False,
) -> None:
    """Make one key under a passphrase, and its public half beside it. Exit codes: 0; 2 short; 4; 5 there is one."""
    try:
        make_key(file, _passphrase(passphrase_file, file.name, new=True))
    except CannotDo as error:
        give_up(error, as_json=json)
    _say(Made(did="a key", files=(str(file), str(file.with_suffix(".pub.pem")))), as_json=json)


def ceremony_command(
    *,
    repository: RepositoryOption,
    holder: Annotated[list[Path], typer.Option("--holder", help="Private key of a holder; three of them.")],
    targets: Annotated[Path, typer.Option("--targets", help="Public key that signs releases.")],
    online: Annotated[Path, typer.Option("--online", help="Public key of the hub: python -m hub release key.")],
    passphrase_file: Passphrase = None,
    json: AsJson = False,
) -> None:
    """Begin a repository: three holders sign who may sign what. See docs/releases.md. Exit codes: 0; 2; 5."""
    try:
        holders = [read_signer(one, _passphrase(passphrase_file, one.name, new=False)) for one in holder]
        Repository(repository).begin(holders, read_public(targets), read_public(online), WallClock().now())
    except CannotDo as error:
        give_up(error, as_json=json)
    root = repository / "metadata" / "1.root.json"
    _say(Made(did="the root; terminals and hub are given it once", files=(str(root),)), as_json=json)


def rotate_command(
    *,
    repository: RepositoryOption,
    present: Annotated[list[Path], typer.Option("--present", help="Private key of a holder who is here; two or more.")],
    lost: Annotated[list[Path] | None, typer.Option("--lost", help="Public key that counts no more.")] = None,
    fresh: Annotated[list[Path] | None, typer.Option("--fresh", help="Public key in its place.")] = None,
    role: Annotated[str, typer.Option("--role", help="root, targets or online: whose keys these are.")] = "root",
    passphrase_file: Passphrase = None,
    json: AsJson = False,
) -> None:
    """Replace keys that are lost or stolen: two of the old holders and two of the new sign. Exit codes: 0; 2; 5."""
    roles = {"root": ["root"], "targets": ["targets"], "online": ["snapshot", "timestamp"]}
    try:
        if role not in roles:
            give_up(CannotDo(Exit.BAD_INPUT, f"--role {role!r}: root, targets or online"), as_json=json)
        holders = [read_signer(one, _passphrase(passphrase_file, one.name, new=False)) for one in present]
        gone = [read_public(one).keyid for one in lost or []]
        new: list[Key] = [read_public(one) for one in fresh or []]
        version = Repository(repository).rotate(
            holders,
            WallClock().now(),
            lost=dict.fromkeys(roles[role], gone),
            fresh=dict.fromkeys(roles[role], new),
        )
    except CannotDo as error:
        give_up(error, as_json=json)
    root = repository / "metadata" / f"{version}.root.json"
    _say(Made(did="the next root; hub release add hands it out", files=(str(root),)), as_json=json)


def build_command(
    *,
    out: Annotated[Path, typer.Option(help="Folder for it.", file_okay=False)] = Path("out/release"),
    version: Annotated[str, typer.Option(help="Three numbers; as pyproject.toml says when left out.")] = "",
    checkout: Annotated[Path, typer.Option(help="The sources.", file_okay=False)] = Path(),
    json: AsJson = False,
) -> None:
    """Make a release and the list of its parts: the same bytes from the same sources. Exit codes: 0; 2; 4."""
    from provisioning.releases.build import build  # noqa: PLC0415  terminals have no packages for making releases

    try:
        done = build(checkout, out, version, step)
    except CannotDo as error:
        give_up(error, as_json=json)

    def show(console: Console) -> None:
        console.print(f"{done.file}: {done.bytes / 1e6:.0f} MB, {done.packages} packages", markup=False)
        console.print(done.sbom, markup=False)

    answer(done, show, as_json=json)


def _manifest(release: Path) -> Manifest:
    beside = release.with_name(release.name.removesuffix(".tar.gz") + ".json")
    if not release.is_file():
        raise CannotDo(Exit.BAD_INPUT, f"{release} is not there: release build")
    try:
        return msgspec.json.decode(beside.read_bytes(), type=Manifest)
    except (OSError, msgspec.DecodeError) as error:
        raise CannotDo(Exit.BAD_INPUT, f"{beside} is missing or damaged: build the release again") from error


def sign_command(
    release: Annotated[Path, typer.Argument(help="kiosk-VERSION.tar.gz, as build made it.", dir_okay=False)],
    *,
    repository: RepositoryOption,
    key: Annotated[Path, typer.Option("--key", help="The targets key.")],
    online: Annotated[
        Path | None, typer.Option("--online", help="The online key, where no hub stamps: for a stick.")
    ] = None,
    passphrase_file: Passphrase = None,
    json: AsJson = False,
) -> None:
    """Sign a release and take it into the repository. Exit codes: 0; 2 bad input; 5 refused."""
    try:
        manifest = _manifest(release)
        now, place = WallClock().now(), Repository(repository)
        place.add(release, manifest, read_signer(key, _passphrase(passphrase_file, key.name, new=False)), now)
        if online is not None:
            place.hand_out(read_signer(online, _passphrase(passphrase_file, online.name, new=False)), now)
    except CannotDo as error:
        give_up(error, as_json=json)
    _say(Made(did=f"{manifest.version} is signed; hub release add {repository}", files=()), as_json=json)


def withdraw_command(
    version: Annotated[str, typer.Argument(help="e.g. 0.2.0")],
    *,
    repository: RepositoryOption,
    key: Annotated[Path, typer.Option("--key", help="The targets key.")],
    passphrase_file: Passphrase = None,
    json: AsJson = False,
) -> None:
    """Take a release out of the repository: no terminal takes it any more. Exit codes: 0; 2; 5."""
    try:
        signer = read_signer(key, _passphrase(passphrase_file, key.name, new=False))
        Repository(repository).withdraw(version, signer, WallClock().now())
    except CannotDo as error:
        give_up(error, as_json=json)
    _say(Made(did=f"{version} is withdrawn"), as_json=json)


def register(group: typer.Typer) -> None:
    """Add these commands."""
    group.command("key")(key_command)
    group.command("ceremony")(ceremony_command)
    group.command("rotate")(rotate_command)
    group.command("build")(build_command)
    group.command("sign")(sign_command)
    group.command("withdraw")(withdraw_command)
