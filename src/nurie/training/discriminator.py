"""The other half of a GAN: it tells true colourings from painted ones."""

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

_LEAK = 0.2  # slope of the rectifier below 0, as in the paper


class Discriminator(nn.Sequential):
    """That of DCGAN (Radford, Metz and Chintala 2016): strided convolutions, batch norm, leaky
    rectifiers. It judges every patch by itself, as Isola et al. 2017 do, so that it takes any size:
    (N, inside, H, W) to logits of "this is true", (N, 1, H / s, W / s) with s = 2 ** levels.

    Args:
        inside: channels of what it looks at: line art and colours, one upon the other.
        widths: features of each level; each has half the height and width of the one before.
        spectral: norm the weights, not the features (Miyato et al. 2018): the largest singular
            value of every convolution is 1, so that a judgement can't change at a jump.
    """

    def __init__(self, inside: int, widths: Sequence[int], *, spectral: bool = False):
        layers: list[nn.Module] = []
        for level, width in enumerate(widths):
            # The first has no norm, or the colours' own mean and contrast would be lost.
            normed = level > 0 and not spectral
            conv = nn.Conv2d(inside, width, 4, stride=2, padding=1, bias=not normed)
            layers.append(spectral_norm(conv) if spectral else conv)
            if normed:
                layers.append(nn.BatchNorm2d(width))
            layers.append(nn.LeakyReLU(_LEAK, inplace=True))
            inside = width
        judge = nn.Conv2d(inside, 1, 3, padding=1)
        super().__init__(*layers, spectral_norm(judge) if spectral else judge)


class Adversaries(nn.Module):
    """The two players of a GAN (Goodfellow et al. 2014) as one network; it answers by painting."""

    def __init__(self, generator: nn.Module, discriminator: nn.Module):
        super().__init__()
        self.generator = generator
        self.discriminator = discriminator

    def forward(self, picture: Tensor) -> Tensor:
        return self.generator(picture)
