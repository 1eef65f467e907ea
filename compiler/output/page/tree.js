// The view of the decisions: an icicle, in which a test is as wide as it is often asked, and the same as a tree to walk with keys.
const codes = {load: 0x20, and: 0x54, ja: 0x05, ret: 0x06};
const insn = (pc) => report.program[pc];

// The first test or return from `pc` on: loads and masks only prepare it.
function testAt(pc) {
  for (;;) {
    const code = insn(pc).code;
    if (code === codes.load || code === codes.and) pc += 1;
    else if (code === codes.ja && insn(pc).flag === undefined) pc += 1 + insn(pc).k;
    else return pc;
  }
}
const isReturn = (pc) => insn(pc).code === codes.ret;
const label = (pc) => insn(pc).meaning || insn(pc).text.replace(/,.*/, "");

// The two ways out of a test: [what it is called, where it leads, how likely it is].
function ways(pc) {
  const at = insn(pc);
  const odds = at.executed > 0 ? Math.min(1, at.taken / at.executed) : 0.5;
  if (at.flag !== undefined) return [["true", testAt(pc + 1), 1 - odds], ["false", testAt(pc + 1 + at.flag), odds]];
  return [["yes", testAt(pc + 1 + at.jt), odds], ["no", testAt(pc + 1 + at.jf), 1 - odds]];
}

const thinnest = 0.0015;  // of the width: what is narrower cannot be seen
const rowHeight = 24;
let root = null;
const zoomed = [];

function boxes(pc, left, width, depth, out) {
  out.push({pc, left, width, depth});
  if (isReturn(pc) || out.length > 4000) return out;
  let at = left;
  for (const [, to, odds] of ways(pc)) {
    if (width * odds > thinnest) boxes(to, at, width * odds, depth + 1, out);
    at += width * odds;
  }
  return out;
}

function drawIcicle() {
  const all = boxes(root, 0, 1, 0, []);
  const isArgument = (pc) => !isReturn(pc) && !/^(arch |number |from |after |x32$)/.test(label(pc)) && / (==|>=|>|any) /.test(label(pc));
  $("icicle").style.height = `${(Math.max(...all.map((box) => box.depth)) + 1) * rowHeight}px`;
  $("icicle").replaceChildren(...all.map((box) => {
    const kind = isReturn(box.pc) ? `.${tone(label(box.pc))}` : isArgument(box.pc) ? ".arg" : box.depth % 2 ? ".odd" : "";
    return el(`button${kind}`, {type: "button", tabindex: -1, title: `${label(box.pc)}: ${percent(box.width)} of ${root === testAt(0) ? "all calls" : "the calls that get to the top"}`,
      style: `left:${(box.left * 100).toFixed(3)}%;width:${(box.width * 100).toFixed(3)}%;top:${box.depth * rowHeight}px`, onclick: () => zoom(box.pc)},
      box.width > 0.02 ? label(box.pc) : "\u200b");
  }));
}

function zoom(pc) {
  if (isReturn(pc) || pc === root) return;
  zoomed.push(root);
  setRoot(pc);
}
function zoomOut() { if (zoomed.length) setRoot(zoomed.pop()); }
function setRoot(pc) {
  root = pc;
  $("out").disabled = zoomed.length === 0;
  drawIcicle();
  $("branches").replaceChildren(branch(root, "", 1, 0));
  $("branches").firstChild.tabIndex = 0;
}

function branch(pc, edge, odds, depth) {
  const leaf = isReturn(pc);
  const item = el("li", {role: "treeitem", tabindex: -1, "aria-expanded": leaf ? null : "false", "aria-label": `${edge ? `${edge}: ` : ""}${label(pc)}, ${percent(odds)}`});
  item.append(el("div.branch", {onclick: () => { toggle(item); focusItem(item); }}, el("span.twist", null, leaf ? "" : "\u25b8"), el("span.edge", null, edge),
    leaf ? badge(label(pc)) : el("code", null, label(pc)), meter(odds), el("span.odds", null, percent(odds))));
  item.open = () => {
    if (leaf || item.getAttribute("aria-expanded") === "true") return;
    item.setAttribute("aria-expanded", "true");
    item.querySelector(".twist").textContent = "\u25be";
    item.append(el("ul", {role: "group"}, ways(pc).map(([name, to, chance]) => branch(to, name, odds * chance, depth + 1))));
  };
  item.close = () => {
    if (leaf || item.getAttribute("aria-expanded") === "false") return;
    item.setAttribute("aria-expanded", "false");
    item.querySelector(".twist").textContent = "\u25b8";
    item.lastChild.remove();
  };
  item.pc = pc;
  if (depth < 3 || (odds > 0.04 && depth < 12)) item.open();
  return item;
}
const toggle = (item) => (item.getAttribute("aria-expanded") === "true" ? item.close() : item.open());

function focusItem(item) {
  for (const one of $("branches").querySelectorAll("[tabindex='0']")) one.tabIndex = -1;
  item.tabIndex = 0;
  item.focus();
}

function onTreeKey(event) {
  const item = event.target.closest("[role='treeitem']");
  if (!item) return;
  const all = [...$("branches").querySelectorAll("[role='treeitem']")];
  const at = all.indexOf(item);
  const parent = item.parentElement.closest("[role='treeitem']");
  const keys = {
    ArrowDown: () => all[at + 1], ArrowUp: () => all[at - 1], Home: () => all[0], End: () => all[all.length - 1],
    ArrowRight: () => { if (item.getAttribute("aria-expanded") === "false") item.open(); else return all[at + 1]; return item; },
    ArrowLeft: () => { if (item.getAttribute("aria-expanded") === "true") { item.close(); return item; } return parent; },
    Enter: () => { zoom(item.pc); return $("branches").firstChild; },
  };
  if (!keys[event.key]) return;
  const next = keys[event.key]();
  if (next) focusItem(next);
  event.preventDefault();
}

drawers.tree = () => {
  const swatch = (color, text) => el("span", null, el("i", {style: `background:var(${color})`}), text);
  $("tree").append(
    el("p.note", null, "A test is as wide as the calls that reach it, were none answered from the cache. Click to look closer."),
    el("div.legend", null, swatch("--node-a", "number or ABI"), swatch("--node-arg", "argument"), swatch("--allow-bg", "allow"), swatch("--deny-bg", "errno, trap"), swatch("--kill-bg", "kill"), swatch("--watch-bg", "log, trace, notify"),
      el("button.pill", {type: "button", id: "out", onclick: zoomOut}, "Back out")),
    el("div.icicle", {id: "icicle"}),
    el("div.card", null, el("ul.tree", {id: "branches", role: "tree", "aria-label": "decisions", onkeydown: onTreeKey})));
  setRoot(testAt(0));
};
