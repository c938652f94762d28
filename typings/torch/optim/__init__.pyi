from collections.abc import Iterator

from torch import Tensor

from . import lr_scheduler as lr_scheduler

class Optimizer:
    def step(self) -> None: ...
    def zero_grad(self) -> None: ...

class AdamW(Optimizer):
    def __init__(self, parameters: Iterator[Tensor], lr: float = ..., *, weight_decay: float = ...) -> None: ...
