/* Light or dark: as the system has it, until the reader chooses; the choice stays in the browser. */
(() => {
  const KEY = "shiori-theme";
  const system = matchMedia("(prefers-color-scheme: dark)");
  const inAddress = new URLSearchParams(location.search).get("__theme");
  const chosen = () => shiori.kept(KEY) ?? (["light", "dark"].includes(inAddress) ? inAddress : null);
  const isDark = () => (chosen() ?? (system.matches ? "dark" : "light")) === "dark";

  function apply() {
    const dark = isDark();
    for (const root of [document.documentElement, document.body]) {
      if (root && root.classList.contains("dark") !== dark) root.classList.toggle("dark", dark);
    }
    for (const button of document.querySelectorAll("[data-theme-switch]")) {
      const label = dark ? button.dataset.toLight : button.dataset.toDark;
      button.setAttribute("aria-label", label);
      button.title = label;
    }
  }

  apply();
  system.addEventListener("change", apply);
  // Gradio sets the class of the body by itself as the page comes up.
  document.addEventListener("DOMContentLoaded", () => {
    apply();
    new MutationObserver(apply).observe(document.body, { attributes: true, attributeFilter: ["class"] });
  });
  shiori.onUpdate(apply);
  shiori.onClick("themeSwitch", () => {
    shiori.keep(KEY, isDark() ? "light" : "dark");
    apply();
  });
})();
