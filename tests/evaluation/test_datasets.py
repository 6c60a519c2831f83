"""Reading test collections: what is kept, what is refused, and how a refusal names its place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import DatasetError
from rag.evaluation import load_dataset
from rag.evaluation.datasets import detect_format
from rag.evaluation.datasets.records import json_line
from tests.evaluation.collections import (
    ARTICLES,
    QUESTIONS,
    squad_record,
    write_beir,
    write_documents,
    write_json,
    write_lines,
    write_squad,
)


def test_squad_contexts_become_passages_exactly_as_given_without_titles(tmp_path: Path) -> None:
    dataset = load_dataset(write_squad(tmp_path / "data.json"))
    assert [document.text for document in dataset.documents] == [c for contexts in ARTICLES.values() for c in contexts]
    assert {document.title for document in dataset.documents} == {""}
    assert {document.language for document in dataset.documents} == {"ja"}
    assert [query.id for query in dataset.queries] == list(QUESTIONS)
    for query in dataset.queries:
        (relevant,) = query.relevant
        title, place, _, answer = QUESTIONS[query.id]
        text = dataset.by_source[relevant.source].text
        assert text == ARTICLES[title][place]
        assert [text[start:end] for start, end in relevant.spans] == [answer]


def test_squad_articles_become_documents_joined_by_blank_lines_with_gold_spans(tmp_path: Path) -> None:
    dataset = load_dataset(write_squad(tmp_path / "data.json"), protocol="documents")
    assert [document.text for document in dataset.documents] == ["\n\n".join(c) for c in ARTICLES.values()]
    assert [document.title for document in dataset.documents] == list(ARTICLES)
    assert dataset.judging == "span"
    for query in dataset.queries:
        ((start, end),) = query.relevant[0].spans
        assert dataset.by_source[query.relevant[0].source].text[start:end] == QUESTIONS[query.id][3]


def test_several_squad_files_and_a_folder_of_them_are_one_dataset(tmp_path: Path) -> None:
    for number, article in enumerate(squad_record()["data"]):
        write_json(tmp_path / "parts" / f"{number}.json", {"data": [article]})
    files = sorted((tmp_path / "parts").iterdir())
    assert load_dataset(files).fingerprint == load_dataset(tmp_path / "parts").fingerprint
    assert len(load_dataset(tmp_path / "parts").queries) == len(QUESTIONS)


def test_identical_contexts_are_one_passage(tmp_path: Path) -> None:
    record = squad_record()
    record["data"][2]["paragraphs"][1]["context"] = record["data"][0]["paragraphs"][0]["context"]
    record["data"][2]["paragraphs"][1]["qas"] = []
    dataset = load_dataset(write_json(tmp_path / "data.json", record))
    assert len(dataset.documents) == 5


def test_jsquad_titles_become_document_titles_and_answers_keep_their_place(tmp_path: Path) -> None:
    context = "梅雨 [SEP] 梅雨は、東アジアの雨季である。"
    answers = [{"text": "東アジア", "answer_start": context.index("東アジア")}]
    question = {"id": "1", "question": "梅雨はどこの雨季ですか。", "answers": answers, "is_impossible": False}
    record = {"data": [{"title": "梅雨", "paragraphs": [{"context": context, "qas": [question]}]}]}
    for protocol in ("passages", "documents"):
        dataset = load_dataset(write_json(tmp_path / "data.json", record), protocol=protocol)  # type: ignore[arg-type]
        (document,) = dataset.documents
        ((start, end),) = dataset.queries[0].relevant[0].spans
        assert (document.title, document.text) == ("梅雨", "梅雨は、東アジアの雨季である。")
        assert document.text[start:end] == "東アジア"


def test_an_answer_inside_a_jsquad_title_still_makes_its_context_relevant(tmp_path: Path) -> None:
    qas = [{"id": "1", "question": "雨季の名は。", "answers": [{"text": "梅雨", "answer_start": 0}]}]
    record = {"data": [{"title": "梅雨", "paragraphs": [{"context": "梅雨 [SEP] 東アジアの雨季。", "qas": qas}]}]}
    file = write_json(tmp_path / "data.json", record)
    assert len(load_dataset(file).judged) == 1
    assert len(load_dataset(file, protocol="documents").judged) == 0


def test_squad_2_questions_marked_impossible_are_unanswerable_and_leave_the_retrieval_means(tmp_path: Path) -> None:
    record = squad_record()
    record["data"][0]["paragraphs"][0]["qas"][0] |= {"is_impossible": True, "answers": []}
    dataset = load_dataset(write_json(tmp_path / "data.json", record))
    assert [query.id for query in dataset.queries if query.unanswerable] == ["q-lamp"]
    assert len(dataset.judged) == len(QUESTIONS) - 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"question": "  "}, "'question' is blank"),
        ({"question": 7}, "'question' is not text"),
        ({"id": None}, "'id' is not text"),
        ({"answers": []}, "no answers and is not marked 'is_impossible'"),
        ({"answers": [{"text": "1902年", "answer_start": 0}]}, "does not stand at 'answer_start' 0"),
        ({"answers": [{"text": "1902年", "answer_start": -3}]}, "does not stand at 'answer_start' -3"),
        ({"answers": "1902年"}, "'answers' is not a list"),
    ],
)
def test_a_bad_squad_question_is_named_by_file_and_line_and_the_rest_goes_on(
    tmp_path: Path, change: dict[str, object], reason: str
) -> None:
    record = squad_record()
    record["data"][0]["paragraphs"][0]["qas"][0] |= change
    file = write_json(tmp_path / "data.json", record)
    lines = file.read_text(encoding="utf-8").splitlines()
    dataset = load_dataset(file)
    (refusal,) = dataset.refusals
    name, line = str(refusal.path).rsplit(":", 1)
    assert name == str(file)
    assert lines[int(line) - 1].strip() == "{"
    assert '"id"' in lines[int(line)]
    assert reason in refusal.message
    assert len(dataset.queries) == len(QUESTIONS) - 1


def test_a_question_id_used_twice_keeps_the_first_question(tmp_path: Path) -> None:
    record = squad_record()
    record["data"][1]["paragraphs"][0]["qas"][0]["id"] = "q-lamp"
    dataset = load_dataset(write_json(tmp_path / "data.json", record))
    assert len(dataset.queries) == len(QUESTIONS) - 1
    assert next(q for q in dataset.queries if q.id == "q-lamp").text == QUESTIONS["q-lamp"][2]
    assert "was used before" in dataset.refusals[0].message


def test_a_broken_json_file_is_refused_with_its_line_and_the_others_are_read(tmp_path: Path) -> None:
    good = write_squad(tmp_path / "a.json")
    bad = tmp_path / "b.json"
    bad.write_text('{"data": [\n{"title": "x",\n', encoding="utf-8")
    dataset = load_dataset([good, bad])
    assert len(dataset.queries) == len(QUESTIONS)
    assert str(dataset.refusals[0].path).startswith(f"{bad}:")


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
        max_leaves=12,
    ),
    st.data(),
)
def test_the_line_of_a_json_value_is_where_its_text_starts(value: object, data: st.DataObject) -> None:
    marker = "⚑here⚑"
    path: list[str | int] = []
    at = root = json.loads(json.dumps({"root": value, "last": []}))
    while isinstance(at, dict | list) and at and data.draw(st.booleans()):
        step = data.draw(st.sampled_from(list(at) if isinstance(at, dict) else range(len(at))))
        path.append(step)
        at = at[step]
    if not path:
        path = ["last"]
    parent = root
    for step in path[:-1]:
        parent = parent[step]
    parent[path[-1]] = marker
    text = json.dumps(root, ensure_ascii=False, indent=1)
    assert marker in text.split("\n")[json_line(text, path) - 1]


BEIR_CORPUS = [
    {"_id": "d 1", "title": "灯台", "text": "岬の灯台は1902年に建てられた。"},
    {"_id": "d2", "title": "", "text": "味噌は三年かけて熟成させる。"},
    {"_id": "d3", "title": "題だけ", "text": ""},
]
BEIR_QUERIES = [{"_id": "q1", "text": "灯台"}, {"_id": "q2", "text": "味噌"}, {"_id": "q3", "text": "試験にない"}]


def test_a_beir_folder_gives_titles_grades_and_only_the_queries_of_its_split(tmp_path: Path) -> None:
    qrels = ["q1\td 1\t2", "q1\td2\t0", "q2\td2\t1"]
    dataset = load_dataset(write_beir(tmp_path / "set", corpus=BEIR_CORPUS, queries=BEIR_QUERIES, qrels=qrels))
    assert (dataset.name, dataset.format, dataset.judging) == ("set", "beir", "document")
    assert [(d.source, d.title) for d in dataset.documents] == [("d 1", "灯台"), ("d2", ""), ("d3", "")]
    assert [query.id for query in dataset.queries] == ["q1", "q2"]
    assert [(j.source, j.grade) for j in dataset.queries[0].judgements] == [("d 1", 2), ("d2", 0)]
    assert dataset.refusals == ()


def test_bad_beir_records_are_named_by_file_and_line(tmp_path: Path) -> None:
    folder = write_beir(
        tmp_path,
        corpus=[*BEIR_CORPUS, {"_id": "d2", "text": "again"}, {"_id": "d4"}, {"_id": "d5", "title": "", "text": " "}],
        queries=BEIR_QUERIES,
        qrels=["q1\td 1\t1", "q1\td 1\t1", "q9\td2\t1", "q2\tnowhere\t1", "q2\td2\tmuch", "q2 d2 1"],
    )
    with (folder / "queries.jsonl").open("ab") as file:
        file.write(b'{"_id": "q4", "text": "\xff"}\n[]\n{"_id"\n')
    dataset = load_dataset(folder)
    places = [str(refusal.path).removeprefix(f"{folder}/") for refusal in dataset.refusals]
    assert places == [
        *(f"corpus.jsonl:{line}" for line in (4, 5, 6)),
        *(f"queries.jsonl:{line}" for line in (4, 5, 6)),
        *(f"qrels/test.tsv:{line}" for line in (3, 4, 5, 6, 7)),
    ]
    assert [query.id for query in dataset.judged] == ["q1"]


def test_a_missing_split_is_refused_with_those_that_exist(tmp_path: Path) -> None:
    folder = write_beir(tmp_path, corpus=BEIR_CORPUS, queries=BEIR_QUERIES, qrels=["q1\td2\t1"])
    with pytest.raises(DatasetError, match=r"no qrels/gold\.tsv.*Splits found: test"):
        load_dataset(folder, split="gold")


CLASSIC_TOPICS = """<top>
<num> Number: 301
<title> 灯台の高さ
<desc> Description:
灯台の高さを知りたい。
</top>
<top>
<num> Number: 302
<desc> Description: 味噌の熟成
</top>
<top>
<title> no number
</top>
"""


@pytest.mark.parametrize("topics", [CLASSIC_TOPICS, "301\t灯台の高さ\n302\t味噌の熟成\nno tab\n"])
def test_trec_topics_in_both_forms_and_qrels_over_a_folder(tmp_path: Path, topics: str) -> None:
    documents = write_documents(tmp_path / "texts")
    write_lines(documents / "two words.txt", ["空白のある名前の文書である。"])
    (tmp_path / "trec").mkdir()
    (tmp_path / "trec" / "topics.301-302").write_text(topics, encoding="utf-8")
    lines = [
        "301 0 灯台 1",
        "302 0 味噌蔵.txt 2",
        "302 0 two%20words.txt 0",
        "302 0 two words.txt 1",
        "301 0 nowhere 1",
    ]
    write_lines(tmp_path / "trec" / "qrels.txt", lines)
    dataset = load_dataset(tmp_path / "trec", documents=documents)
    assert dataset.format == "trec"
    assert {q.id: (q.text, [(j.source, j.grade) for j in q.judgements]) for q in dataset.queries} == {
        "301": ("灯台の高さ", [("灯台.txt", 1)]),
        "302": ("味噌の熟成", [("味噌蔵.txt", 2), ("two words.txt", 0)]),
    }
    reasons = [refusal.message for refusal in dataset.refusals]
    assert len(reasons) == 3
    assert "%20" in reasons[1]
    assert "nowhere" in reasons[2]


def question(name: str, **fields: object) -> str:
    return json.dumps({"id": name, "question": f"{name}？", "answers": ["三年"], **fields}, ensure_ascii=False)


def test_question_files_find_their_quotes_wherever_they_stand(tmp_path: Path) -> None:
    folder = tmp_path / "texts"
    write_lines(folder / "a.txt", ["題", "", "味噌は三年かけて", "熟成させる。", "味噌は三年かけて熟成させる。"])
    evidence = [{"source": "a.txt", "quote": "味噌は三年かけて"}]
    over_lines = [{"source": "a.txt", "quote": "かけて 熟成"}]
    file = write_lines(
        tmp_path / "questions.jsonl",
        [question("twice", evidence=evidence), question("lines", evidence=over_lines), question("none", answers=[])],
    )
    dataset = load_dataset(file, documents=folder)
    twice, lines, none = dataset.queries
    text = dataset.by_source["a.txt"].text
    assert [text[a:b] for a, b in twice.relevant[0].spans] == ["味噌は三年かけて"] * 2
    assert [text[a:b] for a, b in lines.relevant[0].spans] == ["かけて\n熟成"]
    assert none.unanswerable
    assert dataset.refusals == ()


def test_a_quote_its_document_does_not_hold_is_refused_and_the_question_stays(tmp_path: Path) -> None:
    folder = write_documents(tmp_path / "texts")
    evidence = [{"source": "灯台.txt", "quote": "どこにもない"}, {"source": "灯台.txt", "quote": "31メートル"}]
    missing = [{"source": "x.txt", "quote": "三年"}]
    file = write_lines(
        tmp_path / "questions.jsonl",
        [question("q1", evidence=evidence), question("q2", evidence=missing), question("q3", answers=[3])],
    )
    dataset = load_dataset(file, documents=folder)
    assert [len(query.relevant) for query in dataset.queries] == [1, 0]
    assert [str(refusal.path) for refusal in dataset.refusals] == [f"{file}:{line}" for line in (1, 2, 3)]


def test_a_question_file_without_its_documents_says_how_to_give_them(tmp_path: Path) -> None:
    file = write_lines(tmp_path / "questions.jsonl", [question("q1")])
    with pytest.raises(DatasetError, match="--documents"):
        load_dataset(file)


def test_an_unreadable_document_is_refused_beside_the_records(tmp_path: Path) -> None:
    folder = write_documents(tmp_path / "texts")
    (folder / "broken.txt").write_bytes(bytes(range(256)) * 40)
    dataset = load_dataset(write_lines(tmp_path / "questions.jsonl", [question("q1")]), documents=folder)
    assert len(dataset.documents) == len(ARTICLES)
    assert "broken.txt" in str(dataset.refusals[0])


@pytest.mark.parametrize("content", ['{"data": []}', "[]", '{"data": [{"title": "x", "paragraphs": []}]}', ""])
def test_an_empty_dataset_is_refused_as_a_whole(tmp_path: Path, content: str) -> None:
    file = tmp_path / "empty.json"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(DatasetError, match=r"empty\.json: The dataset has no usable document"):
        load_dataset(file)


def test_what_is_no_dataset_is_refused_with_the_formats_known(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"corpus\.jsonl"):
        detect_format(tmp_path)
    with pytest.raises(DatasetError, match="no such file"):
        load_dataset(tmp_path / "nowhere")


def test_a_sample_is_the_same_for_the_same_seed_and_leaves_the_corpus_whole(tmp_path: Path) -> None:
    dataset = load_dataset(write_squad(tmp_path / "data.json"))
    first, again, other = dataset.sample(3, seed=1), dataset.sample(3, seed=1), dataset.sample(3, seed=2)
    assert first.queries == again.queries != other.queries
    assert first.documents == dataset.documents
    assert dataset.sample(100) is dataset


def test_without_every_second_article_its_questions_become_unanswerable(tmp_path: Path) -> None:
    for protocol in ("passages", "documents"):
        dataset = load_dataset(write_squad(tmp_path / "data.json"), protocol=protocol)  # type: ignore[arg-type]
        half = dataset.without_every_second_article()
        assert [query.id for query in half.queries if query.unanswerable] == ["q-miso", "q-barrel"]
        assert not any("味噌" in document.text for document in half.documents)
        assert len(half.judged) == 4


def test_data_without_articles_cannot_be_halved(tmp_path: Path) -> None:
    folder = write_beir(tmp_path, corpus=BEIR_CORPUS, queries=BEIR_QUERIES, qrels=["q1\td2\t1"])
    with pytest.raises(DatasetError, match="does not come in articles"):
        load_dataset(folder).without_every_second_article()
