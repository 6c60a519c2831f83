"""Answers by kind, over a dozen little documents of a firm that there is not, with the network that ships."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from rag import Engine
from rag.answer.choosing import Judged, judged
from rag.answer.compose import asked_of, composed
from rag.answer.question import Question, understand
from rag.answer.result import Answer
from rag.reader.model import CharSpan, PassageReading
from tests.answer.making import Held, document


def asked(office: Engine, question: str, history: tuple[str, ...] = ()) -> Answer:
    """The answer, whose quotes all stand in their documents."""
    answer = office.ask(question, history=history)
    for citation in answer.citations:
        text = office.document(citation.document.id).text
        assert text[citation.start : citation.end] == citation.quote
        assert answer.hits[citation.hit - 1].document.id == citation.document.id
    assert [hit.rank for hit in answer.hits] == list(range(1, len(answer.hits) + 1))
    assert answer.abstained or answer.citations[0].hit == 1
    return answer


def test_a_list_is_given_whole(office: Engine) -> None:
    answer = asked(office, "懲戒の種類をすべて教えてください")

    assert answer.kind == "list"
    assert all(item in answer.answer for item in ("けん責", "減給", "出勤停止", "懲戒解雇"))
    (citation,) = answer.citations
    assert citation.shape is not None
    assert citation.shape.items == ("けん責", "減給", "出勤停止", "懲戒解雇")


def test_steps_come_in_their_order(office: Engine) -> None:
    answer = asked(office, "複合機の紙づまりはどうやって取り除きますか")
    places = [answer.answer.find(step) for step in ("電源を切る", "カバーを開ける", "引き抜く", "電源を入れる")]

    assert answer.kind == "how"
    assert -1 not in places
    assert places == sorted(places)


def test_a_rule_comes_with_its_proviso(office: Engine) -> None:
    answer = asked(office, "従業員は副業を行うことができますか")

    assert "副業を行うことができる" in answer.answer
    assert "ただし、競合する会社" in answer.answer


def test_no_is_said_where_the_sentence_plainly_says_so(office: Engine) -> None:
    answer = asked(office, "自家用車で通勤することはできますか")

    assert answer.answer.startswith("いいえ。自家用車での通勤は認めていません。[1]")
    assert answer.citations[0].quote == "自家用車での通勤は認めていません。"


@pytest.mark.parametrize(
    ("question", "sentence", "said"),
    [
        ("艇庫の前に車を停めてもいいですか", "艇庫の前に車を停めてはなりません。", "いいえ。"),
        ("川の水を飲んでもいいですか", "川の水を飲んではならない。", "いいえ。"),
        ("桟橋で釣りをしてもいいですか", "桟橋での釣りはご遠慮ください。", "いいえ。"),
        ("電話で予約することはできますか", "電話での予約は受け付けておりません。", "いいえ。"),
        ("犬と一緒に乗ることはできますか", "犬と一緒にご乗船いただけます。", "はい。"),
        ("犬と一緒に乗ることはできますか", "犬と一緒にご乗船いただけますが、雨の日はご遠慮ください。", ""),
        ("川の水を飲んでもいいですか", "川の水を飲んだときは、すぐに申し出なければならない。", ""),
    ],
)
def test_yes_and_no_are_said_as_people_write_them(tmp_path: Path, question: str, sentence: str, said: str) -> None:
    held = Held((document(tmp_path, "案内.txt", f"{sentence}\n桟橋は夕方五時に閉まる。\n"),))
    answer = held.answer(question, {sentence: 3.0})

    assert answer.answer.startswith(f"{said}{sentence}")


def test_two_things_asked_are_not_answered_by_the_same_words_of_a_sentence(tmp_path: Path) -> None:
    text = "見積もりは、東町工業が40万円、西町設備が55万円である。"
    held = Held((document(tmp_path, "議事録.txt", text),))
    asked = understand("東町工業と西町設備の見積もりはそれぞれいくらですか")
    (unit,) = held.units()

    def judged_for(part: Question) -> list[Judged]:
        (known,) = held.seen(part.text, [unit])
        own = "40万円" if "東町工業" in part.text else "55万円"
        mark = (text.find("西町設備が55万円"), text.find("である"), 1.0)  # of the passage, read with the whole question
        place = len(unit.read_as) - len(unit.text) + text.find(own)
        reading = PassageReading(3.0, (CharSpan(place, place + len(own), 2.0),))
        return judged([replace(known, spans=(mark,))], [reading])

    parts = [(part, judged_for(part)) for part in asked_of(asked)]
    answer = composed(asked, parts, [unit.hit], held.sources(), 0.0)

    assert [citation.quote for citation in answer.citations] == ["40万円", "55万円"]


def test_a_cause_is_given_where_one_is_asked_for(office: Engine) -> None:
    answer = asked(office, "動画配信が停止したのはなぜですか")

    assert answer.kind == "why"
    assert "証明書の有効期限が切れていたため" in answer.answer


def test_a_cell_is_shown_with_the_heads_of_its_row_and_column(office: Engine) -> None:
    answer = asked(office, "TK-120Aの重量は？")
    (citation,) = answer.citations

    assert answer.answer.splitlines()[0] == "TK-120A　重量：18kg[1]"
    assert citation.quote == "18kg"
    assert citation.shape is not None
    assert citation.shape.heads == ("型番", "流量", "重量", "価格")
    assert citation.shape.marked == ((0, 2),)


def test_the_newest_version_leads(office: Engine) -> None:
    answer = asked(office, "国内出張の日当はいくらですか")

    assert answer.answer.startswith("2,500円")
    assert "2024年版" in answer.citations[0].document.title


def test_a_version_that_is_named_is_the_one_answered_from(office: Engine) -> None:
    answer = asked(office, "2021年版の旅費規程では国内出張の日当はいくらですか")

    assert "2,000円" in answer.answer.splitlines()[0]


def test_the_same_is_told_of_each_edition(office: Engine) -> None:
    answer = asked(office, "旅費規程の2021年版と2024年版で、国内出張の日当はどう変わりましたか")

    assert ["2,000円" in part.text for part in answer.parts] == [True, False]
    assert ["2,500円" in part.text for part in answer.parts] == [False, True]
    assert ["2021年版" in c.document.title for c in answer.citations] == [True, False]


def test_a_quantity_finds_the_row_of_its_range(office: Engine) -> None:
    answer = asked(office, "勤続5年だと年次休暇は何日ですか")

    assert "16日" in answer.answer.splitlines()[0]


def test_a_list_all_of_which_answers_is_given_whole(office: Engine) -> None:
    answer = asked(office, "許可してもらえない兼業ってどんなの？")

    assert all(item in answer.answer for item in ("取引のある業者", "夜勤の明けの日", "八時間を超える"))


def test_the_item_that_tells_the_cause_is_given_too(office: Engine) -> None:
    answer = asked(office, "製品の保管を北倉庫に移すのはなんで？")

    assert "浸水するおそれがあるため" in answer.answer


def test_what_was_told_once_holds_for_what_follows(office: Engine) -> None:
    assert "12時10分" in asked(office, "シャトルバスの本社発の時刻（11月から）").answer
    assert asked(office, "シャトルバスの本社発の時刻（10月から）").missing == ("10月",)


def test_a_short_question_is_read_on_from_the_one_before_where_it_is_answered_far_better_so(office: Engine) -> None:
    answer = asked(office, "価格は？", ("TK-120Aの重量は？",))

    assert "84,000円" in answer.answer.splitlines()[0]
    assert "TK-120A" in answer.searched


def test_what_is_not_there_is_not_answered_from_the_question_before(office: Engine) -> None:
    assert asked(office, "揚程は？", ("TK-120Aの重量は？",)).abstained
    assert asked(office, "工場長はだれですか？", ("国内出張の日当はいくらですか",)).abstained


def test_a_question_of_its_own_is_not_read_on(office: Engine) -> None:
    answer = asked(office, "通勤手当の上限は？", ("TK-120Aの重量は？",))

    assert "30,000円" in answer.answer
    assert "TK-120A" not in answer.searched


def test_that_person_is_the_one_that_was_answered(office: Engine) -> None:
    answer = asked(office, "その人の内線番号は？", ("品質保証室の室長は誰ですか",))

    assert "4417" in answer.answer
    assert "佐伯" in answer.searched
    assert answer.question == "その人の内線番号は？"


def test_the_end_of_a_name_takes_the_place_of_the_one_asked_before(office: Engine) -> None:
    answer = asked(office, "AXのほうは？", ("TK-120Aの重量は？",))

    assert "21kg" in answer.answer.splitlines()[0]


def test_what_stands_nowhere_is_named_in_the_refusal(office: Engine) -> None:
    answer = asked(office, "INV-3099の金額は？")

    assert answer.abstained
    assert answer.reason == "missing"
    assert answer.missing == ("INV-3099",)
    assert answer.to_dict()["understood"]["literals"] == ["INV-3099"]


def test_two_things_asked_are_two_parts(office: Engine) -> None:
    answer = asked(office, "社員食堂の営業時間と昼食の値段を教えてください")

    assert [part.found for part in answer.parts] == [True, True]
    assert "11時30分から13時30分" in answer.parts[0].text
    assert "450円" in answer.parts[1].text


def test_rows_are_compared_where_the_most_is_asked_for(office: Engine) -> None:
    answer = asked(office, "価格が最も高いポンプはどれですか")

    assert answer.answer.splitlines()[0] == "TK-200B　価格：132,000円[1]"
    assert [each.operation for each in answer.computed] == ["max"]


def test_what_a_question_does_not_name_is_asked_back(office: Engine) -> None:
    answer = office.ask("その届出先はどこですか")

    assert (answer.abstained, answer.reason, answer.missing) == (True, "unclear", ("その",))


def test_by_how_much_two_editions_differ_is_computed_and_said_to_be(office: Engine) -> None:
    answer = asked(office, "旅費規程の2021年版と2024年版で、国内出張の日当はいくら違いますか")

    assert [(each.operation, each.value) for each in answer.computed] == [("difference", "500円")]
    assert answer.computed[0].citations == (1, 2)
    assert "500円" in answer.answer.splitlines()[-1]
