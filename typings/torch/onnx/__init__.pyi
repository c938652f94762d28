from torch import Tensor
from torch.nn import Module

def export(
    model: Module,
    args: tuple[Tensor, ...],
    file: str,
    *,
    input_names: list[str] = ...,
    output_names: list[str] = ...,
    opset_version: int = ...,
    dynamo: bool = ...,
) -> object: ...
