"""A BERT encoder of Hugging Face's layout as an ONNX graph of ONNX Runtime's own fused operators (Attention,
SkipLayerNormalization, BiasGelu): the form in which ONNX Runtime is fastest, in f32 and dynamically quantised."""

import json
import sys
from pathlib import Path

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests" / "embeddings"))
from bert_reference import read_safetensors  # noqa: E402

FUSED = "com.microsoft"


class _Graph:
    def __init__(self):
        self.nodes, self.constants = [], []

    def constant(self, name, values):
        self.constants.append(numpy_helper.from_array(numpy.ascontiguousarray(values), name))
        return name

    def add(self, kind, inputs, output, domain="", **attributes):
        self.nodes.append(helper.make_node(kind, inputs, [output], domain=domain, **attributes))
        return output


def build(directory, path):
    """Writes the graph: input_ids and mask, int32 [batch, length] -> hidden, f32 [batch, length, width]."""
    config = json.loads((directory / "config.json").read_text())
    tensors = read_safetensors(directory / "model.safetensors")
    graph = _Graph()

    def weight(name):
        return graph.constant(name, tensors[name])

    def transposed(name):
        return graph.constant(name, tensors[name].T)

    def norm(x, skip, bias, name, out):
        inputs = [x, skip, weight(name + ".weight"), weight(name + ".bias"), weight(bias)]
        return graph.add("SkipLayerNormalization", inputs, out, FUSED, epsilon=config["layer_norm_eps"])

    words = graph.add("Gather", [weight("embeddings.word_embeddings.weight"), "input_ids"], "words")
    graph.constant("begin", numpy.array([0], numpy.int64))
    shape = graph.add("Shape", ["input_ids"], "shape", start=1, end=2)
    places = tensors["embeddings.position_embeddings.weight"] + tensors["embeddings.token_type_embeddings.weight"][0]
    used = graph.add("Slice", [graph.constant("places", places), "begin", shape, "begin"], "used_places")
    summed = graph.add("Add", [words, used], "summed")
    x = graph.add("LayerNormalization", [summed, weight("embeddings.LayerNorm.weight"),
                                         weight("embeddings.LayerNorm.bias")], "embedded",
                  epsilon=config["layer_norm_eps"])
    for number in range(config["num_hidden_layers"]):
        name = f"encoder.layer.{number}."
        parts = [name + "attention.self." + which for which in ("query", "key", "value")]
        qkv = graph.constant(name + "qkv", numpy.concatenate([tensors[p + ".weight"].T for p in parts], 1))
        qkv_bias = graph.constant(name + "qkv_bias", numpy.concatenate([tensors[p + ".bias"] for p in parts]))
        attended = graph.add("Attention", [x, qkv, qkv_bias, "mask"], name + "attended", FUSED,
                             num_heads=config["num_attention_heads"])
        out = graph.add("MatMul", [attended, transposed(name + "attention.output.dense.weight")], name + "ao")
        x = norm(out, x, name + "attention.output.dense.bias", name + "attention.output.LayerNorm", name + "x")
        inner = graph.add("MatMul", [x, transposed(name + "intermediate.dense.weight")], name + "im")
        inner = graph.add("BiasGelu", [inner, weight(name + "intermediate.dense.bias")], name + "gelu", FUSED)
        out = graph.add("MatMul", [inner, transposed(name + "output.dense.weight")], name + "om")
        last = number + 1 == config["num_hidden_layers"]
        x = norm(out, x, name + "output.dense.bias", name + "output.LayerNorm", "hidden" if last else name + "y")
    integers = [helper.make_tensor_value_info(n, TensorProto.INT32, ["batch", "length"])
                for n in ("input_ids", "mask")]
    hidden = helper.make_tensor_value_info("hidden", TensorProto.FLOAT, ["batch", "length", config["hidden_size"]])
    model = helper.make_model(helper.make_graph(graph.nodes, "bert", integers, [hidden], graph.constants),
                              opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid(FUSED, 1)])
    model.ir_version = 8
    onnx.save(model, path)
