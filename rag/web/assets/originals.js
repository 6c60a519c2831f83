/* The page of a PDF as it looks, above or beside its text, and the link to the file: fetched once a document is open. */
(() => {
  const FOLDED = "shiori-page"; // "off" once the reader has put the pages away
  const shown = new WeakMap(); // by part of the page: what was fetched for it last, and the nodes it became
  const parts = new WeakMap(); // by the place it is shown at

  shiori.onOriginal = (element) => {
    const place = element.querySelector("[data-original]");
    if (place) load(element, place, 0);
  };
  shiori.onUpdate(shiori.onOriginal);

  /** Fetch what is to be shown; what stood there for the same document stays, so that nothing flickers. */
  async function load(element, place, page, focus = null) {
    parts.set(place, element);
    const id = place.dataset.original;
    const source = place.closest(".source");
    const asked = new URLSearchParams({ lang: place.dataset.language });
    if (source) asked.set("place", withoutWindow(source.dataset.place));
    if (source) asked.set("page", shiori.kept(FOLDED) === "off" ? -1 : page);
    const last = shown.get(element);
    if (last?.id === id) put(element, place, last.nodes);
    if (last?.id === id && last.asked === asked.toString() && focus === null) {
      showFrame(place);
      return;
    }
    const now = { id, asked: asked.toString(), nodes: last?.id === id ? last.nodes : [] };
    shown.set(element, now);
    const html = await fetched(`originals/${id}/view?${asked}`);
    place = element.querySelector("[data-original]"); // which may have been made anew meanwhile
    if (shown.get(element) !== now || place?.dataset.original !== id) return; // another place has been opened since
    const focused = focus ?? (place.contains(document.activeElement) ? document.activeElement.dataset.key : null);
    const isLarge = place.querySelector(".page-view")?.classList.contains("large");
    const hadPage = place.querySelector(".page-view") !== null;
    const made = document.createElement("template");
    made.innerHTML = html;
    now.nodes = [...made.content.childNodes];
    put(element, place, now.nodes);
    if (isLarge) enlarge(place, true);
    if (focused) (place.querySelector(`[data-key="${focused}"]:enabled`) ?? place.querySelector(".page-view"))?.focus();
    if (page) shiori.say(place.querySelector(".page-number")?.textContent ?? "");
    const hasPage = place.querySelector(".page-view") !== null;
    if (source && hasPage !== hadPage) shiori.showPlace(place.closest(".source")); // the text has less room, or more
    else showFrame(place);
  }
  shiori.onPlace((source) => showFrame(source));

  /** The link to the file stands beside the field that looks for words, all else at its place. */
  function put(element, place, nodes) {
    const isLink = (node) => node instanceof Element && node.matches(".open-original");
    element.querySelector(".file-link").replaceChildren(...nodes.filter(isLink));
    place.replaceChildren(...nodes.filter((node) => !isLink(node)));
  }

  async function fetched(address) {
    try {
      const answer = await fetch(address);
      return answer.ok ? await answer.text() : "";
    } catch {
      return "";
    }
  }

  /** The part of the text that is shown has nothing to do with the page. */
  function withoutWindow(place) {
    return JSON.stringify({ ...JSON.parse(place), window: null });
  }

  function showFrame(around) {
    const view = around.querySelector(".page-view");
    const frame = view?.querySelector(".page-frame.current") ?? view?.querySelector(".page-frame");
    if (!frame) return;
    const [at, box] = [frame.getBoundingClientRect(), view.getBoundingClientRect()];
    view.scrollTop += at.top - box.top - box.height * 0.3;
    if (at.left < box.left || at.right > box.right) view.scrollLeft += at.left - box.left - box.width * 0.1;
  }

  function enlarge(place, isLarge) {
    place.querySelector(".page-view")?.classList.toggle("large", isLarge);
    place.querySelector("[data-enlarge]")?.setAttribute("aria-pressed", String(isLarge));
  }

  function again(button, page) {
    const place = button.closest("[data-original]");
    load(parts.get(place), place, page, button.dataset.key);
  }
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
