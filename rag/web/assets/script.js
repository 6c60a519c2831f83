/* The page's script: hands clicks to what can be done, opens places, keeps scroll and focus where the reader is. */
window.shiori = (() => {
  const actions = {}; // by data attribute (as in dataset): what a click on an element with it does
  const watchers = []; // called with each HTML part that has new contents
  const placers = []; // called with a source whose place is to be brought into view
  let opener = null; // the button that opened the source, to return focus to
  let anchor = null; // the line at the top of the source, to stay there when more is shown
  let moveFocus = false;
  let stopHadFocus = false; // its button is made anew with every piece of prose

  /** Called by each HTML part of the page as it appears. */
  function connect(element, trigger, watch, props) {
    element.addEventListener("click", (event) => {
      for (let at = event.target; at && at !== element; at = at.parentElement) {
        const name = Object.keys(at.dataset ?? {}).find((key) => key in actions);
        if (name && !actions[name](at, trigger, event)) return;
      }
    });
    const update = () => watchers.forEach((watcher) => watcher(element, trigger, props));
    watch("value", update);
    update();
  }

  /** Clicks on elements with `data-<name>` do this; if it returns true, an element around it may act instead. */
  const onClick = (name, action) => (actions[name] = action);
  const onUpdate = (watcher) => watchers.push(watcher);
  const onPlace = (placer) => placers.push(placer);
  /** The tab that an element is in. */
  const tabOf = (element) => element.closest("[role='tabpanel']") ?? document;
  /** Bring what was begun into view. */
  const bringUp = (selector) => document.querySelector(selector)?.scrollIntoView({ block: "start" });
  /** Say something to screen readers. */
  const say = (words) => {
    const place = document.querySelector("[data-said]");
    if (!place) return;
    place.textContent = "";
    setTimeout(() => (place.textContent = words), 50);
  };
  /** Storage that may be forbidden. */
  const keep = (name, value) => {
    try {
      if (value === null) localStorage.removeItem(name);
      else localStorage.setItem(name, value);
    } catch {}
  };
  const kept = (name) => {
    try {
      return localStorage.getItem(name);
    } catch {
      return null;
    }
  };

  onClick("open", openPlace);
  onClick("ask", (target, trigger) => void trigger("ask_example", { question: target.dataset.ask }));
  onClick("askAlone", (target, trigger) => void trigger("ask_alone", { question: target.dataset.askAlone }));
  onClick("stop", (target, trigger) => void trigger("stop", {}));
  onClick("close", () => closeSource());
  onClick("toggle", toggle);
  onUpdate(updated);

  function openPlace(target, trigger) {
    const shown = tabOf(target).querySelector(".source");
    if (target.dataset.keepScroll !== undefined) {
      anchor = topLine(shown);
    } else {
      opener = target;
      moveFocus = true;
      anchor = null;
    }
    document.body.classList.add("source-open");
    document.body.classList.remove("source-closed");
    markOpened(target);
    if (shown && shown.dataset.place === target.dataset.open) showPlace(shown);
    else trigger("open_place", JSON.parse(target.dataset.open));
  }

  function markOpened(target) {
    for (const old of document.querySelectorAll("[aria-current='location']")) old.removeAttribute("aria-current");
    if (target.closest(".source") === null) target.setAttribute("aria-current", "location");
  }

  function closeSource() {
    document.body.classList.remove("source-open");
    document.body.classList.add("source-closed");
    if (opener && opener.isConnected) opener.focus();
  }

  function toggle(button) {
    const open = flip(button);
    button.previousElementSibling.classList.toggle("clamped", !open);
  }

  /** Turn a button that shows or hides something; returns whether it is open now. */
  function flip(button, open = button.getAttribute("aria-expanded") !== "true") {
    button.setAttribute("aria-expanded", String(open));
    button.textContent = open ? button.dataset.less : button.dataset.more;
    const [from, to] = open ? ["more", "less"] : ["less", "more"];
    const label = button.getAttribute("aria-label");
    if (label) button.setAttribute("aria-label", label.replace(button.dataset[from], button.dataset[to]));
    return open;
  }

  /** After a part has new contents. */
  function updated(element) {
    const site = element.querySelector(".site");
    if (site) document.documentElement.lang = site.dataset.lang;
    if (element.querySelector(".loading")) {
      document.body.classList.remove("source-open", "source-closed");
      opener = null;
      window.scrollTo({ top: 0 });
    }
    const source = element.querySelector(".source");
    if (source) showPlace(source);
    for (const table of element.querySelectorAll(":is(.card, .answer) .drawn-table:has(mark.cited)")) {
      bringSideways(table.querySelector("mark.cited"));
    }
    if (stopHadFocus) element.querySelector("[data-stop]")?.focus({ preventScroll: true });
  }

  /** Bring the marked place into view inside the source panel, without moving the page. */
  function showPlace(source) {
    const body = source.querySelector(".source-body");
    const settle = (times) => {
      scrollToPlace(body);
      // Lines out of sight are laid out as they come near, which shifts what is below them.
      if (times > 0) requestAnimationFrame(() => settle(times - 1));
      else anchor = null;
    };
    settle(4);
    placers.forEach((placer) => placer(source));
    if (moveFocus) {
      moveFocus = false;
      body.focus({ preventScroll: true });
    }
  }

  function scrollToPlace(body) {
    if (anchor) {
      const line = body.querySelector(`.lines [data-line="${anchor.line}"]`);
      if (line) body.scrollTop += line.getBoundingClientRect().top - anchor.top;
      return;
    }
    const mark = body.querySelector("mark.current") || body.querySelector("mark");
    if (!mark) {
      body.scrollTop = 0;
      return;
    }
    bringSideways(mark);
    const box = body.getBoundingClientRect();
    body.scrollTop += mark.getBoundingClientRect().top - box.top - box.height * 0.3;
  }

  /** A table that is too wide shows the column of a mark. */
  function bringSideways(mark) {
    const cells = mark.closest(".drawn-table");
    if (!cells) return;
    const [at, box] = [mark.getBoundingClientRect(), cells.getBoundingClientRect()];
    if (at.left < box.left || at.right > box.right) cells.scrollLeft += at.left - box.left - box.width * 0.4;
  }

  function topLine(source) {
    const body = source.querySelector(".source-body");
    const top = body.getBoundingClientRect().top;
    for (const line of body.querySelectorAll(".lines [data-line]")) {
      const box = line.getBoundingClientRect();
      if (box.bottom > top) return { line: line.dataset.line, top: box.top };
    }
    return null;
  }

  document.addEventListener("focusin", (event) => {
    stopHadFocus = event.target instanceof Element && event.target.matches("[data-stop]");
  });

  return { connect, onClick, onUpdate, onPlace, tabOf, bringUp, say, keep, kept, flip, showPlace, closeSource };
})();
