/* What the browser keeps of questions: their addresses, the history, what is typed; copying; filters; passages alike. */
(() => {
  const HISTORY = "shiori-history";
  const DRAFT = "shiori-draft";
  const MOST = 200;
  const OWN = ["q", "source", "language", "k", "mode"]; // parts of an address that belong to a question
  const SHOWN_RECENT = 5;
  let askLink = null; // asks the question of an address
  let opened = new Set(); // ids of the panels that are unfolded
  let focused = null; // id of the filter that had the focus
  let sinceSimilar = null; // what opened the passages alike

  const box = () => document.querySelector("#shiori-question textarea");

  /* History */
  function read() {
    try {
      const found = JSON.parse(shiori.kept(HISTORY) ?? "[]");
      return Array.isArray(found) ? found.filter((e) => typeof e?.link === "string" && typeof e.question === "string") : [];
    } catch {
      return [];
    }
  }

  function write(entries) {
    shiori.keep(HISTORY, entries.length ? JSON.stringify(entries.slice(0, MOST)) : null);
    fillAll();
  }

  const remember = (link, question) => write([{ link, question }, ...read().filter((entry) => entry.link !== link)]);

  function button(className, text, dataset) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = className;
    made.textContent = text;
    Object.assign(made.dataset, dataset);
    return made;
  }

  function item(...children) {
    const made = document.createElement("li");
    made.append(...children);
    return made;
  }

  function fillAll() {
    const entries = read();
    for (const panel of document.querySelectorAll("#history")) fillHistory(panel, entries);
    for (const recent of document.querySelectorAll("[data-recent]")) {
      recent.hidden = entries.length === 0;
      const asks = entries.slice(0, SHOWN_RECENT);
      recent.querySelector("ul").replaceChildren(
        ...asks.map((entry) => item(button("example", entry.question, { askLink: entry.link }))),
      );
    }
  }

  function fillHistory(panel, entries) {
    const count = panel.querySelector("[data-history-count]");
    count.textContent = String(entries.length);
    count.hidden = entries.length === 0;
    panel.querySelector("[data-history-empty]").hidden = entries.length > 0;
    panel.querySelector("[data-history-clear]").hidden = entries.length === 0;
    panel.querySelector("[data-history-list]").replaceChildren(
      ...entries.map((entry) => {
        const remove = button("quiet delete", "×", { historyDelete: entry.link });
        remove.setAttribute("aria-label", panel.dataset.delete.replace("{question}", entry.question.slice(0, 80)));
        const again = button("again", entry.question, { askLink: entry.link });
        return item(again, remove);
      }),
    );
  }

  shiori.onClick("historyDelete", (target) => {
    const row = target.closest("li");
    const at = [...row.parentElement.children].indexOf(row);
    write(read().filter((entry) => entry.link !== target.dataset.historyDelete));
    const left = document.querySelectorAll("#history .delete");
    (left[Math.min(at, left.length - 1)] ?? document.querySelector("#history summary")).focus();
  });
  shiori.onClick("historyClear", (target) => {
    const panel = target.closest("#history");
    write([]);
    shiori.say(panel.dataset.cleared);
    panel.querySelector("summary").focus();
  });
  addEventListener("storage", (event) => event.key === HISTORY && fillAll());

  /* Addresses */
  shiori.onClick("askLink", (target, trigger) => {
    document.querySelectorAll("details.panel[open]").forEach((panel) => (panel.open = false));
    trigger("ask_link", { link: target.dataset.askLink });
  });
  function addressOf(link) {
    const own = new URLSearchParams(link);
    const rest = new URLSearchParams(location.search);
    OWN.forEach((name) => rest.delete(name));
    for (const [name, value] of rest) own.append(name, value);
    return `${location.pathname}?${own}`;
  }

  function asked(actions) {
    const { link, question } = actions.dataset;
    const address = addressOf(link);
    if (address !== location.pathname + location.search) history.pushState(null, "", address);
    remember(link, question);
    shiori.keepDraft("");
  }

  addEventListener("popstate", () => {
    const search = location.search;
    if (new URLSearchParams(search).get("q") && askLink) askLink(search);
    else location.reload();
  });
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a.language") : null;
    if (!link) return;
    const address = new URLSearchParams(location.search);
    address.set("lang", link.lang);
    link.href = `?${address}`;
  });

  /* What is typed outlives a reload too. */
  shiori.keepDraft = (text) => {
    try {
      sessionStorage.setItem(DRAFT, text);
    } catch {}
  };
  function restoreDraft() {
    let draft = "";
    try {
      draft = sessionStorage.getItem(DRAFT) ?? "";
    } catch {}
    const typed = box();
    if (!draft || !typed || typed.value) return;
    typed.value = draft;
    typed.dispatchEvent(new Event("input", { bubbles: true }));
  }
  document.addEventListener("input", (event) => event.target === box() && shiori.keepDraft(event.target.value));

  /* Copying */
  async function copy(text, target) {
    let done = true;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      done = copyTheOldWay(text); // pages that are not served from this machine or by HTTPS have no clipboard
    }
    const words = done ? target.dataset.copied : target.dataset.failed;
    target.dataset.label ??= target.textContent;
    target.textContent = words;
    shiori.say(words);
    setTimeout(() => (target.textContent = target.dataset.label), 2000);
  }

  function copyTheOldWay(text) {
    const holder = document.createElement("textarea");
    holder.value = text;
    holder.className = "sr-only";
    const before = document.activeElement;
    document.body.append(holder);
    holder.select();
    const done = document.execCommand("copy");
    holder.remove();
    before?.focus();
    return done;
  }

  shiori.onClick("copy", (target) => void copy(target.dataset.copy, target));
  shiori.onClick("copyLink", (target) => {
    copy(new URL(location.pathname + target.dataset.copyLink, location.href).href, target);
  });

  /* Filters */
  shiori.onClick("filter", (target, trigger) => {
    document.querySelector("#filters summary")?.focus();
    trigger("choose", { query: target.dataset.filter });
  });
  shiori.onClick("filterAdd", (target, trigger) => choose(target.closest("form"), trigger, "filter-source"));
  const queryOf = (form) => new URLSearchParams([...new FormData(form)].filter(([, value]) => value)).toString();
  function choose(form, trigger, focus) {
    focused = focus;
    trigger("choose", { query: queryOf(form) });
  }
  function connectForm(form, trigger) {
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("change", (event) => {
      // A day that is being typed counts when its field is left; its first digit is a day already.
      const typing = event.target.type === "date" && event.target.dataset.typed;
      if (event.target.id !== "filter-source" && !typing) choose(form, trigger, event.target.id);
    });
    form.addEventListener("focusout", ({ target, relatedTarget }) => {
      const changed = target.dataset.typed && target.value !== target.defaultValue && target.validity.valid;
      if (changed) choose(form, trigger, relatedTarget?.id);
    });
    form.addEventListener("keydown", (event) => {
      if (event.target.type === "date") {
        event.target.dataset.typed = "yes";
        if (event.key === "Enter") choose(form, trigger, event.target.id);
      }
      if (event.key !== "Enter" || event.target.id !== "filter-source") return;
      event.preventDefault();
      if (!event.isComposing && event.keyCode !== 229 && event.target.value) choose(form, trigger, "filter-source");
    });
    form.addEventListener("input", (event) => {
      const chosen = event.target.id === "filter-source" && !(event instanceof InputEvent && event.inputType !== "insertReplacementText");
      if (chosen && event.target.value) choose(form, trigger, "filter-source"); // a suggestion was taken
    });
    const panel = form.closest("details");
    panel.addEventListener("toggle", () => {
      const wanted = panel.open && !document.getElementById("shiori-filter-sources");
      if (wanted) trigger("source_options", {});
    });
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
    focused = null;
  }

  /* Passages alike, and what stands around one */
  shiori.onClick("similar", (target, trigger) => {
    sinceSimilar ??= target;
    target.setAttribute("aria-busy", "true");
    trigger("similar", { passage: target.dataset.similar });
  });
  shiori.onClick("back", (target, trigger) => {
    const before = sinceSimilar;
    sinceSimilar = null;
    trigger("close_similar", {});
    document.body.classList.remove("similar-open");
    before?.scrollIntoView({ block: "center" });
    before?.focus({ preventScroll: true });
  });
  shiori.onClick("around", (target, trigger) => {
    const card = target.closest(".card");
    const beside = card.querySelectorAll(".beside-passage");
    if (!beside.length) return void trigger("around", { passage: target.dataset.around });
    const open = shiori.flip(target);
    beside.forEach((part) => (part.hidden = !open));
  });
  function putAround(found) {
    const key = CSS.escape(found.dataset.aroundFor);
    for (const card of document.querySelectorAll(`.card[data-passage="${key}"]`)) {
      if (!card.checkVisibility() || card.querySelector(".beside-passage")) continue;
      const [before, after] = [...found.children].map((part) => part.cloneNode(true));
      const text = card.querySelector(".card-text");
      const folding = card.querySelector(".toggle[aria-expanded='false']");
      folding?.click();
      text.before(before);
      text.after(after);
      shiori.flip(card.querySelector("[data-around]"), true);
    }
  }

  function updated(element, trigger) {
    const has = (selector) => element.querySelector(selector);
    if (element.closest("#shiori-answer")) askLink = (link) => trigger("ask_link", { link });
    if (has("[data-ask-now]")) trigger("ask_link", { link: has("[data-ask-now]").dataset.askNow });
    if (has(".actions[data-link]")) asked(has(".actions[data-link]"));
    if (has("#history, [data-recent]")) fillAll();
    if (has(".home")) restoreDraft();
    if (has("[data-filter-form]")) connectForm(has("[data-filter-form]"), trigger);
    if (has("[data-around-for]")) putAround(has("[data-around-for]"));
    if (has(".loading, .error")) sinceSimilar = null;
    if (element.closest("#shiori-similar")) {
      document.body.classList.toggle("similar-open", has(".similar") !== null);
      document.querySelectorAll("[data-similar][aria-busy]").forEach((one) => one.removeAttribute("aria-busy"));
      const title = has("#similar-title");
      title?.focus({ preventScroll: true });
      title?.closest("section").scrollIntoView({ block: "start" });
    }
    for (const panel of element.querySelectorAll("details.panel")) keepOpen(panel);
  }

  /** Panels stay as they are when their contents are made anew; one is unfolded at a time. */
  function keepOpen(panel) {
    panel.open = opened.has(panel.id);
    panel.addEventListener("toggle", () => {
      opened[panel.open ? "add" : "delete"](panel.id);
      if (!panel.open) return;
      for (const other of document.querySelectorAll("details.panel[open]")) if (other !== panel) other.open = false;
    });
  }
  shiori.closePanels = () => {
    const open = document.querySelector("details.panel[open]");
    if (!open) return false;
    open.open = false;
    open.querySelector("summary").focus();
    return true;
  };
  shiori.onUpdate(updated);
})();
