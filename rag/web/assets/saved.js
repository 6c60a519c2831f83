/* An answer is saved with a note and tags; what is sent is what the page passes on of it. */
(() => {
  const connected = new WeakSet();
  shiori.onUpdate((element, trigger) => {
    const form = element.querySelector("[data-keep-form]");
    if (!form || connected.has(form)) return;
    connected.add(form);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const content = form.closest(".actions").querySelector("[data-export]").dataset.export;
      trigger("keep_answer", { content, ...Object.fromEntries(new FormData(form)) });
      form.reset();
      const panel = form.closest("details");
      panel.open = false;
      panel.querySelector("summary").focus();
    });
  });
})();
