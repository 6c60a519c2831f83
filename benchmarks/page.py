"""The page in a browser: how soon it is there and answers, what it weighs, whether citations open at their place.

    python -m benchmarks.page QUESTIONS DOCUMENTS [--more FOLDER] [--asked 40] [--citations 0] [--write FILE]

A real ``rag serve`` process over DOCUMENTS and Chromium (``CHROMIUM`` names another one). Times are the browser's own,
from the key to the first passage and to the answer, each question once, after two that are not counted. First paint is
that of a browser without a cache. With ``--more`` the same is done over DOCUMENTS and that folder together, which must
not be slower by half. With ``--citations N`` so many, drawn from the answers to all questions, are opened by a
click: what is marked in the source must be the quote, and of a PDF something must be framed on the page.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import shutil
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Final

import numpy as np
from playwright.async_api import Browser, Page, async_playwright

from benchmarks.report import parser, publish, table
from benchmarks.serving import Server
from rag import Settings, build
from rag.batch import read_questions

PASSAGES_SECONDS, ANSWER_SECONDS, PAINT_SECONDS = 0.2, 0.6, 1.0
"""To be reached: the middle of the times to the first passages, to the answer, and to the first paint."""
SLOWER: Final = 1.5
_OPENED: Final = 10
_WARM: Final = 2
_PATIENCE: Final = 120_000  # milliseconds
_REST: Final = 1_500
_ARGUMENTS: Final = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
_WATCH = """() => {
  window.bench = {};
  for (const old of document.querySelectorAll('.card, .actions, .answer')) old.dataset.before = '';
  const press = (e) => e.key === 'Enter' && (bench.key ??= performance.now());
  addEventListener('keydown', press, {capture: true, once: true});
  const look = () => {
    if (document.querySelector('#shiori-passages .card:not([data-before])')) bench.passages ??= performance.now();
    if (document.querySelector('.actions:not([data-before])')) bench.answer ??= performance.now();
    if (bench.answer === undefined) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""
_MARKED = "all => all.map(each => each.textContent).join('')"


@dataclass
class Times:
    """Seconds, and what the page weighs: bytes and requests until it is up."""

    passages: list[float] = field(default_factory=list)
    answer: list[float] = field(default_factory=list)
    paint: list[float] = field(default_factory=list)
    bytes: int = 0
    requests: int = 0


@asynccontextmanager
async def opened(browser: Browser, address: str) -> AsyncIterator[Page]:
    """The page in a browser that has not seen it before, ready to be asked."""
    context = await browser.new_context(viewport={"width": 1366, "height": 768}, locale="ja-JP")
    page = await context.new_page()
    page.set_default_timeout(_PATIENCE)
    yield page
    await context.close()


async def ready(page: Page, address: str) -> None:
    """Open it and wait until it can be asked."""
    await page.goto(address)
    await page.wait_for_selector("#shiori-header .site")
    await page.wait_for_selector("#shiori-answer .home")


async def timed(browser: Browser, address: str, questions: Sequence[str]) -> Times:
    """First paint and weight of some openings, then each question's times."""
    times = Times()
    for _ in range(_OPENED):
        async with opened(browser, address) as page:
            loaded = await _counting(page)
            await ready(page, address)
            (paint,) = await page.evaluate(
                "performance.getEntriesByName('first-contentful-paint').map(e => e.startTime)"
            )
            await page.wait_for_timeout(_REST)  # a connection stays open, so that the network is never idle
            times.paint.append(paint / 1000)
            times.bytes, times.requests = sum(loaded), len(loaded)
    async with opened(browser, address) as page:
        await ready(page, address)
        for number, question in enumerate(questions):
            await page.evaluate(_WATCH)
            await ask(page, question)
            found = await page.evaluate("bench")
            if number >= _WARM:
                times.answer.append((found["answer"] - found["key"]) / 1000)
                times.passages.append((found.get("passages", found["answer"]) - found["key"]) / 1000)
    return times


async def _counting(page: Page) -> list[int]:
    """Bytes of each response as they come over the wire, from now on."""
    loaded: list[int] = []
    session = await page.context.new_cdp_session(page)
    await session.send("Network.enable")
    session.on("Network.loadingFinished", lambda told: loaded.append(int(told["encodedDataLength"])))
    return loaded


async def ask(page: Page, question: str) -> None:
    """Type it, press Enter and wait for what comes."""
    await page.locator("#shiori-question textarea").fill(question)
    await page.locator("#shiori-question textarea").press("Enter")
    await page.wait_for_selector(".actions:not([data-before])", state="attached")


async def misplaced(browser: Browser, address: str, questions: Sequence[str], number: int) -> tuple[int, list[str]]:
    """How many citations were opened, and those that were not at their place."""
    drawn = random.Random(1).sample(questions, len(questions))
    wrong: list[str] = []
    done = 0
    async with opened(browser, address) as page:
        await ready(page, address)
        for question in drawn:
            await page.evaluate(_WATCH)
            await ask(page, question)
            answer = await (await page.request.post(f"{address}/api/ask", data={"question": question})).json()
            for cited, citation in enumerate(answer["citations"][: number - done], 1):
                done += 1
                if said := await _opens(page, cited, citation):
                    wrong.append(f"{question} [{cited}] {citation['document']['source']}: {said}")
            if done >= number:
                break
    return done, wrong


async def _opens(page: Page, number: int, citation: dict[str, Any]) -> str:
    """What is wrong with the place that a citation opens; nothing if it is right."""
    button = page.locator(f".answer [data-cite='{number}']").first
    if await button.count() == 0:
        return "there is no button"
    await button.evaluate("each => each.click()")
    current = page.locator(f".source mark.current[data-cites~='{number}'], .source mark.current")
    try:
        await current.first.wait_for(state="attached", timeout=20_000)
        await page.wait_for_timeout(300)
        marked = await page.locator(".source mark.current").evaluate_all(_MARKED)
        if "".join(marked.split()) != "".join(citation["quote"].split()):
            return f"{marked[:60]!r} is marked"
        if citation["document"]["source"].lower().endswith(".pdf"):
            await page.wait_for_selector(".page-frame.current, .page-note", state="attached", timeout=20_000)
            if await page.locator(".page-frame.current").count() == 0:
                return "nothing is framed on the page"
    except Exception as error:
        return str(error).splitlines()[0]
    return ""


def told(times: Times, more: Times | None) -> str:
    """Figures beside what was to be reached."""
    rows: list[list[object]] = []
    for name, own, others, most in (
        ("Enter to the first passages", times.passages, more and more.passages, PASSAGES_SECONDS),
        ("Enter to the answer", times.answer, more and more.answer, ANSWER_SECONDS),
        ("first paint", times.paint, more and more.paint, PAINT_SECONDS),
    ):
        middle, late = median(own), float(np.quantile(own, 0.95))
        row = [name, f"{middle:.2f} s", f"{late:.2f} s", f"{most:.1f} s", "yes" if middle <= most else "NO"]
        if others:
            row += [f"{median(others):.2f} s", "yes" if median(others) <= SLOWER * middle else "NO"]
        rows.append([*row])
    header = ["in the browser", "median", "95th percentile", "to be reached", "reached"]
    header += ["median with more documents", "no slower by half"] if more else []
    weight = f"Opened without a cache, the page takes {times.requests} requests and {times.bytes / 1e3:,.0f} kB."
    return f"{table(header, rows)}\n\n{weight}"


async def measured(chosen: argparse.Namespace, folder: Path, sources: Sequence[Path], citations: int) -> Any:
    """Times over these documents, and citations if they are wanted; also how much there is."""
    counts = build(list(sources), settings=Settings.load(index=folder / "index"))
    server = Server(folder)
    questions = [each.text for each in read_questions(chosen.questions).questions]
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    await server.start()
    try:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=chromium, args=_ARGUMENTS)
            times = await timed(browser, server.address, questions[: chosen.asked + _WARM])
            found = await misplaced(browser, server.address, questions, citations) if citations else (0, [])
            await browser.close()
    finally:
        server.kill()
    return times, found, counts


def main() -> None:
    """Build, serve, look, print."""
    options = parser(__doc__)
    options.add_argument("questions", type=Path)
    options.add_argument("documents", type=Path)
    options.add_argument(
        "--more", type=Path, metavar="FOLDER", help="measure over these documents too, beside the others"
    )
    options.add_argument("--asked", type=int, default=40)
    options.add_argument("--citations", type=int, default=0, metavar="N", help="open so many, too")
    chosen = options.parse_args()
    more = None
    with tempfile.TemporaryDirectory() as folder:
        times, (opened_number, wrong), _ = asyncio.run(
            measured(chosen, Path(folder), [chosen.documents], chosen.citations)
        )
    if chosen.more:
        with tempfile.TemporaryDirectory() as folder:
            more, _, counts = asyncio.run(measured(chosen, Path(folder), [chosen.documents, chosen.more], 0))
    text = told(times, more)
    if more:
        text += f" With more: {counts.documents} documents, {counts.passages} passages."
    if opened_number:
        text += f"\n\n{opened_number} citations opened, {len(wrong)} of them not at their place."
        text += "".join(f"\n* {each}" for each in wrong[:20])
    publish("page", text, chosen.write)


if __name__ == "__main__":
    main()
