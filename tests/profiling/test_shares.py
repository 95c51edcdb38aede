"""Where time went, of profiles written by hand."""

import pytest

from nurie.profiling.events import HOST, Event, Row
from nurie.profiling.profiler import Profile
from nurie.profiling.shares import Breakdown, break_down

MAIN = Row(HOST, "MainThread")


def span(name: str, start: int, end: int) -> Event:
    return Event(name, start, end, "span")


def operator(name: str, start: int, end: int, sequence: int | None = None) -> Event:
    return Event(name, start, end, "operator", sequence=sequence)


def launch(start: int, number: int) -> Event:
    return Event("cudaLaunchKernel", start, start + 1, "frame", launch=number)


def kernel(name: str, start: int, end: int, number: int) -> Event:
    return Event(name, start, end, "kernel", launch=number)


def broken_down(
    rows: dict[Row, list[Event]], window: tuple[int, int], *, training: bool = True
) -> Breakdown:
    found = break_down(Profile(rows, MAIN.thread, window, training, ""))
    assert sum(share.time for share in found.shares) == found.time == window[1] - window[0]
    assert sum(share.share for share in found.shares) == pytest.approx(1)
    return found


def times(shares) -> dict[str, int]:
    """Of all that took some time."""
    return {share.name: share.time for share in shares if share.time}


ENGINE = "autograd::engine::evaluate_function: "

STEP = {
    MAIN: [
        span("command", 0, 1200),
        span("input", 100, 200),
        span("forward", 200, 500),
        span("backward", 500, 900),
        span("optimizer", 900, 980),
        span("validate", 980, 990),
        span("network run", 981, 989),
    ],
    Row(HOST, "MainThread", "torch"): [
        operator("aten::rand", 110, 190, sequence=1),
        operator("aten::conv2d", 210, 260, sequence=1),
        operator("aten::convolution", 212, 258, sequence=1),
        operator("aten::add_", 265, 270, sequence=2),  # as torch does, with the next one's number
        operator("aten::batch_norm", 270, 300, sequence=2),
        operator("aten::conv_transpose2d", 300, 360, sequence=3),
        operator("aten::convolution", 302, 358, sequence=3),
        operator("aten::relu", 360, 370, sequence=4),
        operator(ENGINE + "ReluBackward0", 510, 520, sequence=4),
        operator(ENGINE + "ConvolutionBackward0", 520, 640, sequence=3),
        operator("aten::convolution_backward", 525, 635),
        operator(ENGINE + "NativeBatchNormBackward0", 640, 700, sequence=2),
        operator(ENGINE + "ConvolutionBackward0", 700, 800, sequence=1),
        operator(ENGINE + "torch::autograd::AccumulateGrad", 800, 805),
        Event("Optimizer.step", 905, 975, "frame"),
        operator("aten::mul_", 910, 970),
        operator("aten::conv2d", 982, 988),
    ],
}


def test_a_step_of_a_training_is_shared_out():
    found = broken_down(STEP, (100, 1000))
    assert found.device == "CPU"
    assert times(found.shares) == {
        "convolution": 50,
        "convolution, backward": 100,
        "transposed convolution": 60,
        "transposed convolution, backward": 120,
        "batch norm": 30,
        "batch norm, backward": 60,
        "other operators": 15,
        "other operators, backward": 15,
        "optimizer": 80,
        "input": 100,
        "validate": 10,
        "idle": 260,
    }


def test_kinds_that_did_not_occur_are_told_of_a_training():
    found = broken_down({MAIN: [span("command", 0, 10)]}, (0, 10))
    assert [share.name for share in found.shares] == [
        "convolution",
        "convolution, backward",
        "transposed convolution",
        "transposed convolution, backward",
        "batch norm",
        "batch norm, backward",
        "other operators",
        "other operators, backward",
        "optimizer",
        "input",
        "idle",
    ]
    assert times(found.shares) == {"idle": 10}


def test_an_operator_s_time_is_its_own():
    found = broken_down(STEP, (100, 1000))
    rows = {each.name: (each.time, each.calls, each.share) for each in found.operators}
    assert rows["aten::convolution"] == (46 + 56, 2, pytest.approx(102 / 900))
    assert rows["aten::conv2d"] == (4 + 6, 2, pytest.approx(10 / 900))
    assert rows["aten::convolution_backward"][0] == 110
    assert rows[ENGINE + "ConvolutionBackward0"][0] == 10 + 100
    assert "Optimizer.step" not in rows
    assert [each.time for each in found.operators] == sorted(
        (each.time for each in found.operators), reverse=True
    )


def test_the_window_cuts_what_reaches_over_it():
    found = broken_down(STEP, (150, 240))
    assert times(found.shares) == {"input": 50, "idle": 10, "convolution": 30}


def test_what_another_thread_does_is_told_beside():
    rows = {
        **STEP,
        Row(HOST, "batches"): [span("compose", 50, 600)],
        Row(HOST, "batches", "torch"): [operator("aten::rand", 100, 500)],
    }
    found = broken_down(rows, (100, 1000))
    assert times(found.shares) == times(broken_down(STEP, (100, 1000)).shares)
    assert times(found.beside) == {"compose on batches": 500}
    assert found.beside[0].share == pytest.approx(500 / 900)


def test_a_gradient_of_a_gradient_is_a_step_back_all_the_same():
    rows = {
        MAIN: [span("command", 0, 100), span("forward", 0, 60), span("backward", 60, 100)],
        Row(HOST, "MainThread", "torch"): [
            operator("aten::conv2d", 0, 10, sequence=1),
            operator(ENGINE + "ConvolutionBackward0", 20, 40, sequence=1),
            operator("aten::convolution_backward", 21, 39, sequence=2),
            operator(ENGINE + "ConvolutionBackwardBackward0", 60, 90, sequence=2),
        ],
    }
    found = broken_down(rows, (0, 100))
    assert times(found.shares) == {"convolution": 10, "convolution, backward": 50, "idle": 40}


def test_of_an_extraction_the_networks_operators_are_told_by_kind():
    rows = {
        MAIN: [
            span("command", 0, 100),
            span("decode", 5, 25),
            span("find lines", 30, 80),
            span("network run", 32, 78),
            span("encode", 80, 90),
        ],
        Row(HOST, "MainThread", "ONNX Runtime"): [
            Event("model_run", 33, 77, "frame"),
            operator("Conv", 34, 64),
            operator("Relu", 64, 70),
            operator("Conv", 70, 75),
        ],
    }
    found = broken_down(rows, (0, 100), training=False)
    assert times(found.shares) == {
        "network: Conv": 35,
        "decode": 20,
        "elsewhere": 20,
        "encode": 10,
        "network: Relu": 6,
        "network: between operators": 5,
        "find lines": 4,
    }
    assert [share.time for share in found.shares] == [35, 20, 20, 10, 6, 5, 4]
    assert [(each.name, each.calls) for each in found.operators] == [("Conv", 2), ("Relu", 1)]


# A GPU, which works after the CPU has told it to

ON_GPU = {
    MAIN: [
        span("command", 0, 1000),
        span("forward", 0, 100),
        span("backward", 100, 200),
        span("optimizer", 200, 250),
    ],
    Row(HOST, "MainThread", "torch"): [
        operator("aten::conv2d", 0, 20, sequence=1),
        operator("aten::cudnn_convolution", 5, 18),
        launch(10, 1),
        operator("aten::conv_transpose2d", 20, 40, sequence=2),
        launch(30, 2),
        operator("aten::_fused_adamw_", 210, 240),
        launch(220, 5),
        launch(245, 6),
        launch(990, 8),
    ],
    Row(HOST, "thread 7", "torch"): [
        operator(ENGINE + "ConvolutionBackward0", 110, 130, sequence=2),
        launch(120, 3),
        operator(ENGINE + "ConvolutionBackward0", 130, 150, sequence=1),
        launch(140, 4),
    ],
    Row(HOST, "batches"): [span("compose", 0, 100)],
    Row(HOST, "batches", "torch"): [launch(50, 7)],
    Row("GPU 0", "stream 7", "torch"): [
        kernel("gemm", 100, 200, 1),
        kernel("gemm", 200, 300, 2),
        kernel("gemm", 300, 450, 3),
        kernel("gemm", 450, 650, 4),
        kernel("adam", 700, 750, 5),
        kernel("memset", 750, 755, 6),
        kernel("late", 995, 1020, 8),
        kernel("unknown", 900, 903, 99),
    ],
    Row("GPU 0", "stream 9", "torch"): [kernel("rand", 640, 660, 7)],
}


def test_a_gpu_s_time_is_told_by_what_launched_its_kernels():
    found = broken_down(ON_GPU, (0, 1000))
    assert found.device == "GPU"
    assert times(found.shares) == {
        "convolution": 100,
        "transposed convolution": 100,
        "transposed convolution, backward": 150,
        "convolution, backward": 200,
        "input": 10,  # the rest of it ran beside a convolution
        "optimizer": 55,
        "other operators": 5 + 3,
        "idle": 1000 - 100 - 100 - 150 - 200 - 10 - 55 - 8,
    }
    rows = {each.name: (each.time, each.calls) for each in found.operators}
    assert rows["aten::cudnn_convolution"] == (100, 1)
    assert rows[ENGINE + "ConvolutionBackward0"] == (350, 2)
    assert rows["unknown"] == (3, 1)
