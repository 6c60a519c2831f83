"""Questions to start from, offered only when the index holds the document they are about."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from rag.web.texts import Language

# About the seed documents, by file name.
_SEED_QUESTIONS: Mapping[Language, Sequence[tuple[str, str]]] = {
    "ja": [
        ("000_e127c39ffab735c7.txt", "主権AIとは何ですか？"),
        ("001_b23d3c2af56d2279.txt", "2016年から2020年にかけて、オープンソースAIの世界的リーダーはどの国でしたか？"),
        (
            "002_c77468d96fb63a16.txt",
            "アモデイ氏は米国が中国に対してどのくらいのリードを保つべきだと考えていますか？",
        ),
        ("003_18f068c92f59f029.txt", "ベンダーロックインとは何ですか？"),
        ("004_367d6896c485906d.txt", "Hugging Faceは、どの機関への投資を求めていますか？"),
    ],
    "en": [
        ("000_e127c39ffab735c7.txt", "What is sovereign AI?"),
        ("000_e127c39ffab735c7.txt", "Which Chinese open-weight models are gaining adoption outside the U.S.?"),
        ("002_c77468d96fb63a16.txt", "What is model distillation?"),
        ("004_367d6896c485906d.txt", "How does OlympicCoder compare with Claude 3.7?"),
    ],
}


def examples_for(sources: Collection[str], language: Language) -> list[str]:
    """Example questions about documents with these file names; none once there are documents of the user's own."""
    names = {source.rpartition("/")[2] for source in sources}
    if not names <= {name for questions in _SEED_QUESTIONS.values() for name, _ in questions}:
        return []
    return [question for name, question in _SEED_QUESTIONS[language] if name in names]
