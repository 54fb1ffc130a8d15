"""The seed network: a backbone and a bias-free 1x1 classifier whose activations are the seeds (paper, eq. 2)."""

from __future__ import annotations

from torch import Tensor, nn

from wsss.models.backbone import Backbone, BackboneNetwork


class SeedNetwork(BackboneNetwork):
    """What every seed network has: a backbone (`backbone`), and an output that a mapping makes class scores of."""


class ActivationNetwork(SeedNetwork):
    """Activation maps z = w . A.

    Args:
        backbone: makes the dense features A (B, D, h, w).
        num_classes: C foreground classes.
        head_dropout: rate at which training drops channels of the features before the classifier. As in PSA whole
            channels, as pooling averages away what single positions lose.
    """

    def __init__(self, backbone: Backbone, num_classes: int, head_dropout: float = 0.0):
        super().__init__()
        self.backbone = backbone
        self.head_dropout = head_dropout
        self.dropout = nn.Dropout2d(head_dropout)
        self.head = nn.Conv2d(backbone.num_features, num_classes, 1, bias=False)
        nn.init.trunc_normal_(self.head.weight, std=0.02)

    def forward(self, images: Tensor) -> Tensor:
        """Return z (B, C, h, w) of normalised images (B, 3, H, W)."""
        return self.head(self.dropout(self.backbone(images)))

    def adjust(self, drop_path: float, dropout: float) -> None:
        """Set the strength of the architecture adjustment (paper, section 4.2).

        Transformers drop where DeiT does. A CNN drops paths of its residual branches, and channels of its last features
        beside those of `head_dropout`: by two independent draws, so that a channel stays with (1 - p)(1 - delta_s).
        """
        self.backbone.set_drop_path(drop_path)
        if self.backbone.kind == "transformer":
            self.backbone.set_dropout(dropout)
        else:
            self.dropout.p = 1 - (1 - self.head_dropout) * (1 - dropout)
