import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("onnx")
pytest.importorskip("resvg_py")
pytest.importorskip("skimage")

import onnx
import torch
from torch import nn

from nurie.core.errors import NurieError
from nurie.runtime.registry import Needs, needs_from_metadata, needs_to_metadata
from nurie.runtime.session import Session
from nurie.training import export as module
from nurie.training.blocks import ConvBlock, FoldStem
from nurie.training.devices import launch
from nurie.training.export import LARGEST_DIFFERENCE, export, fold_batch_norm, restore
from nurie.training.loop import LoopOptions, train
from nurie.training.recipes.lines import LinesOptions, LinesRecipe

OPTIONS = LinesOptions(widths=(4, 6), depths=(1, 1), size=32)


def tiny() -> tuple[LinesRecipe, nn.Module]:
    """A recipe and a net of it whose norms have seen pictures."""
    torch.manual_seed(0)
    recipe = LinesRecipe(OPTIONS)
    net = recipe.build()
    for seed in range(3):
        net(torch.randn(4, 3, 32, 32, generator=torch.Generator().manual_seed(seed)))
    return recipe, net


def uneven(net: nn.Module) -> nn.Module:
    for norm in net.modules():
        if isinstance(norm, nn.BatchNorm2d):
            for values in (norm.weight, norm.bias, norm.running_mean, norm.running_var):
                nn.init.uniform_(values, 0.5, 2)
    return net.eval()


def norms(net: nn.Module) -> int:
    return sum(isinstance(part, nn.BatchNorm2d) for part in net.modules())


def test_a_folded_norm_by_hand():
    block = uneven(ConvBlock(1, 1, kernel=1))
    conv, norm = block[0], block[1]
    scale = norm.weight / (norm.running_var + norm.eps).sqrt()
    (folded, _) = fold_batch_norm(block)
    assert folded.weight.item() == pytest.approx((conv.weight * scale).item(), rel=1e-6)
    bias = norm.bias - norm.running_mean * scale
    assert folded.bias.item() == pytest.approx(bias.item(), abs=1e-6)


def test_folding_leaves_the_function_as_it_was():
    torch.manual_seed(0)
    deep = nn.ModuleDict({"inner": nn.ModuleList([ConvBlock(6, 4)])})["inner"][0]
    net = uneven(nn.Sequential(FoldStem(3, 6), nn.Sequential(deep), nn.Conv2d(4, 1, 1)))
    picture = torch.randn(2, 3, 16, 16)
    expected = net(picture)
    folded = fold_batch_norm(net)
    assert norms(folded) == 0
    assert torch.allclose(folded(picture), expected, atol=1e-5)


def test_a_norm_that_follows_no_convolution_is_kept():
    net = uneven(nn.Sequential(nn.ReLU(), nn.BatchNorm2d(3)))
    assert norms(fold_batch_norm(net)) == 1


def test_the_file_takes_pictures_of_odd_sizes(tmp_path):
    recipe, net = tiny()
    export(recipe, net, tmp_path / "net.onnx")
    session = Session(tmp_path / "net.onnx")
    random = np.random.default_rng(0)
    for height, width in ((1, 1), (37, 53), (64, 9)):
        picture = random.uniform(-1, 1, (1, 3, height, width)).astype(np.float32)
        lines = session.run(picture)
        assert lines.shape == (1, 1, height, width)
        assert lines.min() >= 0
        assert lines.max() <= 1


def test_the_report_is_of_the_file(tmp_path):
    recipe, net = tiny()
    made = export(recipe, net, tmp_path / "net.onnx")
    model = onnx.load(tmp_path / "net.onnx")
    assert made.bytes == (tmp_path / "net.onnx").stat().st_size
    assert made.parameters == sum(np.prod(weights.dims) for weights in model.graph.initializer)
    assert 0 < made.difference <= LARGEST_DIFFERENCE
    assert [path.name for path in tmp_path.iterdir()] == ["net.onnx"]


def test_the_file_says_what_it_needs_and_has_no_norm_left(tmp_path):
    recipe, net = tiny()
    export(recipe, net, tmp_path / "net.onnx")
    model = onnx.load(tmp_path / "net.onnx")
    metadata = {pair.key: pair.value for pair in model.metadata_props}
    assert metadata["nurie.multiple"] == str(recipe.multiple)
    assert set(metadata) == {f"nurie.{f.name}" for f in dataclasses.fields(Needs)}
    assert needs_from_metadata(metadata).multiple == recipe.multiple
    assert "BatchNormalization" not in {node.op_type for node in model.graph.node}
    (source,), (result,) = model.graph.input, model.graph.output
    assert (source.name, result.name) == ("picture", "answer")
    for value, names in ((source, ["height", "width"]), (result, ["rows", "columns"])):
        assert [d.dim_param for d in value.type.tensor_type.shape.dim[2:]] == names


def test_the_file_carries_what_the_recipe_describes(tmp_path, monkeypatch):
    recipe, net = tiny()
    seen = []
    monkeypatch.setattr(
        recipe, "described", lambda given: seen.append(given) or {"nurie.more": "word"}
    )
    export(recipe, net, tmp_path / "net.onnx")
    assert seen == [net]
    session = Session(tmp_path / "net.onnx")
    assert session.metadata == {**needs_to_metadata(recipe.needs), "nurie.more": "word"}


def test_exporting_leaves_the_net_its_norms(tmp_path):
    recipe, net = tiny()
    before = {key: value.clone() for key, value in net.state_dict().items()}
    export(recipe, net, tmp_path / "net.onnx")
    assert before.keys() == net.state_dict().keys()
    assert all(value.equal(before[key]) for key, value in net.state_dict().items())


def test_a_file_that_differs_from_torch_is_not_written(tmp_path, monkeypatch):
    (tmp_path / "net.onnx").write_bytes(b"the old one")
    monkeypatch.setattr(nn.utils, "fuse_conv_bn_eval", lambda conv, norm: conv)
    with pytest.raises(NurieError, match=r"^the export differs from torch by .*: not written$"):
        export(*tiny(), tmp_path / "net.onnx")
    assert (tmp_path / "net.onnx").read_bytes() == b"the old one"
    assert [path.name for path in tmp_path.iterdir()] == ["net.onnx"]


def test_an_export_that_breaks_off_leaves_nothing(tmp_path, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "_difference", stop)
    with pytest.raises(KeyboardInterrupt):
        export(*tiny(), tmp_path / "net.onnx")
    assert list(tmp_path.iterdir()) == []


def noise(count: int, seed: int):
    generator = torch.Generator().manual_seed(seed)
    return SimpleNamespace(
        image=torch.rand(count, 3, 32, 32, generator=generator),
        line=torch.rand(count, 1, 32, 32, generator=generator).round(),
    )


def test_a_run_is_restored_as_the_average_of_its_weights(tmp_path):
    recipe = LinesRecipe(OPTIONS)
    recipe.batch, recipe.validate = noise, lambda net: ({}, torch.zeros(3, 4, 4))
    average = train(
        recipe, recipe.build(), LoopOptions(steps=3, batch=2, warmup=1), tmp_path,
        fabric=launch("cpu", "auto"),
        identity={"recipe": recipe.name, "options": dataclasses.asdict(OPTIONS)},
    )  # fmt: skip
    restored, net, step = restore(tmp_path)
    assert (restored.name, restored.options, step) == ("lines", OPTIONS, 3)
    assert net.state_dict().keys() == average.state_dict().keys()
    assert all(value.equal(average.state_dict()[key]) for key, value in net.state_dict().items())


def test_where_nothing_was_trained_is_a_one_line_error(tmp_path):
    with pytest.raises(NurieError, match="no run was saved there"):
        restore(tmp_path)
