"""Equations of Office files and pages in one line: h=2a+0.35, (a+b)/c, x^2, √(x) (ECMA-376 Part 1, 22.1)."""

from __future__ import annotations

from lxml import etree

_DEEPEST = 60
_SIMPLE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")


def equation(element: etree._Element, depth: int = 0) -> str:
    """The words of an equation, with what stands above and below written behind it."""
    if depth > _DEEPEST:
        return "".join(each.text or "" for each in element.iter("{*}t"))
    parts = {etree.QName(each).localname: each for each in element if isinstance(each.tag, str)}

    def part(name: str) -> str:
        return equation(parts[name], depth + 1) if name in parts else ""

    match etree.QName(element).localname:
        case "t":
            return element.text or ""
        case "f":
            return f"{_bracketed(part('num'))}/{_bracketed(part('den'))}"
        case "sSup":
            return f"{part('e')}^{_bracketed(part('sup'))}"
        case "sSub":
            return f"{part('e')}_{_bracketed(part('sub'))}"
        case "sSubSup":
            return f"{part('e')}_{_bracketed(part('sub'))}^{_bracketed(part('sup'))}"
        case "rad":
            degree = part("deg")
            return f"{degree}√{_bracketed(part('e'), always=True)}"
        case "nary":
            sign = _property(element, "naryPr", "chr", "∫")
            below = f"_{_bracketed(part('sub'))}" if part("sub") else ""
            above = f"^{_bracketed(part('sup'))}" if part("sup") else ""
            return f"{sign}{below}{above} {part('e')}"
        case "d":
            begin, end = _property(element, "dPr", "begChr", "("), _property(element, "dPr", "endChr", ")")
            inside = [equation(each, depth + 1) for each in element.iterchildren("{*}e")]
            return begin + _property(element, "dPr", "sepChr", ", ").join(inside) + end
        case "func":
            return f"{part('fName')} {part('e')}"
        case "limLow" | "limUpp":
            return f"{part('e')}_{_bracketed(part('lim'))}"
        case "m":
            rows = [", ".join(equation(e, depth + 1) for e in row) for row in element.iterchildren("{*}mr")]
            return f"[{'; '.join(rows)}]"
    return "".join(equation(each, depth + 1) for each in element if isinstance(each.tag, str))


def mathml(element: etree._Element, depth: int = 0) -> str:
    """The words of an equation of a page in the same form (MathML 3)."""
    if depth > _DEEPEST:
        return "".join(element.itertext())
    inside = [
        mathml(each, depth + 1)
        for each in element
        if isinstance(each.tag, str) and not etree.QName(each).localname.startswith("annotation")
    ]
    if not inside:
        return " ".join((element.text or "").split())
    first, second, third = (*inside, "", "")[:3] if len(inside) < 3 else inside[:3]
    match etree.QName(element).localname:
        case "mfrac":
            return f"{_bracketed(first)}/{_bracketed(second)}"
        case "msup" | "mover":
            return f"{first}^{_bracketed(second)}"
        case "msub" | "munder":
            return f"{first}_{_bracketed(second)}"
        case "msubsup" | "munderover":
            return f"{first}_{_bracketed(second)}^{_bracketed(third)}"
        case "msqrt":
            return f"√{_bracketed(''.join(inside), always=True)}"
        case "mroot":
            return f"{second}√{_bracketed(first, always=True)}"
        case "mtr":
            return ", ".join(inside)
        case "mtable":
            return f"[{'; '.join(inside)}]"
    return "".join(inside)


def _bracketed(words: str, *, always: bool = False) -> str:
    return words if len(words) == 1 or (not always and words and _SIMPLE.issuperset(words)) else f"({words})"


def _property(element: etree._Element, properties: str, name: str, default: str) -> str:
    found = element.find(f"{{*}}{properties}/{{*}}{name}")
    if found is None:
        return default
    return next((value for key, value in found.attrib.items() if key.endswith("}val")), default)
