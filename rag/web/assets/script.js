/* What the page does in the browser: opens places, keeps scroll and focus where the reader is, and lets IMEs compose. */
window.shiori = (() => {
  let opener = null; // the button that opened the source, to return focus to
  let anchor = null; // the line at the top of the source, to stay there when more is shown
  let moveFocus = false;
  let stopHadFocus = false; // its button is made anew with every piece of prose

  /** Called by each HTML part of the page as it appears. */
  function connect(element, trigger, watch) {
    element.addEventListener("click", (event) => {
      const target = event.target.closest(
        "[data-open], [data-ask], [data-ask-alone], [data-stop], [data-close], [data-toggle]",
      );
      if (!target) return;
      if (target.dataset.open !== undefined) openPlace(target, trigger);
      else if (target.dataset.ask !== undefined) trigger("ask_example", { question: target.dataset.ask });
      else if (target.dataset.askAlone !== undefined) trigger("ask_alone", { question: target.dataset.askAlone });
      else if (target.dataset.stop !== undefined) trigger("stop", {});
      else if (target.dataset.close !== undefined) closeSource();
      else toggle(target);
    });
    watch("value", () => updated(element));
    updated(element);
  }

  function openPlace(target, trigger) {
    const shown = document.querySelector(".source");
    if (target.dataset.keepScroll !== undefined) {
      anchor = topLine();
    } else {
      opener = target;
      moveFocus = true;
      anchor = null;
    }
    document.body.classList.add("source-open");
    document.body.classList.remove("source-closed");
    markOpened(target);
    if (shown && shown.dataset.place === target.dataset.open) showPlace();
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
    const open = button.getAttribute("aria-expanded") !== "true";
    button.setAttribute("aria-expanded", String(open));
    button.textContent = open ? button.dataset.less : button.dataset.more;
    button.previousElementSibling.classList.toggle("clamped", !open);
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
    if (element.querySelector(".source")) showPlace();
    if (stopHadFocus) element.querySelector("[data-stop]")?.focus({ preventScroll: true });
  }

  /** Bring the marked place into view inside the source panel, without moving the page. */
  function showPlace() {
    const body = document.querySelector(".source-body");
    if (!body) return;
    const settle = (times) => {
      scrollToPlace(body);
      // Lines out of sight are laid out as they come near, which shifts what is below them.
      if (times > 0) requestAnimationFrame(() => settle(times - 1));
      else anchor = null;
    };
    settle(4);
    if (moveFocus) {
      moveFocus = false;
      body.focus({ preventScroll: true });
    }
  }

  function scrollToPlace(body) {
    if (anchor) {
      const line = body.querySelector(`.line[data-line="${anchor.line}"]`);
      if (line) body.scrollTop += line.getBoundingClientRect().top - anchor.top;
      return;
    }
    const mark = body.querySelector("mark.current") || body.querySelector("mark");
    if (!mark) {
      body.scrollTop = 0;
      return;
    }
    const box = body.getBoundingClientRect();
    body.scrollTop += mark.getBoundingClientRect().top - box.top - box.height * 0.3;
  }

  function topLine() {
    const body = document.querySelector(".source-body");
    const top = body.getBoundingClientRect().top;
    for (const line of body.querySelectorAll(".line")) {
      const box = line.getBoundingClientRect();
      if (box.bottom > top) return { line: line.dataset.line, top: box.top };
    }
    return null;
  }

  /* Enter that ends a composition must not ask. Safari ends the composition before it reports the key (as 229). */
  let composing = false;
  let endsComposition = false;
  const inQuestion = (event) => event.target instanceof Element && event.target.closest("#shiori-question");
  document.addEventListener("compositionstart", () => (composing = true), true);
  document.addEventListener("compositionend", () => (composing = false), true);
  document.addEventListener("keyup", () => (endsComposition = false), true);
  for (const name of ["keydown", "keypress"]) {
    document.addEventListener(
      name,
      (event) => {
        if (event.key !== "Enter" || !inQuestion(event)) return;
        if (event.isComposing || event.keyCode === 229) endsComposition = true;
        if (composing || endsComposition) event.stopImmediatePropagation();
      },
      true,
    );
  }

  document.addEventListener("focusin", (event) => {
    stopHadFocus = event.target instanceof Element && event.target.matches("[data-stop]");
  });

  document.addEventListener("keydown", (event) => {
    const typing = event.target instanceof Element && event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key === "Escape" && document.body.classList.contains("source-open")) closeSource();
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const box = document.querySelector("#shiori-question textarea, #shiori-question input");
      if (box) {
        event.preventDefault();
        box.focus();
      }
    }
  });

  return { connect };
})();
