/* Keys: none of them acts while an IME is composing, and single characters only where nothing is typed. */
(() => {
  const SINGLE = "shiori-single-keys"; // "off" once the reader has turned them off (WCAG 2.2, 2.1.4)

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

  const dialog = () => document.querySelector("dialog.keys");
  function openKeys() {
    const box = dialog();
    if (!box || box.open) return;
    box.querySelector("[data-keys-single]").checked = shiori.kept(SINGLE) !== "off";
    box.showModal();
  }
  shiori.onClick("keys", openKeys);
  shiori.onClick("keysClose", () => dialog().close());
  document.addEventListener("change", (event) => {
    if (event.target instanceof Element && event.target.matches("[data-keys-single]")) {
      shiori.keep(SINGLE, event.target.checked ? null : "off");
    }
  });

  function focusQuestion() {
    const tab = document.getElementById("shiori-tab-ask-button");
    if (tab && tab.getAttribute("aria-selected") !== "true") tab.click();
    const focus = (times) => {
      const box = document.querySelector("#shiori-question :is(textarea, input)");
      if (box?.checkVisibility()) box.focus();
      else if (times > 0) requestAnimationFrame(() => focus(times - 1));
    };
    focus(30);
  }

  const single = {
    "/": focusQuestion,
    "?": openKeys,
    "[": () => shiori.stepCitation(-1),
    "]": () => shiori.stepCitation(1),
  };

  document.addEventListener("keydown", (event) => {
    if (composing || event.isComposing || event.defaultPrevented) return;
    if (event.key === "Escape") {
      if (dialog()?.open || event.target.closest?.("select, [list]")) return; // the browser closes these
      if (document.body.classList.contains("source-open")) shiori.closeSource();
      else shiori.closePanels();
      return;
    }
    const typing = event.target instanceof Element && event.target.closest("input, textarea, select, [contenteditable]");
    if (!(event.key in single) || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (dialog()?.open || shiori.kept(SINGLE) === "off") return;
    event.preventDefault();
    single[event.key]();
  });
})();
