/* The page of a PDF as it looks, above or beside its text, and the link to the file: fetched once a document is open. */
(() => {
  const FOLDED = "shiori-page"; // "off" once the reader has put the pages away
  const shown = new WeakMap(); // by tab: what was fetched for it last, and the nodes it became

  /** Called with the place it is shown at whenever that may have to show something else. */
  shiori.showOriginal = (place) => {
    if (place?.checkVisibility()) load(place, 0);
    else if (place) unseen.observe(place);
  };
  shiori.onPlace((source) => shiori.showOriginal(placeIn(source)));
  const unseen = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (!target.checkVisibility()) continue;
      unseen.unobserve(target);
      load(target, 0);
    }
  });

  const placeIn = (element) => element.querySelector("[data-original]");
  const pageIn = (place) => place.querySelector(".page-view");

  /** Fetch what is to be shown; what stood there for the same document stays, so that nothing flickers. */
  async function load(place, page, focus = null) {
    const tab = shiori.tabOf(place);
    const id = place.dataset.original;
    const source = place.closest(".source");
    const asked = new URLSearchParams({ lang: place.dataset.language });
    if (source) asked.set("place", withoutWindow(source.dataset.place));
    if (source) asked.set("page", shiori.kept(FOLDED) === "off" ? -1 : page);
    const last = shown.get(tab);
    const isSame = last?.id === id;
    if (isSame && !last.nodes.some((node) => node.isConnected)) put(place, last.nodes);
    if (isSame && last.asked === asked.toString() && focus === null) {
      showFrame(place);
      return;
    }
    const now = { id, asked: asked.toString(), nodes: isSame ? last.nodes : [] };
    shown.set(tab, now);
    const html = await fetched(`originals/${id}/view?${asked}`);
    place = placeIn(tab); // which may have been made anew meanwhile
    if (shown.get(tab) !== now || place?.dataset.original !== id) return; // another place has been opened since
    if (html === null) {
      shown.delete(tab); // the next look tries again
      return;
    }
    const focused = focus ?? (place.contains(document.activeElement) ? document.activeElement.dataset.key : null);
    const hadPage = pageIn(place) !== null;
    const isLarge = pageIn(place)?.classList.contains("large");
    const made = document.createElement("template");
    made.innerHTML = html;
    now.nodes = [...made.content.childNodes];
    put(place, now.nodes);
    if (isLarge) enlarge(place, true);
    if (focused) (place.querySelector(`[data-key="${focused}"]:enabled`) ?? pageIn(place))?.focus();
    if (page) shiori.say(place.querySelector(".page-number")?.textContent ?? "");
    const hasPage = pageIn(place) !== null;
    if (source && hasPage !== hadPage) shiori.showPlace(place.closest(".source")); // the text has less room, or more
    else showFrame(place);
  }

  /** The link to the file stands beside the field that looks for words, all else at its place. */
  function put(place, nodes) {
    const isLink = (node) => node instanceof Element && node.matches(".open-original");
    const link = place.closest(".source, .doc-contents").querySelector(".file-link");
    link.replaceChildren(...nodes.filter(isLink));
    place.replaceChildren(...nodes.filter((node) => !isLink(node)));
  }

  async function fetched(address) {
    try {
      const answer = await fetch(address);
      return answer.ok ? await answer.text() : null;
    } catch {
      return null;
    }
  }

  /** The part of the text that is shown has nothing to do with the page. */
  function withoutWindow(place) {
    return JSON.stringify({ ...JSON.parse(place), window: null });
  }

  function showFrame(place) {
    const view = pageIn(place);
    const frame = view?.querySelector(".page-frame.current") ?? view?.querySelector(".page-frame");
    if (!frame) return;
    const [at, box] = [frame.getBoundingClientRect(), view.getBoundingClientRect()];
    view.scrollTop += at.top - box.top - box.height * 0.3;
    if (at.left < box.left || at.right > box.right) view.scrollLeft += at.left - box.left - box.width * 0.1;
  }

  function enlarge(place, isLarge) {
    pageIn(place)?.classList.toggle("large", isLarge);
    place.querySelector("[data-enlarge]")?.setAttribute("aria-pressed", String(isLarge));
  }

  const again = (button, page) => load(button.closest("[data-original]"), page, button.dataset.key);
  shiori.onClick("turnTo", (button) => again(button, Number(button.dataset.turnTo)));
  shiori.onClick("showPage", (button) => {
    shiori.keep(FOLDED, button.dataset.showPage === "off" ? "off" : null);
    again(button, 0);
  });
  shiori.onClick("enlarge", (button) => {
    const place = button.closest("[data-original]");
    enlarge(place, button.getAttribute("aria-pressed") !== "true");
    showFrame(place);
  });
})();
