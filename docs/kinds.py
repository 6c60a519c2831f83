"""One real answer of each kind, for the READMEs: ``python docs/kinds.py README.md README.ja.md``.

The questions of ``benchmarks/office/hospital`` are asked over its documents, and of each kind the surest short answer
that is right, and marks the words that are, is shown, with where it stands. A README has a place for it between
``<!-- kinds -->`` and ``<!-- /kinds -->``.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from benchmarks.office import is_right, share
from rag import Engine, build
from rag.answer.result import Answer
from rag.answer.wording import words_in

HOSPITAL = Path(__file__).parents[1] / "benchmarks" / "office" / "hospital"
KINDS = {
    "table": ("a cell of a table", "表のセル"),
    "list": ("a list, whole", "一覧をまるごと"),
    "how": ("steps, in order", "手順を順番どおり"),
    "why": ("a reason", "理由"),
    "yesno": ("yes or no, with what decides", "はい・いいえと根拠"),
    "exception": ("an exception", "例外"),
    "comparison": ("a comparison", "比較"),
    "version": ("the version in force", "最新の版"),
    "definition": ("what a word means", "ことばの意味"),
    "number": ("a number", "数値"),
    "en-ja": ("English, asked of Japanese", "英語で日本語の文書に"),
    "followup": ("a question that leans on the last", "前の質問を受けて"),
    "unanswerable": ("what is not there", "書かれていないこと"),
}
LONGEST = 170
_WORDS = {"README.md": ("kind", "question", "answer", "where"), "README.ja.md": ("種類", "質問", "答え", "出典")}


def main() -> None:
    """Ask, choose, write into each file that is named."""
    with tempfile.TemporaryDirectory() as folder:
        build([HOSPITAL / "documents"], index=Path(folder))
        engine = Engine.open(Path(folder))
        chosen = _chosen(engine, (HOSPITAL / "questions.jsonl").read_text(encoding="utf-8").splitlines())
    for name in sys.argv[1:]:
        path = Path(name)
        head = _WORDS[path.name]
        side = list(_WORDS).index(path.name)
        rows = [" | ".join([KINDS[kind][side], *map(_cell, cells)]) for kind, cells in chosen.items()]
        table = "\n".join(f"| {row} |" for row in [" | ".join(head), "---|---|---|---", *rows])
        text = path.read_text(encoding="utf-8")
        before, _, rest = text.partition("<!-- kinds -->\n")
        path.write_text(
            f"{before}<!-- kinds -->\n{table}\n<!-- /kinds -->{rest.partition('<!-- /kinds -->')[2]}", "utf-8"
        )


def _chosen(engine: Engine, lines: list[str]) -> dict[str, tuple[str, str, str]]:
    found: dict[str, tuple[tuple[bool, bool, float], tuple[str, str, str]]] = {}
    for line in lines:
        question = json.loads(line)
        kind = question["kind"]
        if kind not in KINDS:
            continue
        before = question.get("previous")
        answer = engine.ask(question["question"], history=[before] if before else [])
        marked = " ".join(citation.quote for citation in answer.citations)
        is_marked = not question["answers"] or share(marked, question["answers"]) == 1.0
        if is_right(answer, question["answers"]) and is_marked and len(answer.answer) < LONGEST:
            asked = f"{before} → {question['question']}" if before else question["question"]
            confidence = 1 - answer.confidence if answer.abstained else answer.confidence
            # Of lists and steps, one that has several lines shows what is meant.
            is_shaped = kind not in ("list", "how") or answer.answer.count("\n") > 1
            # Where two units are shown, the first is to be the one that answers.
            is_led = not question["answers"] or share(answer.citations[0].quote, question["answers"]) > 0
            rank = is_shaped, is_led, confidence
            if kind not in found or rank > found[kind][0]:
                found[kind] = rank, (asked, _shown(answer), _where(answer))
    return {kind: found[kind][1] for kind in KINDS if kind in found}


def _shown(answer: Answer) -> str:
    language = answer.understood.language if answer.understood else "ja"
    return words_in(language).refusal(answer.reason, answer.missing) if answer.abstained else answer.answer


def _where(answer: Answer) -> str:
    names = [Path(citation.document.source).name for citation in answer.citations]
    return ", ".join(dict.fromkeys(names)) or "–"


def _cell(text: str) -> str:
    return text.strip().replace("|", "\\|").replace("\n", "<br>")


if __name__ == "__main__":
    main()
