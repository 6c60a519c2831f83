"""Values of cells as a spreadsheet shows them."""

from __future__ import annotations

import pytest

from rag.corpus.formats.number_formats import shown_value

DAY = 45413.0  # 2024-05-01


@pytest.mark.parametrize(
    ("value", "number_format", "shown"),
    [
        (1234567, "General", "1234567"),
        (0.30000000000000004, "General", "0.3"),
        (42, "00000", "00042"),
        (1000001, "000-0000", "100-0001"),
        (1000001, '000"-"0000', "100-0001"),
        (1234567, '"¥"#,##0', "¥1,234,567"),
        (1234567, "[$¥-411]#,##0;[Red]-[$¥-411]#,##0", "¥1,234,567"),
        (-1234567, "[$¥-411]#,##0;[Red]-[$¥-411]#,##0", "-¥1,234,567"),
        (1234567, r"_ \¥* #,##0_ ;_ \¥* \-#,##0_ ;_ \¥* \-_ ;_ @_ ", "¥1,234,567"),
        (0, r'_ \¥* #,##0_ ;_ \¥* \-#,##0_ ;_ \¥* "-"_ ;_ @_ ', "¥-"),
        (1234.5, "$#,##0.00", "$1,234.50"),
        (-3500, '#,##0;"△"#,##0', "△3,500"),
        (-3500, '#,##0;"▲ "#,##0', "▲ 3,500"),
        (-3500, r"#,##0_);[赤]\(#,##0\)", "(3,500)"),
        (-3500, "#,##0", "-3,500"),
        (-0.001, "0.0", "0.0"),
        (12, '0"kg"', "12kg"),
        (12, '0"年"', "12年"),
        (4200000, '#,##0,"千円"', "4,200千円"),
        (1234567890, '0.0,,"百万円"', "1234.6百万円"),
        (0.1234, "0.0%", "12.3%"),
        (0.5, "0%", "50%"),
        (2.5, "0", "3"),
        (1234567, "0.00E+00", "1.23E+06"),
        (0.00012, "0.0E+00", "1.2E-04"),
        (0.5, "# ?/?", "1/2"),
        (2.25, "# ??/??", "2 1/4"),
        (3, "0.##", "3"),
        (3.1, "0.0#", "3.1"),
        (0, '0;-0;"なし"', "なし"),
        (1, "0;;", "1"),
        (-1, "0;;", ""),
        (5, '[>=100]"多";[<10]"少ない "0;0', "少ない 5"),
        (150, '[>=100]"多い "0;0', "多い 150"),
        (-5, '[<0]"マイナス"0;0', "マイナス5"),
        (12, "[DBNum3]0", "１２"),
        (1234, "[DBNum1]General", "千二百三十四"),
        (-1234, "[DBNum1]0", "-一二三四"),
        (120500, '[DBNum2][$-411]General"円"', "壱拾弐萬伍百円"),
        (12345, "[DBNum2]General", "壱萬弐阡参百四拾伍"),
        (11000000, "[DBNum1]General", "一千百万"),
        (0, "[DBNum1]General", "〇"),
        (10.5, "[DBNum1]General", "十.五"),
        (31, '"第"0"号"', "第31号"),
        ("浜野", '@" 様"', "浜野 様"),
        ("浜野", '0;0;0;"氏名 "@', "氏名 浜野"),
        ("浜野", "#,##0", "浜野"),
        (5, "@", "5"),
    ],
)
def test_a_number_is_shown_as_its_format_says(value: float | str, number_format: str, shown: str) -> None:
    assert shown_value(value, number_format) == shown


@pytest.mark.parametrize(
    ("serial", "number_format", "shown"),
    [
        (DAY, 'ggge"年"m"月"d"日"', "令和6年5月1日"),
        (DAY, "[$-411]ggge年m月d日", "令和6年5月1日"),
        (DAY, "[$-411]ge.m.d;@", "R6.5.1"),
        (43586.0, '[$-ja-JP-x-gannen]ggge"年"m"月"d"日";@', "令和元年5月1日"),
        (43585.0, 'ggge"年"m"月"d"日"', "平成31年4月30日"),
        (DAY, '[DBNum1][$-411]ggge"年"m"月"d"日"', "令和六年五月一日"),
        (DAY + 24, '[DBNum1]yyyy"年"m"月"d"日"', "二〇二四年五月二十五日"),
        (DAY, "yyyy/m/d", "2024/5/1"),
        (DAY, "yyyy-mm-dd", "2024-05-01"),
        (DAY, 'm"月"d"日"(aaa)', "5月1日(水)"),
        (DAY, "aaaa", "水曜日"),
        (DAY, "d-mmm-yy", "1-May-24"),
        (DAY, "yyyy-mm-dd h:mm:ss", "2024-05-01"),
        (DAY, "dddd, mmmm d, yyyy", "Wednesday, May 1, 2024"),
        (DAY + 0.75, 'yyyy"年"m"月"d"日" h:mm', "2024年5月1日 18:00"),
        (0.378472222, "h:mm", "9:05"),
        (0.378472222, "hh:mm", "09:05"),
        (0.378472222, 'h"時"mm"分"', "9時05分"),
        (0.75, "h:mm AM/PM", "6:00 PM"),
        (0.75, "[$-409]h:mm AM/PM;@", "6:00 PM"),
        (0.75, "[$-411]AM/PM h:mm", "午後 6:00"),
        (0.25, '[$-411]AM/PM h"時"mm"分";@', "午前 6時00分"),
        (0.0, "[$-ja-JP]AM/PM h:mm", "午前 12:00"),
        (DAY + 0.75, '[$-30411]ge.m.d AM/PM h"時"', "R6.5.1 午後 6時"),
        (0.75, 'h"時"mm"分"', "18時00分"),
        (0.75, "[$-F400]h:mm:ss AM/PM", "18:00:00"),
        (DAY, r"[$-F800]dddd\,\ mmmm\ dd\,\ yyyy", "2024年5月1日"),
        (DAY, "[$-x-sysdate]dddd, mmmm dd, yyyy", "2024年5月1日"),
        (DAY, "[$-411]mmmm d(ddd)", "5月 1(水)"),
        (1.5, "[h]:mm", "36:00"),
        (1.5, "[mm]:ss", "2160:00"),
        (-0.5, "[h]:mm", "-12:00"),
        (0.0001, "mm:ss.0", "00:08.6"),
        (1.0, "yyyy/m/d", "1900/1/1"),
        (-3.0, "yyyy/m/d", "-3"),
        (99999999.0, "yyyy/m/d", "99999999"),
    ],
)
def test_a_date_or_time_is_shown_as_its_format_says(serial: float, number_format: str, shown: str) -> None:
    assert shown_value(serial, number_format) == shown


def test_days_may_be_counted_from_1904() -> None:
    assert shown_value(DAY - 1462, "yyyy/m/d", from_1904=True) == "2024/5/1"


@pytest.mark.parametrize("number_format", ['"', "[", "\\", "_", "*", ";;;;;", "0" * 400, "[h", "/", "E+", "0/0", "#?/"])
def test_a_broken_format_shows_something(number_format: str) -> None:
    for value in (0.0, -1.5, 1e300, float("inf"), "字"):
        assert isinstance(shown_value(value, number_format), str)
