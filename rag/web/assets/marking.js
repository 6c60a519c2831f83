/* Whether an answer is right, and what the right one is: words selected in a source, a passage, or nothing at all. */
(() => {
  const actions = () => document.querySelector(".actions[data-question]");
  const panel = () => document.querySelector("#shiori-right");
  const isMarking = () => document.body.classList.contains("marking");
  let selected = null; // what is selected in a source: its document, the number of its first line, the words

  function setMarking(marking) {
    document.body.classList.toggle("marking", marking);
    const box = panel();
    if (box) box.hidden = !marking;
    document.querySelector("[data-mark-wrong]")?.setAttribute("aria-expanded", String(marking));
    look();
  }

  const send = (trigger, data) => {
    const answer = panel()?.querySelector("[data-mark-answer]").value ?? "";
    trigger("mark", { question: actions().dataset.question, answer: isMarking() ? answer : "", ...data });
  };

  shiori.onClick("markHelpful", (target, trigger) => {
    send(trigger, { helpful: true, places: JSON.parse(target.dataset.markHelpful) });
  });
  shiori.onClick("markWrong", () => {
    setMarking(!isMarking());
    if (isMarking()) document.getElementById("shiori-right-title").focus();
  });
  shiori.onClick("markCancel", () => {
    setMarking(false);
    document.querySelector("[data-mark-wrong]").focus();
  });
  shiori.onClick("markNowhere", (_, trigger) => send(trigger, { places: [] }));
  shiori.onClick("markPassage", (target, trigger) => {
    const [document_id, start, end] = target.dataset.markPassage.split(":");
    send(trigger, { places: [[document_id, Number(start), Number(end)]] });
  });
  shiori.onClick("markSelection", (_, trigger) => selected && send(trigger, { selected }));
  shiori.onClick("unmark", (target, trigger) => {
    trigger("unmark", { question: target.closest("[data-marked-for]").dataset.markedFor });
  });

  /** The button for selected words is there as long as some are. */
  function look() {
    const button = document.querySelector("[data-mark-selection]");
    if (!button || !isMarking()) return;
    const range = getSelection().rangeCount ? getSelection().getRangeAt(0) : null;
    const from = range?.startContainer.parentElement?.closest("#shiori-source .lines");
    const words = getSelection().toString().trim();
    selected = null;
    if (from && words) {
      const line = range.startContainer.parentElement.closest("[data-line]")?.dataset.line;
      selected = { document: from.closest(".source").dataset.document, line: Number(line ?? 1), words };
    }
    button.hidden = selected === null;
  }
  document.addEventListener("selectionchange", look);

  shiori.onUpdate((element) => {
    const isActions = element.closest("#shiori-actions") !== null;
    if (!isActions && !element.closest("#shiori-marked")) return;
    const said = document.querySelector("#shiori-marked .mark-said");
    const isKept = said?.dataset.markedFor === actions()?.dataset.question && said?.dataset.markedFor !== undefined;
    if (said && isActions) said.hidden = !isKept;
    actions()?.classList.toggle("is-marked", isKept);
    if (isActions || isKept) setMarking(false);
    if (isKept && !isActions) said.querySelector("[data-unmark]").focus({ preventScroll: true });
    if (!said && !isActions) actions()?.querySelector("[data-mark-helpful]")?.focus({ preventScroll: true });
  });
})();
