"""Names that the other language writes in its own script, and given names."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.answer.making import Held, document

AGREEMENT = "# Dealer agreement\n\nThis is between Hoshimi Kogyo and Pellworth Ltd.\n\nPellworth pays within 45 days.\n"
LIST = "# 係の一覧\n\n- 受付：桑名 明子\n- 会計：槙野\n"


def test_a_name_is_known_by_its_sound_in_the_other_language(tmp_path: Path) -> None:
    held = Held((document(tmp_path, "agreement.md", AGREEMENT),))
    found = []
    for name in ("ペルワース", "ガルディアス"):
        units = held.seen(f"{name}は何日以内に支払いますか", held.units())
        found += [each for each in units if "45 days" in each.unit.text]

    assert [each["names"] for each in found] == [1.0, 0.0]
    assert found[0]["foreign_coverage"] > found[1]["foreign_coverage"]


@pytest.mark.parametrize(("country", "missing"), [("マレーシア", ()), ("スペイン", ("スペイン",))])
def test_what_is_heard_in_the_other_language_is_not_missing(
    tmp_path: Path, country: str, missing: tuple[str, ...]
) -> None:
    rates = document(tmp_path, "rates.md", "# Rates\n\nThe rate in Malaysia is 15 percent.\n")
    ours = document(tmp_path, "手数料.md", "# 手数料\n\n国内の手数料率は8%とする。\n")
    answer = Held((rates, ours)).answer(f"{country}の手数料率は？", {"15 percent": -1.0, "8%": -1.0})

    assert answer.missing == missing


@pytest.mark.parametrize(("person", "told"), [("桑名", True), ("槙野", False)])
def test_a_given_name_is_told_where_it_stands_behind_the_surname(tmp_path: Path, person: str, told: bool) -> None:
    held = Held((document(tmp_path, "係.md", LIST),))
    answer = held.answer(f"{person}さんの下の名前は", {person: 4.0})

    assert answer.abstained is not told
    assert told or answer.missing == (f"{person}さんの下の名前",)
