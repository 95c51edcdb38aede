"""The story's second network: the same, and every level of the encoder is seen by the decoder.

The skips (Ronneberger, Fischer and Brox 2015) bring each edge to where it is needed, so that what
passes through the middle only has to say what colour lies between them.
"""

from nurie.training.recipes.painting import PaintingRecipe


class UNetRecipe(PaintingRecipe):
    """The options' defaults are this recipe's."""

    name = "unet"
