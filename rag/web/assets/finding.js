/* Words looked for in the open document: Enter goes to the next place, Shift+Enter to the one before, wherever they stand. */
(() => {
  const typed = new WeakMap(); // by part of the page: what stands in its field, which a new one takes over

  /** Called with each part that has new contents. */
  shiori.connectFind = (element, trigger) => {
    const box = element.querySelector(".find");
    if (!box) return;
    const field = box.querySelector("input");
    const before = typed.get(element);
    if (before?.document === documentOf(box)) {
      field.value = before.words;
      if (before.focused && [document.body, null].includes(document.activeElement)) refocus(box, field, before);
    }
    remember();
    if (box.dataset.at !== "0") bringIntoView(element);

    function remember() {
      const active = box.contains(document.activeElement) ? document.activeElement : null;
      const focused = active === field ? "field" : active?.dataset.findStep;
      typed.set(element, { document: documentOf(box), words: field.value, caret: field.selectionStart, focused });
    }
    function go(step) {
      remember();
      const [at, count] = [Number(box.dataset.at), Number(box.dataset.count)];
      const isSame = field.value === box.dataset.words;
      if (isSame && !count) return;
      const hit = isSame ? ((at - 1 + step + count) % count) + 1 : 0;
      trigger(box.dataset.event, { ...JSON.parse(box.dataset.with), find: field.value, hit });
    }

    field.addEventListener("input", remember);
    field.addEventListener("keydown", (event) => {
      if (event.isComposing || event.keyCode === 229) return; // this Enter ends a composition
      if (event.key === "Enter") {
        event.preventDefault();
        go(event.shiftKey ? -1 : 1);
      } else if (event.key === "Escape" && field.value) {
        event.stopPropagation(); // empties the field, and closes nothing
        event.preventDefault();
        field.value = "";
        go(1);
      }
    });
    field.addEventListener("search", () => !field.value && box.dataset.words && go(1)); // its cross was clicked
    box.addEventListener("focusin", remember);
    box.addEventListener("focusout", (event) => event.relatedTarget && remember());
    for (const button of box.querySelectorAll("[data-find-step]")) {
      button.addEventListener("click", () => go(Number(button.dataset.findStep)));
    }
  };

  const documentOf = (box) => JSON.parse(box.dataset.with).document;

  function refocus(box, field, before) {
    const target = before.focused === "field" ? field : box.querySelector(`[data-find-step="${before.focused}"]`);
    (target ?? field).focus({ preventScroll: true });
    if (before.focused === "field") field.setSelectionRange(before.caret, before.caret);
  }

  /** In the list of passages the page itself scrolls; a source panel brings its own marks into view. */
  function bringIntoView(element) {
    if (!element.querySelector(".source")) element.querySelector("mark.found.current")?.scrollIntoView({ block: "center" });
  }

  shiori.onUpdate(shiori.connectFind);
})();
