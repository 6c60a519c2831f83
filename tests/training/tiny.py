"""An encoder and a data set small enough to train on in a test."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from safetensors.torch import save_file

from rag.models.e5s1 import Vocabulary
from rag.models.tokenizer import FILE
from rag.models.vocabulary import compile_vocabulary, write_vocabulary

HIDDEN, LAYERS, HEADS, INNER, POSITIONS = 32, 2, 2, 64, 192
PLACES = ("京都", "大阪", "神戸", "仙台", "札幌", "広島")
PEOPLE = ("田中", "佐藤", "鈴木", "高橋", "伊藤", "渡辺", "山本", "中村")
GLUED = "阪の"
"""A piece that holds the end of an answer and a particle behind it."""


def make_encoder(folder: Path) -> Path:
    """A ``BertModel`` folder with random weights and a tokenizer of single characters and a few longer pieces."""
    letters = sorted({*"".join((*PLACES, *PEOPLE)), *"はがのにで生まれたどこ誰?。、人0123456789年私"})
    pieces = ["<s>", "<pad>", "</s>", "<unk>", "▁", *letters, GLUED, "生まれた"]
    scored = tuple((piece, -len(pieces) / (1 + len(piece))) for piece in pieces)
    folder.mkdir(parents=True, exist_ok=True)
    write_vocabulary(folder / FILE, compile_vocabulary(Vocabulary(scored, bos=0, eos=2, pad=1, unk=3), {}))
    config = {
        "model_type": "bert",
        "architectures": ["BertModel"],
        "hidden_act": "gelu",
        "hidden_size": HIDDEN,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "intermediate_size": INNER,
        "max_position_embeddings": POSITIONS,
        "type_vocab_size": 2,
        "vocab_size": len(pieces),
        "layer_norm_eps": 1e-12,
        "pad_token_id": 1,
    }
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    save_file(_weights(len(pieces)), folder / "model.safetensors", metadata={"format": "pt"})
    return folder


def _weights(vocabulary: int) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(3)

    def random(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=generator) * 0.2

    weights = {
        "embeddings.word_embeddings.weight": random(vocabulary, HIDDEN),
        "embeddings.position_embeddings.weight": random(POSITIONS, HIDDEN),
        "embeddings.token_type_embeddings.weight": random(2, HIDDEN),
        "pooler.dense.weight": random(HIDDEN, HIDDEN),
        "pooler.dense.bias": random(HIDDEN),
    }
    norms = ["embeddings.LayerNorm"]
    for layer in range(LAYERS):
        name = f"encoder.layer.{layer}"
        sizes = {f"attention.self.{part}": (HIDDEN, HIDDEN) for part in ("query", "key", "value")}
        sizes |= {"attention.output.dense": (HIDDEN, HIDDEN), "output.dense": (HIDDEN, INNER)}
        sizes |= {"intermediate.dense": (INNER, HIDDEN)}
        for part, shape in sizes.items():
            weights[f"{name}.{part}.weight"] = random(*shape)
            weights[f"{name}.{part}.bias"] = random(shape[0])
        norms += [f"{name}.attention.output.LayerNorm", f"{name}.output.LayerNorm"]
    for norm in norms:
        weights[f"{norm}.weight"] = 1 + random(HIDDEN)
        weights[f"{norm}.bias"] = random(HIDDEN)
    return weights


def make_data(path: Path, articles: int = 6) -> Path:
    """A SQuAD-style file: who was born where, eight people an article, two paragraphs each."""
    data = []
    for article in range(articles):
        paragraphs = []
        for half in range(2):
            people = PEOPLE[half * 4 : half * 4 + 4]
            context, qas = "", []
            for number, person in enumerate(people):
                place = PLACES[(article * 3 + number * 2 + half) % len(PLACES)]
                start = len(context) + len(person) + 1
                context += f"{person}は{place}の生まれた人。"
                answer = {"text": place, "answer_start": start}
                question = f"{person}はどこで生まれた?"
                qas.append({"id": f"{article}-{half}-{number}", "question": question, "answers": [answer]})
            paragraphs.append({"context": context, "qas": qas})
        data.append({"title": f"第{article}巻", "paragraphs": paragraphs})
    path.write_text(json.dumps({"version": "1", "data": data}, ensure_ascii=False), encoding="utf-8")
    return path


def make_mined(path: Path, data: Path) -> Path:
    """A file as ``training.mine`` writes it: all paragraphs with falling scores, the right one second."""
    articles = json.loads(data.read_text(encoding="utf-8"))["data"]
    contexts = {
        f"{article['title']}#{number}": paragraph["context"]
        for article in articles
        for number, paragraph in enumerate(article["paragraphs"])
    }
    lines = []
    for article in articles:
        for number, paragraph in enumerate(article["paragraphs"]):
            gold = f"{article['title']}#{number}"
            others = [key for key in contexts if key != gold]
            for qa in paragraph["qas"]:
                (answer,) = qa["answers"]
                found = enumerate([others[0], gold, *others[1:]])
                hits = [(key, 5.0 - place, answer["text"] in contexts[key]) for place, key in found]
                lines.append(json.dumps({"question": qa["id"], "hits": hits}))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
