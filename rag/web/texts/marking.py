"""What the page says where a reader tells whether an answer is right, and what the right one is."""

from __future__ import annotations

from rag.web.texts.text import Spoken, Text, in_each_language


class MarkingTexts(Spoken):
    """The words of one language. ``{name}`` stands for a value put in with ``str.format``."""

    verdict = Text(ja="この回答は", en="This answer")
    helpful = Text(ja="役に立った", en="Helpful")
    wrong = Text(ja="違う", en="Wrong")
    where = Text(ja="正しい箇所を教えてください", en="Mark the right place")
    how = Text(
        ja="原文を開いて正しい文字を選ぶか、下の箇所から選びます。評価に使える質問集として、この文書集と一緒に残ります。",
        en="Open a source and select the right words, or choose a passage below. It is kept with these documents, as a "
        "question to measure with.",
    )
    answer = Text(ja="正しい答えの言葉（任意）", en="Words of the right answer (optional)")
    nowhere = Text(ja="文書にない", en="Not in the documents")
    cancel = Text(ja="やめる", en="Cancel")
    passage = Text(ja="これが正解", en="This is right")
    passage_label = Text(ja="これが正解: {title}、{where}", en="This is right: {title}, {where}")
    selection = Text(ja="選んだ文字を正解にする", en="The selected words are right")
    kept_helpful = Text(ja="役に立った回答として残しました", en="Kept as a helpful answer")
    kept_place = Text(ja="正しい箇所を残しました", en="The right place is kept")
    kept_nowhere = Text(ja="文書にない質問として残しました", en="Kept as a question that the documents do not answer")
    count = Text(ja="この文書集の質問 {count:,} 件", en="{count|question} of these documents")
    undo = Text(ja="取り消す", en="Undo")
    measure = Text(ja="評価で使う", en="Measure with them")
    not_found = Text(
        ja="選んだ文字は原文に見つかりませんでした。選び直してください。",
        en="The selected words were not found in the source. Select them again.",
    )
    failed = Text(ja="残せませんでした", en="It could not be kept")


MARKING_TEXTS = in_each_language(MarkingTexts)
