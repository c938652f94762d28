"""`python -m benchmarks NAME --json`: what speed and accuracy are measured with.

Machines are noisy: read the ratios, not the milliseconds.
"""

import json
import os
import platform
from pathlib import Path
from typing import Annotated

import anyio
import typer

os.environ.setdefault("OPENCV_LOG_LEVEL", "ERROR")  # OpenCV talks on standard error

app = typer.Typer(
    help="Measurements of the program, each side by side with what it is compared with.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else on stdout.")]


@app.callback()
def main() -> None:
    """Measurements of the program."""


def show(name: str, figures: dict[str, object], *, as_json: bool) -> None:
    """Print a measurement, with the machine it was taken on."""
    machine = {"cpus": os.cpu_count(), "python": platform.python_version(), "load": round(os.getloadavg()[0], 2)}
    report = {"benchmark": name, "machine": machine, **figures}
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False))
        return
    from rich import print_json  # noqa: PLC0415  only for people

    print_json(data=report)


@app.command()
def gate(
    *,
    people: Annotated[int, typer.Option(min=3, max=500, help="How many stand in each queue.")] = 20,
    frames: Annotated[int, typer.Option(min=20, max=2000, help="How many pictures each engine looks at.")] = 120,
    appointments: Annotated[int, typer.Option(min=10, max=500_000, help="In the terminal's list.")] = 100_000,
    as_json: AsJson = False,
) -> None:
    """The gate: queues from card to barrier, worker against bare engine, pictures a second under the screens."""
    from benchmarks.gate import measure  # noqa: PLC0415  --help stays quick

    show("gate", anyio.run(measure, people, frames, appointments), as_json=as_json)


@app.command()
def ui(
    *,
    touches: Annotated[int, typer.Option(min=5, max=2000, help="Of each kind.")] = 60,
    sessions: Annotated[int, typer.Option(min=10, max=20_000, help="People that come and go.")] = 1000,
    as_json: AsJson = False,
) -> None:
    """The screens: touch to finished frame, screen to screen, cold start, idleness, memory; beside a bare Kivy app."""
    from benchmarks.ui import measure  # noqa: PLC0415  --help stays quick

    show("ui", anyio.run(measure, touches, sessions), as_json=as_json)


@app.command("help")
def remote_help(
    *,
    seconds: Annotated[float, typer.Option(min=2, max=600, help="For each network.")] = 10,
    away: Annotated[float, typer.Option(min=2, max=600, help="Seconds that nothing gets through in one call.")] = 60,
    effect: Annotated[int, typer.Option(min=0, max=500, help="People at the gate, and touches; 0: not measured.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Remote help: pictures a second each way, glass to glass, sound and CPU, on a good network and on bad ones."""
    from benchmarks.help import measure  # noqa: PLC0415  --help stays quick

    show("help", measure(seconds, away, effect), as_json=as_json)


@app.command()
def devices(
    *,
    exchanges: Annotated[int, typer.Option(min=20, max=20000, help="How many over the pty, with each.")] = 500,
    rounds: Annotated[int, typer.Option(min=2, max=500, help="How often the plug is pulled.")] = 20,
    soak: Annotated[float, typer.Option(min=2, max=86400, help="Seconds of polling everything.")] = 60,
    as_json: AsJson = False,
) -> None:
    """The devices: codecs, a call against bare pyserial, unplug and return, and a soak of every simulated driver."""
    from benchmarks.devices import measure  # noqa: PLC0415  --help stays quick

    show("devices", anyio.run(measure, exchanges, rounds, soak), as_json=as_json)


@app.command()
def faces(
    *,
    folder: Annotated[Path, typer.Option("--dir", exists=True, file_okay=False, help="Pictures: Name_0001.jpg.")],
    pairs: Annotated[Path | None, typer.Option(dir_okay=False, help="Lines of: picture, picture, 1 or 0.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Compare all with all, by the names of the files.")] = False,
    chip: Annotated[bool, typer.Option("--chip", help="One side as a card's photo: 102x126, 1.7 kB.")] = False,
    engine: Annotated[str, typer.Option(help="sface, dlib or both.")] = "sface",
    most: Annotated[int, typer.Option(min=20, help="About so many pictures are drawn for --all.")] = 2000,
    seed: Annotated[int, typer.Option(help="Of every draw.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Faces: pair accuracy, false matches and misses at the shipped thresholds, East Asian people apart."""
    from benchmarks.faces import measure  # noqa: PLC0415  --help stays quick

    engines = {"sface": ("sface",), "dlib": ("dlib",), "both": ("sface", "dlib")}.get(engine)
    if engines is None:
        raise typer.BadParameter("sface, dlib or both", param_hint="--engine")
    figures = measure(folder, pairs, every=every, chip=chip, engines=engines, most=most, seed=seed)
    show("faces", figures, as_json=as_json)


@app.command()
def papers(
    *,
    folder: Annotated[Path, typer.Option("--dir", exists=True, file_okay=False, help="Frames and a truth.json.")],
    times: Annotated[int, typer.Option(min=1, max=500, help="How many frames are timed.")] = 20,
    as_json: AsJson = False,
) -> None:
    """The page finder: overlap with the true corners by surface, what is refused, against the textbook's way."""
    from benchmarks.papers import measure  # noqa: PLC0415  --help stays quick

    show("papers", measure(folder, times), as_json=as_json)


@app.command()
def pages(
    *,
    folder: Annotated[Path, typer.Option("--dir", exists=True, file_okay=False, help="Documents and truth.json.")],
    papers_folder: Annotated[
        Path | None, typer.Option("--papers", exists=True, file_okay=False, help="Frames with corners, for direction.")
    ] = None,
    most: Annotated[int, typer.Option(min=1, max=200, help="Documents of each kind at most.")] = 8,
    as_json: AsJson = False,
) -> None:
    """Pages after finding: direction, curl, kilobytes in colour, grey and bilevel, the text back from the PDF."""
    from benchmarks.pages import measure  # noqa: PLC0415  --help stays quick

    show("pages", measure(folder, papers_folder, most), as_json=as_json)


@app.command()
def certificates(
    *,
    folder: Annotated[Path, typer.Option("--dir", help="Folder with `dgc` and `shc`.")],
    as_json: AsJson = False,
) -> None:
    """Certificates: EU DCC vectors and SMART Health Card cases against what they expect, and against `cwt`."""
    from benchmarks.certificates import measure  # noqa: PLC0415  --help stays quick

    show("certificates", measure(folder), as_json=as_json)


@app.command()
def text(
    *,
    folder: Annotated[Path, typer.Option("--dir", exists=True, file_okay=False, help="Documents and truth.json.")],
    frames: Annotated[int, typer.Option(min=0, max=50, help="Camera frames made of each document.")] = 2,
    most: Annotated[int, typer.Option(min=1, max=500, help="Documents of each kind at most.")] = 100,
    seed: Annotated[int, typer.Option(help="Of the camera frames.")] = 1,
    peers: Annotated[bool, typer.Option(help="Let RapidOCR alone and Tesseract read them, too.")] = True,
    as_json: AsJson = False,
) -> None:
    """Text: key fields of documents, exact or not, seconds a field and a document, against RapidOCR alone."""
    from benchmarks.text import measure  # noqa: PLC0415  --help stays quick

    show("text", measure(folder, frames, most, seed, peers=peers), as_json=as_json)


@app.command()
def ime(
    *,
    data: Annotated[
        list[Path] | None, typer.Option(exists=True, dir_okay=False, help="Lines: pinyin, TAB, expected; else our own.")
    ] = None,
    misses: Annotated[int, typer.Option(min=0, help="Name so many of what was not among the first nine.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Chinese input: whole pinyin typed key by key; rank 1, first nine, milliseconds a key, beside librime."""
    from benchmarks.ime import measure  # noqa: PLC0415  --help stays quick

    try:
        figures = measure(data or [], misses=misses)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--data") from error
    show("ime", figures, as_json=as_json)


@app.command()
def handwriting(
    *,
    count: Annotated[int, typer.Option(min=1, max=3000, help="How many characters.")] = 200,
    seed: Annotated[int, typer.Option(help="Of the draw and of the hand.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Handwriting: top-1 and top-10 on uneven, joined, split and shuffled strokes; milliseconds a character."""
    from benchmarks.handwriting import measure  # noqa: PLC0415  --help stays quick

    show("handwriting", measure(count, seed), as_json=as_json)


@app.command()
def mrz(
    *,
    folder: Annotated[
        Path | None,
        typer.Option("--dir", exists=True, file_okay=False, help="Pictures; without it specimens are drawn."),
    ] = None,
    count: Annotated[int, typer.Option(min=1, max=5000, help="How many specimens.")] = 60,
    seed: Annotated[int, typer.Option(help="Of the specimens.")] = 1,
    font: Annotated[str | None, typer.Option(help="The specimens' typeface: a file.")] = None,
    bare: Annotated[bool, typer.Option(help="Let RapidOCR alone read them, too.")] = True,
    as_json: AsJson = False,
) -> None:
    """Machine readable zones: how many are read with all check digits right, against RapidOCR on the whole picture."""
    from benchmarks.mrz import measure  # noqa: PLC0415  --help stays quick

    show("mrz", measure(folder, count, seed, bare=bare, font=font), as_json=as_json)


@app.command()
def liveness(
    *,
    folder: Annotated[Path, typer.Option("--dir", exists=True, file_okay=False, help="image_T1, image_F1, image_F2.")],
    v2: Annotated[
        Path | None, typer.Option(dir_okay=False, help="MiniFASNetV2; else minifas_v2_2.7.onnx in DIR or beside it.")
    ] = None,
    v1se: Annotated[
        Path | None, typer.Option(dir_okay=False, help="MiniFASNetV1SE; else minifas_v1se_4.0.onnx, as above.")
    ] = None,
    portraits: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="Faces for drawn heads; else the live pictures.")
    ] = None,
    seeds: Annotated[int, typer.Option(min=0, max=1000, help="Of 50 live turns and 50 photographs each.")] = 10,
    rendered: Annotated[int, typer.Option(min=0, max=1000, help="Live turns, and photographs, that are drawn.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Liveness: live, print and screen scores; how many simulated turns and moved photographs pass the challenge."""
    from benchmarks.liveness import measure  # noqa: PLC0415  --help stays quick

    figures = measure(folder, v2=v2, v1se=v1se, portraits=portraits, seeds=seeds, rendered=rendered)
    show("liveness", figures, as_json=as_json)


@app.command()
def codes(
    *,
    folder: Annotated[Path, typer.Option("--dir", exists=True, file_okay=False, help="Folders of N.png and N.txt.")],
    none: Annotated[
        Path | None, typer.Option("--none", exists=True, file_okay=False, help="Pictures without a code.")
    ] = None,
    turned: Annotated[bool, typer.Option("--turned", help="Also by 90, 180 and 270 degrees.")] = False,
    budget: Annotated[float, typer.Option(min=0.05, max=30, help="Seconds for a picture.")] = 1.0,
    as_json: AsJson = False,
) -> None:
    """Codes in photographs: read, wrong, falsely read and how fast; zxing-cpp and pyzbar alone in the same run."""
    from benchmarks.codes import measure  # noqa: PLC0415  --help stays quick

    show("codes", measure(folder, none, turned=turned, budget_s=budget), as_json=as_json)


@app.command()
def masks(
    *,
    mask: Annotated[list[Path], typer.Option(exists=True, file_okay=False, help="Faces that wear one; repeatable.")],
    bare: Annotated[list[Path], typer.Option(exists=True, file_okay=False, help="Faces that wear none; repeatable.")],
    whole: Annotated[bool, typer.Option("--whole", help="Whole pictures, not squares of 1.5 times the face.")] = False,
    as_json: AsJson = False,
) -> None:
    """Masks: recall, false masks, unsure answers, by folder and threshold, against the skin colour's rule."""
    from benchmarks.masks import measure  # noqa: PLC0415  --help stays quick

    show("masks", measure(mask, bare, whole=whole), as_json=as_json)


@app.command()
def vision(
    *,
    frames: Annotated[int, typer.Option(min=20, max=2000, help="How many pictures each looks at.")] = 120,
    screens: Annotated[bool, typer.Option(help="Also beside the screens, off-screen.")] = True,
    as_json: AsJson = False,
) -> None:
    """The vision process: faces and pages against the bare networks, memory, pictures dropped beside the screens."""
    from functools import partial  # noqa: PLC0415  --help stays quick

    from benchmarks.vision import measure  # noqa: PLC0415  the same

    show("vision", anyio.run(partial(measure, frames, screens=screens)), as_json=as_json)


@app.command()
def hub(
    *,
    connections: Annotated[int, typer.Option(min=1, max=500, help="How many send at once.")] = 16,
    seconds: Annotated[float, typer.Option(min=0.5, max=600, help="Of each figure.")] = 8,
    rate: Annotated[int, typer.Option(min=100, max=200_000, help="Events prepared for each second.")] = 40_000,
    as_json: AsJson = False,
) -> None:
    """The hub: durable events a second and p99 on SQLite and PostgreSQL, beside a bare ASGI loop with group commit."""
    from benchmarks.hub import measure  # noqa: PLC0415  --help stays quick

    show("hub", measure(connections, seconds, rate), as_json=as_json)


@app.command()
def hub_fleet(
    *,
    terminals: Annotated[int, typer.Option(min=1, max=20_000, help="How many.")] = 5000,
    seconds: Annotated[float, typer.Option(min=1, max=86400, help="How long it is measured.")] = 120,
    ramp: Annotated[float, typer.Option(min=0, max=3600, help="Over so many seconds they come.")] = 90,
    streams: Annotated[int, typer.Option(min=0, max=20_000, help="How many also wait for orders.")] = 500,
    processes: Annotated[int, typer.Option(min=0, max=8, help="So many on one PostgreSQL; 0: one on SQLite.")] = 0,
    as_json: AsJson = False,
) -> None:
    """A city of simulated terminals on one hub: p99 of each call, what is lost, memory over the time."""
    from benchmarks.hub_fleet import measure  # noqa: PLC0415  --help stays quick

    show("hub-fleet", measure(terminals, seconds, ramp, streams, processes), as_json=as_json)


@app.command()
def power_cut(
    *,
    cuts: Annotated[int, typer.Option(min=10, max=100_000, help="Under each store.")] = 300,
    rounds: Annotated[int, typer.Option(min=2, max=500, help="How much work is recorded.")] = 40,
    seed: Annotated[int, typer.Option(help="Of the moments and of what survives.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Power cuts under the stores of hub and terminal: acknowledged rows that are lost; exit code 1 where any is."""
    from benchmarks.power_cut import measure  # noqa: PLC0415  --help stays quick

    figures = measure(cuts, rounds, seed)
    show("power-cut", figures, as_json=as_json)
    if not figures["ok"]:
        raise typer.Exit(1)


@app.command()
def kill_storm(
    *,
    kills: Annotated[int, typer.Option(min=1, max=10_000, help="SIGKILLs of hub and terminals.")] = 100,
    terminals: Annotated[int, typer.Option(min=1, max=20, help="How many send.")] = 3,
    seed: Annotated[int, typer.Option(help="Of the victims.")] = 1,
    as_json: AsJson = False,
) -> None:
    """A kill storm on a hub and its terminals at work: what is lost or there twice; exit code 1 where any is."""
    from benchmarks.kill_storm import measure  # noqa: PLC0415  --help stays quick

    figures = measure(kills, terminals, seed)
    show("kill-storm", figures, as_json=as_json)
    if not figures["ok"]:
        raise typer.Exit(1)


@app.command()
def provisioning(
    *,
    megabytes: Annotated[int, typer.Option(min=1, max=500, help="Of the release that is updated to.")] = 60,
    site: Annotated[
        Path | None,
        typer.Option("--site", help="Site file of an enrolled gate for the cold start; else one is made."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Update of a release beside a bare copy, the way back from a bad one, and the cold start of a gate."""
    from benchmarks.provisioning import cold_start, cold_start_of_a_new_gate, measure  # noqa: PLC0415  --help stays quick

    figures = measure(megabytes)
    figures |= cold_start(site) if site is not None else anyio.run(cold_start_of_a_new_gate)
    show("provisioning", figures, as_json=as_json)


if __name__ == "__main__":
    app()
