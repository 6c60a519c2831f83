from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from rag.answer.choosing import FEATURES, LEAST_UNITS, MOST_UNITS, judged, promising
from rag.answer.compose import see
from rag.answer.features import likened, marks_in, place_of
from rag.answer.holding import unmet_conditions
from rag.answer.question import understand
from rag.answer.reranking import Reading
from rag.answer.sources import Sources
from rag.answer.told import named_label
from rag.reader.model import PassageReading
from tests.answer.making import Held, document, hit_of, weigh


def unmet(folder: Path, question: str, text: str) -> list[str]:
    """What the last unit of a text lacks that is not a number itself."""
    held = Held((document(folder, "文書.txt", text),))
    unit = next(each for each in reversed(held.units()) if "番号は" not in each.text)
    return [condition.text for condition in unmet_conditions(understand(question), unit, held.text)]


@pytest.mark.parametrize(
    ("question", "text", "missing"),
    [
        ("P-24031-05の数量は？", "P-24031-05Xの数量は三個である。", ["P-24031-05"]),
        ("P-24031-05の数量は？", "P-24031-05の数量は三個である。", []),
        ("P2403の数量は？", "P-2403の数量は三個である。", []),
        ("2020年の売上は？", "2021年の売上は百万円である。", ["2020年"]),
        ("2020年の売上は？", "令和2年の売上は百万円である。", []),
        ("R5年度の予算は？", "令和5年度の予算は百万円である。", []),
        ("R5年度の予算は？", "2023年度の予算は百万円である。", []),
        ("第3条の内容は？", "第三条　会員は会費を納める。", []),
        ("7月の障害は何時間続きましたか", "障害（7月28日）は三時間続いた。", []),
        ("7月の障害は何時間続きましたか", "障害（8月7日）は三時間続いた。", ["7月"]),
        ("7月28日の障害は？", "7月の障害は三時間続いた。", []),
        ("240Bの単価は？", "MS-240B A-03 の単価は十円である。", []),
        # What is told once holds on, until another of the kind is told.
        ("バスの時刻（11月から）", "11月1日から時刻を変えます。\n\n駅発は14時10分です。", []),
        ("バスの時刻（10月から）", "11月1日から時刻を変えます。\n\n駅発は14時10分です。", ["10月"]),
        ("11月のバスの時刻は？", "時刻表\n\n11月は休む。\n\n12月は走る。\n\n駅発は14時10分です。", ["11月"]),
        ("2号ではなく1号ボイラーの見積もりは？", "1号ボイラーを替える。\n\n見積もりは百万円です。", []),
        # The number of a document is that of all in it, whatever other numbers there are.
        ("霧第7-118号の対象は？", "契約番号 霧第7-118号\n\n第1条　この契約の対象は、BX-7600一台とする。", []),
        ("霧第7-119号の対象は？", "契約番号 霧第7-118号\n\n第1条　この契約の対象は、BX-7600一台とする。", ["7-119"]),
        ("OD-25-309の見積額は？", "お願い\n\n見積もりは百万円です。番号は OD-25-309 です。", []),
        ("2025年に変えた理由は？", "研究費のルール\n\n2025年4月1日 総務課\n\n変更の理由は2024年度の監査である。", []),
        (
            "2025年の監査の結果は？",
            "研究費のルール\n\n2025年4月1日 総務課\n\n変更の理由は2024年度の監査である。",
            ["2025年"],
        ),
    ],
)
def test_what_a_question_names_must_hold(tmp_path: Path, question: str, text: str, missing: list[str]) -> None:
    assert unmet(tmp_path, question, text) == missing


def test_the_day_of_a_document_counts_for_what_tells_no_day_itself(tmp_path: Path) -> None:
    text = "設備会議の議事録\n日時：2025年5月12日 10:00\n場所：本館の会議室\n出席者：青木、石田\n次回：2025年6月9日\n"
    judged = Held((document(tmp_path, "議事録.txt", text),)).judged("2025年5月12日の会議の出席者は？")
    missing = {each.unit.text: bool(each.unmet) for each in judged}

    assert not missing["出席者：青木、石田"]
    assert missing["次回：2025年6月9日"]


def test_a_line_of_a_form_is_named_by_its_label(tmp_path: Path) -> None:
    text = "議事録\n日時：5月12日\n欠席者：青木\n場所：本館\n"
    units = {unit.text: unit for unit in Held((document(tmp_path, "議事録.txt", text),)).units()}

    assert named_label("会議を欠席したのは誰?", units["欠席者：青木"]) > 0.5
    assert named_label("会議を欠席したのは誰?", units["場所：本館"]) == 0


LINES = [f"第{number}倉庫の棚の数は{number + 20}台である。" for number in range(1, 3 * MOST_UNITS)]


def test_a_unit_in_which_the_reader_marked_an_answer_is_read(tmp_path: Path) -> None:
    held = Held((document(tmp_path, "倉庫.txt", "\n".join(LINES)),))
    units, question = held.units(), "倉庫の棚はどこのが多い？"
    without = [each.unit for each in promising(held.seen(question, units))]
    unread = next(unit for unit in units if unit not in without)
    marks = {unread.hit.document.id: [(unread.start, unread.start + 4, 1.0)]}

    assert promising(held.seen(question, units, marks=marks))[0].unit == unread
    assert marks_in(unread, marks) and not marks_in(without[0], marks)
    assert not marks_in(replace(unread, kind="list"), marks)


def test_as_many_units_are_read_as_it_takes_for_one_of_them_to_answer_in_all_likelihood(tmp_path: Path) -> None:
    held = Held((document(tmp_path, "倉庫.txt", "\n".join([*LINES[: MOST_UNITS + 1], "休館日は月曜日である。"])),))

    alike = promising(held.seen("倉庫の棚はどこのが多い？", held.units()))
    apart = promising(held.seen("休館日はいつですか", held.units()))

    assert LEAST_UNITS == len(apart) < len(alike) <= MOST_UNITS
    assert apart[0].unit.text == "休館日は月曜日である。"
    assert promising([]) == []


def test_units_in_another_language_are_read_although_they_share_no_words(tmp_path: Path) -> None:
    english = document(tmp_path, "manual.txt", "The pump must be drained once a month. Wear gloves while draining it.")
    held = Held((document(tmp_path, "倉庫.txt", "\n".join(LINES)), english))
    chosen = promising(held.seen("ポンプの水はどれくらいの間隔で抜きますか", held.units()))
    foreign = [each.unit for each in chosen if each.unit.hit.document.id == english.id]
    assert "The pump must be drained once a month." in [unit.text for unit in foreign]
    for each in judged(chosen, [PassageReading(1.5, ())] * len(chosen)):
        told = dict(zip(FEATURES, each.features, strict=True))
        is_foreign = each.unit in foreign
        assert (told["foreign"], told["foreign_relevance"]) == (float(is_foreign), 1.5 * is_foreign)


def test_of_units_in_another_language_those_are_read_whose_vectors_are_likest(tmp_path: Path) -> None:
    sentences = [f"Valve number {number} is opened by hand." for number in range(1, 2 * MOST_UNITS)]
    held = Held((document(tmp_path, "valves.txt", "\n".join(sentences)),))
    units, question = held.units(), "弁はどうやって開けますか"
    likest = units[-1]
    alike = {place_of(likest): (0.9, 0), place_of(units[0]): (0.78, 1)}
    assert likest not in [each.unit for each in promising(held.seen(question, units))]
    known = likened(held.seen(question, units), alike)
    assert promising(known)[0].unit == likest
    told = {each.unit.start: each for each in known}
    assert told[likest.start]["likeness"] == pytest.approx(1.0) and told[likest.start]["likest"] == 1.0
    assert told[units[0].start]["likeness"] == pytest.approx(-1.0) and told[units[0].start]["likest"] == 0.5
    assert told[units[1].start]["likeness"] == told[units[1].start]["likest"] == 0.0


def test_of_many_units_in_another_language_the_most_promising_are_compared(tmp_path: Path) -> None:
    sentences = [f"Valve number {number} is opened by hand." for number in range(1, 31)]
    held = Held((document(tmp_path, "valves.txt", "\n".join([*sentences, "The pump is drained once a month."])),))
    compared: list[str] = []

    def likeness(_: str, texts: Sequence[str], __: str) -> Sequence[float]:
        compared.extend(texts)
        return [0.9 if "pump" in text else 0.84 for text in texts]

    sources = Sources(held.blocks, held.text, lambda *_: (), weigh, lambda _: "", lambda _: True, likeness)
    asked = "ポンプの水はどれくらいの間隔で抜きますか"
    reading = Reading(asked, tuple(map(hit_of, held.documents)), (), 0.5)
    told = {each.unit.text: each for each in see(understand(asked), asked, reading, sources)}
    assert len(compared) < len(sentences) and any("pump" in text for text in compared)
    assert told["The pump is drained once a month."]["likest"] == 1.0
    beyond = [told[text] for text in sentences if text not in compared]
    assert {(each["likeness"], each["likest"]) for each in beyond} == {(0.0, 1 / (1 + len(compared)))}


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        ("札幌営業所の所長は誰ですか", ("札幌",)),
        ("仙台営業所の所長は誰ですか", ()),
        ("営業所のスマホの台数は？", ()),  # no name, but another word for something
    ],
)
def test_of_a_place_that_stands_nowhere_nothing_is_said(
    tmp_path: Path, question: str, missing: tuple[str, ...]
) -> None:
    text = "営業所の一覧\n\n仙台営業所の所長は本間である。\n"
    answer = Held((document(tmp_path, "営業所.txt", text),)).answer(question, {"仙台": 4.0})
    assert answer.missing == missing
    assert answer.abstained == bool(missing)


GLOSSARY = (
    "# 港の用語集\n\n- 持込品：乗船のときに客が持ってくる荷物。\n- 桟橋：船を着ける所。\n- 舫い：船をつなぐ綱。\n"
)
BAGGAGE = "# 乗船の案内\n\n乗船のときに持ってくるものは次のとおりです。\n\n- 乗船券\n- 身分証\n- 酔い止め\n"


def test_a_list_is_wanted_for_what_it_is_of_and_not_for_one_of_its_items(tmp_path: Path) -> None:
    held = Held((document(tmp_path, "用語集.md", GLOSSARY), document(tmp_path, "案内.md", BAGGAGE)))
    for question, wanted in (("乗船のときに持ってくるものは何ですか", "乗船券"), ("港の用語集の言葉を全部", "桟橋")):
        lists = [each for each in held.judged(question) if each.unit.kind == "list"]
        assert len(lists) == 2
        assert [wanted in each.unit.text for each in lists if each.is_wanted_list][:1] == [True]
        glossary = next(each for each in lists if "桟橋" in each.unit.text)
        assert glossary.is_wanted_list == (wanted == "桟橋")


def test_what_but_points_to_the_appendix_asked_about_does_not_answer(tmp_path: Path) -> None:
    rules = document(tmp_path, "規程.md", "# 旅費規程\n\n## 第4条 宿泊料\n\n大都市とは、別表1に掲げる都市をいう。\n")
    answer = Held((rules,)).answer("別表1にはどの都市が載っていますか", {"大都市": 5.0})

    assert (answer.abstained, answer.missing) == (True, ("別表1",))
    assert not Held((rules,)).answer("大都市とは何ですか", {"大都市": 5.0}).abstained


def test_what_a_table_shows_is_no_word_that_points_to_it(tmp_path: Path) -> None:
    said = "Table 3 shows the yield: 12 liters in spring, 30 liters in summer."
    guide = document(tmp_path, "guide.md", f"# Guide\n\n{said}\n")
    other = document(tmp_path, "other.md", "# Guide\n\nHolding times are listed in Appendix B.\n")

    assert said in Held((guide,)).answer("What does Table 3 show?", {"yield": 5.0}).answer
    answer = Held((other,)).answer("What holding times does Appendix B list?", {"Holding": 5.0})
    assert (answer.abstained, answer.missing) == (True, ("Appendix B",))
