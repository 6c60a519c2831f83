"""Questions about documents: which there are, what is in one, who wrote it, how long it is."""

from __future__ import annotations

import pytest

from rag import Engine
from rag.answer.broad import Shelf, answer_broadly
from rag.answer.question import understand
from rag.answer.result import Answer
from rag.corpus.document import Document, Place
from rag.index.store import DocumentInfo
from rag.search import DocumentRef, Hit
from tests.answer.firm import DOCUMENTS


def asked(office: Engine, question: str) -> Answer:
    answer = office.ask(question)
    for citation in answer.citations:
        assert office.document(citation.document.id).text[citation.start : citation.end] == citation.quote
        hit = answer.hits[citation.hit - 1]
        assert (hit.rank, hit.document.id) == (citation.hit, citation.document.id)
    return answer


def test_the_documents_of_a_kind_are_listed_with_their_number(office: Engine) -> None:
    answer = asked(office, "どんな規程がありますか")

    assert answer.kind == "overview"
    assert answer.answer.startswith("索引にある文書：4件")
    assert {citation.document.title for citation in answer.citations} >= {"就業規則", "通勤規程"}


def test_a_kind_that_is_called_by_several_names_is_found_by_each(office: Engine) -> None:
    by_one, by_another = asked(office, "どんな規程がありますか"), asked(office, "どんな規則がありますか")

    assert by_another.kind == "overview"
    assert by_another.answer == by_one.answer


def test_a_row_of_a_table_stands_in_a_summary_without_marks(office: Engine) -> None:
    answer = asked(office, "ポンプの仕様を要約してください")

    assert answer.kind == "summary"
    assert "・型番 | 流量 | 重量 | 価格[1]" in answer.answer.splitlines()


def test_all_documents_are_listed_where_no_kind_is_named(office: Engine) -> None:
    for question in ("どんな資料がありますか", "What documents do you have?"):
        answer = asked(office, question)
        assert str(len(DOCUMENTS)) in answer.answer.splitlines()[0]
        assert len(answer.citations) == len(DOCUMENTS)


def test_documents_that_tell_of_something_are_listed_with_the_place(office: Engine) -> None:
    answer = asked(office, "通勤手当について書かれた文書を全部挙げて")

    assert answer.kind == "overview"
    assert answer.answer.startswith("「通勤手当」という語のある文書：")
    assert answer.citations
    assert all(citation.quote == "通勤手当" for citation in answer.citations)


def test_where_no_document_has_the_words_none_is_listed(office: Engine) -> None:
    assert not office.ask("航海日誌に関する文書はどれですか").answer.startswith("「航海日誌」")


def test_only_what_the_filter_lets_through_is_listed(office: Engine) -> None:
    answer = office.ask("どんな文書がありますか", sources=["*通勤*"])

    assert [citation.document.title for citation in answer.citations] == ["通勤規程"]


def test_a_summary_is_of_headings_and_their_first_sentences(office: Engine) -> None:
    answer = asked(office, "就業規則を要約してください")

    assert answer.kind == "summary"
    assert answer.answer.splitlines()[0] == "「就業規則」の見出しと、それぞれの最初の文："
    assert "第8条 懲戒の種類：懲戒の種類は次のとおりとする。[1]" in answer.answer
    assert "第9条 副業：従業員は、会社に届け出て副業を行うことができる。[2]" in answer.answer


def test_of_a_document_that_is_not_there_nothing_is_summed_up(office: Engine) -> None:
    answer = office.ask("航海日誌を要約してください")

    assert answer.kind == "summary"
    assert "見出しと" not in answer.answer


def _shelf(*documents: Document) -> Shelf:
    infos = [DocumentInfo(d.id, d.source, d.title, "ja", len(d.text), 0, 1, d.date) for d in documents]
    by_id = {document.id: document for document in documents}

    def hit_at(document_id: str, offset: int) -> Hit:
        document = by_id[document_id]
        return Hit(
            rank=1,
            score=0.0,
            retrievers={},
            document=DocumentRef(document_id, document.title, document.source),
            start=0,
            end=len(document.text),
            text=document.text,
            heading=(),
            language="ja",
            line=1,
            passage_id=list(by_id).index(document_id),
        )

    return Shelf(lambda: infos, by_id.__getitem__, hit_at, lambda words: frozenset(by_id))


def _manual(source: str, author: str, date: str) -> Document:
    pages = tuple(Place(10 * number, "page", str(number + 1)) for number in range(3))
    text = "水槽の手引き\n水は毎週三分の一をかえる。\nろ過器は月に一度洗う。\n"
    return Document(source, "水槽の手引き", text, "ja", metadata={"author": author, "date": date}, places=pages)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("水槽の手引きは誰が作成しましたか", "作成者：佐野"),
        ("水槽の手引きはいつ更新されましたか", "日付：2025-06-01"),
        ("水槽の手引きは何ページありますか", "ページ数：3"),
    ],
)
def test_what_a_file_says_of_itself_is_told_of_the_newest_version(question: str, said: str) -> None:
    shelf = _shelf(_manual("手引き_旧.pdf", "古川", "2021-06-01"), _manual("手引き_新.pdf", "佐野", "2025-06-01"))

    answer = answer_broadly(understand(question), [], shelf)

    assert answer is not None
    assert answer.answer == f"{said}[1]"
    assert answer.citations[0].document.source == "手引き_新.pdf"
    assert answer.citations[0].quote == "水槽の手引き"


@pytest.mark.parametrize(
    "question", ["水槽の水は何日ごとにかえますか", "ろ過器は誰が洗いますか", "餌の手引きは何ページですか"]
)
def test_what_is_asked_of_the_contents_is_not_answered_here(question: str) -> None:
    assert answer_broadly(understand(question), [], _shelf(_manual("m1.pdf", "佐野", "2025-06-01"))) is None


def test_what_the_file_does_not_say_is_not_answered() -> None:
    unsigned = _manual("m1.pdf", "", "2025-06-01")

    assert answer_broadly(understand("水槽の手引きは誰が作成しましたか"), [], _shelf(unsigned)) is None


def test_an_english_question_is_answered_in_english() -> None:
    manual = Document("pump.pdf", "Pump Guide", "Pump Guide\nOpen the valve.\n", "en", places=(Place(0, "page", "1"),))

    answer = answer_broadly(understand("How many pages does the pump guide have?"), [], _shelf(manual))

    assert answer is not None
    assert answer.answer == "Pages: 1[1]"


def test_what_has_a_number_at_its_head_is_told_by_its_title(office: Engine) -> None:
    answer = asked(office, "沼契第R6-204号は何の契約ですか")

    assert answer.answer.splitlines() == ["自動扉保守契約書[1]", "契約番号 沼契第R6-204号[2]"]
    assert [citation.quote for citation in answer.citations] == ["自動扉保守契約書", "契約番号　沼契第R6-204号"]
    assert asked(office, "沼契第R6-205号は何の契約ですか").abstained
