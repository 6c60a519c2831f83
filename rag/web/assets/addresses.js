/* Addresses: a question with its filters, and the tab. Back and forward show again what was there. */
(() => {
  const OWN = ["q", "source", "language", "since", "until", "k", "mode", "show", "library"]; // parts of an address that belong to a question
  const PARTS = ["prose", "answer", "doubtful", "actions", "similar", "passages", "source"];
  const MOST = 20;
  const FIRST = "ask";
  const MORE = "more"; // the tab of these
  const WITHIN = ["evaluation", "map"];
  const NAME = /^shiori-tab-|-button$/g;
  const kept = new Map(); // what was shown, and how far down, by the question's part of the address
  const props = {}; // of the parts, by their names
  let ask = null; // triggers an event of the answer
  let shown = null; // the question's part of the address that the parts belong to; null while they belong to none
  let wanted = null; // what is shown again
  let tab = null; // null until the page is up: Gradio chooses the first one before it knows better
  let early = null; // what the reader chose before that
  let inner = null; // the tab within that of the others that is to be shown, until it is

  const own = (query) => {
    const named = [...new URLSearchParams(query)].filter(([name]) => OWN.includes(name));
    return new URLSearchParams(named).toString();
  };
  const tabIn = (query) => new URLSearchParams(query).get("tab") ?? FIRST;
  history.scrollRestoration = "manual";

  function go(address) {
    if (address !== location.pathname + location.search) history.pushState(null, "", address);
  }
  /** The address of a question, with what else stands in this one. */
  shiori.addressOf = (link) => {
    const address = new URLSearchParams(own(link));
    for (const [name, value] of new URLSearchParams(location.search)) if (!OWN.includes(name)) address.append(name, value);
    return `${location.pathname}?${address}`;
  };
  shiori.goTo = (link) => go(shiori.addressOf(link));

  /** Called by the page whenever a tab is chosen, in whatever way. */
  shiori.tabChosen = (name) => {
    if (tab === null) return;
    inner = null;
    const before = tab;
    show(name);
    const address = new URLSearchParams(location.search);
    if (name === FIRST) address.delete("tab");
    else address.set("tab", name);
    if (tabIn(location.search) !== name) go(`${location.pathname}?${address}`);
    // Documents may have come and gone meanwhile.
    if (name === FIRST && before !== FIRST && document.querySelector("#shiori-answer :is(.home, .no-index)")) ask?.("go_home", {});
  };
  /** The tab of the others was chosen: that within it which is wanted, was shown last, or is the first. */
  shiori.moreChosen = (first) => {
    if (tab === null) return;
    inner ??= document.querySelector("#shiori-more [role=tab][aria-selected=true]")?.id.replace(NAME, "") ?? first;
    const name = inner;
    within(name, () => {
      if (inner !== name) return; // another was chosen meanwhile
      shiori.tabChosen(name);
      const button = document.getElementById(`shiori-tab-${name}-button`);
      if (button.getAttribute("aria-selected") !== "true") button.click();
    });
  };
  /** Do this once the tabs within are there: they come to life when the tab around them is first shown. */
  function within(name, then, looks = 200) {
    if (document.getElementById(`shiori-tab-${name}-button`)) then();
    else if (looks > 0) setTimeout(() => within(name, then, looks - 1), 25);
  }
  document.addEventListener("click", (event) => {
    const chosen = event.target instanceof Element ? event.target.closest("#shiori-tabs [role='tab']") : null;
    const name = chosen?.id.replace(NAME, "");
    if (chosen && tab === null) early = name;
    // Of these Gradio tells too when they come to life, whichever is wanted.
    else if (WITHIN.includes(name)) shiori.tabChosen(name);
  });
  /** The page is up: the tab that the reader has chosen meanwhile stays, or that of the address is shown. */
  function begin() {
    show(tabIn(location.search));
    if (early === MORE) shiori.moreChosen(WITHIN[0]);
    else if (early !== null) shiori.tabChosen(early);
    else if (tab !== FIRST) shiori.showTab(tab);
  }
  function show(name) {
    tab = name;
    document.body.dataset.tab = name;
  }
  /** Clicks a tab's button, or, where it does not fit, that in Gradio's menu: there they stand in their order. */
  shiori.showTab = (name) => {
    inner = WITHIN.includes(name) && !document.getElementById("shiori-more")?.checkVisibility() ? name : null;
    choose(inner === null ? name : MORE);
  };
  function choose(name) {
    const button = document.getElementById(`shiori-tab-${name}-button`);
    if (button) return button.click();
    const hidden = [...document.querySelectorAll("#shiori-tabs > [id^=shiori-tab-][role=tabpanel]")]
      .map((panel) => panel.id)
      .filter((id) => !document.getElementById(`${id}-button`));
    const inMenu = document.querySelectorAll("#shiori-tabs .overflow-dropdown button");
    inMenu[hidden.indexOf(`shiori-tab-${name}`)]?.click();
  }
  shiori.onClick("showTab", (target) => shiori.showTab(target.dataset.showTab));

  /* What was there */
  function keep() {
    if (shown === null || document.querySelector("#shiori-answer .loading") || PARTS.some((name) => !props[name])) return;
    kept.delete(shown);
    kept.set(shown, { values: PARTS.map((name) => props[name].value), scroll: scrollY });
    if (kept.size > MOST) kept.delete(kept.keys().next().value);
  }
  addEventListener("scroll", () => kept.has(shown) && (kept.get(shown).scroll = scrollY), { passive: true });
  shiori.keptParts = () => kept.get(wanted).values;

  addEventListener("popstate", () => {
    if (tabIn(location.search) !== tab) shiori.showTab(tabIn(location.search));
    wanted = own(location.search);
    if (wanted === shown) return;
    if (kept.has(wanted)) ask?.("show_kept", { link: `?${wanted}` });
    else if (new URLSearchParams(wanted).get("q")) ask?.("ask_link", { link: location.search });
    else ask?.("go_home", {});
  });

  shiori.onClick("askLink", (target, trigger) => {
    document.querySelectorAll("details.panel[open]").forEach((panel) => (panel.open = false));
    trigger("ask_link", { link: target.dataset.askLink });
  });
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a.language") : null;
    if (!link) return;
    const address = new URLSearchParams(location.search);
    address.set("lang", link.lang);
    link.href = `?${address}`;
  });

  shiori.onUpdate((element, trigger, itsProps) => {
    if (element.querySelector(".site") && tab === null) begin();
    const name = PARTS.find((part) => element.closest(`#shiori-${part}`));
    if (!name) return;
    props[name] = itsProps;
    if (name === "answer") ask = trigger;
    const has = (selector) => element.querySelector(selector);
    if (has("[data-ask-now]")) trigger("ask_link", { link: has("[data-ask-now]").dataset.askNow });
    if (has(".loading, .error, .no-index")) shown = null;
    const actions = has(".actions[data-link]");
    if (actions) shiori.goTo(actions.dataset.link);
    if (actions || has(".home")) {
      shown = own(actions ? actions.dataset.link : "");
      const again = shown === wanted ? kept.get(shown) : null;
      wanted = null;
      if (again) requestAnimationFrame(() => scrollTo({ top: again.scroll }));
    }
    setTimeout(keep, 100); // all parts have changed by then
  });
})();
