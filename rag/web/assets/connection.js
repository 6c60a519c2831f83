/* Whether the server can be reached. A question that it never answered must not seem answered by what is shown. */
(() => {
  const NO_SERVER = [502, 503, 504];
  const reach = window.fetch.bind(window);
  let asking = ""; // the question that was sent, until its answer is there

  window.fetch = async (...request) => {
    const question = questionIn(request[1]);
    asking = question || asking;
    try {
      const response = await reach(...request);
      tell(NO_SERVER.includes(response.status));
      return response;
    } catch (error) {
      if (error.name !== "AbortError") tell(true);
      throw error;
    }
  };

  /** The question that a request carries, if it does. */
  function questionIn(options) {
    const typed = document.querySelector("#shiori-question textarea")?.value.trim();
    if (!typed || typeof options?.body !== "string") return "";
    try {
      const { data } = JSON.parse(options.body);
      return typeof data?.[0] === "string" && data[0].trim() === typed ? typed : "";
    } catch {
      return "";
    }
  }

  function tell(isLost) {
    document.body.classList.toggle("lost", isLost);
    for (const notice of document.querySelectorAll("[data-connection]")) notice.hidden = !isLost;
    if (!isLost || !asking) return;
    document.body.classList.add("unanswered");
    shiori.goTo(`?${new URLSearchParams({ q: asking })}&${shiori.chosenFilters()}`); // it is asked when the page is back
  }

  shiori.onClick("reload", () => location.reload());
  shiori.onUpdate((element) => {
    if (!element.closest("#shiori-answer, #shiori-actions") || element.querySelector(".loading")) return;
    asking = "";
    document.body.classList.remove("unanswered");
  });
})();
