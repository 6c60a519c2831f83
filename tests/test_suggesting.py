from __future__ import annotations

from pathlib import Path

import pytest

from rag import Engine, Settings, build
from rag.language.synonyms import Synonyms
from rag.suggesting import lines_of, suggested

RULES = (
    "# 出張のきまり\n\n宿泊料は一泊につき9,000円を上限とする。日当は一日2,000円とする。\n\n"
    "# 食堂のきまり\n\n社員食堂は11時30分から13時まで開く。定食は500円とする。\n"
)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rules")
    (folder / "documents").mkdir()
    (folder / "documents" / "きまり.md").write_text(RULES, encoding="utf-8")
    build(folder / "documents", index=folder / "index", settings=Settings())
    return folder / "index"


def test_words_of_refused_questions_are_suggested_as_synonyms_that_can_be_read(index: Path, tmp_path: Path) -> None:
    engine = Engine.open(index, Settings(min_confidence=1.0))
    found = suggested(engine, ["社食は何時に閉まるか", "社食の休みはいつ", "日当はいくらですか"])

    assert [(each.word, each.others[0]) for each in found] == [("社食", "社員食堂")]
    assert found[0].questions == ("社食は何時に閉まるか", "社食の休みはいつ")
    file = tmp_path / "synonyms.txt"
    file.write_text("\n".join(lines_of(found)), encoding="utf-8")
    (respelling,) = Synonyms.read(file).respellings("社食は何時に閉まるか", "ja")
    assert "社員食堂" in respelling.words
    # What the file says is no longer suggested.
    assert suggested(Engine.open(index, Settings(min_confidence=1.0, synonyms=file)), ["社食の休みはいつ"]) == []


def test_what_is_answered_has_no_suggestions(index: Path) -> None:
    answer = Engine.open(index, Settings()).ask("社員食堂は何時に開きますか")
    assert not answer.abstained and answer.suggestions == ()
    assert "suggestions" not in answer.to_dict()
