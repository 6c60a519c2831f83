/* The tab of documents in the browser: files are dropped or chosen and sent, buttons tell the server, focus stays. */
window.shioriDocuments = (() => {
  const AT_ONCE = 2;
  const PER_EVENT = 20;
  const MOST_FILES = 20000;
  const LEFT_BEHIND = /(^|\/)(\.|~\$|node_modules\/|__pycache__\/|__MACOSX\/)/;
  let opener = null; // what opened a document, to return focus to
  let sendAdded = null; // sends files from where they are added

  /** Called by each HTML part of the tab as it appears. */
  function connect(element, trigger, watch, upload) {
    let focused = null;
    let sent = null; // the form whose event is not answered yet
    const open = new Set(); // details that stay open when the part is drawn again
    element.addEventListener("click", (event) => {
      const details = event.target.closest("summary")?.closest("[data-stays]");
      if (details) open[details.open ? "delete" : "add"](details.dataset.stays);
    });
    element.addEventListener("focusin", (event) => (focused = event.target.dataset?.key ?? null));
    element.addEventListener("focusout", (event) => {
      if (event.relatedTarget) focused = null;
    });
    element.addEventListener("click", (event) => {
      const target = event.target.closest("[data-do], [data-pick], [data-confirm], [data-ask-first]");
      if (!target) return;
      if (target.dataset.pick !== undefined) element.querySelector(`[data-chosen="${target.dataset.pick}"]`).click();
      else if (target.dataset.confirm !== undefined) {
        confirmed(element, target, () => trigger("remove_document", { document: target.dataset.confirm }));
      } else if (target.dataset.askFirst !== undefined) {
        const data = JSON.parse(target.dataset.with ?? "{}");
        confirmed(element, target, (answer) => trigger(target.dataset.askFirst, { ...data, answer }));
      } else tell(target, trigger);
    });
    element.addEventListener("submit", (event) => {
      event.preventDefault();
      sent = event.target;
      trigger(event.submitter?.dataset.form ?? event.target.dataset.form, Object.fromEntries(new FormData(event.target)));
    });
    watch("value", () => {
      if (focused !== null && document.activeElement === document.body) {
        element.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
      }
      if (sent?.dataset.clears !== undefined && !element.querySelector(".failed")) sent.reset();
      sent = null;
      for (const details of element.querySelectorAll("[data-stays]")) {
        if (open.has(details.dataset.stays)) details.open = true;
      }
      updated(element);
      announced(element);
      shiori.connectFind(element, trigger);
      shiori.showOriginal(element.querySelector("[data-original]"));
    });
    takeFiles(element, trigger, upload);
  }

  function tell(target, trigger) {
    if (target.classList.contains("doc-open")) opener = target.dataset.key;
    trigger(target.dataset.do, JSON.parse(target.dataset.with));
  }

  /** A document that has been opened gets the focus; closed, the list has it again, where it was. */
  function updated(element) {
    if (element.id !== "shiori-doc-contents" && !element.closest("#shiori-doc-contents")) return;
    const title = element.querySelector("#doc-contents-title");
    const shown = element.querySelector(".doc-contents")?.dataset.document ?? null;
    jumped(element);
    if (shown === updated.shown) return;
    updated.shown = shown;
    if (title) {
      title.focus({ preventScroll: true });
      element.scrollIntoView({ block: "start" });
    } else if (opener !== null) {
      document.querySelector(`#shiori-doc-list [data-key="${CSS.escape(opener)}"]`)?.focus();
    }
  }
  updated.shown = null;

  /** Work that was done while the page is open is marked on the tab, and in the window's title, where nobody looks. */
  function announced(element) {
    const ended = element.querySelector("[data-news]")?.dataset.news;
    if (ended === undefined || ended === announced.last) return;
    announced.last = ended;
    if (Number(ended) * 1000 < performance.timeOrigin) return;
    const tab = document.getElementById("shiori-tab-documents-button");
    if (tab?.getAttribute("aria-selected") === "false") {
      tab.classList.add("has-news");
      tab.addEventListener("click", () => tab.classList.remove("has-news"), { once: true });
    }
    if (document.hidden) {
      const title = document.title;
      document.title = `✓ ${title}`;
      document.addEventListener("visibilitychange", () => (document.title = title), { once: true });
    }
  }

  /** The place that was asked for in the overview comes into view, and the frame around it gets the focus. */
  function jumped(element) {
    const mark = element.querySelector("[data-jump] mark.found.current");
    if (!mark) return;
    const frame = mark.closest(".frame");
    frame.tabIndex = -1;
    frame.focus({ preventScroll: true });
    mark.scrollIntoView({ block: "center" });
  }

  /** Ask in the dialog of a part whether something is to be done. */
  function confirmed(element, target, then) {
    const dialog = document.getElementById(target.dataset.dialog) ?? element.querySelector("dialog");
    const title = (dialog.dataset.ask ?? "{title}").replace("{title}", () => target.dataset.title);
    dialog.querySelector("h2").textContent = title;
    dialog.querySelector("p").textContent = target.dataset.note;
    const yes = dialog.querySelector("[data-answer='yes']");
    if (dialog.dataset.ask === undefined && yes) yes.textContent = target.textContent;
    dialog.onclick = (event) => {
      const answer = event.target.dataset?.answer;
      if (answer === undefined && event.target !== dialog) return;
      dialog.close();
      if (answer !== undefined && answer !== "no") then(answer);
    };
    dialog.showModal();
  }

  function takeFiles(element, trigger, upload) {
    const send = (found) => sendAll(element.querySelector(".drop"), found, trigger, upload);
    if (element.closest("#shiori-doc-add")) sendAdded = send;
    element.addEventListener("change", (event) => {
      if (event.target.dataset.chosen === undefined) return;
      send([...event.target.files].map((file) => ({ file, name: file.webkitRelativePath || file.name })));
      event.target.value = "";
    });
    for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
      element.addEventListener(name, (event) => {
        const drop = event.target.closest?.(".drop");
        if (!drop || !event.dataTransfer?.types.includes("Files")) return;
        event.preventDefault();
        drop.classList.toggle("over", name === "dragenter" || name === "dragover");
        if (name === "drop") dropped(event.dataTransfer).then(send);
      });
    }
  }

  /** The files that were dropped, with those in folders. */
  async function dropped(transfer) {
    const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    if (!entries.length) return [...transfer.files].map((file) => ({ file, name: file.name }));
    const found = [];
    const stack = entries.reverse();
    while (stack.length && found.length < MOST_FILES) {
      const entry = stack.pop();
      try {
        if (entry.isDirectory) stack.push(...(await childrenOf(entry)).reverse());
        else found.push({ file: await new Promise((yes, no) => entry.file(yes, no)), name: entry.fullPath.slice(1) });
      } catch (error) {
        found.push({ file: null, name: entry.fullPath.slice(1) });
      }
    }
    return found;
  }

  async function childrenOf(folder) {
    const reader = folder.createReader();
    const children = [];
    for (;;) {
      const some = await new Promise((yes, no) => reader.readEntries(yes, no));
      if (!some.length) return children;
      children.push(...some);
    }
  }

  /** Send files a few at a time; what the server would refuse is only told to it. Hidden files of folders are left. */
  async function sendAll(drop, found, trigger, upload) {
    const files = found.filter(({ name }) => !name.includes("/") || !LEFT_BEHIND.test(name)).slice(0, MOST_FILES);
    if (!files.length) {
      say(drop, drop.dataset.nothing);
      return;
    }
    let done = 0;
    let ready = [];
    const rest = [...files];
    let first = true;
    const flush = () => {
      if (!ready.length) return;
      trigger("add_files", { files: ready, first });
      ready = [];
      first = false;
    };
    const sendNext = async () => {
      for (let next = rest.shift(); next; next = rest.shift()) {
        const { file, name } = next;
        say(drop, drop.dataset.sending, { done: String(done + 1), total: String(files.length), name });
        ready.push({ name, size: file?.size, path: await sent(drop, file, name, upload) });
        done += 1;
        if (ready.length >= PER_EVENT) flush();
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, sendNext));
    flush();
    say(drop, "");
  }

  async function sent(drop, file, name, upload) {
    const ending = name.slice(name.lastIndexOf(".")).toLowerCase();
    const isWanted = file && file.size > 0 && file.size <= Number(drop.dataset.most);
    if (!isWanted || !drop.dataset.endings.split(" ").includes(ending)) return "";
    try {
      // Under a name of its own: two uploads at the same time must not meet on the server.
      const own = Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(36)).join("");
      return (await upload(new File([file], own))).path;
    } catch (error) {
      return "";
    }
  }

  function say(drop, words, values = {}) {
    const text = words.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
    const line = drop.querySelector(".sending") ?? document.querySelector("#shiori-doc-add .sending");
    if (line) line.textContent = text;
  }

  // Files may be dropped anywhere, but where a part takes files of its own; none must replace the page.
  for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
    document.addEventListener(name, (event) => {
      if (!event.dataTransfer?.types.includes("Files") || event.target.closest?.(".job-file")) return;
      event.preventDefault();
      const isFree = !event.target.closest?.(".drop") && document.querySelector(".site[data-drop]") !== null;
      document.body.classList.toggle("dropping", isFree && (name === "dragenter" || name === "dragover"));
      if (name === "drop" && isFree) addToDocuments(dropped(event.dataTransfer));
    });
  }

  /** Send files in the tab of documents, which comes to life when it is first shown. */
  async function addToDocuments(found) {
    shiori.showTab("documents");
    for (let tries = 0; tries < 100 && !document.querySelector("#shiori-doc-add .drop"); tries += 1) {
      await new Promise((wait) => setTimeout(wait, 100));
    }
    if (document.querySelector("#shiori-doc-add .drop")) sendAdded?.(await found);
  }

  return { connect };
})();
