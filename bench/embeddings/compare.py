"""Weir's embedder beside ONNX Runtime's on the same texts: one thread each, in turns, by processor time.

    python bench/embeddings/compare.py [--texts FILE] [--rounds N]

needs: pip install numpy onnx onnxruntime tokenizers, and build/release/weir. FILE is BEIR's corpus.jsonl;
the default is the SciFact collection beside the checkout (WEIR_SHARED).
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy
import onnx
import onnxruntime
from onnxruntime.quantization import QuantType, quantize_dynamic

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "embeddings"))
from bert_reference import Reference  # noqa: E402
from onnx_bert import build  # noqa: E402

WEIR = os.environ.get("WEIR_BIN", str(ROOT / "build" / "release" / "weir"))
MODEL = Path(os.environ.get("WEIR_MODEL_DIR", ROOT / "build" / "models" / "all-MiniLM-L6-v2"))
SHARED = Path(os.environ.get("WEIR_SHARED", ROOT.parent / "shared"))


class Onnx:
    """One session on one thread. Texts of like length go together, so that little is padding."""

    def __init__(self, path, batch_texts):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        self.batch_texts = batch_texts

    def embed(self, tokens):
        order = sorted(range(len(tokens)), key=lambda i: len(tokens[i]))
        vectors = [None] * len(tokens)
        for begin in range(0, len(order), self.batch_texts):
            chosen = order[begin:begin + self.batch_texts]
            length = max(len(tokens[i]) for i in chosen)
            ids, mask = numpy.zeros((2, len(chosen), length), numpy.int32)
            for row, i in enumerate(chosen):
                ids[row, :len(tokens[i])] = tokens[i]
                mask[row, :len(tokens[i])] = 1
            hidden = self.session.run(["hidden"], {"input_ids": ids, "mask": mask})[0]
            pooled = (hidden * mask[:, :, None]).sum(1)
            pooled /= numpy.linalg.norm(pooled, axis=1, keepdims=True)
            for row, i in enumerate(chosen):
                vectors[i] = pooled[row]
        return numpy.array(vectors)


def weir(*arguments):
    done = subprocess.run([WEIR, "embed", "--model", str(MODEL), *arguments], check=True, capture_output=True, text=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def weir_kernels():
    """Of those that this processor has, the best in int8 and the best in f32."""
    names = ["avx512_vnni", "avx512", "avx2", "plain"]
    usable = [name for name in names
              if subprocess.run([WEIR, "embed", "--model", str(MODEL), "--kernels", name, "a"],
                                capture_output=True).returncode == 0]
    return [name for name in usable if name.endswith("vnni")][:1] + [n for n in usable if not n.endswith("vnni")][:1]


def read_texts(path, count):
    with open(path, encoding="utf-8") as lines:
        documents = [json.loads(line) for line, _ in zip(lines, range(count))]
    return [f"{document.get('title', '')} {document['text']}".strip() for document in documents]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--texts", type=Path, default=SHARED / "data" / "scifact" / "corpus.jsonl")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--batch-texts", type=int, default=8, help="of ONNX Runtime")
    options = parser.parse_args()
    texts = read_texts(options.texts, options.count)
    reference = Reference(MODEL)
    tokens = [reference.tokens(text) for text in texts]
    total = sum(map(len, tokens))
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        build(MODEL, str(folder / "f32.onnx"))
        quantize_dynamic(folder / "f32.onnx", folder / "int8.onnx", per_channel=True, weight_type=QuantType.QInt8,
                         extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT})
        file = folder / "texts.jsonl"
        file.write_text("".join(json.dumps(text) + "\n" for text in texts))
        engines = {f"onnxruntime {onnxruntime.__version__} {kind}": Onnx(str(folder / f"{kind}.onnx"), options.batch_texts)
                   for kind in ("int8", "f32")}
        kernels = weir_kernels()
        best = {}
        for _ in range(options.rounds):
            for name, engine in engines.items():
                begin = time.process_time()
                engine.embed(tokens)
                best[name] = min(best.get(name, 1e9), time.process_time() - begin)
            for kernel in kernels:
                told, = weir("--bench", "--rounds", "1", "--kernels", kernel, "--file", str(file))
                assert told["tokens"] == total, "the tokenizers differ"
                best[f"weir {kernel}"] = min(best.get(f"weir {kernel}", 1e9), told["processor_seconds"])
        exact = engines[f"onnxruntime {onnxruntime.__version__} f32"].embed(tokens)
        vectors = {name: engine.embed(tokens) for name, engine in engines.items()}
        for kernel in kernels:
            lines = weir("--kernels", kernel, "--file", str(file))
            vectors[f"weir {kernel}"] = numpy.array([line["embedding"] for line in lines])
    print(f"{len(texts)} texts, {total} tokens, one thread, best of {options.rounds} in turns, processor time")
    print(f"{'engine':28} {'us/token':>9} {'tokens/s':>9}   cosine with onnxruntime f32, least")
    for name, seconds in sorted(best.items(), key=lambda item: item[1]):
        print(f"{name:28} {seconds / total * 1e6:9.1f} {total / seconds:9.0f}   {(vectors[name] * exact).sum(1).min():.6f}")
    if kernels[0].endswith("vnni"):
        ratio = best[f"onnxruntime {onnxruntime.__version__} int8"] / best[f"weir {kernels[0]}"]
        print(f"int8: Weir is {ratio:.2f} times as fast as onnxruntime")


if __name__ == "__main__":
    main()
