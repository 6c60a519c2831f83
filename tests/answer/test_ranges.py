from __future__ import annotations

import pytest

from rag.answer.question import understand
from rag.answer.ranges import falls_into, quantities_of


@pytest.mark.parametrize(
    ("question", "cell", "falls"),
    [
        ("勤続5年だと何日", "4年以上7年未満", True),
        ("勤続7年だと何日", "4年以上7年未満", False),
        ("勤続1年だと何日", "6か月以上2年未満", True),
        ("勤続3か月だと何日", "6か月未満", True),
        ("5日前の取消料", "7日前から2日前", True),
        ("8日前の取消料", "7日前〜2日前", False),
        ("30日前の取消料", "20日前まで", True),
        ("10日前の取消料", "20日前まで", False),
        ("4人の料金", "9名まで", True),
        ("10人の料金", "10名以上", True),
        ("3kgの送料", "2kgを超え5kg以下", True),
        ("2kgの送料", "2kgを超え5kg以下", False),
        ("3名の部屋", "1〜5名", True),
        ("12,000円の手数料", "5,000円以上10,000円未満", False),
        ("a parcel of 7 kg", "over 5 kg", True),
        ("前日の取消料", "2日前から前日まで", True),
        ("750ccのバイク", "125cc超750cc以下", True),
        ("the fee on the day before departure", "3日前から前日まで", True),
        ("1.2kgの検体", "500g以上2kg未満", True),
        ("3kgの検体", "500g未満", False),
        ("90分の駐車", "30分以上2時間未満", True),
        ("1.5リットルの瓶", "500ml以上1リットル未満", False),
        ("勤続5年だと何日", "30人", None),
        ("勤続5年だと何日", "10人以上", None),
        ("何日もらえますか", "4年以上7年未満", None),
        ("勤続5年だと何日", "", None),
    ],
)
def test_a_quantity_falls_into_the_range_that_a_cell_tells(question: str, cell: str, falls: bool | None) -> None:
    assert falls_into(cell, quantities_of(understand(question))) is falls
