"""The page network itself: its layers, its training, its export. Needs torch; `corners` is the command."""

import json
import time
from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from benchmarks.train.corner_lessons import Batch
from benchmarks.train.corner_scenes import SIZE
from kiosk.vision.papers.network import CHANNELS, OUTPUT, prepared


def _step(inside: int, outside: int, stride: int = 1) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(inside, outside, 3, stride, 1, bias=False), nn.BatchNorm2d(outside), nn.ReLU(inplace=True)
    )


class Pages(nn.Module):
    """Five halvings, and back up to half the input with what was seen on the way down."""

    def __init__(self) -> None:
        super().__init__()
        wide = (12, 24, 40, 64, 80)
        self.down: nn.ModuleList[nn.Module] = nn.ModuleList()
        before = CHANNELS
        for place, channels in enumerate(wide):
            steps = [_step(before, channels, 2)]
            steps += [_step(channels, channels) for _ in range((0, 1, 1, 1, 3)[place])]
            self.down.append(nn.Sequential(*steps))
            before = channels
        self.across = nn.ModuleList([nn.Conv2d(channels, 32 if n > 1 else 16, 1) for n, channels in enumerate(wide)])
        self.up = nn.ModuleList([_step(16, 16), _step(16, 16), _step(32, 16), _step(32, 32), _step(32, 32)])
        self.head = nn.Conv2d(16, 4, 3, 1, 1)

    def forward(self, fed: Tensor) -> Tensor:
        """(n, 7, 192, 256) to logits (n, 4, 96, 128)."""
        seen: list[Tensor] = []
        for part in self.down:
            fed = part(fed)
            seen.append(fed)
        now = self.up[4](self.across[4](fed))
        for place in (3, 2, 1, 0):
            now = functional.interpolate(now, scale_factor=2.0, mode="nearest")
            now = self.up[place](now + self.across[place](seen[place]))
        logits: Tensor = self.head(now)
        return logits


class Answering(nn.Module):
    """The network as it is shipped: 0 to 1 instead of logits."""

    def __init__(self, pages: Pages) -> None:
        super().__init__()
        self.pages = pages

    def forward(self, fed: Tensor) -> Tensor:
        """The four maps."""
        return torch.sigmoid(self.pages(fed))


def _loss(logits: Tensor, wanted: Tensor) -> Tensor:
    weights = torch.tensor([1.0, 2.0, 6.0, 1.0]).view(1, 4, 1, 1) * (1.0 + 3.0 * wanted)
    cross = functional.binary_cross_entropy_with_logits(logits, wanted, weight=weights)
    said = torch.sigmoid(logits)
    shared = (said * wanted).sum(dim=(2, 3)) + 4.0
    dice = 1 - 2 * shared / (said.sum(dim=(2, 3)) + wanted.sum(dim=(2, 3)) + 8.0)
    total: Tensor = cross + 0.5 * dice[:, :2].mean()
    return total


def train(seed: int, batches: Iterable[Batch], steps: int, threads: int) -> Pages:
    """Train from scratch.

    Args:
        seed: of the first weights.
        batches: `steps` of them.
        threads: for torch.
    """
    torch.manual_seed(seed)
    torch.set_num_threads(threads)
    # Channels last: five times as fast on a CPU.
    pages = Pages().to(memory_format=torch.channels_last)
    descent = torch.optim.AdamW(pages.parameters(), lr=4e-3, weight_decay=1e-3)
    plan = torch.optim.lr_scheduler.OneCycleLR(descent, max_lr=4e-3, total_steps=steps, pct_start=0.08)
    begun, shown = time.monotonic(), 0.0
    for place, (fed, wanted) in enumerate(batches):
        shown_to = torch.from_numpy(fed.astype(np.float32)).to(memory_format=torch.channels_last)
        loss = _loss(pages(shown_to), torch.from_numpy(wanted.astype(np.float32)))
        descent.zero_grad()
        loss.backward()
        descent.step()
        plan.step()
        shown = float(loss.detach()) if place == 0 else 0.98 * shown + 0.02 * float(loss.detach())
        if place % 50 == 0:
            print(f"{place:6} of {steps}  loss {shown:.4f}  {time.monotonic() - begun:.0f} s", flush=True)
    return pages.eval()


def export(pages: Pages, file: Path) -> None:
    """Write it as ONNX, as OpenCV reads it."""
    example = torch.zeros(1, CHANNELS, SIZE[1], SIZE[0])
    torch.onnx.export(
        Answering(pages).eval(),
        (example,),
        str(file),
        input_names=["fed"],
        output_names=["maps"],
        opset_version=13,
        dynamo=False,
    )


def measure(pages: Pages, folder: Path) -> dict[str, float]:
    """How well the paper is covered in frames that it was not trained on: the overlap of the page's area."""
    overlaps: list[float] = []
    for entry in json.loads((folder / "truth.json").read_text(encoding="utf-8")):
        image = np.asarray(cv2.imread(str(folder / entry["file"])), np.uint8)
        desk = np.asarray(cv2.imread(str(folder / entry["desk"])), np.uint8) if "desk" in entry else None
        with torch.no_grad():
            said = torch.sigmoid(pages(torch.from_numpy(prepared(image, desk)[None])))[0, 0].numpy() > 0.5
        truth = np.zeros(said.shape, np.uint8)
        scale = np.array(OUTPUT) / (image.shape[1], image.shape[0])
        cv2.fillConvexPoly(truth, np.rint(np.array(entry["corners"]) * scale).astype(np.int32), 1)
        overlaps.append(float((said & (truth > 0)).sum() / max(1, (said | (truth > 0)).sum())))
    worst = float(np.percentile(overlaps, 10))
    return {"frames": len(overlaps), "mean": round(float(np.mean(overlaps)), 4), "p10": round(worst, 4)}
