/* Citations: the quote in a small window while one is pointed at, focused or tapped; stepping from one to the next. */
(() => {
  const SHOW_AFTER = 120; // milliseconds that a pointer must rest on a citation
  const HIDE_AFTER = 250; // to get from the citation into the window
  const CITATION = ".cite[data-quote]";
  const GAP = 8;
  let shownFor = null;
  let timer = 0;
  let lastPointer = "";

  const quoteWindow = () => document.getElementById("shiori-quote");
  const within = (target, selector) => (target instanceof Element ? target.closest(selector) : null);

  function show(citation) {
    clearTimeout(timer);
    const win = quoteWindow();
    if (!win || !citation.isConnected) return;
    hide();
    win.querySelector("[data-title]").textContent = citation.dataset.quoteTitle;
    win.querySelector("[data-where]").textContent = citation.dataset.quoteWhere;
    win.querySelector("[data-quote]").textContent = citation.dataset.quote;
    citation.setAttribute("aria-describedby", win.id);
    shownFor = citation;
    win.showPopover();
    place(win, citation.getBoundingClientRect());
  }

  function place(win, at) {
    const width = win.offsetWidth;
    const left = Math.min(Math.max(GAP, at.left + at.width / 2 - width / 2), innerWidth - width - GAP);
    const below = at.bottom + GAP + win.offsetHeight <= innerHeight;
    win.style.left = `${left}px`;
    win.style.top = `${below ? at.bottom + GAP : Math.max(GAP, at.top - GAP - win.offsetHeight)}px`;
  }

  function hide() {
    clearTimeout(timer);
    const win = quoteWindow();
    if (win?.matches(":popover-open")) win.hidePopover();
    shownFor?.removeAttribute("aria-describedby");
    const was = shownFor;
    shownFor = null;
    return was !== null;
  }

  document.addEventListener("pointerover", (event) => {
    if (event.pointerType !== "mouse") return;
    const citation = within(event.target, CITATION);
    if (citation && citation !== shownFor) {
      clearTimeout(timer);
      timer = setTimeout(() => show(citation), SHOW_AFTER);
    } else if (citation || within(event.target, "#shiori-quote")) {
      clearTimeout(timer);
    } else if (shownFor || timer) {
      clearTimeout(timer);
      timer = setTimeout(hide, HIDE_AFTER);
    }
  });
  document.addEventListener("focusin", (event) => {
    const citation = within(event.target, CITATION);
    if (citation?.matches(":focus-visible")) show(citation);
    else if (!within(event.target, "#shiori-quote") && shownFor !== event.target) hide();
  });
  document.addEventListener("pointerdown", (event) => {
    lastPointer = event.pointerType;
    if (!within(event.target, `${CITATION}, #shiori-quote`)) hide();
  });
  // A first touch shows the quote; its button, or a second touch, opens the source.
  document.addEventListener(
    "click",
    (event) => {
      const citation = within(event.target, CITATION);
      if (!citation) return;
      if (lastPointer === "touch" && event.detail > 0 && shownFor !== citation) {
        event.stopPropagation();
        show(citation);
      } else {
        hide();
      }
    },
    true,
  );
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && hide()) event.stopImmediatePropagation();
  });
  addEventListener("scroll", () => shownFor && hide(), { passive: true });
  shiori.onClick("quoteOpen", () => {
    const citation = shownFor;
    hide();
    lastPointer = "";
    citation?.click();
  });
  shiori.onUpdate(() => shownFor && !shownFor.isConnected && hide());

  /** Open the citation that many places further on; from the first or the last if none is open. */
  shiori.stepCitation = (step) => {
    const all = [...document.querySelectorAll(".answer-text .cite")].filter((one) => one.checkVisibility());
    if (!all.length) return false;
    const at = all.findIndex((one) => one.getAttribute("aria-current") === "location");
    const next = all[at < 0 ? (step > 0 ? 0 : all.length - 1) : (at + step + all.length) % all.length];
    lastPointer = "";
    next.click();
    next.scrollIntoView({ block: "nearest" });
    return true;
  };
})();
