/* What the browser keeps of questions: the history, what is typed; copying; passages alike. */
(() => {
  const HISTORY = "shiori-history";
  const DRAFT = "shiori-draft";
  const MOST = 200;
  const SHOWN_RECENT = 5;
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

  function asked({ link, question }) {
    remember(link, question);
    shiori.keepDraft("");
  }

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
    if (has(".actions[data-link]")) asked(has(".actions[data-link]").dataset);
    if (has("#history, [data-recent]")) fillAll();
    if (has(".home")) restoreDraft();
    if (has("[data-around-for]")) putAround(has("[data-around-for]"));
    if (has(".loading, .error")) sinceSimilar = null;
    if (element.closest("#shiori-similar")) {
      document.body.classList.toggle("similar-open", has(".similar") !== null);
      document.querySelectorAll("[data-similar][aria-busy]").forEach((one) => one.removeAttribute("aria-busy"));
      const title = has("#similar-title");
      title?.focus({ preventScroll: true });
      title?.closest("section").scrollIntoView({ block: "start" });
    }
  }

  shiori.onUpdate(updated);
})();
