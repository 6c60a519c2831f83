"""The things that one Japanese sentence asks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest

from rag.answer.question.facets import Facet, first_of
from rag.answer.question.kinds import Kind
from rag.answer.question.values import Wanted, asked_ja, noun_type, with_kanji_counters
from rag.language.morphemes import morphemes


def facets_ja(text: str, kind: Kind, wanted: Wanted) -> tuple[Facet, ...]:
    """The facets of a normalised Japanese sentence; one, if it does not plainly ask for more."""
    if kind in ("summary", "overview", "metadata", "keyword"):
        return (Facet(text, subject_ja(text), "", wanted.type, wanted.unit),)
    found = (
        _asked_besides(text)
        or _editions(text, kind, wanted)
        or _coordinated(text, kind, wanted)
        or _several_asked(text, kind)
    )
    return found or (Facet(text, subject_ja(text), "", wanted.type, wanted.unit),)


_BESIDES = re.compile(r"(?<=か)[、?。\s]+(?:あと|それと|それから|また|ついでに|さらに|加えて)、?")


def _asked_besides(text: str) -> tuple[Facet, ...]:
    """Two questions in one: 印鑑は要りますか、あと添付書類は？ The second is of the first one's subject."""
    first, *rest = (piece.strip() for piece in _BESIDES.split(text, maxsplit=1))
    if not rest or min(len(first), len(rest[0])) < _SHORTEST_CLAUSE:
        return ()
    subject = subject_ja(first).rstrip("にでへと")
    second = rest[0] if subject in rest[0] else f"{subject}の{rest[0]}"
    return tuple(
        Facet(clause, subject, "", *first_of(asked_ja(with_kanji_counters(clause)))) for clause in (first, second)
    )


_SHORTEST_CLAUSE = 4
_SUBJECT_END = re.compile("[はがをも、?。]|って|とは|について|に関して|だと|なら|何|誰|どこ|いつ|いくら|教えて")


def subject_ja(text: str) -> str:
    """What a sentence is about: the noun phrase before its first topic mark, without what is asked of it."""
    phrase = _SUBJECT_END.split(text, maxsplit=1)[0]
    head, of, last = phrase.rpartition("の")
    return (head if of and (noun_type(last) or _KNOWN.search(last)) else phrase).strip()


# A と B --------------------------------------------------------------------------------------------------------------

_NP = r"(?:子ども|見積もり|[^\sはがをもへとや、。?!と「」]){1,30}?"  # in some words も is no particle
_QUOTED = r"[^\sはがをもへとや、。?!]{0,12}「[^「」]{1,30}」[^\sはがをもへとや、。?!]{0,12}"
_THING = rf"(?:{_QUOTED}|{_NP})"
_AND = (
    r"(?:と(?![きこいしもなの])、?|や|、|(?<=[\u4e00-\u9fff])・(?=[\u4e00-\u9fff])|および|及び|ならびに|並びに|"
    r"かつ| vs\.? | ?VS ?)"
)
_MORE = "多|少|高|安|長|短|早|速|遅|大き|小さ|広|狭|重|軽|強|弱"
_COORDINATION = re.compile(
    rf"(?P<things>{_THING}(?:{_AND}{_THING}){{1,4}}?)(?:と)?(?P<mark>で(?:は)?、?(?=それ|どち|どっ|どう|いくら|何|違|比|、|"
    rf"[^\s、。]{{1,8}}[はが](?:違|異|どう|{_MORE}))|[はをがも]|って|、(?=それ|どち|どっ|違)|について|に関して|教えて|"
    r"それぞれ|どちら|どっち|[?。]|(?<=の)違い|$)"
)
_SPLIT = re.compile(_AND)
_KNOWN = re.compile(
    r"(?:原因|対処法?|対応|対策|影響|結果|理由|方法|手順|やり方|条件|持ち物|書類|内容|仕様|意味|定義|目的|"
    r"手続き?|詳細|役割|特徴|メリット|デメリット|違い|種類|基準|注意点|使い方|流れ)$"
)
_COMPARING = re.compile(r"(?:違い|比較|差|相違点?)$")
_ACTION = re.compile(r"(?:方法|手順|手続き?|やり方|仕方|流れ)$")


_ONE_EDITION = (
    r"(?:[新旧]版?|(?:19|20)\d\d年?度?(?:改[訂定]?)?版|(?:令和|平成)(?:\d{1,2}|元)年?度?(?:改[訂定]?)?版|現行版?|以前|"
    r"改[訂定正][前後]|第\d{1,2}版|初版|旧規[程則約]|新規[程則約])"
)
_ONE_YEAR = r"(?:(?:(?:19|20)\d\d|(?:令和|平成|[RH])?(?:\d{1,2}|元))年?度|(?:今|本|去|昨|前)年度?)"
_TWO_EDITIONS = re.compile(
    rf"^(?P<of>[^、。?]{{0,30}}?)(?:の|、|について|に関して|は|で)*(?P<one>{_ONE_EDITION}|{_ONE_YEAR})(?:と|から|、|や|・)(?P<two>{_ONE_EDITION}|{_ONE_YEAR})"
    r"(?:の(?!違|差|比)|で(?:は)?|、|にかけて|とで(?:は)?)*(?P<asked>[^、。?]{0,30}?)"
    r"(?:[はがを]|について|に関して|の?(?=違|差|比)|それぞれ|ど[うれの]|違|差|比|変|いくら|いつ|何|[。?]|$)"
)


_SINCE = re.compile(
    rf"(?P<of>[^。?]{{2,40}}?)(?:は|が|って)、?(?P<year>{_ONE_YEAR})(?:から|より|と比べて?|に比べて?)、?"
    r"(?:何|いくら|どれ|どの|どう|上|下|増|減|値|変|高|安)"
)
"""大会議室の午前は去年度から何円上がりましたか: this year's and last year's."""


def _editions(text: str, kind: Kind, wanted: Wanted) -> tuple[Facet, ...]:
    """The same asked of two editions of one thing: 旅費規程の旧版と新版で、日当はどう変わりましたか."""
    if kind == "comparison" and (since := _SINCE.match(text)):
        of = since["of"]
        years = ("今年度", since["year"])
        type_ = wanted.type or noun_type(_owner(of)[1])
        return tuple(Facet(f"{year}の{of}", f"{year}の{of}", "", type_, wanted.unit, of) for year in years)
    match = _TWO_EDITIONS.search(text) if kind == "comparison" else None
    if match is None:
        return ()
    of, asked = match["of"], match["asked"]
    owner, noun = _owner(of)
    if len(asked) < 2 or asked in ("どちら", "どっち"):
        of, asked = (owner, noun) if noun_type(noun) else ("", of)
    if not asked:
        return (Facet(text, of),)
    type_ = wanted.type if wanted.is_asked and wanted.type else noun_type(asked)
    return tuple(
        Facet(_joined(_joined(of, edition), asked), _joined(of, edition), asked, type_, wanted.unit, _joined(of, asked))
        for edition in (match["one"], match["two"])
    )


_WHEN = re.compile(
    r"(?:(?:令和|平成|昭和|[RHS])?(?:\d{1,4}|元)年度?|(?:今|去|昨|前|本)年度?)(?:の?\d{1,2}月(?:\d{1,2}日)?)?|\d{1,2}月(?:\d{1,2}日)?"
)


_NO_AND = "\ue000"
_VERBS_OF_TO = frozenset(["する", "いう", "言う", "なる", "思う", "考える", "聞く", "みなす", "呼ぶ"])


def _without_other_to(text: str) -> str:
    """The text with every と that joins no things made unreadable, at the same offsets: of とき, ひと, 目標とする."""
    words = morphemes(text)
    joining = {
        word.start
        for word, behind in zip_longest(words, words[1:])
        if word.surface == "と" and word.parts[:1] == ("助詞",) and not (behind and behind.base in _VERBS_OF_TO)
    }
    return "".join(_NO_AND if char == "と" and at not in joining else char for at, char in enumerate(text))


_CASE = r"[^、。?]{2,20}?(?:とき|時|場合)"
_TWO_CASES = re.compile(
    rf"(?P<one>{_CASE})(?:と|や|、)(?P<two>{_CASE})(?:とで|では|で|、|の|は)+(?P<asked>[^、。?]{{1,16}}?)[はがを、]"
)
"""親が亡くなったときと祖母のとき、休みはそれぞれ何日."""


def _cases(text: str, kind: Kind, wanted: Wanted) -> tuple[Facet, ...]:
    """The same asked of two cases, each told by a clause."""
    match = _TWO_CASES.match(text) if kind == "comparison" else None
    if match is None:
        return ()
    asked = match["asked"]
    return tuple(
        Facet(f"{case}の{asked}", case, asked, wanted.type or noun_type(asked), wanted.unit)
        for case in (match["one"], match["two"])
    )


def _coordinated(text: str, kind: Kind, wanted: Wanted) -> tuple[Facet, ...]:
    if found := _cases(text, kind, wanted):
        return found
    for match in _COORDINATION.finditer(_without_other_to(text)):
        pieces = (thing.replace(_NO_AND, "と") for thing in _SPLIT.split(match["things"]) if thing)
        things = [thing.removesuffix("の").removesuffix("だ") for thing in pieces]
        if len(things) < 2 or (_WHEN.fullmatch(things[0]) and not any(map(_WHEN.fullmatch, things[1:]))):
            continue
        topic = _topic(text[: match.start()])
        if kind == "comparison" and not topic:
            things, topic = _asked_behind(things, match["things"], text[match.end("things") :])
        found = _paired(things, topic, kind, wanted)
        if found:
            return found
    return ()


_BEHIND = re.compile(
    r"(?:で(?:は)?[、\s]*|[、\s]+)(?!ど[っちれこ]|いくら|いつ|何|誰)(?P<asked>[^、。?]{1,20}?)[はがを、](?:高い|安い|長い|短い|多い|少ない|早い|遅い)?(?:のは)?"
    rf"(?=それ|どち|どっ|どれ|どう|違|異|いくら|いつ|何|比|{_MORE})"
)
_FIRST_ASKED = re.compile(r"^[^、]+、[^、]+(?:と|や|および|及び)[^、]+$")
_LAST_ASKED = re.compile(r"^.+(?:と|や|および|及び).+、[^、]+$")


def _asked_behind(things: list[str], together: str, behind: str) -> tuple[list[str], str]:
    """What is asked of things that are compared, where it stands behind them: 本館と別館、駐車料金はそれぞれ…."""
    if len(things) > 2 and "の" in things[0] and _FIRST_ASKED.match(together):
        return things[1:], things[0]
    if len(things) > 2 and "の" not in things[-1] and _LAST_ASKED.match(together):
        return things[:-1], things[-1]
    found = _BEHIND.match(behind)
    return things, found["asked"] if found else ""


def _topic(before: str) -> str:
    phrase = re.sub(r"(?:は|って|について|では|で|が|を|、|\s)+$", "", before)
    return re.split(r"[。?]", phrase)[-1].strip()


def _paired(things: list[str], topic: str, kind: Kind, wanted: Wanted) -> tuple[Facet, ...]:
    """The facets of things that stand beside one another: several subjects, several things asked of one, or both."""
    if kind == "comparison" or (_COMPARING.search(things[-1]) and "の" in things[-1]):
        return tuple(_subjects(things, topic, wanted))
    owners, asked = zip(*map(_owner, things), strict=True)
    if all(map(_is_asked_of, asked)):
        return tuple(_asked(owners[0] or topic, owners, asked, wanted))
    if owners[-1] and not any(owners[:-1]) and _is_asked_of(asked[-1]) and not wanted.is_asked:
        return tuple(_subjects(things, topic, wanted))
    return ()


def _is_asked_of(noun: str) -> bool:
    """Whether it is something that one asks of a subject, rather than a subject."""
    return bool(noun_type(noun) or _KNOWN.search(noun))


def _owner(thing: str) -> tuple[str, str]:
    owner, _, noun = thing.rpartition("の")
    return owner, noun


def _subjects(things: list[str], topic: str, wanted: Wanted) -> Iterator[Facet]:
    """Each thing with what is asked of all: 前期と後期の授業期間, 大人と子供の料金の違い."""
    *before, last = _with_owner(things)
    if _COMPARING.search(last) and "の" in last:
        last = _owner(last)[0]
    owner, noun = _owner(last)
    is_shared = owner and not any("の" in thing for thing in before) and (not topic or _is_asked_of(noun))
    shared = noun if is_shared else ""
    for thing in (*before, owner if shared else last):
        subject, asked = thing, shared or topic
        if not shared and "の" in thing and _is_asked_of(_owner(thing)[1]):
            subject, asked = _owner(thing)
        named = noun_type(asked) or noun_type(thing) or wanted.type
        kind = wanted.type if wanted.is_asked and wanted.type else named
        yield Facet(_joined(subject, asked), subject, asked, kind, wanted.unit)


def _with_owner(things: list[str]) -> list[str]:
    """Things with the owner that the first alone has, where the others are marks of its kinds: ノズルのA and B."""
    owner, noun = _owner(things[0])
    if owner and not _is_asked_of(noun) and all(map(_MARK.fullmatch, (noun, *things[1:]))):
        return [things[0], *(f"{owner}の{thing}" for thing in things[1:])]
    return things


_MARK = re.compile(
    r"[A-Za-z0-9-]{1,4}(?:案|型|社|号|級|種|棟|館|コース|プラン|ランク|タイプ)?|[甲乙丙松竹梅大中小上下]"
)


def _asked(subject: str, owners: tuple[str, ...], asked: tuple[str, ...], wanted: Wanted) -> Iterator[Facet]:
    """Each noun asked of one subject: 大阪倉庫の住所と電話番号."""
    for owner, noun in zip(owners, asked, strict=True):
        name = f"{owner}の{noun}" if owner and owner != subject and _ACTION.search(noun) else noun
        own = subject if name != noun or not owner else owner
        kind = noun_type(noun)
        unit = wanted.unit if wanted.type == kind else ""
        yield Facet(_joined(own, name), own or noun, name if own else "", kind, unit)


def _joined(subject: str, noun: str) -> str:
    return f"{subject}の{noun}" if subject and noun and subject != noun else subject or noun


# Several interrogatives ----------------------------------------------------------------------------------------------


def _several_asked(text: str, kind: Kind) -> tuple[Facet, ...]:
    """いつ、どこで: one facet for each interrogative, with what stands before the first and behind the last."""
    plain = with_kanji_counters(text)
    asked = _distinct(asked_ja(plain))
    if len(asked) < 2 or kind in ("why", "how", "exception", "definition"):
        return ()
    before, after = plain[: asked[0].start], _tail(plain, asked[-1])
    subject = subject_ja(before)
    if clauses := _own_clauses(plain, asked):
        return tuple(
            Facet(f"{subject}の{clause}" if number and subject else clause, subject, "", one.type, one.unit)
            for number, (clause, one) in enumerate(zip(clauses, asked, strict=True))
        )
    return tuple(Facet(before + _clause(plain, one, asked, after), subject, "", one.type, one.unit) for one in asked)


def _own_clauses(text: str, asked: list[Wanted]) -> list[str]:
    """役員は何人いて、任期は何年ですか: the clauses, if each interrogative has a topic of its own."""
    starts = [0, *(text.rfind("、", 0, one.start) + 1 for one in asked[1:])]
    ends = [*starts[1:], len(text)]
    clauses = [text[start:end].strip("、") for start, end in zip(starts, ends, strict=True)]
    own = all(start < end for start, end in zip(starts, ends, strict=True)) and all(
        re.search("[はがを]", text[start : one.start]) for start, one in zip(starts, asked, strict=True)
    )
    return clauses if own else []


def _clause(text: str, one: Wanted, asked: list[Wanted], after: str) -> str:
    following = [other.start for other in asked if other.start > one.start]
    if not following:
        return text[one.start :]
    clause = text[one.start : following[0]].rstrip("、,・ ")
    return clause + after if len(clause) - (one.end - one.start) <= 2 else clause


def _tail(text: str, last: Wanted) -> str:
    return re.sub(r"^(?:で|に|から|まで|と)(?![すし])", "", text[last.end :])


def _distinct(asked: list[Wanted]) -> list[Wanted]:
    kept: list[Wanted] = []
    for one in asked:
        if all(one.type != other.type or one.unit != other.unit for other in kept):
            kept.append(one)
    return kept
