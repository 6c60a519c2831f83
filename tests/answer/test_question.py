"""Questions understood: kind, facets, values, conditions."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.answer.question import Question, understand

LABELLED: list[dict[str, Any]] = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "fixtures" / "questions.jsonl").read_text("utf-8").splitlines()
]


def is_held_out(question: str) -> bool:
    """A third of the questions, by a hash that does not change, left out while the rules were tuned on the others.

    Measured before any of them was looked at: kind 0.982, wanted 0.977, literals 0.994, facets 1.0. Kinds of questions
    that were made up in later sittings, after the rules: 0.81, 0.85, 0.87 and 0.87, which tells more.
    """
    return int(hashlib.sha1(question.encode()).hexdigest(), 16) % 3 == 0


def computed(question: Question) -> str:
    found = question.superlative
    if found is None:
        return ""
    return found.operation if found.threshold is None else f"{found.operation}:{found.threshold:.15g}"


def facets_fit(question: Question, labelled: dict[str, Any]) -> bool:
    expected = labelled.get("facets", 1)
    if isinstance(expected, int):
        return len(question.facets) == expected
    return len(question.facets) == len(expected) and all(
        facet.wanted == label["wanted"] and label["subject"] in facet.text
        for facet, label in zip(question.facets, expected, strict=True)
    )


CHECKS: dict[str, Callable[[Question, dict[str, Any]], bool]] = {
    "kind": lambda q, row: q.kind == row["kind"],
    "language": lambda q, row: q.language == row["language"],
    "facets": facets_fit,
    "wanted": lambda q, row: q.wanted == row.get("wanted", ""),
    "unit": lambda q, row: q.unit == row.get("unit", ""),
    "literals": lambda q, row: sorted(f"{c.kind}:{c.normal}" for c in q.literals) == sorted(row.get("literals", [])),
    "count": lambda q, row: q.count == row.get("count"),
    "negated": lambda q, row: q.negated == row.get("negated", False),
    "superlative": lambda q, row: computed(q) == row.get("superlative", ""),
    "edition": lambda q, row: q.edition == row.get("edition", ""),
    "elliptic": lambda q, row: q.is_elliptic == row.get("elliptic", False),
}


def misread(check: str, rows: list[dict[str, Any]]) -> list[str]:
    return [row["question"] for row in labelled(check, rows) if not CHECKS[check](understand(row["question"]), row)]


def labelled(check: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows that are labelled for a check: those of a later sitting have their kind alone."""
    return [row for row in rows if check in row.get("checked", CHECKS)]


def test_the_labelled_questions_are_many_and_each_stands_once() -> None:
    assert len(LABELLED) >= 420
    assert len({row["question"] for row in LABELLED}) == len(LABELLED)
    assert len({row["domain"] for row in LABELLED}) >= 12


@pytest.mark.parametrize("check", CHECKS)
def test_labelled_questions_are_understood(check: str) -> None:
    wrong = misread(check, LABELLED)
    assert len(wrong) <= 0.015 * len(labelled(check, LABELLED)), wrong


@pytest.mark.parametrize("check", CHECKS)
def test_questions_left_out_of_tuning_are_understood_as_well(check: str) -> None:
    held_out = [row for row in LABELLED if is_held_out(row["question"])]
    wrong = misread(check, held_out)
    assert len(wrong) <= 0.03 * len(labelled(check, held_out)), wrong


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("MS-240BとMS-240BXの騒音値はそれぞれ", [("MS-240B", "騒音値"), ("MS-240BX", "騒音値")]),
        ("大阪倉庫の住所と電話番号を教えて", [("大阪倉庫", "住所"), ("大阪倉庫", "電話番号")]),
        ("大浴場の利用時間と、タオルの料金は？", [("大浴場", "利用時間"), ("タオル", "料金")]),
        ("個室Aと個室Bの料金の違い", [("個室A", "料金"), ("個室B", "料金")]),
        ("本館と別館、駐車料金はそれぞれいくら", [("本館", "駐車料金"), ("別館", "駐車料金")]),
        ("AコースとBコースで、申込期限はそれぞれいつですか", [("Aコース", "申込期限"), ("Bコース", "申込期限")]),
        ("正社員とパートでは、年末の賞与はどう違いますか", [("正社員", "年末の賞与"), ("パート", "年末の賞与")]),
        ("登録料をA会員とB会員で比べたい", [("A会員", "登録料"), ("B会員", "登録料")]),
        ("犬と猫、鳥の料金はそれぞれいくら", [("犬", "料金"), ("猫", "料金"), ("鳥", "料金")]),
        ("朝食の値段は大人と子供でそれぞれいくらですか", [("大人", "朝食の値段"), ("子供", "朝食の値段")]),
        (
            "手引の旧版と新版で、修理の保証期間はどう変わりましたか",
            [("手引の旧版", "修理の保証期間"), ("手引の新版", "修理の保証期間")],
        ),
        (
            "要領の2019年版と2023年版では監査の回数はどう違う",
            [("要領の2019年版", "監査の回数"), ("要領の2023年版", "監査の回数")],
        ),
        ("助手の時給、2022年版と2025年版でそれぞれいくら", [("助手の2022年版", "時給"), ("助手の2025年版", "時給")]),
        ("試用期間は港務員とほかの人でどう違う？", [("港務員", "試用期間"), ("ほかの人", "試用期間")]),
        (
            "祭りのときと花火のとき、席料はそれぞれいくらですか",
            [("祭りのとき", "席料"), ("花火のとき", "席料")],
        ),
        ("第4案と第7案で賛成が多かったのは？", [("第4案", "賛成"), ("第7案", "賛成")]),
        ("窯場が目標とする冷却までの時間は", [("窯場", "")]),
        ("ノズルのAとB、どっちが高いですか", [("ノズルのA", ""), ("ノズルのB", "")]),
        ("橋の見積もり、丸木組と角田組でいくら違うんですか", [("丸木組", "橋の見積もり"), ("角田組", "橋の見積もり")]),
        ("印鑑は要りますか、あと添付書類は？", [("印鑑", ""), ("印鑑", "")]),
        ("How did the daily rate change between 2021 and 2024?", [("2021", "daily rate"), ("2024", "daily rate")]),
    ],
)
def test_each_thing_asked_is_a_facet_with_its_subject(asked: str, expected: list[tuple[str, str]]) -> None:
    assert [(facet.subject, facet.asked) for facet in understand(asked).facets] == expected


@pytest.mark.parametrize(
    ("asked", "types"),
    [
        ("担当者と締切は？", ["person", "date"]),
        ("皿は一枚なん円？", ["amount"]),
        ("研修はなんか月ですか", ["duration"]),
        ("出荷までの時間は", ["duration"]),
        ("いつ、どこで", ["date", "place"]),
        ("受付時間と、持ち物は何ですか", ["time", ""]),
        ("試験は結局いつ、どの教室ですか", ["date", "place"]),
        ("改定前と改定後の基本給を教えて", ["amount", "amount"]),
        ("When and where is the graduation ceremony?", ["date", "place"]),
        ("Who approves leave and how many days in advance must I ask?", ["person", "duration"]),
    ],
)
def test_each_facet_wants_its_own_type_of_value(asked: str, types: list[str]) -> None:
    assert [facet.wanted for facet in understand(asked).facets] == types


def test_a_facet_can_be_searched_with_by_itself() -> None:
    first, second = understand("オープンキャンパスはいつ、どこで開催されますか").facets
    assert (first.text, second.text) == (
        "オープンキャンパスはいつ開催されますか",
        "オープンキャンパスはどこで開催されますか",
    )
    _, term = understand("役員は何人いて、任期は何年ですか").facets
    assert term.text == "役員の任期は何年ですか"


def test_passages_are_read_without_the_edition_that_is_asked_for() -> None:
    former, latest = understand("旅費規程の旧版と新版で、宿泊料はどう変わりましたか").facets
    assert (former.text, latest.text) == ("旅費規程の旧版の宿泊料", "旅費規程の新版の宿泊料")
    assert former.read_as == latest.read_as == "旅費規程の宿泊料"
    assert [understand(each.text).edition for each in (former, latest)] == ["former", "latest"]


@pytest.mark.parametrize(
    ("asked", "conditions"),
    [
        ("2号ではなく1号ボイラーの見積もりはいくら", ["1号"]),
        ("2025年度じゃなくて2024年度の売上は", ["2024年度"]),
        ("2025年度ではないですよね", ["2025年度"]),
        ("What was the fee in 2024, not in 2025?", ["2024"]),
    ],
)
def test_what_is_said_not_to_be_meant_is_no_condition(asked: str, conditions: list[str]) -> None:
    assert [condition.text for condition in understand(asked).literals] == conditions


@pytest.mark.parametrize(
    ("asked", "kind"),
    [
        ("掃除はどういう手順でやりますか", "how"),
        ("申請はどのような流れで進みますか", "how"),
        ("委員会の宿題は何と何ですか", "list"),
        ("船体整備ではどんな工事をするのか、もれなく", "list"),
        ("料金は改定前と改定後でどれだけ上がりましたか", "comparison"),
        ("会費は去年度から何円上がりましたか", "comparison"),
        ("支所はどことどこにありますか", "list"),
        ("見舞金が出るのはどんなときといくらですか", "list"),
        ("「１式」って何の単位ですか", "definition"),
        ("納品がまた延びたのは何があったの", "why"),
        ("営利目的だといくらですか", "number"),
    ],
)
def test_the_kind_is_told_by_what_is_asked_of_it(asked: str, kind: str) -> None:
    assert understand(asked).kind == kind


def test_one_thing_asked_is_one_facet_though_two_nouns_stand_side_by_side() -> None:
    for asked in (
        "山田さんと田中さんの会議はいつですか",
        "ロックアウト・タグアウトの目的は何ですか",
        "何時から何時までですか",
    ):
        assert len(understand(asked).facets) == 1, asked


@pytest.mark.parametrize(
    "spellings",
    [
        ("2020年の売上", "令和2年の売上", "R2年の売上", "Ｒ２の売上", "二〇二〇年の売上"),
        ("2025年度の予算", "令和7年度の予算", "FY2025 budget"),
        ("第3条の内容", "第三条の内容", "第３条の内容", "Article 3 says what?"),
        ("6か月休む", "6ヶ月休む", "6カ月休む", "６箇月休む", "six is 6 months"),
        ("10万円以上", "100,000円以上", "100000円以上"),
        ("2025年4月1日に", "令和7年4月1日に", "2025/4/1に", "2025-04-01に", "on April 1, 2025", "on 1 April 2025"),
        ("2025年4月1日の表", "表_R7-4-1", "表_20250401", "R7.4.1の表"),
        ("v2.3の変更", "ver.2.3の変更", "バージョン2.3の変更", "changes in version 2.3"),
        ("PX-300の重さ", "ＰＸ－３００の重さ", "px-300の重さ", "PX‐300の重さ"),
        ("第3会議室", "第三会議室", "第３会議室"),
        ("1.8Lの瓶", "1.8リットルの瓶", "１．８Ｌの瓶"),
        ("12mmの板", "12ミリの板", "12ミリメートルの板"),
    ],
)
def test_spellings_of_one_condition_have_one_normal_form(spellings: tuple[str, ...]) -> None:
    assert len({tuple((c.kind, c.normal) for c in understand(asked).literals) for asked in spellings}) == 1
    assert understand(spellings[0]).literals


@pytest.mark.parametrize(("one", "other"), [("INV-2025-0099", "INV-2025-0088"), ("第3条", "第30条"), ("v2.3", "v2.31")])
def test_conditions_that_differ_have_different_normal_forms(one: str, other: str) -> None:
    assert understand(f"{one}の内容").literals[0].normal != understand(f"{other}の内容").literals[0].normal


def test_the_number_of_items_wanted_is_no_condition() -> None:
    assert understand("懲戒の種類 五つ").count == 5
    asked = understand("申請の条件を3点挙げてください")
    assert (asked.count, asked.literals) == (3, ())


@pytest.mark.parametrize(
    "asked",
    [
        "休まなければなりませんか",
        "飲んではいけない理由",
        "教えていただけませんか",
        "違いがわかりません",
        "「拒否できない条項」とは",
    ],
)
def test_obligation_prohibition_politeness_and_quoted_words_are_no_negation(asked: str) -> None:
    assert not understand(asked).negated


def test_what_one_has_to_do_is_no_word_to_be_defined() -> None:
    asked = (
        "接種の前に伝えることは何ですか",
        "受付で必要なことは何ですか",
        "たけのことは何ですか",
        "住民票とは何ですか",
    )
    assert [understand(each).kind == "definition" for each in asked] == [False, False, True, True]


def test_words_of_nouns_alone_are_keywords_whatever_they_are_written_with() -> None:
    assert [understand(each).kind for each in ("心付け", "引っ越し", "休めますか")] == ["keyword", "keyword", "yesno"]


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ("荷物が最後に出るのは何日ですか", "date"),
        ("慶弔で休めるのは何日ですか", "duration"),
        ("何年生から入れますか", ""),
    ],
)
def test_which_day_is_no_number_of_days(asked: str, wanted: str) -> None:
    assert understand(asked).wanted == wanted


def test_a_year_in_front_is_no_thing_of_its_own() -> None:
    assert len(understand("令和5年度、北支店の受注の目標額は").facets) == 1
    assert [facet.text for facet in understand("前期、後期の授業期間").facets] == ["前期の授業期間", "後期の授業期間"]


@pytest.mark.parametrize(
    ("asked", "things"),
    [
        ("小会議室の午前は去年度から何円上がりましたか", ["今年度の小会議室の午前", "去年度の小会議室の午前"]),
        ("寮の食費、令和6年度から令和7年度で月いくら上がった?", ["寮の令和6年度の食費", "寮の令和7年度の食費"]),
        ("松の梁、6年度と7年度どっちが安い？", ["6年度の松の梁", "7年度の松の梁"]),
    ],
)
def test_two_years_are_asked_each_by_itself(asked: str, things: list[str]) -> None:
    assert [facet.text for facet in understand(asked).facets] == things


@pytest.mark.parametrize(
    ("asked", "edition"),
    [
        ("今年度の会費は", "latest"),
        ("去年の定員は", "former"),
        ("去年から何円上がりましたか", ""),
        ("何時発になったんですか", "latest"),
    ],
)
def test_this_year_and_last_year_are_editions(asked: str, edition: str) -> None:
    assert understand(asked).edition == edition


def test_which_of_several_it_is_is_no_quantity() -> None:
    named = {"2号ボイラーの価格": "2号", "ポンプ3号機の点検": "3号", "英検2級の手当": "2級"}
    assert {asked: understand(asked).literals[0].normal for asked in named} == named
    assert all(understand(asked).literals[0].kind == "ordinal" for asked in named)
    assert understand("3種類の色").literals[0].kind == "quantity"


def test_who_was_it_before_asks_for_the_former() -> None:
    assert understand("小田さんの前の調理長は誰ですか").edition == "former"
    assert understand("駅前の交番はどこですか").edition == ""


@pytest.mark.parametrize(
    ("asked", "word"),
    [
        ("その次の会議の日は？", "その"),
        ("それはいつまでですか", "それ"),
        ("その期限はいつですか（入札の公告）", ""),
        ("その他の費用はいくらですか", ""),
        ("それぞれの料金は？", ""),
        ("Is it allowed on weekends?", ""),
        ("It costs how much?", "It"),
    ],
)
def test_a_question_may_begin_with_what_it_does_not_name(asked: str, word: str) -> None:
    assert understand(asked).points_to == word


def test_please_tell_me_alone_decides_nothing() -> None:
    kinds = [
        understand(f"{asked}を教えてください").kind
        for asked in (
            "MS-204Bに必要な電源の仕様",
            "再発行の手順",
            "休暇の種類",
            "返品できない商品",
            "送料",
            "辞退の理由",
        )
    ]
    assert kinds == ["fact", "how", "list", "exception", "number", "why"]


def test_the_last_sentence_that_asks_rules() -> None:
    assert understand("ペットを飼うと届出がいると聞きました。どこに連絡すればいいですか。").wanted == "place"
    assert understand("新しい機械の使い方がわかりません。教えてください。").kind == "how"
    assert understand("締切はいつですか？よろしくお願いします。").kind == "date"
    assert understand("Can you tell me where the logs are stored?").wanted == "place"


@pytest.mark.parametrize(
    ("asked", "operation", "threshold", "inclusive"),
    [
        ("100万円以上の設備はどれ", "above", 1_000_000, True),
        ("在庫が10個未満の部品を全部教えて", "below", 10, False),
        ("Which parcels weigh more than 4 tons?", "above", 4, False),
    ],
)
def test_a_threshold_that_selects_is_read_with_its_side(
    asked: str, operation: str, threshold: float, inclusive: bool
) -> None:
    found = understand(asked).superlative
    assert found is not None
    assert (found.operation, found.threshold, found.is_inclusive) == (operation, threshold, inclusive)


@pytest.mark.parametrize(
    ("asked", "operation", "against"),
    [
        ("予算を超えた部署はどこですか", "above", "予算"),
        ("目標に届かなかった支店を全部教えて", "below", "目標"),
        ("前年より売上が多い店はどれ", "above", "前年"),
        ("Which items are below the reorder point?", "below", "reorder point"),
    ],
)
def test_what_numbers_are_compared_with_may_be_another_column(asked: str, operation: str, against: str) -> None:
    found = understand(asked).superlative
    assert found is not None
    assert (found.operation, found.against) == (operation, against)


def test_a_condition_of_one_case_selects_nothing() -> None:
    assert understand("勤続10年以上だと有給は何日ですか").superlative is None


def test_names_are_runs_of_nouns_proper_nouns_and_latin_words() -> None:
    assert {"山田部長", "就業規則"} <= set(understand("就業規則について山田部長は何と言いましたか").names)
    assert "Acme Corp" in understand("Who signed the contract with Acme Corp?").names


@pytest.mark.parametrize("asked", ["", "   ", "？", "。。。", "…"])
def test_nothing_asked_is_a_keyword_with_one_facet(asked: str) -> None:
    question = understand(asked)
    assert (question.kind, len(question.facets)) == ("keyword", 1)


CHARACTERS = (
    "何誰はがのとや、。？「」第条項年月日度円人個以上未満ないますか・一二三〇0123456789ABab-.:/％½①Ⅱ㍻ﾊﾟ\u3099\n "
)
WORDS = "令和 何時間 それぞれ 違い なぜ とは 一覧 いつ どこ PX-300 v2.3 what which or how many \ud800"
PIECES = st.sampled_from([*CHARACTERS, *WORDS.split()])


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=40).map("".join)))
def test_any_string_is_understood_and_its_conditions_stand_in_it(text: str) -> None:
    question = understand(text)
    assert question.text == text
    assert question.facets
    assert all(condition.text and condition.text in text for condition in question.literals)


@pytest.mark.parametrize("piece", ["何", "1", "A-", "とA", "い何いつ", "「", "何ない場合", "第一", "which X or ", "の"])
def test_a_long_and_hostile_string_takes_no_longer_than_its_length(piece: str) -> None:
    start = time.perf_counter()
    understand(piece * 5000)
    assert time.perf_counter() - start < 2
