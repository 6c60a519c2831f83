/* Questions to begin with: found in the background, and put where the page begins as soon as they are there. */
(() => {
  const AGAIN = 2000; // milliseconds between two looks
  const LOOKS = 60;

  async function fill(place, looks) {
    let found = null;
    try {
      const answer = await fetch(`api/proposed?lang=${document.documentElement.lang}`);
      if (answer.ok) found = await answer.json();
    } catch {}
    if (!place.isConnected || found === null) return;
    place.hidden = found.questions.length === 0;
    place.querySelector("ul").replaceChildren(...found.questions.map(item));
    if (!found.ready && looks > 0) setTimeout(() => place.isConnected && fill(place, looks - 1), AGAIN);
  }

  function item(question) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "example";
    button.textContent = question;
    button.dataset.ask = question;
    const made = document.createElement("li");
    made.append(button);
    return made;
  }

  shiori.onUpdate((element) => {
    const place = element.querySelector(".home [data-proposed]");
    if (place) fill(place, LOOKS);
  });
})();
