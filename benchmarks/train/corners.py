"""Train the page network: `python -m benchmarks.train.corners --seed 1 --out corners.onnx`.

Needs torch and onnx in a venv of their own; two idle cores take a quarter of an hour. It is trained on scenes that
`corner_scenes` draws, and on nothing else. `--data` names frames with a `truth.json`, to measure on afterwards.
"""

import argparse
import hashlib
import json
import sys
from pathlib import Path

from benchmarks.train.corner_lessons import BATCH, drawn


def main() -> None:
    """Train, export, measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="frames with a truth.json to measure on; never trained on")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int, default=1500, help=f"batches of {BATCH}")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--processes", type=int, default=1, help="that draw scenes")
    parser.add_argument("--out", type=Path, required=True)
    words = parser.parse_args()
    try:
        from benchmarks.train.corner_net import export, measure, train  # noqa: PLC0415  the product has no torch
    except ModuleNotFoundError as error:
        sys.exit(f"{error.name} is missing: training needs torch and onnx, in a venv of their own")
    batches = drawn(words.seed, words.steps, words.processes)
    pages = train(words.seed, batches, words.steps, words.threads)
    export(pages, words.out)
    figures: dict[str, object] = {
        "parameters": sum(each.numel() for each in pages.parameters()),
        "bytes": words.out.stat().st_size,
        "sha256": hashlib.sha256(words.out.read_bytes()).hexdigest(),
    }
    if words.data is not None:
        figures["held_out"] = measure(pages, words.data)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
