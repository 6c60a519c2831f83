"""What kind of answer an English question wants."""

from __future__ import annotations

import re

from rag.answer.question.kinds import KIND_OF_TYPE, Kind, first, rules
from rag.answer.question.values import Wanted

_DOCUMENTS_EN = r"(?:documents?|files?|manuals?|handbooks?|papers?|reports?|guides?|polic(?:y|ies)|books?|pdfs?)"
MENTIONING_EN = re.compile(
    rf"^(?:which|what|list all|list|all|show me all|find all) (?:of )?(?:the )?{_DOCUMENTS_EN} (?:that |which )?"
    r"(?:mention|discuss|talk about|deal with|refer to|are about|about|on) (?P<topic>[^?.]{2,40}?)[?.]*$",
    re.IGNORECASE,
)
"""Asks for the documents that tell of something."""
_EARLY_EN = rules(
    (
        "summary",
        r"\b(?:summari[sz]e|summary|tl;?dr|overview of|outline|gist|key points|main points|sum up)\b|"
        r"\bwhat(?:'s| is) (?:this|the) \w+ about\b",
    ),
    (
        "overview",
        rf"\b(?:what|which) {_DOCUMENTS_EN} (?:do you have|are (?:there|available|indexed|in)|can i|have been)|"
        r"\bwhat(?:'s| is) in (?:the|this) (?:library|index|collection)|\blist (?:all )?(?:the |"
        rf"your )?documents\b|^are there (?:any )?{_DOCUMENTS_EN}\b",
    ),
    (
        "metadata",
        r"\b(?:who (?:wrote|authored|created)|when was|who (?:is|are) the authors?|how many pages|title of|"
        rf"author of|last updated)\b.*\b(?:this|the) (?:\w+ )?{_DOCUMENTS_EN}\b",
        r"who (?:created|wrote) the policy on",
    ),
    ("overview", MENTIONING_EN.pattern),
    (
        "metadata",
        rf"\b(?:which|what) {_DOCUMENTS_EN} (?:mentions?|says?|contains?|covers?|describes?|has)\b|"
        r"\bpage count\b|\bhow many pages\b|\btable of contents\b",
    ),
    (
        "why",
        r"^(?:so |and |but )?why\b|\bwhy (?:is|are|was|were|do|does|did|can|should|has|have)\b|"
        r"\breasons? (?:for|why)\b|\b(?:what|which) (?:caused|causes)\b|\bcause of\b|\bcauses?$|\bhow come\b|"
        r"\bwhat(?:'s| is) the (?:purpose|reason)\b|\bpurpose of\b",
    ),
    ("exception", r"\bexceptions?\b|\bexcept\b.*\bwhat\b"),
    ("exception", r"\bexempt|\bexcluded\b|\bineligible\b", r"^(?:is|are|am|do|does|can|was|were)\b"),
    ("list", r"\bwhat(?:'s| is) (?:included|covered|new)\b"),
    (
        "exception",
        r"\b(?:who|what|which|when|in what cases?|under what)\b.*\b(?:can't|cannot|can not|not (?!only\b)|isn't|"
        r"aren't|may not|must not|doesn't|don't)\b",
        r"\bhow\b|\bwhat (?:happens|should i do|if|to do)\b|\bwhat is the\b",
    ),
    (
        "comparison",
        r"\bdifferences?\b|\bcompare\b|\bcomparison\b|\bversus\b|\bvs\b|\bdiffer\b|\brespectively\b|"
        r"\bhow (?:did|has|have|does|do)\b.*\bchanged?\b.*\b(?:between|from)\b|\b(?:which|"
        r"who|what) (?:\w+ ){0,4}(?:\w+er|better|best|one|more \w+|less \w+)\b.*\bor\b|"
        r"\bor\b.*\bwhich (?:one )?(?:is|should|has|do)\b",
    ),
)
_LATE_EN = rules(
    (
        "how",
        r"\bhow (?:do|can|could|should|would|to|does|did|is|are|was|were|must)\b|\bwhat (?:should|must|"
        r"needs? to) be done\b|\bwhat to do\b|\bexplain .*(?:process|procedure)|\bsteps? (?:to|for)\b|\bsteps$|"
        r"\bprocedure\b|\bprocess (?:of|for)\b|\binstructions?\b|\bwhat (?:should|do) (?:i|we) do\b|\bway to\b|"
        r"^explain how\b|\bhow .* works?\b",
    ),
    (
        "how",
        r"\b(?:won't|doesn't|isn't|can't|cannot) (?!.*\?)(?:connect|work|start|open|print|load|log|turn|boot|"
        r"respond|sync|find|access)",
    ),
    (
        "definition",
        r"^(?:so |hi,? |please )?(?:what(?:'s| is| are)|whats) (?:an? )?(?!the |your |my |our |their |that |"
        r"this |it\b|in |new\b|available)(?:(?! of | in | for |'s )[^?]){1,40}\??$",
        r"\bwhat(?:'s| is| are) (?:\w+ )?(?:max|min|average|total)|\bcheapest|\bwhat are .* (?:available|new)|"
        r"\blatest|\bcurrent|\bprevious",
    ),
    (
        "definition",
        r"\bwhat (?:does|do|did) .+ (?:mean|stand for|indicate|signify|represent)\b|^what are (?!the |some |"
        r"your |our |my |all |its |their |those |these |we )[a-z][a-z -]{2,25}\?$|\bmeaning of\b|\bdefin(?:e|"
        r"ition)\b|\bwhat is meant\b",
    ),
    (
        "list",
        r"^which [a-z]+s [a-z]+ed\b|^(?:please )?(?:list|name|enumerate|give(?: me)?)\b|"
        r"\b(?:list|kinds|types|examples) of\b|"
        r"\bwhat (?:are|were) (?:the |all |some |your )|^(?:so |and )?(?:which|what) (?!is|was|does|has|time|"
        r"happens)(?:[a-z-]+ ){0,3}(?:[a-z]+(?<![siu])s) (?:are|were|do|have|can|must|should|need|offer|is|for|"
        r"does|had|cannot)\b|\bwhat (?:should|do|must|can) (?:i|we|you|\w+s) (?:bring|need|prepare|submit|"
        r"choose)|\bwhat's new\b|\ball (?:the )?[a-z]+s\b",
        r"\bwhat (?:is|was) the\b|\bwhat gpa\b",
    ),
)
_YESNO_EN = re.compile(
    r"^(?:(?:hi|hello|so|and|please|also|excuse me),? )*(?:is|are|was|were|can|could|do|does|did|may|must|"
    r"should|will|would|has|have|am|isn't|aren't|don't|doesn't|can't)\b(?!.*\b(?:tell me|explain)\b)",
    re.IGNORECASE,
)
_BARE_EN = re.compile(
    r"\b(?:what|whats|who|when|where|why|how|which|is|are|do|does|can|tell|show|give|find|explain|describe|"
    r"won't)\b|\?",
    re.IGNORECASE,
)


def kind_en(text: str, wanted: Wanted) -> Kind:
    """The kind of a normalised English sentence, given what it wants."""
    early = first(_EARLY_EN, text)
    if early:
        return early
    is_bare = not _BARE_EN.search(text)
    if is_bare and len(text.split()) <= 2 and not first(_LATE_EN, text):
        return "keyword"
    if wanted.is_asked and not _YESNO_EN.search(text):
        return KIND_OF_TYPE.get(wanted.type, "fact")
    found = None if _YESNO_EN.search(text) else first(_LATE_EN, text)
    if wanted.type and found in ("definition", "list") and _SINGULAR_VALUE_EN.search(text):
        found = None
    if found:
        return found
    if _YESNO_EN.search(text):
        return "yesno"
    if is_bare and not wanted.type and len(text.split()) <= 4:
        return "keyword"
    return KIND_OF_TYPE.get(wanted.type, "fact")


_SINGULAR_VALUE_EN = re.compile(r"\bwhat(?:'s| is| was) |\bhours\b|\btimes\b|\bfees?\b", re.IGNORECASE)
