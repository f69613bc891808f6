"use strict";
// Tables are sorted by a click on a heading, by the numbers behind the text.
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0], order = Array.from(body.rows);
  const keyOf = (row, i) => {
    const n = row.cells[i].querySelector("[data-value]");
    return n ? BigInt(n.dataset.value) : row.cells[i].querySelector(".none") ? "" : row.cells[i].textContent;
  };
  const compare = (a, b) => {
    if (typeof a !== typeof b) return typeof a === "bigint" ? -1 : 1;
    return typeof a === "string" ? a.localeCompare(b, "en", {numeric: true}) : a < b ? -1 : a > b ? 1 : 0;
  };
  Array.from(table.tHead.rows[0].cells).forEach((th, i) => {
    const button = document.createElement("button");
    button.type = "button";
    while (th.firstChild) button.append(th.firstChild);
    th.append(button);
    button.addEventListener("click", () => {
      const down = th.getAttribute("aria-sort") === "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      th.setAttribute("aria-sort", down ? "descending" : "ascending");
      const keyed = order.map((row) => [keyOf(row, i), row]);
      keyed.sort((a, b) => {
        const empty = (a[0] === "") - (b[0] === ""); // what is not known comes last, either way
        return empty || (down ? -1 : 1) * compare(a[0], b[0]);
      });
      body.append(...keyed.map((k) => k[1]));
    });
  });
}
// Plots are zoomed by wheel with Ctrl, two fingers, buttons and keys, and moved by drag and arrows; two clicks or 0 show all.
for (const canvas of document.querySelectorAll(".canvas")) {
  const svg = canvas.querySelector("svg.plot");
  if (!svg) continue;
  const all = svg.getAttribute("viewBox").split(" ").map(Number);
  let view = all.slice();
  const show = () => {
    view[2] = Math.min(all[2], Math.max(all[2] / 40, view[2]));
    view[3] = view[2] * all[3] / all[2];
    view[0] = Math.min(all[2] - view[2], Math.max(0, view[0]));
    view[1] = Math.min(all[3] - view[3], Math.max(0, view[1]));
    svg.setAttribute("viewBox", view.map((v) => +v.toFixed(3)).join(" "));
    svg.classList.toggle("zoomed", view[2] < all[2]);
  };
  const zoom = (by, fx, fy) => {
    const w = Math.min(all[2], Math.max(all[2] / 40, view[2] / by));
    view[0] += (view[2] - w) * fx;
    view[1] += (view[2] - w) * all[3] / all[2] * fy;
    view[2] = w;
    show();
  };
  const reset = () => { view = all.slice(); show(); };
  const move = (x, y) => { view[0] += x * view[2]; view[1] += y * view[3]; show(); };
  canvas.addEventListener("wheel", (e) => {
    if (!e.ctrlKey && !e.shiftKey && document.activeElement !== canvas) return; // the page scrolls
    e.preventDefault();
    const box = svg.getBoundingClientRect();
    zoom((e.deltaY || e.deltaX) < 0 ? 1.25 : 0.8, (e.clientX - box.left) / box.width, (e.clientY - box.top) / box.height);
  }, {passive: false});
  // One finger or the mouse moves what is zoomed, and scrolls the page where nothing is; two fingers zoom and move.
  const fingers = new Map();
  const grip = () => {
    const [a, b = a] = fingers.values();
    return {x: (a[0] + b[0]) / 2, y: (a[1] + b[1]) / 2, apart: Math.hypot(a[0] - b[0], a[1] - b[1])};
  };
  canvas.addEventListener("pointerdown", (e) => {
    if (e.button || fingers.size === 2 || (e.pointerType !== "touch" && view[2] === all[2])) return;
    fingers.set(e.pointerId, [e.clientX, e.clientY]);
    if (e.pointerType !== "touch") canvas.setPointerCapture(e.pointerId); // a finger stays with what it touched first
  });
  canvas.addEventListener("pointermove", (e) => {
    if (!fingers.has(e.pointerId)) return;
    const was = grip();
    fingers.set(e.pointerId, [e.clientX, e.clientY]);
    const now = grip(), box = svg.getBoundingClientRect();
    if (was.apart && now.apart) zoom(now.apart / was.apart, (now.x - box.left) / box.width, (now.y - box.top) / box.height);
    if (view[2] < all[2]) move((was.x - now.x) / box.width, (was.y - now.y) / box.height);
  });
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, (e) => fingers.delete(e.pointerId));
  canvas.addEventListener("touchmove", (e) => { // else the browser zooms the page, and takes the fingers away
    if (e.cancelable && (e.touches.length > 1 || view[2] < all[2])) e.preventDefault();
  }, {passive: false});
  canvas.addEventListener("dblclick", reset);
  const keys = {"+": () => zoom(1.5, .5, .5), "=": () => zoom(1.5, .5, .5), "-": () => zoom(1 / 1.5, .5, .5), "0": reset, Escape: reset,
    ArrowLeft: () => move(-.1, 0), ArrowRight: () => move(.1, 0), ArrowUp: () => move(0, -.1), ArrowDown: () => move(0, .1)};
  canvas.addEventListener("keydown", (e) => {
    const zoomed = view[2] < all[2];
    if (!keys[e.key] || e.ctrlKey || e.metaKey || e.altKey || (e.key.startsWith("Arrow") && !zoomed)) return;
    e.preventDefault();
    keys[e.key]();
  });
  const tools = document.createElement("div");
  tools.className = "tools";
  for (const [text, label, key] of [["+", "zoom in", "+"], ["\u2212", "zoom out", "-"], ["\u21BA", "show all", "0"]]) {
    const b = document.createElement("button");
    b.type = "button";
    b.textContent = text;
    b.title = label;
    b.setAttribute("aria-label", label);
    b.addEventListener("click", keys[key]);
    tools.append(b);
  }
  canvas.parentElement.append(tools);
}
// A table that is wider than the screen says so: on a phone nothing else does.
for (const box of document.querySelectorAll(".scroll")) {
  const more = document.createElement("p");
  more.className = "more";
  more.textContent = "The table goes on to the right: scroll it sideways.";
  more.hidden = true;
  box.before(more);
  const tell = () => {
    more.hidden = box.scrollWidth <= box.clientWidth;
    box.classList.toggle("cut", box.scrollLeft + box.clientWidth < box.scrollWidth - 1);
  };
  new ResizeObserver(tell).observe(box);
  new ResizeObserver(tell).observe(box.firstElementChild);
  box.addEventListener("scroll", tell, {passive: true});
}
// Methods are selected whole, to be copied.
for (const text of document.querySelectorAll(".methods")) {
  const b = document.createElement("button");
  b.type = "button";
  b.className = "copy";
  b.textContent = "select the paragraph";
  b.addEventListener("click", () => getSelection().selectAllChildren(text));
  text.after(b);
}
// What is folded is printed too.
addEventListener("beforeprint", () => {
  for (const d of document.querySelectorAll("details:not([open])")) {
    d.open = true;
    addEventListener("afterprint", () => { d.open = false; }, {once: true});
  }
});
