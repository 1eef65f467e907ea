"use strict";
// The page's own script: reads the report that stands in the page, draws the parts, and listens to keys. No network, no libraries.
const report = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);

// el("a.b.c", {href: "x"}, child, "text"): an element. Text is always text, never markup.
function el(spec, attributes, ...children) {
  const [tag, ...classes] = spec.split(".");
  const node = document.createElement(tag);
  if (classes.length) node.className = classes.join(" ");
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined) node.setAttribute(name, value);
  }
  for (const child of children.flat()) if (child !== null && child !== undefined) node.append(child);
  return node;
}

const span = (least, most) => (least === most ? `${most}` : `${least}\u2013${most}`);
const percent = (share) => (share === 0 ? "0" : share < 0.0001 ? "< 0.01 %" : share < 0.1 ? `${(share * 100).toFixed(2)} %` : `${(share * 100).toFixed(1)} %`);
const plural = (count, what) => `${count.toLocaleString("en")} ${what}${count === 1 ? "" : "s"}`;

// The four colours: the call runs; it may run, and somebody sees it; it fails; the task dies.
function tone(verdict) {
  if (verdict === "allow") return "allow";
  if (/^(log|trace|notify)/.test(verdict)) return "watch";
  return /^kill/.test(verdict) ? "kill" : "deny";
}
const breakable = (text) => text.replaceAll("|", "|\u200b");  // lines may end behind a flag
const badge = (verdict) => el(`span.badge.${tone(verdict)}`, null, verdict);
const meter = (part) => el("span.meter", {"aria-hidden": "true"}, el("i", {style: `width:${Math.max(part > 0 ? 2 : 0, Math.min(100, part * 100)).toFixed(1)}%`}));

function tile(what, big, unit, more, part) {
  return el("div.tile", null, el("div.what", null, what), el("div.big", null, big, unit ? el("small", null, ` ${unit}`) : null),
    part === undefined ? null : el("div.gauge", {"aria-hidden": "true"}, el("i", {style: `width:${(part * 100).toFixed(2)}%`})),
    el("div.more", null, more));
}

function drawHead() {
  const t = report.totals;
  $("policy").textContent = report.policy;
  $("abis").append(...report.abis.flatMap((abi) => [el("span.chip", null, abi.name), " "]));
  $("proof").append(report.proof.startsWith("none") || !report.proof ? `Proof: ${report.proof || "none"}` : el("b", null, "\u2713 Proved: "), report.proof.startsWith("none") ? "" : report.proof);
  const ran = t.running_share > 0;
  $("tiles").append(
    tile("Program", t.instructions.toLocaleString("en"), "instructions", `${t.bytes.toLocaleString("en")} bytes; the kernel takes ${t.limit}`, t.instructions / t.limit),
    tile("Answered from the kernel's cache", `${t.cached_calls}`, `of ${plural(t.calls, "call")}`, `${percent(1 - t.running_share)} of the calls made (Linux 5.11 and later)`, 1 - t.running_share),
    tile("Mean, when the program runs", ran ? t.mean_running.instructions.toFixed(2) : "0", "instructions", `${t.mean.instructions.toFixed(2)} over all calls, were none cached`),
    tile("Worst case", `${t.worst.instructions}`, "instructions", t.worst_call ? `${t.worst_call}; ${t.worst.x86} x86-64 instructions in the program` : "the program never runs"),
    tile("Estimated time a call", t.ns.toFixed(1), "ns", `${t.cycles} cycles at ${(t.clock_mhz / 1000).toFixed(1)} GHz; ${t.ns_unforeseen.toFixed(1)} ns if no branch is foreseen`));
  const near = (search) => `${search.abi}: ${search.comparisons.toFixed(3)} tests by comparisons`
    + (search.least === null ? "" : ` (no search takes fewer than ${search.least.toFixed(3)})`) + `, ${search.with_bits.toFixed(3)} with tests of bits`;
  $("foot").append(`sbpc ${report.sbpc}, ${report.level}. Calls are weighed by ${report.traffic}. Calls that no rule names: ${report.unruled}; other ABIs: ${report.foreign}. `
    + "Instructions and bytes are exact; x86-64 counts follow the kernel's JIT (Linux 6.1); times are estimates from a model, the same on every machine."
    + (report.searches.length ? ` The search by number, ${report.searches.map(near).join("; ")}.` : ""));
}

const views = ["calls", "tree", "policy", "program"];
const panels = {calls: "calls", tree: "tree", policy: "policy-view", program: "program"};
const drawn = {};
const drawers = {};  // view -> function that fills its panel, filled in by the other files

function show(view, focus) {
  for (const name of views) {
    const on = name === view;
    $(`tab-${name}`).setAttribute("aria-selected", on);
    $(`tab-${name}`).tabIndex = on ? 0 : -1;
    $(panels[name]).hidden = !on;
  }
  if (!drawn[view]) { drawn[view] = true; drawers[view](); }
  if (focus) $(`tab-${view}`).focus();
}
const shown = () => views.find((name) => !$(panels[name]).hidden);

const themes = ["system", "light", "dark"];
function setTheme(theme) {
  const dark = theme === "dark" || (theme === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  document.documentElement.style.colorScheme = dark ? "dark" : "light";
  $("theme").textContent = {system: "Auto", light: "Light", dark: "Dark"}[theme];
  $("theme").setAttribute("aria-label", `colours: ${theme}`);
  $("theme").dataset.theme = theme;
  try { localStorage.setItem("sbpc-theme", theme); } catch { /* a page opened from a file may not */ }
}
function savedTheme() {
  try { return themes.includes(localStorage.getItem("sbpc-theme")) ? localStorage.getItem("sbpc-theme") : "system"; } catch { return "system"; }
}
const nextTheme = () => setTheme(themes[(themes.indexOf($("theme").dataset.theme) + 1) % themes.length]);

function onKey(event) {
  const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
  if (event.ctrlKey || event.metaKey || event.altKey || $("help").open) return;
  if (event.key === "Escape") { escape(); return; }
  if (typing) {
    if (event.key === "ArrowDown" && event.target.type === "search") { focusFirstCall(); event.preventDefault(); }
    return;
  }
  if (event.key === "/") { show("calls"); $("search").focus(); $("search").select(); event.preventDefault(); }
  else if (/^[1-4]$/.test(event.key)) show(views[event.key - 1], true);
  else if (event.key === "t") nextTheme();
  else if (event.key === "?") $("help").showModal();
  else if (event.target.getAttribute("role") === "tab" && /^Arrow(Left|Right)$/.test(event.key)) {
    show(views[(views.indexOf(shown()) + (event.key === "ArrowRight" ? 1 : views.length - 1)) % views.length], true);
  }
}
function escape() {
  if (shown() === "tree") zoomOut();
  else if (shown() === "calls") { if ($("search").value) { $("search").value = ""; filterCalls(); } else closeCall(); }
}

function start() {
  setTheme(savedTheme());
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => setTheme($("theme").dataset.theme));
  drawHead();
  for (const name of views) $(`tab-${name}`).addEventListener("click", () => show(name));
  $("theme").addEventListener("click", nextTheme);
  $("help-button").addEventListener("click", () => $("help").showModal());
  document.addEventListener("keydown", onKey);
  const [view, what] = decodeURIComponent(location.hash.slice(1)).split("/");
  show(views.includes(view) ? view : "calls");
  if (view === "calls" && what) openNamed(what);
}
