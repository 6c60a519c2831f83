"""What type of value a question wants: by its interrogative, else by the noun it asks about.

何時間 wants a duration in 時間, 通勤手当の上限 an amount of money though it has no interrogative at all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

WantedType = Literal[
    "amount", "number", "count", "percent", "duration", "date", "time", "weekday", "person", "place", "organisation",
    "code", "phone", "email", "url", "",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """A type of value, the unit or counter asked for, and where in the question that is said (-1: nowhere)."""

    type: WantedType = ""
    unit: str = ""
    start: int = -1
    end: int = -1

    @property
    def is_asked(self) -> bool:
        """Whether an interrogative says it, not only the noun asked about."""
        return self.start >= 0


NOTHING = Wanted()

# Japanese: interrogatives --------------------------------------------------------------------------------------------

_KANA_COUNTERS = {
    "じかん": "時間", "じ": "時", "にん": "人", "めい": "名", "にち": "日", "ようび": "曜日", "えん": "円",
    "かい": "回", "さい": "歳", "がつ": "月", "ねん": "年", "ぷん": "分", "ふん": "分", "まい": "枚", "だい": "台",
    "ぱーせんと": "%", "パーセント": "%", "かげつ": "か月",
}  # fmt: skip
_KANA = re.compile(f"なん({'|'.join(sorted(_KANA_COUNTERS, key=len, reverse=True))})(?!だ|で(?!す)|と)")
_NAN_KANJI = re.compile(r"なん(?=[円人名回個枚台階分時日年歳点件割泊冊週度席]|[かヶカ]月|%|パーセント)")
_NAN = re.compile(r"何(?P<unit>[かヶケカ箇ヵ][月所国]|[\u4e00-\u9fff々]+(?:目|つ)?|[ァ-ヶー]+|[A-Za-z]{1,3}|[%℃])")
_NO_COUNTER = re.compile(r"^(?:色|処|故|者|方|卒|為|事|物|を|か$)")
_LONG_COUNTERS = (
    "営業日 種類 文字 世代 単位 平米 平方メートル 代目 回目 件目 番目 部署 号室 号車 項目 箇所 店舗 品目 世帯 "
    "曜日 時間 時頃 時半 年度 年月 年号 月日 か月 か国 か所 百万円 万円 千円 億円 割引 週間 週 年間 日間 分間 ページ"
)
_COUNTER = re.compile(
    "|".join(sorted(_LONG_COUNTERS.split(), key=len, reverse=True))
    + "|[人名件台日年時分秒回個枚冊本社円点度歳才階泊室組席通番号条章項割坪畳倍月]"
)
_UNIT_TAIL = re.compile(
    r"(?<=.)(?:以上|以下|以内|以降|未満|程度|分の|ごと|前|後|分|間|中|必要|設定|位|目安|保持|継続)$"
)
_TYPES_OF_UNITS: dict[WantedType, str] = {
    "duration": "時間 分 分間 秒 週間 週 日間 日 営業日 か月 年間 年 カ月 半年 日数 世紀",
    "amount": "円 万円 千円 億円 ドル ユーロ 百万円",
    "percent": "% パーセント 割 割引",
    "weekday": "曜日 曜",
    "time": "時 時頃 時半",
    "date": "年度 月 月日 年月 月号 日付",
    "number": "V W A kg g mg mm cm m km t GB MB TB kW dB Hz Pa 度 歳 才 平米 平方 点 ミクロン キロ トン メートル "
    "センチ ミリ グラム リットル ボルト ワット アンペア ℃ 坪 畳 倍 度以 ヘルツ デシベル ギガ",
    "code": "番 号 番号 番線 条 章 項",
}
_TYPE_OF_UNIT: dict[str, WantedType] = {unit: kind for kind, units in _TYPES_OF_UNITS.items() for unit in units.split()}
_YEAR_OF_EVENT = re.compile(
    r"(?:のは|が|した年は|されたのは|設立は?|創業は?|開始は?|発売は?|制定は?)[^、。]{0,4}何年|(?<!勤続)何年(?:に|から|の|度)"
)
_DAY_OF_MONTH = re.compile(
    r"(?:毎月|何月|締め?日|期限|開催|運動会|給料日|納期|支給日)[^、。]{0,4}何日(?!間|前|以)|何日(?:に|の(?!間))"
    r"|[るたすくつうぬぶむぐ](?<!もらえる)(?<!休める)(?<!取れる)(?<!とれる)(?<!使える)(?<!られる)(?<!できる)(?<!かかる)(?<!くれる)のは、?何日(?!間|前|以|目|分)"
)
_LENGTH = re.compile("期間|任期|最長|最短|年数|日数|まで|以内")
_SAID = "$|[?。、を教知わ分確]"  # いつか教えて asks when, いつか行く does not
_INTERROGATIVES: tuple[tuple[WantedType, str, str], ...] = (
    ("date", "", rf"いつ(?!も|か(?!ら|か|{_SAID})|でも)"),
    (
        "organisation",
        "",
        r"(?:どこの|どちらの|どの|何という)(?:会社|企業|課|部署|部門|窓口|団体|組織|メーカー|機関|業者|"
        r"部(?![屋品])|係)|何課|何部署",
    ),
    (
        "place",
        "",
        rf"どこ(?!か(?!{_SAID})|も|でも|が(?:悪|壊|おかし|故障|問題|変))|どちら(?=に(?!す|し)|へ|で(?!す|しょ))|(?<!ま)どの(?:辺|へん|場所|教室|部屋|会議室|会場|建物|施設|階)",
    ),
    ("person", "", rf"(?:誰|だれ|どなた)(?!か(?!{_SAID})|も|でも)|どの人|何者"),
    ("amount", "円", r"いくら(?!でも|か[のをはがもで])|いかほど|なんぼ"),
    ("duration", "", r"ど(?:の|れ)(?:くらい|ぐらい|程度|だけ)の?(?:時間|期間|日数)"),
    ("number", "", rf"いくつ(?!か(?!{_SAID}))|どれ(?:くらい|ぐらい|ほど|だけ)|どの(?:くらい|ぐらい|程度)"),
)
_ASKED = tuple((kind, unit, re.compile(pattern)) for kind, unit, pattern in _INTERROGATIVES)

# Japanese: nouns -----------------------------------------------------------------------------------------------------

_NOUNS: tuple[tuple[WantedType, str], ...] = (
    ("percent", r"割合|(?<!学習)(?<!屈折)(?<!曲)(?<!倍)率|比率|パーセンテージ|精度|シェア|何割"),
    ("weekday", r"定休日|休館日|休診日|休業日|(?<![月火水木金土日])曜日|収集日"),
    (
        "duration",
        r"期間|日数|年数|月数|任期|周期|間隔|(?:所要|労働|残業|処理|休憩|待ち|作業|稼働|訓練|勤務|実働|"
        r"応答|復旧|復帰|到着)時間|かかる時間|まで(?:の|にかかる)時間|頻度|寿命|年限|耐用年数|納入リードタイム",
    ),
    ("time", r"時間(?!単位|外|帯)|時刻|(?:開始|終了|始業|終業)時間"),
    (
        "date",
        r"締め?切り?日?|しめきり|〆切|期限|納期限?|日程|日時|期日|締め日|時期|(?:開催|実施|発行|施行|改定|改訂|"
        r"締結|納品|支払|支給|給料|設立|誕生|出荷|発売|受付|開始|終了|提出|予定|試験|効力発生|有効)日|年月日|"
        r"日付|スケジュール|[たいるな](?:年度?|月|日)",
    ),
    (
        "count",
        r"人数|定員|台数|件数|個数|枚数|回数|単位数|在庫数|人口|部数|席数|世帯数|[社員者本客駅校店]数|件数|"
        r"文字数|ページ数|数量|(?<![手分関奇偶指係複少多整変点版])数",
    ),
    (
        "amount",
        r"料金|(?<!経)費用?|金額|値段|価格|代金|手数料|送料|運賃|授業料|利用料|使用料|入場料|入館料|[年月]会費|"
        r"会費|給食費|[予決総差定全半月年]額|額|[^時世交年千]代|日当|手当て?|給料|給与|(?:[時日週月年]|基本|本|固定|歩合)給|賃金|予算|報酬金?|着手金|"
        r"売上高?|保証金|保険料|相談料|コスト|キャンセル料|[^材資原食燃飲塗顔衣肥染試香]料|定価|家賃|賞与|"
        r"出張費|交通費|旅費",
    ),
    ("email", r"メール(?:アドレス)?|メアド|[eE]-?mail"),
    ("url", r"URL|リンク先?"),
    ("phone", r"電話番号?|内線(?:番号)?|FAX番号?|ファックス番号|ＦＡＸ"),
    ("code", r"番号|バージョン|版数|型番|品番|型式|コード|SSID|ID"),
    (
        "number",
        r"[学屈曲倍][習折]?率|騒音(?:値|レベル)?|電圧|電流|荷重|重量|重さ|長さ|大きさ|広さ|幅|高さ|深さ|"
        r"厚[さみ]|寸法|サイズ|面積|容量|温度|湿度|圧力|速度|速さ|出力|消費電力|距離|値|レベル|トルク|周波数|"
        r"得点|点数|年齢|膜厚|体重|身長|単位時間",
    ),
    (
        "person",
        r"(?:担当|責任|代表|発表|主催|申請)者名?|講師名?|教員|著者名?|作成者|氏名|店長|社長|部長|課長|係長|"
        r"校長(?:先生)?|学長|学部長|市長|町長|村長|知事|委員長|会長|理事長|院長|師長|担任(?:の先生)?|監事|幹事|"
        r"議長|支配人|主任|座長|編集長|代理人|司会|主治医|(?:先生|[長師員者])の(?:お)?名前",
    ),
    ("place", r"場所|住所|所在地|会場|置き?場|保管場所|行き先|提出先|配送先|送付先|送り先|宛先|保存先|発送先|ありか"),
    (
        "organisation",
        r"部署|担当課|担当部門|問い?合わせ先|問合せ先|窓口|連絡先|メーカー|会社名|取引先|委託先|発注先|"
        r"仕入れ?先|主催者?|製造元",
    ),
)
_NOUN = re.compile("|".join(f"(?P<{kind}>(?:{pattern})$)" for kind, pattern in _NOUNS))
_VAGUE_NOUN = re.compile(
    r"^(?:の?(?:平均|合計|総計|最大|最小|最高|最低|上限|下限|限度|目安|基準|制限|デフォルト|既定|"
    r"標準)(?:[値額])?|合計額|平均額)$"
)
_POLITE = re.compile(
    r"(?:(?:を|について|に関して|は|も)?(?:、|\s)*(?:簡単に|詳しく|全部|すべて|"
    r"それぞれ)?(?:教えて(?:ください|下さい|ほしい(?:です)?|くれ(?:ますか|ませんか)?|いただけますか|"
    r"もらえますか|頂けますか)?"
    r"|知りたい(?:です)?|お願い(?:します|いたします)?|見せて(?:ください)?|分かりますか|わかりますか|"
    r"確認したい(?:です)?|ご存じですか|求めて|答えよ|示せ|述べよ))?[。?!\s]*$"
)


def wanted_ja(text: str, *, nouns: bool = True) -> Wanted:
    """What a normalised Japanese question wants; ``nouns=False`` looks at interrogatives only."""
    plain = with_kanji_counters(text)
    asked = asked_ja(plain)
    first = asked[0] if asked else NOTHING
    if not first.is_asked:
        return Wanted(noun_type(head_noun(plain)) or noun_type(_last_noun(plain))) if nouns else NOTHING
    if first.type in ("number", "place") and not first.unit:
        return _refined(plain, first)
    return first


def with_kanji_counters(text: str) -> str:
    """なんじ and なん時 as 何時, so that one table serves."""
    return _NAN_KANJI.sub("何", _KANA.sub(lambda match: "何" + _KANA_COUNTERS[match[1]], text))


def asked_ja(text: str) -> list[Wanted]:
    """Every interrogative that says a type, in their order."""
    found = [Wanted(kind, unit, *m.span()) for kind, unit, pattern in _ASKED for m in pattern.finditer(text)]
    for match in _NAN.finditer(text):
        value = _counted(text, match)
        if value is not None:
            found.append(value)
    return apart(found)


def apart(found: list[Wanted]) -> list[Wanted]:
    """Interrogatives in their order, without those inside another: どこの会社 is one question."""
    kept: list[Wanted] = []
    for wanted in sorted(found, key=lambda one: (one.start, -one.end)):
        if not kept or wanted.start >= kept[-1].end:
            kept.append(wanted)
    return kept


def _counted(text: str, match: re.Match[str]) -> Wanted | None:
    unit = re.sub("^[ヶケカ箇ヵ]", "か", match["unit"])
    if _NO_COUNTER.match(unit) or unit in ("名前", "年生"):
        return None
    counter = _COUNTER.match(unit)
    unit = counter[0] if counter else _UNIT_TAIL.sub("", unit)
    end = match.start("unit") + len(unit)
    unit = {"パーセント": "%", "日間": "日", "年間": "年", "分間": "分", "カ月": "か月"}.get(unit, unit)
    kind = _TYPE_OF_UNIT.get(unit, "count")
    if (unit == "年" and not match["unit"].endswith("間") and _is_year_of_event(text)) or (
        unit == "日" and match["unit"] == "日" and _DAY_OF_MONTH.search(text)
    ):
        kind, unit = "date", ""
    return Wanted(kind, "" if kind in ("date", "time", "weekday", "code") else unit, match.start(), end)


def _is_year_of_event(text: str) -> bool:
    return _YEAR_OF_EVENT.search(text) is not None and not _LENGTH.search(text)


def _refined(text: str, asked: Wanted) -> Wanted:
    """どれくらい and どこ leave open what of: the noun before says it."""
    noun = noun_type(head_noun(text[: asked.start]))
    if asked.type == "place":
        fits = noun == "organisation" or _FIRM.search(head_noun(text[: asked.start])) is not None
        return Wanted("organisation", "", asked.start, asked.end) if fits else asked
    if noun in ("amount", "count", "percent", "duration", "number", "code"):
        return Wanted(noun, "", asked.start, asked.end)
    if re.match(r"\s*(?:あ[りる]|ござい)", text[asked.end :]):
        return Wanted("count", "", asked.start, asked.end)
    return asked


_FIRM = re.compile(r"(?:業者|相手方?|裁判所|会社|企業|主催|部署|担当)$")


def head_noun(text: str) -> str:
    """The noun that is asked about: behind the last の, but 料金 of 料金の上限, which alone would say little."""
    parts = _asked_phrase(text).split("の")
    while len(parts) > 1 and (_VAGUE_NOUN.match(parts[-1]) or not parts[-1]):
        parts.pop()
    tail = parts[-1]
    if len(parts) > 1 and (tail.lstrip("お") == "名前" or (tail == "時間" and parts[-2].endswith("まで"))):
        tail = f"{parts[-2]}の{tail}"
    return _VAGUE_END.sub("", tail) or tail


def _last_noun(text: str) -> str:
    return _asked_phrase(text).rpartition("の")[2]


def _asked_phrase(text: str) -> str:
    """The noun phrase that stands before the last topic mark, or all of a question that has none."""
    phrase = _TRAILING.sub("", _POLITE.sub("", text))
    return _MARKS.split(phrase)[-1]


_TRAILING = re.compile(
    r"(?:は|が|を|って|では|には|とは|に|も|で|と|、|何|どう|なに|です|でしょう|か|\s|\?|だと|ちゃんと)+$"
)
_MARKS = re.compile(r"[はがをも、。\s]|って|では|には|から|という|について")
_VAGUE_END = re.compile(r"の?(?:合計|平均|総計|上限|下限|最大|最低|目安)$")


def noun_type(noun: str) -> WantedType:
    """The type of value that a noun names by its ending; empty if none."""
    match = _NOUN.search(noun)
    return match.lastgroup if match and match.lastgroup else ""  # type: ignore[return-value]
