"""BERT in numpy, in f32, as the paper and Hugging Face's documentation describe it: what Weir's own encoder is
compared with. One text at a time, plainly."""

import json
import math
import struct

import numpy
from tokenizers import Tokenizer

_erf = numpy.vectorize(math.erf, otypes=[numpy.float32])
_STEP = 1.0 / 4096
_TABLE = _erf(numpy.arange(-6, 6 + _STEP, _STEP, dtype=numpy.float64))


def erf(x):
    """Cubic interpolation of math.erf in steps of 1/4096: exact to f32, and quick for arrays."""
    clipped = numpy.clip(x.astype(numpy.float64), -5.99, 5.99)
    at = (clipped + 6) / _STEP
    index = at.astype(numpy.int64)
    fraction = at - index
    left = _TABLE[index].astype(numpy.float64)
    slope = 2 / math.sqrt(math.pi) * numpy.exp(-(index * _STEP - 6) ** 2) * _STEP
    curve = -(index * _STEP - 6) * slope * _STEP
    return (left + fraction * slope + fraction * fraction * curve).astype(numpy.float32)


def read_safetensors(path):
    with open(path, "rb") as file:
        size = struct.unpack("<Q", file.read(8))[0]
        header = json.loads(file.read(size))
        data = file.read()
    kinds = {"F32": numpy.float32, "F16": numpy.float16, "I64": numpy.int64}
    tensors = {}
    for name, described in header.items():
        if name != "__metadata__":
            begin, end = described["data_offsets"]
            values = numpy.frombuffer(data[begin:end], kinds[described["dtype"]])
            tensors[name] = values.reshape(described["shape"])
    return tensors


class Reference:
    def __init__(self, directory):
        self.config = json.loads((directory / "config.json").read_text())
        self.tensors = read_safetensors(directory / "model.safetensors")
        pooling = directory / "1_Pooling" / "config.json"
        self.first_only = pooling.exists() and json.loads(pooling.read_text())["pooling_mode_cls_token"]
        sentence = directory / "sentence_bert_config.json"
        window = json.loads(sentence.read_text())["max_seq_length"] if sentence.exists() else \
            self.config["max_position_embeddings"]
        self.tokenizer = Tokenizer.from_file(str(directory / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(window)

    def tokens(self, text):
        return self.tokenizer.encode(text).ids

    def _linear(self, x, name):
        return x @ self.tensors[name + ".weight"].T + self.tensors[name + ".bias"]

    def _norm(self, x, name):
        mean = x.mean(-1, keepdims=True)
        variance = ((x - mean) ** 2).mean(-1, keepdims=True)
        scaled = (x - mean) / numpy.sqrt(variance + numpy.float32(self.config["layer_norm_eps"]))
        return scaled * self.tensors[name + ".weight"] + self.tensors[name + ".bias"]

    def _attention(self, x, name):
        heads = self.config["num_attention_heads"]
        size = x.shape[1] // heads

        def split(which):
            return self._linear(x, f"{name}.self.{which}").reshape(-1, heads, size).transpose(1, 0, 2)

        query, key, value = split("query"), split("key"), split("value")
        scores = query @ key.transpose(0, 2, 1) / numpy.float32(math.sqrt(size))
        weights = numpy.exp(scores - scores.max(-1, keepdims=True))
        weights /= weights.sum(-1, keepdims=True)
        return (weights @ value).transpose(1, 0, 2).reshape(x.shape)

    def vector_of_tokens(self, tokens):
        embeddings = "embeddings."
        x = self.tensors[embeddings + "word_embeddings.weight"][tokens] + \
            self.tensors[embeddings + "position_embeddings.weight"][:len(tokens)] + \
            self.tensors[embeddings + "token_type_embeddings.weight"][0]
        x = self._norm(x.astype(numpy.float32), embeddings + "LayerNorm")
        for number in range(self.config["num_hidden_layers"]):
            name = f"encoder.layer.{number}"
            attended = self._linear(self._attention(x, name + ".attention"), name + ".attention.output.dense")
            x = self._norm(x + attended, name + ".attention.output.LayerNorm")
            inner = self._linear(x, name + ".intermediate.dense")
            inner = inner * 0.5 * (1 + erf(inner / numpy.float32(math.sqrt(2))))
            x = self._norm(x + self._linear(inner, name + ".output.dense"), name + ".output.LayerNorm")
        pooled = x[0] if self.first_only else x.mean(0)
        return pooled / numpy.linalg.norm(pooled)

    def vector(self, text):
        return self.vector_of_tokens(self.tokens(text))
