// report.mjs CHROMIUM DIR: opens each page in DIR and looks at it as a reader would; see .ci/report.
import {readdirSync} from "node:fs";
import {join} from "node:path";
import {pathToFileURL} from "node:url";
import puppeteer from "puppeteer-core";

const [chromium, dir] = process.argv.slice(2);
// A proxy that is nobody's, and no name is resolved: what leaves the file fails, and is recorded all the same.
const browser = await puppeteer.launch({executablePath: chromium, headless: true, args: ["--no-sandbox", "--disable-gpu", "--force-color-profile=srgb",
  "--proxy-server=127.0.0.1:9", "--host-resolver-rules=MAP * ~NOTFOUND", "--disable-background-networking"]});
let wrong = 0;
const fail = (...what) => { wrong++; console.error("wrong:", ...what); };

async function open(file, width, media, screen = {}) {
  const page = await browser.newPage();
  const url = pathToFileURL(file).href;
  page.on("console", (m) => fail(file, "console:", m.text()));
  page.on("pageerror", (e) => fail(file, "error:", e.message));
  page.on("dialog", (d) => { fail(file, "dialog:", d.message()); d.dismiss(); });
  await page.setRequestInterception(true);
  page.on("request", (r) => {
    if (r.url() === url) return r.continue();
    fail(file, "asks for", r.url());
    r.abort();
  });
  await page.setViewport({width, height: 900, ...screen});
  if (media === "print") await page.emulateMediaType("print");
  else await page.emulateMediaFeatures([{name: "prefers-color-scheme", value: media}]);
  const began = performance.now();
  await page.goto(url, {waitUntil: "load"});
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  return [page, performance.now() - began];
}

// look runs in the page: what is wrong with its numbers and plots.
function look() {
  const out = [], doc = JSON.parse(document.getElementById("pialign-data").textContent);
  const said = {
    ms: (n) => fixed(n, 6) + " ms", ppm: (n) => fixed(n, 12) + " ppm", count: (n) => String(n),
    instant: (n) => new Date(Number(n / 1000000n)).toISOString().replace("T", " "),
  };
  // fixed writes n/10^digits with three digits, by integers; the float of the program rounds half cases its own way, so those are left out.
  function fixed(n, digits) {
    const unit = 10n ** BigInt(digits - 3), size = n < 0n ? -n : n;
    if (size % unit * 2n === unit) return null;
    const r = (size + unit / 2n) / unit, text = String(r).padStart(4, "0");
    return (n < 0n ? "-" : "") + text.slice(0, -3) + "." + text.slice(-3);
  }
  const numbers = document.querySelectorAll("[data-path]");
  for (const e of numbers) {
    let v = doc;
    for (const part of e.dataset.path.split(".")) v = v[part];
    if (e.dataset.value === undefined ? v !== null : String(v) !== e.dataset.value) out.push(`${e.dataset.path}: ${e.dataset.value} is ${v} in the JSON`);
    const say = said[e.dataset.unit];
    if (say && e.dataset.value) {
      const want = say(BigInt(e.dataset.value));
      if (!String(want).startsWith("null") && want !== e.textContent) out.push(`${e.dataset.path}: ${e.textContent}, want ${want}`);
    }
  }
  const plots = document.querySelectorAll("svg.plot");
  for (const p of plots) {
    const box = p.getBoundingClientRect();
    if (box.width < 200 || box.height < 100) out.push(`${p.closest("figure").id} is ${box.width} x ${box.height}`);
    if (p.querySelectorAll("path").length < 6 || p.querySelectorAll("text").length < 4) out.push(`${p.closest("figure").id} is empty`);
    const words = document.createRange(), tools = p.closest("figure").querySelector(".tools").getBoundingClientRect();
    words.selectNodeContents(p.closest("figure").querySelector("h4"));
    for (const r of words.getClientRects()) {
      if (r.right > tools.left && r.left < tools.right && r.bottom > tools.top && r.top < tools.bottom) out.push(`${p.closest("figure").id}: its buttons cover its title`);
    }
    for (const id of [p.getAttribute("aria-labelledby"), p.getAttribute("aria-describedby")]) {
      if (!document.getElementById(id)?.textContent) out.push(`${id}: no words`);
    }
  }
  for (const t of document.querySelectorAll(".scroll")) {
    const box = t.getBoundingClientRect(), head = t.querySelector("thead")?.textContent, told = t.previousElementSibling;
    if (t.closest("details:not([open])")) continue; // told when it is unfolded
    const wider = t.scrollWidth > t.clientWidth, printed = getComputedStyle(t).overflowX === "visible";
    if (printed) { // from a narrow screen too, where it was marked
      t.classList.add("cut");
      if (getComputedStyle(t).borderRightWidth !== "0px") out.push(`${head}: the mark of what scrolls is printed`);
      t.classList.remove("cut");
    }
    if (!printed && told.matches(".more") !== true) out.push(`${head}: nothing can say that it scrolls`);
    if (!printed && wider === told.hidden) out.push(`${head}: ${t.scrollWidth} in ${t.clientWidth} pixels, and it is ${told.hidden ? "not " : ""}said that it scrolls`);
    if (!t.closest("[id^=study]")) continue;
    if (innerWidth >= 1280 && wider) out.push(`${head}: ${t.scrollWidth} in ${t.clientWidth} pixels of a wide screen`);
    for (const cell of innerWidth < 400 ? [] : t.querySelectorAll("tbody tr > :is(.what, .text)")) {
      const c = cell.getBoundingClientRect();
      // the first name of a row is seen without scrolling, and so is what makes the row high
      if (cell === cell.parentElement.querySelector(".what, .text") && c.right > box.right + 1) {
        out.push(`${head}: ${cell.textContent.slice(0, 60)} is cut at ${box.right} of ${c.right}`);
        break;
      }
      const name = document.createRange();
      name.selectNodeContents(cell);
      if (name.getBoundingClientRect().right > c.right + 1) out.push(`${head}: ${cell.textContent.slice(0, 60)} leaves its column`);
    }
  }
  return {out, numbers: numbers.length, plots: plots.length, wide: document.documentElement.scrollWidth - innerWidth};
}

for (const name of readdirSync(dir).filter((n) => n.endsWith(".html")).sort()) {
  const file = join(dir, name), stem = join(dir, name.slice(0, -5));
  for (const [width, media] of [[1280, "light"], [1280, "dark"], [400, "light"], [400, "dark"], [1280, "print"], [320, "light"]]) {
    const [page, ms] = await open(file, width, media);
    const seen = await page.evaluate(look);
    for (const what of seen.out) fail(name, width, media, what);
    if (seen.plots < 4 || seen.numbers < 20) fail(name, `${seen.plots} plots, ${seen.numbers} numbers`);
    if (seen.wide > 0) fail(name, `${seen.wide} pixels wider than ${width}`);
    if (ms > 5000) fail(name, `shown after ${ms.toFixed(0)} ms`); // far above what any machine takes for a page of this size
    if (width === 1280 && media === "light") {
      console.log(`${name}: ${seen.plots} plots, ${seen.numbers} numbers, shown after ${ms.toFixed(0)} ms`);
      await used(page, name);
    }
    if (media === "print") {
      await page.pdf({path: `${stem}.pdf`, format: "A4", preferCSSPageSize: true, printBackground: true});
      await page.addStyleTag({content: "html{filter:grayscale(1)}"}).catch(() => {});
    }
    await page.screenshot({path: `${stem}-${width}-${media}.png`, fullPage: true});
    await page.close();
  }
  await touched(file, name);
}

// used zooms the first plot and sorts the longest table, and puts both back.
async function used(page, name) {
  const view = () => page.$eval("svg.plot", (e) => e.getAttribute("viewBox"));
  const whole = await view();
  const width = async () => +(await view()).split(" ")[2];
  const all = await width();
  await page.click(".tools button"); // +
  if (!(await width() < all)) fail(name, "the button does not zoom");
  await page.focus(".canvas");
  const before = await view();
  await page.keyboard.press("ArrowRight");
  if (await view() === before) fail(name, "the arrow does not move");
  await page.keyboard.press("0");
  if (await view() !== whole) fail(name, "0 does not show all");
  const box = await (await page.$(".canvas")).boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.wheel({deltaY: -100}); // the plot has the focus
  await page.waitForFunction((w) => document.querySelector("svg.plot").getAttribute("viewBox") !== w, {timeout: 5000}, whole).catch(() => fail(name, "the wheel does not zoom"));
  const zoomed = await view();
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2 - 60, box.y + box.height / 2, {steps: 3});
  await page.mouse.up();
  if (await view() === zoomed) fail(name, "dragging does not move");
  await page.keyboard.press("Escape");
  if (await view() !== whole) fail(name, "Escape does not show all");
  const sorted = await page.evaluate(() => {
    const sortable = Array.from(document.querySelectorAll("table.sortable")).filter((t) => t.textContent.includes("95 % ±"));
    const tables = sortable.sort((a, b) => b.rows.length - a.rows.length), t = tables[0];
    const heads = Array.from(t.tHead.rows[0].cells), i = heads.findIndex((h) => h.textContent.startsWith("95 % ±")), out = [];
    const values = () => Array.from(t.tBodies[0].rows, (r) => r.cells[i].querySelector("[data-value]")?.dataset.value).map((v) => v === undefined ? null : BigInt(v));
    const was = t.tBodies[0].rows.length;
    for (const down of [false, true]) {
      heads[i].querySelector("button").click();
      const v = values(), known = v.filter((x) => x !== null);
      for (let k = 1; k < known.length; k++) if (down ? known[k] > known[k - 1] : known[k] < known[k - 1]) out.push(`row ${k} is out of order`);
      if (v.slice(0, known.length).includes(null)) out.push("what is not known does not come last");
    }
    if (heads[i].getAttribute("aria-sort") !== "descending") out.push("the heading does not say how it is sorted");
    if (t.tBodies[0].rows.length !== was) out.push("rows are lost");
    return out;
  });
  for (const what of sorted) fail(name, "sorting:", what);
}

// touched pinches the first plot of a page on a screen that is touched.
async function touched(file, name) {
  const [page] = await open(file, 400, "light", {hasTouch: true, isMobile: true});
  const cdp = await page.createCDPSession();
  const canvas = await page.$(".canvas");
  await canvas.scrollIntoView();
  const box = await canvas.boundingBox();
  const x = box.x + box.width * 0.7, y = box.y + box.height / 2;
  const touch = (type, ...at) => cdp.send("Input.dispatchTouchEvent", {type, touchPoints: at.map(([x, y], id) => ({x, y, id}))});
  const view = () => page.$eval("svg.plot", (e) => e.getAttribute("viewBox").split(" ").map(Number));
  const settled = () => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  const pinch = async (from, to) => {
    await touch("touchStart", [x - from, y], [x + from, y]);
    for (let i = 1; i <= 10; i++) {
      const r = from + (to - from) * i / 10;
      await touch("touchMove", [x - r, y], [x + r, y]);
      await settled();
    }
    await touch("touchEnd");
    await settled();
  };
  const drag = async (dx, dy) => {
    await touch("touchStart", [x, y]);
    for (let i = 1; i <= 10; i++) {
      await touch("touchMove", [x + dx * i / 10, y + dy * i / 10]);
      await settled();
    }
    await touch("touchEnd");
    await settled();
  };
  const whole = await view(), scale = () => page.evaluate(() => visualViewport.scale);
  const page0 = await scale();
  await pinch(15, 60);
  const zoomed = await view();
  // what is between the fingers stays there: it was at 0.7 of the whole, and is at 0.7 of what is shown
  const at = (v) => v[0] + 0.7 * v[2];
  if (Math.abs(whole[2] / zoomed[2] - 4) > 0.2) fail(name, `two fingers four times as far apart zoom ${(whole[2] / zoomed[2]).toFixed(2)} times`);
  if (Math.abs(at(zoomed) - at(whole)) > 6) fail(name, `what was between the fingers moved by ${(at(zoomed) - at(whole)).toFixed(1)} of ${whole[2]}`);
  if (await scale() !== page0) fail(name, "two fingers on a plot zoom the page");
  const before = await page.evaluate(() => scrollY);
  await drag(40, -20);
  const moved = await view();
  if (!(moved[0] < zoomed[0] && moved[1] > zoomed[1] && moved[2] === zoomed[2])) fail(name, `a finger does not move what is zoomed: ${zoomed} and ${moved}`);
  if (await page.evaluate(() => scrollY) !== before) fail(name, "a finger that moves a plot scrolls the page");
  await pinch(60, 5);
  if (String(await view()) !== String(whole)) fail(name, `two fingers do not show all again: ${await view()}`);
  await drag(0, -120);
  if (String(await view()) !== String(whole)) fail(name, "a finger moves what is not zoomed");
  await page.waitForFunction((s) => scrollY > s, {timeout: 5000}, before).catch(() => fail(name, "a finger on a plot does not scroll the page"));
  await page.close();
}

await browser.close();
if (wrong) process.exit(1);
