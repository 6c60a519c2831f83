/* Filters, and the panels that unfold over the page. */
(() => {
  const opened = new Set(); // ids of the panels that are unfolded
  const connected = new WeakSet(); // Gradio keeps elements that are the same but for their attributes
  let focused = null; // id of the filter that had the focus

  shiori.onClick("filter", (target, trigger) => {
    if (target.closest(".filter-chips")) document.querySelector("#filters summary")?.focus(); // it goes
    trigger("choose", { query: target.dataset.filter });
  });
  shiori.onClick("filterAdd", (target, trigger) => choose(target.closest("form"), trigger, "filter-source"));
  const queryOf = (form) => new URLSearchParams([...new FormData(form)].filter(([, value]) => value)).toString();
  shiori.chosenFilters = () => queryOf(document.querySelector("#filters [data-filter-form]"));
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
      const wanted = panel.open && panel.id === "filters" && !document.getElementById("shiori-filter-sources");
      if (wanted) trigger("source_options", {});
    });
  }

  const isNew = (element) => !connected.has(element) && Boolean(connected.add(element));

  /** Panels stay as they are when their contents are made anew; one is unfolded at a time. */
  function keepOpen(panel) {
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
  // They lie over the page: whoever goes on with the page is done with them.
  document.addEventListener("pointerdown", ({ target }) => {
    for (const panel of document.querySelectorAll("details.panel[open]")) if (!panel.contains(target)) panel.open = false;
  });

  shiori.onUpdate((element, trigger) => {
    for (const panel of element.querySelectorAll("details.panel")) {
      if (isNew(panel)) keepOpen(panel);
      panel.open = opened.has(panel.id);
    }
    const forms = element.querySelectorAll("[data-filter-form]");
    if (!forms.length) return;
    for (const form of forms) {
      if (isNew(form)) connectForm(form, trigger);
      form.reset(); // to what its attributes say now
    }
    // Making the form anew took the focus away; whoever has gone on to another part of the page keeps it.
    if (focused && document.activeElement === document.body) document.getElementById(focused)?.focus({ preventScroll: true });
    focused = null;
  });
})();
