"""The mask network itself: its layers, its training, its export. Needs torch; `masks` is the command."""

import copy
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from benchmarks.train.mask_lessons import Batch
from kiosk.vision.masks import CLASSES, SIDE, ZOOMS, shares

KEPT = 0.998
"""Of the running mean of the weights, a step."""


def _step(inside: int, outside: int, stride: int = 1) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(inside, outside, 3, stride, 1, bias=False), nn.BatchNorm2d(outside), nn.ReLU(inplace=True)
    )


class Faces(nn.Module):
    """Four halvings to 4x4 places, all of which the last layer sees: where a thing is tells what it is."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            _step(3, 16, 2),
            _step(16, 32, 2),
            _step(32, 32),
            _step(32, 48, 2),
            _step(48, 64),
            _step(64, 64, 2),
            nn.Flatten(),
            nn.Dropout(0.25),
            nn.Linear(64 * (SIDE // 16) ** 2, len(CLASSES)),
        )

    def forward(self, shown: Tensor) -> Tensor:
        """(n, 3, 64, 64) to (n, 3), before softmax."""
        said: Tensor = self.layers(shown)
        return said


def train(
    batches: Iterable[Batch], steps: int, *, seed: int, threads: int, rate: float = 5e-3, start: Faces | None = None
) -> Faces:
    """Train; what is returned are the running means of the weights.

    Args:
        batches: `steps` of them.
        steps: how many.
        seed: of the first weights, and of what drops out.
        threads: for torch.
        rate: of learning, at its highest.
        start: goes on from here; None: from scratch.
    """
    torch.manual_seed(seed)
    torch.set_num_threads(threads)
    faces = (Faces() if start is None else copy.deepcopy(start).train()).to(memory_format=torch.channels_last)
    mean = copy.deepcopy(faces).eval()
    descent = torch.optim.AdamW(faces.parameters(), lr=rate, weight_decay=2e-2)
    plan = torch.optim.lr_scheduler.OneCycleLR(descent, max_lr=rate, total_steps=steps, pct_start=0.15)
    begun, shown = time.monotonic(), 0.0
    for place, (images, answers) in enumerate(batches):
        said = faces(torch.from_numpy(images).to(memory_format=torch.channels_last))
        loss = functional.cross_entropy(said, torch.from_numpy(answers), label_smoothing=0.02)
        descent.zero_grad()
        loss.backward()
        descent.step()
        plan.step()
        _follow(mean, faces, min(KEPT, place / (place + 10)))
        shown = float(loss.detach()) if place == 0 else 0.98 * shown + 0.02 * float(loss.detach())
        if place % 100 == 0:
            sys.stderr.write(f"{place:6} of {steps}  loss {shown:.4f}  {time.monotonic() - begun:.0f} s\n")
    return mean


def _follow(mean: Faces, now: Faces, kept: float) -> None:
    with torch.no_grad():
        for name, value in mean.state_dict().items():
            new = now.state_dict()[name]
            if value.is_floating_point():
                value.mul_(kept).add_(new, alpha=1 - kept)
            else:
                value.copy_(new)


def probabilities(faces: Faces, shown: NDArray[np.float32]) -> NDArray[np.float64]:
    """(n, 3) for (n, 3, 64, 64)."""
    with torch.no_grad():
        return shares(faces(torch.from_numpy(shown)).numpy())


def export(faces: Faces, file: Path) -> None:
    """Write it as ONNX, as OpenCV reads it: the views of a face at once."""
    file.parent.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(
        faces.eval(),
        (torch.zeros(2 * len(ZOOMS), 3, SIDE, SIDE),),
        str(file),
        input_names=["fed"],
        output_names=["said"],
        opset_version=13,
        dynamo=False,
    )
