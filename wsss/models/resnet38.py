"""ResNet38 (model A1 of ademxapp), the CNN that weakly supervised segmentation starts from.

Wu, Shen, van den Hengel: Wider or Deeper: Revisiting the ResNet Model for Visual Recognition, 2016
(arXiv:1611.10080). Its dilated form at stride 8 and its dropout are those of PSA (Ahn and Kwak:
Learning Pixel-level Semantic Affinity with Image-level Supervision, CVPR 2018), and so are the parameter names, which
the checkpoints in circulation carry.
"""

from __future__ import annotations

from typing import cast

from timm.layers import DropPath, calculate_drop_path_rates
from torch import Tensor, nn
from torch.nn import functional

# name of the first block, blocks, output channels of each convolution of a block, stride, dilation
STAGES: tuple[tuple[str, int, tuple[int, ...], int, int], ...] = (
    ("b2", 3, (128, 128), 2, 1),
    ("b3", 3, (256, 256), 2, 1),
    ("b4", 6, (512, 512), 2, 1),
    ("b5", 3, (512, 1024), 1, 2),
    ("b6", 1, (512, 1024, 2048), 1, 4),
    ("b7", 1, (1024, 2048, 4096), 1, 4),
)
BRANCHES = ("branch2a", "branch2b1", "branch2b2")  # the residual branch's convolutions; branch1 is the shortcut


class ResidualBlock(nn.Module):
    """Pre-activation residual block: (batch norm, ReLU, convolution) two times 3×3, or three times 1×1, 3×3, 1×1.

    Where the shape changes, the shortcut is a 1×1 convolution of the first activation, else the input itself. Dropout
    of whole channels stands before every convolution but the first; drop path drops the residual branch per image.
    Both stay in place at rate 0 so that a rate can be raised later; neither adds to the state dict.
    """

    def __init__(
        self,
        in_channels: int,
        channels: tuple[int, ...],
        stride: int = 1,
        dilations: tuple[int, int] = (1, 1),
        drop_path: float = 0.0,
        dropout: float = 0.0,
    ):
        """`channels`: 2 or 3 outputs, one per convolution; `dilations`: of the first, and of the others where 3×3."""
        super().__init__()
        kernels = (3, 3) if len(channels) == 2 else (1, 3, 1)
        self.branches = BRANCHES[: len(channels)]
        inputs = (in_channels, *channels[:-1])
        for i, branch in enumerate(self.branches):
            dilation = 1 if kernels[i] == 1 else dilations[min(i, 1)]
            convolution = nn.Conv2d(
                inputs[i],
                channels[i],
                kernels[i],
                stride=stride if i == 0 else 1,
                padding=dilation * (kernels[i] // 2),
                dilation=dilation,
                bias=False,
            )
            self.add_module(f"bn_{branch}", nn.BatchNorm2d(inputs[i]))
            self.add_module(f"conv_{branch}", convolution)
        projected = in_channels != channels[-1] or stride != 1
        self.conv_branch1 = nn.Conv2d(in_channels, channels[-1], 1, stride=stride, bias=False) if projected else None
        self.dropout = nn.Dropout2d(dropout)
        self.drop_path = DropPath(drop_path)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Map (B, in_channels, H, W) to the block's output and its first activation, relu(bn(x)).

        The latter is the finished feature map of the blocks before: PSA's conv4 and conv5 are such activations.
        """
        activation = branch = self._activate(x, "branch2a")
        for name in self.branches:
            if name != "branch2a":
                branch = self.dropout(self._activate(branch, name))
            branch = getattr(self, f"conv_{name}")(branch)
        shortcut = x if self.conv_branch1 is None else self.conv_branch1(activation)
        return shortcut + self.drop_path(branch), activation

    def _activate(self, x: Tensor, branch: str) -> Tensor:
        # In place on the norm's fresh output, which its backward does not read: it needs the input only.
        return functional.relu(getattr(self, f"bn_{branch}")(x), inplace=True)


class ResNet38(nn.Module):
    """ResNet38 without a classifier, at stride 8: 105 million parameters, dense features of 4096 channels.

    Args:
        drop_path_rate: rate of the last block's residual branch; the others rise to it linearly (timm's rule).
        block_dropout: dropout in the two bottleneck blocks b6 and b7 (PSA: 0.3 and 0.5).
    """

    def __init__(self, drop_path_rate: float = 0.0, block_dropout: tuple[float, float] = (0.3, 0.5)):
        super().__init__()
        self.conv1a = nn.Conv2d(3, 64, 3, padding=1, bias=False)
        dropout = {"b6": block_dropout[0], "b7": block_dropout[1]}
        self.block_names: list[str] = []
        blocks = sum(count for _, count, _, _, _ in STAGES)
        rates = cast(list[float], calculate_drop_path_rates(drop_path_rate, blocks))  # flat for a number of blocks
        drop_path = iter(rates)
        in_channels, last_dilation = 64, 1
        for stage, count, channels, stride, dilation in STAGES:
            for i in range(count):
                name = f"{stage}_{i}" if i else stage
                block = ResidualBlock(
                    in_channels,
                    channels,
                    stride=1 if i else stride,
                    # The convolution that would have had the stride still works on the denser grid of the stage before.
                    dilations=(dilation if i else last_dilation, dilation),
                    drop_path=next(drop_path),
                    dropout=dropout.get(name, 0.0),
                )
                self.add_module(name, block)
                self.block_names.append(name)
                in_channels = channels[-1]
            last_dilation = dilation
        self.bn7 = nn.BatchNorm2d(in_channels)

    def forward_pyramid(self, x: Tensor) -> list[Tensor]:
        """Map normalised RGB images (B, 3, H, W) to conv4, conv5 and conv6, (B, 512 | 1024 | 4096, ⌈H/8⌉, ⌈W/8⌉).

        All three are after batch norm and ReLU; the names are PSA's.
        """
        activations = {}
        x = self.conv1a(x)
        for name in self.block_names:
            x, activation = getattr(self, name)(x)
            if name in ("b5", "b6"):
                activations[name] = activation
        return [activations["b5"], activations["b6"], functional.relu(self.bn7(x))]

    def forward_features(self, x: Tensor) -> Tensor:
        """Map normalised RGB images (B, 3, H, W) to the last features, conv6 (B, 4096, ⌈H/8⌉, ⌈W/8⌉)."""
        return self.forward_pyramid(x)[-1]

    def forward(self, x: Tensor) -> Tensor:
        """Without a classifier, the same as `forward_features`."""
        return self.forward_features(x)
