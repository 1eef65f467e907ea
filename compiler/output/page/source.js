// The views of the policy's text and of the program, each line with what it costs.
const hottest = Math.max(1e-9, ...report.lines.map((line) => line.executed));
const heat = (part) => `background:rgba(var(--heat),${(0.34 * Math.sqrt(Math.max(0, Math.min(1, part)))).toFixed(3)})`;
const decimals = (value) => (value === 0 ? "" : value < 0.001 ? "< 0.001" : value.toFixed(3));

// `indices`: of the statements that begin on it.
function sourceLine(number, text, indices = []) {
  const sum = (what) => indices.reduce((all, index) => all + report.lines[index][what], 0);
  return el("tr", {style: indices.length ? heat(sum("executed") / hottest) : null},
    el("td.gut", null, indices.map((index) => el("span", {id: `line-${index}`})), indices.length ? decimals(sum("executed")) : ""),
    el("td.gut.wide", null, sum("instructions") || ""), el("td.gut.wide", null, sum("calls") || ""),
    el("td.gut", null, number), el("td.mono", null, text));
}

function fileCard(name, text) {
  const at = new Map();
  report.lines.forEach((line, index) => { if (line.file === name) at.set(line.line, [...(at.get(line.line) ?? []), index]); });
  const rows = text === null ? [...at].map(([number, indices]) => sourceLine(number, indices.map((index) => report.lines[index].text).join(" "), indices))
    : text.replace(/\n$/, "").split("\n").map((one, index) => sourceLine(index + 1, one, at.get(index + 1)));
  const title = (text_, hint, wide) => el(`th.gut${wide ? ".wide" : ""}`, {scope: "col", title: hint}, text_);
  return el("div.card.file", null, el("h2.mono", null, name), el("div.code", null, el("table", null,
    el("thead", null, el("tr", null, title("executed", "instructions, for each call made"), title("in program", "instructions that test arguments for this line", true), title("calls", "named by this line", true), title("", ""), el("th", {scope: "col"}, ""))),
    el("tbody", null, rows))));
}

// The lines that cost most, with the way to each.
function dearLines() {
  const dear = report.lines.map((line, index) => [line, index]).filter(([line]) => line.executed > 0).sort(([a], [b]) => b.executed - a.executed).slice(0, 8);
  return el("div.card.dear", null, el("h2", null, "What costs most"), dear.map(([line, index]) => el("div.one", null, el("span", null, decimals(line.executed)), meter(line.executed / hottest),
    el("span", null, el("a", {href: `#line-${index}`, onclick: (event) => { event.preventDefault(); showLine(index); }}, `${line.file}:${line.line}`), " ", el("code", null, line.text)))));
}

drawers.policy = () => {
  $("policy-view").append(el("p.note", null, "What each line costs: executed instructions for each call made, were none answered from the cache; their sum is the mean. "
    + "Tests of arguments belong to the line that asks for them, the search for the number to the lines that name the call."));
  $("policy-view").append(dearLines());
  const texts = new Map(report.files.map((file) => [file.name, file.text]));
  for (const name of new Set(report.lines.map((line) => line.file))) $("policy-view").append(fileCard(name, texts.has(name) ? texts.get(name) : null));
};

function showLine(index) {
  show("policy");
  for (const one of document.querySelectorAll("tr.mark")) one.classList.remove("mark");
  const line = $(`line-${index}`)?.closest("tr");
  if (!line) return;
  line.classList.add("mark");
  line.scrollIntoView({block: "center"});
}

drawers.program = () => {
  const most = Math.max(1e-9, ...report.program.map((one) => one.executed));
  const row = (one, pc) => el("tr", {style: heat(one.executed / most)}, el("td.gut", null, decimals(one.executed)), el("td.gut", null, pc), el("td.mono", null, one.text), el("td.asks", null, breakable(one.meaning)),
    el("td.wide", null, one.line === null ? "" : el("a", {href: `#line-${one.line}`, onclick: (event) => { event.preventDefault(); showLine(one.line); }}, `${report.lines[one.line].file}:${report.lines[one.line].line}`)));
  $("program").append(el("p.note", null, "Every instruction, with how often it is executed for each call made, were none answered from the cache."),
    el("div.card", null, el("div.code", null, el("table", null, el("thead", null, el("tr", null, ["executed", "", "instruction", "asks", "line"].map((title, i) => el(`th${i < 2 ? ".gut" : ""}${i === 4 ? ".wide" : ""}`, {scope: "col"}, title)))),
      el("tbody", null, report.program.map(row))))));
};

start();
