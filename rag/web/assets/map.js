/* The map: draws its points, zooms and pans, and tells of the passage under the pointer or the keyboard. */
window.shioriMap = (() => {
  const NEAR = 18; // pixels within which a point counts as pointed at
  const LOOK_AGAIN = 700; // milliseconds between looks at a map that is being drawn
  let map = null; // what is shown: numbers, elements and the view
  let asked = null; // the question on it, kept until another one is
  let lookAgain = () => {}; // looks for the map of other libraries, if it is in view

  /** Called by the picture's part: looks for the map whenever it comes into view. */
  function connect(element, trigger, watch) {
    let placed = null;
    let visible = false;
    const question = () => document.querySelector("#shiori-question :is(textarea, input)")?.value.trim() ?? "";
    const look = () => trigger("look", { known: map?.snapshot ?? "" });
    const place = () => {
      if (!map || placed === question() + map.snapshot) return;
      placed = question() + map.snapshot;
      trigger("place_question", { question: question() });
    };
    new IntersectionObserver(([entry]) => {
      const appeared = entry.isIntersecting && !visible;
      visible = entry.isIntersecting;
      if (!appeared) return;
      look();
      place();
    }).observe(element);
    const updated = () => {
      draw(element);
      place();
    };
    lookAgain = () => visible && look();
    setInterval(() => visible && element.querySelector("[data-again]") && look(), LOOK_AGAIN);
    watch("value", updated);
    updated();
  }

  /** Called by the part that holds the question and its hits as a list. */
  function showQuestion(element, watch) {
    const updated = () => {
      const list = element.querySelector("[data-asked]");
      asked = list ? JSON.parse(list.dataset.asked) : null;
      drawQuestion();
    };
    for (const name of ["pointerover", "focusin"]) {
      element.addEventListener(name, (event) => mark(event.target.closest(".map-hit")?.dataset.rank));
    }
    watch("value", updated);
    updated();
  }

  function draw(element) {
    const frame = element.querySelector(".map-frame");
    if (!frame) {
      map = null;
      return;
    }
    if (map?.frame === frame) return;
    const numbers = JSON.parse(frame.dataset.map);
    const picture = frame.querySelector(".map-picture");
    map = {
      frame,
      picture,
      snapshot: frame.dataset.snapshot,
      all: frame.querySelector(".map-all"),
      card: frame.querySelector(".map-card"),
      said: element.querySelector("#shiori-map-said"),
      documents: numbers.documents,
      points: numbers.points,
      circles: [],
      chosen: -1,
      view: { x: 0, y: 0, zoom: 1 },
    };
    const holder = frame.querySelector(".map-points");
    for (const [x, y, number] of map.points) {
      map.circles.push(add(holder, "circle", { cx: x, cy: y, class: `colour-${map.documents[number][3]}` }));
    }
    listen(element);
    show();
    drawQuestion();
  }

  function add(parent, name, attributes, text) {
    const made = document.createElementNS(parent.namespaceURI, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    parent.append(made);
    return made;
  }

  function drawQuestion() {
    const holder = map?.frame.querySelector(".map-asked");
    if (!holder) return;
    holder.replaceChildren();
    if (!asked) return;
    const [[x, y], ...hits] = asked.points;
    for (const [hx, hy] of hits) add(holder, "line", { x1: x, y1: y, x2: hx, y2: hy });
    // The best is drawn last, over the others.
    [...hits.entries()].reverse().forEach(([index, [hx, hy]]) => {
      const group = add(holder, "g", { class: "map-found", "data-rank": index + 1, "data-x": hx, "data-y": hy });
      add(group, "circle", { r: 9 });
      add(group, "text", { "text-anchor": "middle", dy: "0.35em" }, String(index + 1));
    });
    const star = add(holder, "g", { class: "map-question", "data-x": x, "data-y": y });
    add(star, "path", { d: "M0-13 3.8-4.6 13-4 5.9 1.9 8.3 11 0 6-8.3 11-5.9 1.9-13-4-3.8-4.6z" });
    show();
  }

  function mark(rank) {
    for (const group of document.querySelectorAll(".map-found")) {
      group.classList.toggle("marked", group.dataset.rank === rank);
    }
  }

  /* The view: what stands still on the screen is sized against the zoom. */
  function show() {
    const { view, all, picture } = map;
    const unit = 1 / scale();
    all.setAttribute("transform", `translate(${view.x} ${view.y}) scale(${view.zoom})`);
    picture.style.setProperty("--unit", unit / view.zoom);
    for (const group of all.querySelectorAll("[data-x]")) {
      group.setAttribute("transform", `translate(${group.dataset.x} ${group.dataset.y}) scale(${unit / view.zoom})`);
    }
    if (map.chosen >= 0) placeCard();
  }

  /** Screen pixels to a unit of the picture. */
  function scale() {
    return map.picture.getScreenCTM()?.a || 1;
  }

  /** A point of the screen in the picture's own units. */
  function inPicture(event) {
    const matrix = map.picture.getScreenCTM().inverse();
    return new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix);
  }

  function zoom(factor, at) {
    const { view, picture } = map;
    const { width, height } = picture.viewBox.baseVal;
    const { x, y } = at ?? { x: width / 2, y: height / 2 };
    const next = Math.min(40, Math.max(1, view.zoom * factor));
    view.x = x - ((x - view.x) * next) / view.zoom;
    view.y = y - ((y - view.y) * next) / view.zoom;
    view.zoom = next;
    hold();
    show();
  }

  /** Keep some of the map in sight. */
  function hold() {
    const { view, picture } = map;
    const { width, height } = picture.viewBox.baseVal;
    view.x = Math.min(width / 2, Math.max(width / 2 - width * view.zoom, view.x));
    view.y = Math.min(height / 2, Math.max(height / 2 - height * view.zoom, view.y));
    if (view.zoom === 1) view.x = view.y = 0;
  }

  function nearest(event) {
    const { view, points } = map;
    const { x, y } = inPicture(event);
    const reach = NEAR / scale();
    let found = -1;
    let best = reach * reach;
    points.forEach(([px, py], index) => {
      const dx = px * view.zoom + view.x - x;
      const dy = py * view.zoom + view.y - y;
      if (dx * dx + dy * dy < best) {
        best = dx * dx + dy * dy;
        found = index;
      }
    });
    return found;
  }

  function choose(index) {
    if (map.chosen >= 0) map.circles[map.chosen].classList.remove("chosen");
    map.chosen = index;
    map.card.hidden = index < 0;
    if (index < 0) return;
    map.circles[index].classList.add("chosen");
    map.circles[index].parentNode.append(map.circles[index]);
    const [, , number, start, end, where, beginning] = map.points[index];
    const [id, title, source] = map.documents[number];
    map.card.dataset.open = JSON.stringify({ document: id, marks: [[start, end, "passage", 0, true]], window: null });
    map.card.querySelector(".title").textContent = title;
    map.card.querySelector(".file").textContent = `${source} ・ ${where}`;
    map.card.querySelector(".text").textContent = beginning;
    placeCard();
  }

  function placeCard() {
    const { card, frame, circles, chosen } = map;
    const box = frame.getBoundingClientRect();
    const point = circles[chosen].getBoundingClientRect();
    const x = point.left + point.width / 2 - box.left;
    const y = point.top + point.height / 2 - box.top;
    const left = Math.min(Math.max(8, x + 14), Math.max(8, box.width - card.offsetWidth - 8));
    const below = y + 14 + card.offsetHeight <= box.height;
    card.style.left = `${left}px`;
    card.style.top = `${below ? y + 14 : Math.max(8, y - card.offsetHeight - 14)}px`;
  }

  function listen(element) {
    const { picture, card, frame } = map;
    const pointers = new Map();
    let moved = 0;
    let apart = 0;
    let touched = -1;
    picture.addEventListener("pointerdown", (event) => {
      picture.setPointerCapture(event.pointerId);
      pointers.set(event.pointerId, event);
      moved = apart = 0;
      touched = map.chosen;
    });
    picture.addEventListener("pointermove", (event) => {
      const before = pointers.get(event.pointerId);
      if (!before) {
        choose(nearest(event));
        return;
      }
      pointers.set(event.pointerId, event);
      moved += Math.hypot(event.clientX - before.clientX, event.clientY - before.clientY);
      if (pointers.size === 2) {
        const [a, b] = [...pointers.values()];
        const distance = Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
        const middle = { clientX: (a.clientX + b.clientX) / 2, clientY: (a.clientY + b.clientY) / 2 };
        if (apart) zoom(distance / apart, inPicture(middle));
        apart = distance;
      } else if (moved > 4) {
        map.view.x += (event.clientX - before.clientX) / scale();
        map.view.y += (event.clientY - before.clientY) / scale();
        hold();
        show();
      }
    });
    picture.addEventListener("pointerup", (event) => {
      pointers.delete(event.pointerId);
      if (moved > 4) return;
      const index = nearest(event);
      choose(index);
      // A first touch shows what the point is, a second one opens it; a mouse has shown it before the click.
      if (index >= 0 && (event.pointerType === "mouse" || touched === index)) card.click();
    });
    picture.addEventListener("pointercancel", (event) => pointers.delete(event.pointerId));
    picture.addEventListener(
      "wheel",
      (event) => {
        if (!event.ctrlKey && !event.metaKey && document.activeElement !== picture) return;
        event.preventDefault();
        zoom(Math.exp(-event.deltaY * 0.002), inPicture(event));
      },
      { passive: false },
    );
    picture.addEventListener("keydown", (event) => {
      const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [];
      if (event.key === "+" || event.key === ";") zoom(1.5);
      else if (event.key === "-") zoom(1 / 1.5);
      else if (event.key === "0") zoom(0);
      else if (event.key === "Enter" && map.chosen >= 0) card.click();
      else if (event.key === "Escape" && map.chosen >= 0) choose(-1);
      else if (dx !== undefined) step(dx, dy);
      else return;
      event.preventDefault();
    });
    frame.addEventListener("click", (event) => {
      const button = event.target.closest("[data-zoom]");
      if (button) zoom({ in: 1.5, out: 1 / 1.5, all: 0 }[button.dataset.zoom]);
    });
    for (const button of element.querySelectorAll("[data-group]")) {
      button.addEventListener("click", () => highlight(element, button));
    }
    new ResizeObserver(() => map?.picture === picture && show()).observe(picture);
  }

  /** To the nearest point in a direction, and into view. */
  function step(dx, dy) {
    const { points, view, picture } = map;
    const { width, height } = picture.viewBox.baseVal;
    const centre = [(width / 2 - view.x) / view.zoom, (height / 2 - view.y) / view.zoom];
    const [x, y] = map.chosen >= 0 ? points[map.chosen] : (asked?.points[0] ?? centre);
    let found = -1;
    let best = Infinity;
    points.forEach(([px, py], index) => {
      const along = (px - x) * dx + (py - y) * dy;
      const aside = Math.abs((px - x) * dy) + Math.abs((py - y) * dx);
      if (index === map.chosen || along <= 0 || along < aside * 0.5) return;
      if (along + 2 * aside < best) {
        best = along + 2 * aside;
        found = index;
      }
    });
    if (found < 0) return;
    const [px, py] = points[found];
    if (view.zoom > 1) {
      view.x = width / 2 - px * view.zoom;
      view.y = height / 2 - py * view.zoom;
      hold();
      show();
    }
    choose(found);
    map.said.textContent = [".title", ".file", ".text"].map((part) => map.card.querySelector(part).textContent).join("。");
  }

  function highlight(element, button) {
    const chosen = button.getAttribute("aria-pressed") !== "true";
    for (const each of element.querySelectorAll("[data-group]")) each.setAttribute("aria-pressed", "false");
    button.setAttribute("aria-pressed", String(chosen));
    map.frame.querySelector(".map-points").classList.toggle("dimmed", chosen);
    const group = Number(button.dataset.group);
    map.points.forEach((point, index) => {
      map.circles[index].classList.toggle("lit", chosen && map.documents[point[2]][3] === group);
    });
  }

  return { connect, showQuestion, lookAgain: () => lookAgain() };
})();
