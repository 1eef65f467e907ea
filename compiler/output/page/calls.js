// The view of the calls: a table to search, filter and sort, and beside it one call with every way it can take.
const columns = [
  {id: "number", title: "Call", key: (call) => call.number},
  {id: "verdict", title: "Verdict", key: (call) => call.verdicts.join()},
  {id: "insns", title: "Instructions", number: true, key: (call) => (call.cached ? -1 : call.worst.instructions)},
  {id: "x86", title: "x86-64", number: true, wide: true, key: (call) => call.whole_call.worst_x86},
  {id: "ns", title: "ns", number: true, wide: true, key: (call) => call.whole_call.ns},
  {id: "share", title: "Share", number: true, key: (call) => call.share},
];
const state = {abi: 0, filter: "all", sort: "number", down: false, open: null};

const kinds = [
  ["all", "All", () => true],
  ["args", "By arguments", (call) => call.verdicts.length > 1 || call.way_count > 1],
  ["cached", "Cached", (call) => call.cached],
  ["runs", "Allowed, not cached", (call) => !call.cached && call.verdicts.includes("allow") && call.verdicts.length === 1],
  ["denied", "Denied", (call) => call.verdicts.every((verdict) => /deny|kill/.test(tone(verdict)))],
];
const calls = () => report.abis[state.abi].calls;
const dearest = Math.max(1, ...report.abis.flatMap((abi) => abi.calls.map((call) => call.worst.instructions)));

drawers.calls = () => {
  const search = el("input", {type: "search", id: "search", placeholder: "Search calls, numbers, verdicts, conditions  (/)", "aria-label": "search calls", oninput: filterCalls, autocomplete: "off", spellcheck: "false"});
  const abi = report.abis.length < 2 ? null : el("select", {"aria-label": "ABI", onchange: (event) => { state.abi = +event.target.value; closeCall(); drawPills(); filterCalls(); }},
    report.abis.map((one, index) => el("option", {value: index}, one.name)));
  const head = el("tr", null, columns.map((column) => el(`th${column.number ? ".num" : ""}${column.wide ? ".wide" : ""}`, {scope: "col", id: `by-${column.id}`},
    el("button", {type: "button", onclick: () => sortBy(column)}, column.title))));
  $("calls").append(el("div.bar-row", null, search, abi, el("span", {id: "pills", class: "bar-row", style: "margin:0"}), el("span.matches", {id: "matches", "aria-live": "polite"})),
    el("div.split", {id: "split"}, el("div.card", null, el("table", null, el("thead", null, head), el("tbody", {id: "rows"}))), el("aside.card.detail", {id: "detail", hidden: "", "aria-label": "the open call"})),
    el("div", {id: "unnamed"}));
  drawPills();
  filterCalls();
};

function drawPills() {
  $("pills").replaceChildren(...kinds.map(([id, title, test]) => [id, title, calls().filter(test).length]).filter(([id, , count]) => count > 0 || id === "all")
    .map(([id, title, count]) => el("button.pill", {type: "button", "aria-pressed": state.filter === id, onclick: () => { state.filter = id; drawPills(); filterCalls(); }}, title, el("b", null, count))));
}

function sortBy(column) {
  state.down = state.sort === column.id ? !state.down : Boolean(column.number);
  state.sort = column.id;
  filterCalls();
}

const searched = (call) => `${call.name} ${call.number} ${call.verdicts.join(" ")} ${call.cached ? "cached" : ""} ${call.ways.flatMap((way) => way.conditions).join(" ")}`.toLowerCase();

function filterCalls() {
  const words = $("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  const test = kinds.find(([id]) => id === state.filter)[2];
  const column = columns.find((one) => one.id === state.sort);
  const order = (a, b) => { const x = column.key(a), y = column.key(b); return (x < y ? -1 : x > y ? 1 : a.number - b.number) * (state.down ? -1 : 1); };
  const found = calls().filter((call) => test(call) && words.every((word) => searched(call).includes(word))).sort(order);
  for (const one of columns) $(`by-${one.id}`).setAttribute("aria-sort", one.id !== state.sort ? "none" : state.down ? "descending" : "ascending");
  $("rows").replaceChildren(...found.map(row));
  if (found.length === 0) $("rows").append(el("tr", {style: "cursor:default"}, el("td", {colspan: columns.length}, "No call matches. Esc clears the search.")));
  $("matches").textContent = plural(found.length, "call");
  drawUnnamed();
}

function row(call, index) {
  const most = calls().reduce((largest, one) => Math.max(largest, one.share), 0) || 1;
  const runs = call.cached ? el("span.soft", null, "cached") : [span(call.best.instructions, call.worst.instructions), meter(call.worst.instructions / dearest)];
  const node = el("tr", {tabindex: index === 0 ? 0 : -1, "data-name": call.name, "aria-selected": state.open === call, onclick: () => openCall(call)},
    el("td", null, el("span.name", null, call.name), " ", el("span.nr", null, call.number)),
    el("td", null, call.verdicts.flatMap((verdict) => [badge(verdict), " "])),
    el("td.num", null, runs), el("td.num.wide", null, call.whole_call.worst_x86), el("td.num.wide", null, call.whole_call.ns.toFixed(1)),
    el("td.num", null, percent(call.share), meter(call.share / most)));
  node.addEventListener("keydown", (event) => {
    if (event.key === "Enter") { openCall(call); event.preventDefault(); }
    const next = event.key === "ArrowDown" ? node.nextSibling : event.key === "ArrowUp" ? node.previousSibling : null;
    if (next) { next.focus(); if (state.open && next.dataset.name) openCall(calls().find((one) => one.name === next.dataset.name)); event.preventDefault(); }
    else if (event.key === "ArrowUp") { $("search").focus(); event.preventDefault(); }
  });
  return node;
}
const focusFirstCall = () => $("rows").firstChild && $("rows").firstChild.focus();

function openNamed(name) {
  state.abi = Math.max(0, report.abis.findIndex((abi) => abi.calls.some((call) => call.name === name)));
  const call = calls().find((one) => one.name === name);
  if (call) openCall(call);
}

function openCall(call) {
  state.open = call;
  for (const one of $("rows").children) one.setAttribute("aria-selected", one.dataset.name === call.name);
  $("split").classList.add("open");
  const fact = (name, ...value) => [el("dt", null, name), el("dd", null, ...value)];
  const whole = call.whole_call;
  $("detail").hidden = false;
  $("detail").replaceChildren(
    el("h2", null, el("span", null, call.name, " ", el("span.soft", null, `number ${call.number}`)), el("button.close", {type: "button", "aria-label": "close", onclick: closeCall}, "\u00d7")),
    el("div", null, call.verdicts.flatMap((verdict) => [badge(verdict), " "])),
    el("dl.facts", null,
      fact("The program", call.cached ? "does not run: the kernel answers from its cache" : "runs"),
      fact(call.cached ? "If it ran" : "Instructions", `${span(call.best.instructions, call.worst.instructions)}, mean ${call.mean.instructions.toFixed(2)}`),
      fact("x86-64", `${whole.worst_x86} at most for the whole call`),
      fact("Time", `${whole.ns.toFixed(1)} ns, ${whole.cycles} cycles over no filter (estimated)`),
      fact("Share", `${percent(call.share)} of all calls made`)),
    el("h3", null, call.way_count === 1 ? "The one way through the program" : `${call.ways.length < call.way_count ? `The first ${call.ways.length} of ` : ""}${plural(call.way_count, "way")} through the program`),
    ...call.ways.map((way) => wayCard(way, call.way_count === 1)),
    el("h3", null, "Named by"),
    ...(call.named ? call.lines.map(quote) : [el("p.soft", null, "No statement: the default answers, or what newer calls get."), ...call.lines.map(quote)]));
}
function closeCall() {
  state.open = null;
  $("split").classList.remove("open");
  $("detail").hidden = true;
  for (const one of $("rows").children) one.setAttribute("aria-selected", "false");
}

function wayCard(way, open) {
  return el("details.way", open ? {open: ""} : null,
    el("summary", null,
      el("div.head", null, badge(way.verdict), el("span.soft", null, `${way.instructions} instructions, ${way.x86} x86-64`)),
      way.conditions.length ? el("ul", null, way.conditions.map((condition) => el("li", null, el("code", null, breakable(condition))))) : null),
    el("ol.steps", null, way.path.map((pc) => el("li", null, el("span.pc.mono", null, pc), el("span", null, el("code", null, report.program[pc].text),
      report.program[pc].meaning ? el("span.says", null, report.program[pc].meaning) : null)))));
}

function quote(index) {
  const line = report.lines[index];
  return el("p.quote", null, el("a", {href: `#line-${index}`, onclick: (event) => { event.preventDefault(); showLine(index); }}, `${line.file}:${line.line}`), " ", el("code", null, line.text));
}

function drawUnnamed() {
  const rows = report.abis[state.abi].unnamed;
  const hex = (value) => (value > 0xffff ? `0x${value.toString(16)}` : `${value}`);
  $("unnamed").replaceChildren(el("h3", null, "Numbers that no name stands for"),
    el("div.card", null, el("table", null, el("thead", null, el("tr", null, ["Numbers", "Verdict", "Instructions"].map((title, i) => el(`th${i === 2 ? ".num" : ""}`, {scope: "col", style: "padding:8px 10px"}, title)))),
      el("tbody", null, rows.map((one) => el("tr", {style: "cursor:default"}, el("td.mono", null, one.first === one.last ? hex(one.first) : `${hex(one.first)} \u2013 ${hex(one.last)}`),
        el("td", null, one.verdicts.flatMap((verdict) => [badge(verdict), " "])), el("td.num", null, span(one.best.instructions, one.worst.instructions))))))));
}
