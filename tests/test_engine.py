"""The Engine over the seed documents: what is found, answered and withheld."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from rag import Engine, Settings, build
from rag.answer.result import Answer
from rag.asking import Asking, Finder, Found
from rag.errors import InternalError, QuestionError, SnapshotError
from rag.loading import Models
from rag.search import Hit, SearchResult

SOVEREIGN = "主権AIとは何ですか？"


def test_a_question_is_answered_with_a_quote_of_the_document(engine: Engine) -> None:
    answer = engine.ask(SOVEREIGN)
    assert not answer.abstained
    assert "外国への依存なしに自国がAI技術を利用できる能力" in answer.answer
    assert answer.answer.endswith(f"[{len(answer.citations)}]")
    assert answer.citations[0].document.source == "000_e127c39ffab735c7.txt"


def test_lexical_mode_needs_no_embedding_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pump.txt").write_text("Pump PX-300 must be drained once a month. Wear gloves.", encoding="utf-8")
    (tmp_path / "倉庫.txt").write_text("倉庫の鍵は守衛室にあります。PX-300の予備は置いていません。", encoding="utf-8")
    build(tmp_path, index=tmp_path / "index")
    engine = Engine.open(tmp_path / "index")
    monkeypatch.setattr(Models, "_load", lambda _: pytest.fail("The embedding model was loaded."))
    answer = engine.ask("PX-300の水はいつ抜きますか", mode="lexical")
    assert {hit.language for hit in answer.hits} == {"en", "ja"}


def test_each_citation_stands_at_its_offsets_and_line(engine: Engine) -> None:
    for question in (
        SOVEREIGN,
        "DeepSeek-R1はいつリリースされましたか？",
        "What is sovereign AI?",
        "FLUX.1を開発した会社は？",
    ):
        answer = engine.ask(question)
        assert answer.citations
        for number, citation in enumerate(answer.citations, 1):
            document = engine.document(citation.document.id)
            assert document.text[citation.start : citation.end] == citation.quote
            assert document.text.split("\n")[citation.line - 1].startswith(citation.quote.split("\n")[0][:10]) or (
                citation.quote.split("\n")[0] in document.text.split("\n")[citation.line - 1]
            )
            assert citation.number == number
            assert f"[{number}]" in answer.answer


@hypothesis_settings(max_examples=15)
@given(
    st.text(alphabet="主権AIとは何米国中国DeepSeek輸出規制?？ 、。abc0123", min_size=1, max_size=30).filter(str.strip)
)
def test_any_question_gets_citations_that_are_exact(engine: Engine, question: str) -> None:
    answer = engine.ask(question)
    assert answer.abstained == (not answer.citations)
    assert 0 <= answer.confidence <= 1
    for citation in answer.citations:
        assert engine.document(citation.document.id).text[citation.start : citation.end] == citation.quote


@pytest.mark.parametrize("question", ["富士山の標高は何メートルですか？", "Who won the 2024 Nobel Prize in Chemistry?"])
def test_a_question_that_the_documents_do_not_answer_is_refused_with_a_reason(engine: Engine, question: str) -> None:
    answer = engine.ask(question)
    assert answer.abstained
    assert answer.reason == "low-confidence"
    assert answer.answer == ""
    assert answer.hits


@pytest.mark.parametrize(
    ("question", "quote"),
    [
        ("K2 Thinkというモデルを公開したのはどの国ですか？", "The UAE"),
        ("Which chips should export controls cover besides the H100?", "H20"),
        ("What does Hugging Face ask the government to invest in?", "NAIRR"),
        ("検索エンジンで世界を支配した米国企業と、エージェントのためのプロトコルは？", "Google"),
    ],
)
def test_a_question_finds_passages_in_the_other_language(engine: Engine, question: str, quote: str) -> None:
    assert any(quote in hit.text for hit in engine.search(question, k=5).hits)


@pytest.mark.parametrize("mode", ["hybrid", "dense", "lexical"])
def test_hits_are_ranked_and_tell_each_retriever_s_place(engine: Engine, mode: str) -> None:
    hits = engine.search(SOVEREIGN, k=8, mode=mode).hits  # type: ignore[arg-type]
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    expected = {"dense", "lexical"} if mode == "hybrid" else {mode}
    assert set(hits[0].retrievers) == expected
    for hit in hits:
        assert engine.document(hit.document.id).text[hit.start : hit.end] == hit.text


def _sources(hits: Sequence[Hit]) -> set[str]:
    return {hit.document.source for hit in hits}


def test_filters_by_source_and_language_leave_only_what_matches(engine: Engine) -> None:
    assert _sources(engine.search("AI", sources=["001*"]).hits) == {"001_b23d3c2af56d2279.txt"}
    assert {hit.language for hit in engine.search("AI", languages=["en"]).hits} == {"en"}


def test_each_thing_that_a_question_asks_is_searched_for_within_the_filter(tmp_path: Path) -> None:
    texts = {
        "甲": "甲図書館の開館時間は午前9時から午後7時までです。貸出しの窓口は2階にあります。",
        "乙": "乙図書館の開館時間は午前10時から午後8時までです。乙図書館の休館日は水曜日です。",
    }
    for name, text in texts.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "案内.txt").write_text(f"{name}図書館の案内\n\n{text}\n", encoding="utf-8")
    build([tmp_path], index=tmp_path / "index")
    answer = Engine.open(tmp_path / "index").ask("開館時間と休館日は？", sources=["甲/"])
    assert len(answer.parts) == 2
    assert {citation.document.source for citation in answer.citations} == {"甲/案内.txt"}
    assert "水曜日" not in answer.answer


@pytest.mark.parametrize("way", ["search", "ask", "batch", "search_many"])
def test_filters_and_arguments_that_make_no_sense_are_refused_at_once(engine: Engine, way: str) -> None:
    asked = "AI" if way in ("search", "ask") else ["AI"]
    for argument, value in {"sources": ["no-such.txt"], "languages": "en", "k": 0, "mode": "foo"}.items():
        with pytest.raises(QuestionError) as caught:
            getattr(engine, way)(asked, **{argument: value})
        assert caught.value.argument == argument


def test_what_is_no_question_is_refused_clearly(engine: Engine) -> None:
    asked: Any = None
    with pytest.raises(QuestionError, match="None, and must be a text"):
        engine.search(asked)
    (error,) = engine.batch([asked])
    assert isinstance(error, QuestionError)
    for many in (engine.batch, engine.search_many):
        with pytest.raises(QuestionError, match="list of texts"):
            many(SOVEREIGN)
    with pytest.raises(QuestionError, match="read_ahead is 0"):
        engine.batch([SOVEREIGN], read_ahead=0)


@pytest.mark.parametrize(("owner", "part"), [(Asking, "_answer"), (Finder, "vectors"), (Finder, "results")])
def test_a_bug_of_ours_costs_one_question_and_ends_no_batch(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, owner: type, part: str
) -> None:
    right = getattr(owner, part)

    def wrong(self: Any, asked: Any, *others: Any, **more: Any) -> Any:
        questions = [asked.result.query] if isinstance(asked, Found) else asked
        if "富士山の標高は？" in questions:
            raise ZeroDivisionError("of ours")
        return right(self, asked, *others, **more)

    monkeypatch.setattr(owner, part, wrong)
    found = list(engine.batch([SOVEREIGN, "富士山の標高は？", "", SOVEREIGN]))
    assert [type(each) for each in found] == [Answer, InternalError, QuestionError, Answer]
    assert "ZeroDivisionError: of ours" in str(found[1])
    assert "富士山" not in caplog.text and "Traceback" in caplog.text
    with pytest.raises(InternalError):
        engine.ask("富士山の標高は？")


def test_what_is_found_comes_before_the_answer(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = engine.ask_in_steps(SOVEREIGN, k=3)
    monkeypatch.setattr(Asking, "_answer", lambda *_: pytest.fail("The passages waited for the answer."))
    found = next(steps)
    assert isinstance(found, SearchResult)
    assert [hit.passage_id for hit in found.hits] == [hit.passage_id for hit in engine.search(SOVEREIGN, k=3).hits]
    monkeypatch.undo()
    (answer,) = steps
    assert answer == engine.ask(SOVEREIGN, k=3)


def test_searching_many_at_once_gives_what_searching_each_gives(engine: Engine) -> None:
    queries = [SOVEREIGN, "export controls", "コメント"]
    for together, alone in zip(engine.search_many(queries), map(engine.search, queries), strict=True):
        assert [hit.passage_id for hit in together.hits] == [hit.passage_id for hit in alone.hits]


def test_ranking_many_gives_the_rows_of_searching_each(engine: Engine) -> None:
    queries = [SOVEREIGN, "export controls"]
    for ranking, alone in zip(engine.rank_many(queries, k=7), [engine.search(q, k=7) for q in queries], strict=True):
        assert ranking.rows.tolist() == [hit.passage_id for hit in alone.hits]
        # In 8 bits a vector depends a little on what it is computed beside.
        assert ranking.scores.tolist() == pytest.approx([hit.score for hit in alone.hits], abs=0.05)


def test_a_batch_gives_an_answer_or_an_error_for_each_question_in_order(engine: Engine) -> None:
    questions = [SOVEREIGN, "", "富士山の標高は？", "あ" * 3000]
    found = list(engine.batch(questions, read_ahead=3))
    assert [type(each) for each in found] == [Answer, QuestionError, Answer, QuestionError]
    assert isinstance(found[0], Answer)
    assert found[0].answer == engine.ask(SOVEREIGN).answer


def test_a_batch_takes_questions_in_only_as_they_are_needed(engine: Engine) -> None:
    taken = []

    def endless() -> Iterator[str]:
        while True:
            taken.append(SOVEREIGN)
            yield SOVEREIGN

    found = list(islice(engine.batch(endless(), read_ahead=2), 3))
    assert len(found) == 3
    assert len(taken) == 4


def test_threads_may_share_an_engine(engine: Engine) -> None:
    alone = engine.ask(SOVEREIGN).to_dict()
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: engine.ask(SOVEREIGN), range(8)))
    assert [answer.answer for answer in answers] == [alone["answer"]] * 8


def test_results_become_json_in_the_documented_form(engine: Engine) -> None:
    answer = json.loads(json.dumps(engine.ask(SOVEREIGN).to_dict()))
    assert list(answer) == [
        "question",
        "answer",
        "abstained",
        "reason",
        "confidence",
        "conflict",
        "citations",
        "hits",
        "kind",
        "parts",
        "missing",
    ]
    assert list(answer["citations"][0]) == ["number", "document", "start", "end", "line", "quote", "score"]
    hit = answer["hits"][0]
    assert list(hit) == ["rank", "score", "retrievers", "document", "start", "end", "text", "heading"]
    assert list(hit["retrievers"]["dense"]) == ["rank", "score"]
    assert list(hit["document"]) == ["id", "title", "source"]
    assert list(engine.search("AI").to_dict()) == ["query", "hits"]


@pytest.mark.parametrize("question", ["", "   ", "あ" * 100_000])
def test_an_empty_or_endless_question_is_refused_clearly(engine: Engine, question: str) -> None:
    with pytest.raises(QuestionError):
        engine.ask(question)


def test_an_unknown_document_is_an_error_that_says_so(engine: Engine) -> None:
    with pytest.raises(SnapshotError, match="no document"):
        engine.document("0000000000000000")


def test_the_half_width_form_of_a_question_finds_the_same(engine: Engine) -> None:
    full, half = (engine.search(query).hits[0].passage_id for query in ("ベンダーロックインとは", "ﾍﾞﾝﾀﾞｰﾛｯｸｲﾝとは"))
    assert full == half


def test_a_tiny_corpus_answers_too(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.txt").write_text("富士山の標高は3776メートルです。", encoding="utf-8")
    build(tmp_path / "docs", index=tmp_path / "index", settings=Settings.load())
    answer = Engine.open(tmp_path / "index").ask("富士山の標高は何メートルですか？")
    assert "3776メートル" in answer.answer


def test_of_a_chain_of_questions_that_lean_on_answers_the_last_few_are_answered(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each would be read as a question of its own, and a chain of a thousand is one request."""
    read: list[Found] = []
    answer = Asking.answer

    def counted(asking: Asking, found: Found) -> Answer:
        read.append(found)
        return answer(asking, found)

    monkeypatch.setattr(Asking, "answer", counted)
    monkeypatch.setattr(Asking, "read_on", lambda *_: None)
    assert isinstance(engine.ask("その人は何をしましたか？", history=["その人はだれですか？"] * 2000), Answer)
    assert len(read) == 5
