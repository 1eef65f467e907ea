// report.ts: the cost report as a table. Everything is made as text nodes: names in a shared policy are anybody's.
import type {Call, Report} from "./protocol";

function element<Name extends keyof HTMLElementTagNameMap>(name: Name, text = "", attributes: Record<string, string> = {}): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

// Names may be broken behind `_` and `(` where the page is narrow.
function cell<Name extends "th" | "td">(name: Name, text: string, attributes: Record<string, string> = {}): HTMLElementTagNameMap[Name] {
  const made = element(name, "", attributes);
  for (const piece of text.match(/[^_(]*[_(]?/g) ?? []) made.append(piece, document.createElement("wbr"));
  return made;
}

function row(call: Call): HTMLTableRowElement {
  const made = element("tr");
  const range = call.best.instructions === call.worst.instructions ? `${call.worst.instructions}` : `${call.best.instructions}..${call.worst.instructions}`;
  const cells = [call.verdicts.join(" or "), range, String(call.worst.x86), call.cached ? "yes" : ""];
  made.append(cell("th", call.name, {scope: "row"}), ...cells.map((text) => cell("td", text)));
  return made;
}

/** `filter` is part of a call's name or answer. */
export function show(report: Report, into: HTMLElement, filter: string): void {
  const {totals} = report;
  const summary = element("p", `${totals.instructions} instructions, ${totals.bytes} bytes. Worst call: ${totals.worst_call} with ` +
    `${totals.worst.instructions}, mean ${totals.mean.instructions.toFixed(1)}. Calls that no rule names: ${report.unruled}.`);
  const parts: HTMLElement[] = [summary, element("p", `Proved: ${report.proof}.`, {class: "soft"})];
  for (const {name, calls} of report.abis) {
    const shown = calls.filter((call) => call.named && `${call.name} ${call.verdicts.join(" ")}`.includes(filter));
    const table = element("table");
    const head = element("tr");
    head.append(...["call", "answer", "instructions", "x86-64", "cached"].map((text) => element("th", text, {scope: "col"})));
    const body = element("tbody");
    body.append(...shown.map(row));
    const header = element("thead");
    header.append(head);
    table.append(element("caption", `${name}: ${shown.length} calls that a rule names`), header, body);
    parts.push(table);
  }
  into.replaceChildren(...parts);
}
