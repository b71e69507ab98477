"""Weir's encoder beside an independent one in numpy and Hugging Face's tokenizers, on 1,000 texts of many scripts."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
numpy = pytest.importorskip("numpy", reason="skipped: numpy is not installed")
from bert_reference import Reference  # noqa: E402
from many_scripts import texts as make_texts  # noqa: E402

from conftest import BINARY, ROOT  # noqa: E402

MODEL = Path(os.environ.get("WEIR_MODEL_DIR", ROOT / "build" / "models" / "all-MiniLM-L6-v2"))
pytestmark = pytest.mark.skipif(not (MODEL / "model.safetensors").exists(),
                                reason="skipped: the embedding model was not fetched")


def embed(*arguments, model=MODEL):
    return subprocess.run([BINARY, "embed", "--model", str(model), *map(str, arguments)], capture_output=True, text=True)


def lines(*arguments, model=MODEL):
    done = embed(*arguments, model=model)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def reference():
    return Reference(MODEL)


@pytest.fixture(scope="module")
def texts(tmp_path_factory):
    made = make_texts()
    path = tmp_path_factory.mktemp("texts") / "texts.jsonl"
    path.write_text("".join(json.dumps(text) + "\n" for text in made))
    return made, path


@pytest.fixture(scope="module")
def expected(reference, texts):
    return numpy.array([reference.vector(text) for text in texts[0]])


def test_the_tokens_are_hugging_faces(reference, texts):
    told = [line["tokens"] for line in lines("--tokens", "--file", texts[1])]
    differing = [text for text, tokens in zip(texts[0], told, strict=True) if tokens != reference.tokens(text)]
    assert differing == []


@pytest.mark.parametrize(("kernels", "least"),
                         [("plain", 0.9999), ("avx2", 0.9999), ("avx512", 0.9999), ("avx512_vnni", 0.995)])
def test_the_vectors_agree(kernels, least, texts, expected):
    if embed("--kernels", kernels, "a").returncode != 0:
        pytest.skip(f"skipped: this processor has no {kernels}")
    vectors = numpy.array([line["embedding"] for line in lines("--kernels", kernels, "--file", texts[1])])
    assert numpy.abs(numpy.linalg.norm(vectors, axis=1) - 1).max() < 1e-5
    cosines = (vectors * expected).sum(1) / numpy.linalg.norm(expected, axis=1)
    assert cosines.min() >= least, texts[0][int(cosines.argmin())]


def test_batches_and_threads_change_nothing(texts):
    alone = [lines(text)[0] for text in texts[0][:10]]
    together = lines("--threads", "3", "--file", texts[1])
    for one, other in zip(alone, together):
        assert numpy.allclose(one["embedding"], other["embedding"], atol=1e-6)


def write_model(folder, tensors, config):
    """A directory in Hugging Face's layout, with tokenizer.json instead of vocab.txt."""
    folder.mkdir()
    header, data = {}, b""
    for name, values in tensors.items():
        raw = values.astype(numpy.float32).tobytes()
        header[name] = {"dtype": "F32", "shape": list(values.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    (folder / "model.safetensors").write_bytes(len(text).to_bytes(8, "little") + text + data)
    (folder / "config.json").write_text(json.dumps(config))
    shutil.copy(MODEL / "tokenizer.json", folder)
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(
        {"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}))


@pytest.mark.parametrize("kernels", ["plain", "avx2", "avx512"])
def test_a_bert_of_odd_sizes_pooled_by_its_first_token(tmp_path, kernels):
    if embed("--kernels", kernels, "a").returncode != 0:
        pytest.skip(f"skipped: this processor has no {kernels}")
    width, inner, layers, positions, words = 36, 37, 2, 50, 30_522
    config = {"model_type": "bert", "hidden_size": width, "num_hidden_layers": layers, "num_attention_heads": 3,
              "intermediate_size": inner, "vocab_size": words, "max_position_embeddings": positions,
              "hidden_act": "gelu", "layer_norm_eps": 1e-5, "type_vocab_size": 2}
    shapes = {"embeddings.word_embeddings.weight": (words, width), "embeddings.LayerNorm.weight": (width,),
              "embeddings.position_embeddings.weight": (positions, width), "embeddings.LayerNorm.bias": (width,),
              "embeddings.token_type_embeddings.weight": (2, width)}
    for number in range(layers):
        name = f"encoder.layer.{number}."
        for part, (out, into) in {"attention.self.query": (width, width), "attention.self.key": (width, width),
                                  "attention.self.value": (width, width), "attention.output.dense": (width, width),
                                  "intermediate.dense": (inner, width), "output.dense": (width, inner)}.items():
            shapes |= {name + part + ".weight": (out, into), name + part + ".bias": (out,)}
        for part in ("attention.output.LayerNorm", "output.LayerNorm"):
            shapes |= {name + part + ".weight": (width,), name + part + ".bias": (width,)}
    chance = numpy.random.default_rng(3)
    tensors = {name: chance.normal(1.0 if name.endswith("Norm.weight") else 0.0, 0.3, shape)
               for name, shape in shapes.items()}
    write_model(tmp_path / "odd", tensors, config)
    mine = Reference(tmp_path / "odd")
    some = ["one", "two words", "a rather longer text, with marks: and ünlauts", "中国 " * 40]
    file = tmp_path / "some.jsonl"
    file.write_text("".join(json.dumps(text) + "\n" for text in some))
    told = numpy.array([line["embedding"] for line in lines("--kernels", kernels, "--file", file, model=tmp_path / "odd")])
    for vector, text in zip(told, some):
        assert vector @ mine.vector(text) >= 0.9999


def test_weights_that_were_changed_are_refused(tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(MODEL, copy)
    raw = bytearray((copy / "model.safetensors").read_bytes())
    raw[-5] ^= 1
    (copy / "model.safetensors").write_bytes(raw)
    done = embed("a", model=copy)
    assert done.returncode == 1
    assert "SHA-256" in done.stderr


def test_a_missing_model_is_named(tmp_path):
    done = embed("a", model=tmp_path / "nowhere")
    assert done.returncode == 1
    assert str(tmp_path / "nowhere") in done.stderr


def test_one_query_and_the_start_are_quick():
    told, = lines("--bench", "--rounds", "1", "a text")
    if told["kernels"] != "avx512_vnni":
        pytest.skip("skipped: the figures are for processors with AVX512_VNNI")
    best = min((lines("--bench", "--rounds", "1", "a text")[0] for _ in range(5)), key=lambda one: one["load_ms"])
    assert best["query_ms"] < 2
    assert best["load_ms"] < 100
