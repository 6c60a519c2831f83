"""Decoding: every encoding gives back its text, nothing is guessed wrong silently, binary files are refused."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.corpus.charset.declared import declared_encoding
from rag.corpus.charset.encoding import decode, decode_with_gaps
from rag.corpus.charset.jis import decode_euc_jp_ms
from rag.errors import DocumentError

ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp932", "euc_jp", "iso2022_jp")
SENTENCES = (
    "北の浜では、潮が引くと干潟が三キロ先まで続きます。",
    "図書館の開館時間は午前九時から午後七時までで、月曜日は休みです。",
    "「明日は晴れるでしょうか？」と祖母が尋ねた。",
    "キーボードのテストをしたところ、エラーは3件だけでした。",
    "新しい条例は来年四月に施行され、違反した場合は罰金が科されます。",
    "コーヒーとミルクを一対二の割合で混ぜ、砂糖を少し加える。",
    "列車は東京駅を7時30分に出発し、終点には昼過ぎに着く予定だ。",
)
HALF_WIDTH = ("ﾃﾞｰﾀﾍﾞｰｽﾉｾﾂｿﾞｸﾆｼｯﾊﾟｲｼﾏｼﾀ", "ｶﾌﾞｼｷｶﾞｲｼｬ ｷﾀﾊﾏ ｽｲｻﾝ", "ﾌﾟﾘﾝﾀｰﾉｲﾝｸｦｺｳｶﾝｼﾃｸﾀﾞｻｲ")


def _samples(seed: int = 0) -> list[str]:
    """Texts of 5 to 500 characters, cut out of running prose at any place."""
    choose = random.Random(seed)
    prose = "".join(choose.choice(SENTENCES) for _ in range(200))
    places = [
        (length, choose.randrange(len(prose) - length)) for length in (5, 8, 12, 20, 50, 200, 500) for _ in range(30)
    ]
    return [prose[place : place + length] for length, place in places]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_japanese_prose_of_8_to_500_characters_is_always_decoded_right(encoding: str) -> None:
    wrong = [text for text in _samples() if len(text) >= 8 and decode(text.encode(encoding))[0] != text]
    assert wrong == []


@pytest.mark.parametrize("encoding", [name for name in ENCODINGS if not name.startswith("utf-16-")])
def test_five_characters_are_nearly_always_enough(encoding: str) -> None:
    """UTF-16 without a byte order mark is left out: five characters of it may be ASCII digits and letters as well."""
    short = [text for text in _samples(1) if len(text) == 5]
    right = sum(decode(text.encode(encoding))[0] == text for text in short)
    assert right >= 0.95 * len(short)


@pytest.mark.parametrize("encoding", ["cp932", "euc_jp"])
@pytest.mark.parametrize("text", HALF_WIDTH)
def test_half_width_katakana_are_not_mistaken_for_kanji_nor_the_reverse(encoding: str, text: str) -> None:
    assert decode(text.encode(encoding))[0] == text


@pytest.mark.parametrize("encoding", ["cp932", "euc_jp", "utf-16-le", "utf-16-be"])
def test_a_long_text_is_decoded_right_although_only_its_beginning_is_judged(encoding: str) -> None:
    text = "".join(SENTENCES) * 400
    assert decode(text.encode(encoding)) == (text, {"euc_jp": "eucjp-ms"}.get(encoding, encoding))


@given(st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=6), st.sampled_from(ENCODINGS))
@settings(max_examples=60, deadline=None)
def test_decoding_undoes_encoding(sentences: list[str], encoding: str) -> None:
    text = "\n".join(sentences)
    assert decode(text.encode(encoding))[0] == text


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=300))
@settings(deadline=None)
def test_any_text_in_utf_8_comes_back(text: str) -> None:
    assert decode(("日本語。" + text).encode())[0] == "日本語。" + text.replace("\r\n", "\n").replace("\r", "\n")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_become_newlines_and_nothing_else_changes(end: str) -> None:
    text = f"一行目{end}{end} 二行目\t。\u3000{end}"
    assert decode(text.encode())[0] == "一行目\n\n 二行目\t。\u3000\n"


def test_a_cp932_file_with_wave_dash_keeps_its_characters() -> None:
    data = "午前９時～午後７時、㈱北浜水産①号館、髙橋さん。".encode("cp932")
    assert decode(data) == ("午前９時～午後７時、㈱北浜水産①号館、髙橋さん。", "cp932")


def test_euc_jp_with_the_characters_windows_added_is_read() -> None:
    data = (
        "会社は".encode("euc_jp")
        + b"\xad\xea"
        + "北浜、担当は".encode("euc_jp")
        + b"\x8f\xf4\xfb"
        + "橋です。".encode("euc_jp")
    )
    assert decode(data)[0] == "会社は㈱北浜、担当は髙橋です。"
    assert decode_euc_jp_ms(b"\xad\xa1\x8f\xf3\xf3") == "①ⅰ"


def test_jis_x_0213_characters_are_read_in_shift_jis_and_euc() -> None:
    text = "この字は𠀋と俱で、読み方はか゚です。図書館で調べました。"
    assert decode(text.encode("euc_jis_2004"))[0] == text
    assert decode(text.encode("shift_jis_2004"))[0] == text


def test_iso_2022_jp_with_numbers_in_circles_is_read() -> None:
    data = "手順は".encode("iso2022_jp")[:-3] + b"\x2d\x21" + b"\x1b(B\r\n"
    assert decode(data) == ("手順は①\n", "iso-2022-jp")


def test_a_page_is_decoded_as_it_declares() -> None:
    page = '<html><head><meta http-equiv="Content-Type" content="text/html; charset=Shift_JIS"></head>ｱｲｳ</html>'
    data = page.encode("cp932")
    assert declared_encoding(data) == "Shift_JIS"
    assert decode(data, declared_encoding(data)) == (page, "cp932")
    assert declared_encoding(b'<?xml version="1.0" encoding="EUC-JP"?><html>') == "EUC-JP"


def test_a_wrong_declaration_is_not_believed() -> None:
    text = "宣言は間違っていますが、本文は読めます。"
    assert decode(text.encode(), "Shift_JIS")[0] == text
    assert decode(text.encode(), "no-such-encoding") == (text, "utf-8")


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.7 \n1 0 obj",
        b"PK\x03\x04" + bytes(range(256)),
        random.Random(1).randbytes(4000),
        bytes(4000),
        b"\x89PNG\r\n\x1a\n" + bytes(100),
        b"text with \x00\x01\x02\x03\x04 in it " * 20,
    ],
)
def test_binary_data_are_refused(data: bytes) -> None:
    with pytest.raises(DocumentError):
        decode(data)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Le café crème est déjà servi à la façade naïve.", "cp1252"),
        ("Grüße aus München! Die Straße ist schön.", "cp1252"),
        ("这是一个简体中文的文本文件，用来测试编码检测。", "gbk"),
        ("這是一個繁體中文的文字檔案，用來測試編碼。", "big5"),
        ("한국어 텍스트 파일입니다. 인코딩을 확인합니다.", "euc_kr"),
        ("Привет, это русский текст для проверки.", "cp1251"),
        ("Перевозчик держал на острове пчёл, в ульях, выкрашенных в цвет старых лодок.", "koi8_r"),
        ("Καλημέρα σας, αυτό είναι ένα ελληνικό κείμενο.", "iso8859_7"),
        ("Jutro będzie słońce, a po południu może spaść deszcz.", "iso8859_2"),
        ("Święto niepodległości", "iso8859_2"),
        ("P-1;długopisy (czarne)", "iso8859_2"),
        ("leko gotował się cza", "iso8859_2"),
        ("Pečlivě to zkontrolujte, mělo by se zkusit.", "iso8859_2"),
        ("Cererea se depune până la sfârşitul săptămânii.", "iso8859_2"),
        ("La montaña de Íñigo está en España; año 2024.", "cp1252"),
        ("«El barquero» criaba abejas en la isla.", "cp1252"),
        ("Vous avez peut-être assez de temps chez nous.", "cp1252"),
        ("We still haven’t heard from the printer. If there’s nothing, it’s theirs’ and ours to wait.", "cp1252"),
    ],
)
def test_encodings_of_other_languages_are_told_by_how_they_read(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding))[0] == text
    utf_16 = text.encode("utf-16-le")
    assert decode(utf_16)[0] == text
    cut = text.encode(encoding)
    read, _, gaps = decode_with_gaps(cut[:6] + b"\xff" + cut[6:] if encoding in ("gbk", "big5", "euc_kr") else cut)
    assert gaps <= 2
    assert read[-10:] == text[-10:]


@pytest.mark.parametrize("length", [40, 400, 4000])
def test_bytes_by_chance_are_no_text(length: int) -> None:
    for seed in range(20):
        draw = random.Random(seed)
        with pytest.raises(DocumentError):
            decode_with_gaps(bytes(draw.randrange(1, 256) for _ in range(length)))


def test_one_damaged_byte_is_refused_rather_than_replaced() -> None:
    data = bytearray("".join(SENTENCES).encode())
    data[31] = 0xFF
    with pytest.raises(DocumentError, match="UTF-8"):
        decode(bytes(data))


def test_utf_8_cut_in_the_middle_of_a_character_is_refused() -> None:
    with pytest.raises(DocumentError):
        decode(SENTENCES[0].encode()[:-1])
