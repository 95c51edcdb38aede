"""Small ONNX models, written byte by byte, so that no test of the runtime needs onnx or torch."""

import numpy as np

FLOAT, INTS = 1, 7  # TensorProto.DataType, AttributeProto.AttributeType


def varint(value):
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def message(*fields):
    """Encode (number, value) pairs as protocol buffers do; the numbers are those of onnx.proto."""
    out = b""
    for number, value in fields:
        if isinstance(value, int):
            out += varint(number << 3) + varint(value)
        else:
            data = value.encode() if isinstance(value, str) else value
            out += varint(number << 3 | 2) + varint(len(data)) + data
    return out


def tensor(name, values):
    dims = [(1, size) for size in values.shape]
    return message(*dims, (2, FLOAT), (8, name), (9, values.astype("<f4").tobytes()))


def value_info(name, shape):
    dims = [(1, message((1 if isinstance(size, int) else 2, size))) for size in shape]
    return message((1, name), (2, message((1, message((1, FLOAT), (2, message(*dims)))))))


def node(kind, inputs, output, **ints):
    attributes = [
        (5, message((1, name), *[(8, value) for value in values], (20, INTS)))
        for name, values in ints.items()
    ]
    return message(*[(1, name) for name in inputs], (2, output), (4, kind), *attributes)


def model_bytes(
    *, takes=(1, 3, "height", "width"), channels=1, stride=1, metadata=(), kind="Sigmoid"
):
    """Two 5 x 5 convolutions: the receptive field's radius is 4."""
    rng = np.random.default_rng(0)
    first = rng.normal(size=(16, takes[1], 5, 5))
    second = rng.normal(size=(channels, 16, 5, 5)) / 20
    nodes = [
        node("Conv", ["picture", "first"], "a", pads=(2, 2, 2, 2), strides=(1, 1)),
        node("Relu", ["a"], "b"),
        node("Conv", ["b", "second"], "c", pads=(2, 2, 2, 2), strides=(stride, stride)),
        node(kind, ["c"], "lines"),
    ]
    weights = {"first": first, "second": second}
    return _model(nodes, weights, takes, (1, channels, "h", "w"), metadata)


def darkness_model_bytes(*, metadata=()):
    """A network that takes what is nearly black for ink, and all colours for paper."""
    nodes = [
        node("Conv", ["picture", "weight", "bias"], "a", strides=(1, 1)),
        node("Sigmoid", ["a"], "lines"),
    ]
    # Of pixels in [-1, 1], black adds up to -3 and pure red, green or blue to -1.
    weights = {"weight": np.full((1, 3, 1, 1), -10.0), "bias": np.full(1, -20.0)}
    return _model(nodes, weights, (1, 3, "height", "width"), (1, 1, "h", "w"), metadata)


def _model(nodes, weights, takes, gives, metadata):
    graph = message(
        *[(1, n) for n in nodes],
        (2, "tiny"),
        *[(5, tensor(name, values)) for name, values in weights.items()],
        (11, value_info("picture", takes)),
        (12, value_info("lines", gives)),
    )
    properties = [(14, message((1, key), (2, value))) for key, value in dict(metadata).items()]
    return message((1, 8), (7, graph), (8, message((1, ""), (2, 17))), *properties)
