"""The colour network: a drawing in, for every place what it belongs with and what it may look like.

It never paints. Colours come from the user's dots, by attention (Bahdanau, Cho and Bengio 2015):
a region asks which dot lies on something that belongs with it. Where none does, a classified prior
answers, which unlike a regressed colour does not average to grey (Zhang, Isola and Efros 2016).
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class ColorNet(nn.Module):
    """Embedding and prior for every 2 x 2 pixels, and how an answer is chosen between dots.

    Args:
        trunk: the drawing, (N, 3, H, W), to features, (N, C, H / 2, W / 2).
        features: C.
        embedding: numbers that say what a place belongs with.
        palette: the colours that the prior chooses between, (K, 3) sRGB in [0, 1].

    Attributes:
        sharpness, nearness, silence: the scores of a dot and of the prior; see `attention`.
    """

    palette: Tensor

    def __init__(self, trunk: nn.Module, features: int, embedding: int, palette: Tensor):
        super().__init__()
        self.trunk = trunk
        self.head = nn.Conv2d(features, embedding + len(palette), 1)
        self.embedding = embedding
        self.sharpness = nn.Parameter(torch.tensor(8.0))
        self.nearness = nn.Parameter(torch.tensor(2.0))
        self.silence = nn.Parameter(torch.tensor(4.0))
        self.register_buffer("palette", palette)

    def forward(self, drawing: Tensor) -> Tensor:
        """(N, 3, H, W) to (N, embedding + K, H / 2, W / 2): embedding, then prior logits."""
        return self.head(self.trunk(drawing))

    def attention(self, asked: Tensor, dots: Tensor, distance: Tensor) -> Tensor:
        """Log-probability that a region takes the colour of each dot, and last, of the prior.

        Args:
            asked: unit embeddings of regions, (R, E).
            dots: unit embeddings of what the dots lie on, (D, E).
            distance: between them, as a share of the picture's long edge, (R, D).

        Returns:
            (R, D + 1).
        """
        score = self.sharpness * (asked @ dots.T) - self.nearness * distance
        prior = self.silence.expand(len(asked), 1)
        return F.log_softmax(torch.cat([score, prior], 1), 1)
