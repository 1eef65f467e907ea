// page.ts: the playground. A text is compiled as it is written; the report, the listing and the program are those of the last text
// without errors. Tested in a browser by test/browser/playground.mjs.
import {closeBrackets, closeBracketsKeymap} from "@codemirror/autocomplete";
import {defaultKeymap, history, historyKeymap, indentWithTab} from "@codemirror/commands";
import {bracketMatching, HighlightStyle, indentOnInput, indentUnit, StreamLanguage, syntaxHighlighting} from "@codemirror/language";
import {lintGutter, lintKeymap, setDiagnostics, type Diagnostic as Mark} from "@codemirror/lint";
import {searchKeymap} from "@codemirror/search";
import {EditorState} from "@codemirror/state";
import {drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers} from "@codemirror/view";
import {tags} from "@lezer/highlight";
import {policies} from "../../vscode/src/policies";
import {Compiler} from "./compiler";
import {marks} from "./diagnostics";
import {parser} from "./language";
import type {Answer, Diagnostic, Report} from "./protocol";
import {show} from "./report";
import {fromFragment, toFragment} from "./share";

const PAUSE = 250;  // milliseconds without a key before the text is compiled

const by = <Kind extends HTMLElement>(id: string) => document.getElementById(id) as Kind;
const examples: Record<string, string> = JSON.parse(by("examples").textContent!);
const compiler = new Compiler(by("compiler").textContent!);
const status = by("status");
let report: Report | undefined;
let program: Uint8Array | undefined;
let compiled = "";      // the text that report and program are of

const colors = HighlightStyle.define([
  {tag: [tags.keyword, tags.operatorKeyword], class: "t-word"}, {tag: tags.controlKeyword, class: "t-action"},
  {tag: [tags.string, tags.number, tags.bool, tags.character, tags.constant(tags.name)], class: "t-value"},
  {tag: [tags.comment, tags.docComment, tags.meta], class: "t-comment"}, {tag: [tags.typeName, tags.labelName], class: "t-type"},
  {tag: tags.invalid, class: "t-invalid"},
]);
const language = StreamLanguage.define({...parser, tokenTable: {constant: tags.constant(tags.name), docComment: tags.docComment}});

const view = new EditorView({
  parent: by("editor"),
  state: EditorState.create({
    extensions: [
      lineNumbers(), history(), drawSelection(), indentOnInput(), bracketMatching(), closeBrackets(), highlightActiveLine(), lintGutter(),
      indentUnit.of("  "), language, syntaxHighlighting(colors),
      keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...lintKeymap, indentWithTab]),
      EditorView.contentAttributes.of({"aria-label": "policy; Escape then Tab leaves the editor", spellcheck: "false", tabindex: "0"}),
      EditorView.updateListener.of((update) => { if (update.docChanged) changed(); }),
    ],
  }),
});
const text = () => view.state.doc.toString();
const options = () => {
  const target = by<HTMLSelectElement>("target").value;
  return [...(target ? ["--target", target] : []), ...policyOption(), by<HTMLSelectElement>("level").value];
};

// Of a text with several policies the one that is chosen, at first the first one.
function policyOption(): string[] {
  const names = policies(text());
  const select = by<HTMLSelectElement>("policy");
  const chosen = names.includes(select.value) ? select.value : names[0];
  if ([...select.options].map(({value}) => value).join() !== names.join()) select.replaceChildren(...names.map((name) => new Option(name, name)));
  by("policy-label").hidden = names.length < 2;
  if (names.length < 2) return [];
  select.value = chosen;
  return ["--policy", chosen];
}

let timer = 0;
function changed(): void {
  clearTimeout(timer);
  timer = window.setTimeout(() => void compile(), PAUSE);
}

async function compile(): Promise<void> {
  const asked = text();
  status.dataset.state = "busy";
  const answer = await compiler.ask({kind: "compile", text: asked, extra: options()});
  if (!answer || asked !== text()) return;
  const marked = marks(asked, answer.diagnostics);
  view.dispatch(setDiagnostics(view.state, marked));
  list(answer.diagnostics, marked);
  if (answer.code === 0 && answer.report) {
    report = answer.report;
    program = answer.program;
    compiled = asked;
    by("listing").textContent = answer.listing ?? "";
    show(report, by("report"), by<HTMLInputElement>("filter").value.trim());
  }
  by<HTMLButtonElement>("download").disabled = program === undefined || compiled !== asked;
  by("stale").hidden = report === undefined || compiled === asked;
  say(answer);
}

function say(answer: Answer): void {
  const errors = answer.diagnostics.filter(({severity}) => severity === "error").length;
  const warnings = answer.diagnostics.filter(({severity}) => severity === "warning").length;
  const count = (number: number, what: string) => `${number} ${what}${number === 1 ? "" : "s"}`;
  status.dataset.state = answer.crashed ? "error" : answer.code === 0 ? "good" : "error";
  if (answer.crashed) status.textContent = answer.crashed;
  else if (answer.code === 0) status.textContent = `${count(report!.totals.instructions, "instruction")}, proved for ${report!.abis.map(({name}) => name).join(", ")}` + (warnings ? `; ${count(warnings, "warning")}` : "");
  else status.textContent = errors ? count(errors, "error") : answer.said;
}

function button(text: string, kind: string, what: () => void): HTMLButtonElement {
  const made = document.createElement("button");
  made.textContent = text;
  made.className = kind;
  made.addEventListener("click", what);
  return made;
}

function goTo(line: number): void {
  view.dispatch({selection: {anchor: view.state.doc.line(Math.min(line, view.state.doc.lines)).from}, scrollIntoView: true});
  view.focus();
}

// Each problem with its place and its fixes; `found` has those of imported modules, too, which have no mark.
function list(found: Diagnostic[], marked: Mark[]): void {
  by("problems").replaceChildren(...found.map((one) => {
    const item = document.createElement("li");
    item.append(button(`${one.place ? `line ${one.place.begin.line}: ` : ""}${one.message} [${one.code}]`, one.severity, () => { if (one.place) goTo(one.place.begin.line); }));
    const mark = marked.find(({source, message}) => source === one.code && message.startsWith(one.message));
    for (const action of mark?.actions ?? []) item.append(button(`fix: ${action.name}`, "fix", () => action.apply(view, mark!.from, mark!.to)));
    return item;
  }));
}

function replace(by_: string): void {
  view.dispatch({changes: {from: 0, to: view.state.doc.length, insert: by_}});
}

// ---- tabs: arrow keys move between them, as WAI-ARIA's pattern says ----

const tabs = [...document.querySelectorAll<HTMLButtonElement>("[role=tab]")];
function choose(chosen: HTMLButtonElement): void {
  for (const tab of tabs) {
    tab.setAttribute("aria-selected", String(tab === chosen));
    tab.tabIndex = tab === chosen ? 0 : -1;
    by(tab.getAttribute("aria-controls")!).hidden = tab !== chosen;
  }
  if (chosen.id === "tab-page") void fullReport();
}
for (const [index, tab] of tabs.entries()) {
  tab.addEventListener("click", () => choose(tab));
  tab.addEventListener("keydown", (event) => {
    const step = {ArrowRight: 1, ArrowLeft: -1}[event.key];
    if (!step) return;
    const next = tabs[(index + step + tabs.length) % tabs.length];
    next.focus();
    choose(next);
  });
}

async function fullReport(): Promise<void> {
  const answer = await compiler.ask({kind: "page", text: text(), extra: options()});
  if (answer?.html) by<HTMLIFrameElement>("page-frame").srcdoc = answer.html;
}

// ---- what the buttons do ----

by("filter").addEventListener("input", () => { if (report) show(report, by("report"), by<HTMLInputElement>("filter").value.trim()); });
for (const id of ["target", "policy", "level"]) by(id).addEventListener("change", () => void compile());

by("format").addEventListener("click", async () => {
  const asked = text();
  const answer = await compiler.ask({kind: "format", text: asked, extra: []});
  if (!answer || asked !== text()) return;
  if (answer.formatted !== undefined) replace(answer.formatted);
  else say(answer);
});

by("share").addEventListener("click", async () => {
  const address = location.href.replace(/#.*$/, "") + (await toFragment(text()));
  history_(address);
  try {
    await navigator.clipboard.writeText(address);
    by("shared").textContent = "the address is copied; it holds the policy";
  } catch {
    by("shared").textContent = "the address of this page now holds the policy";
  }
});
const history_ = (address: string) => window.history.replaceState(null, "", address);

by("download").addEventListener("click", () => {
  if (!program || compiled !== text()) return;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([program], {type: "application/octet-stream"}));
  link.download = `${report!.policy}.bpf`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
});

by("ask").addEventListener("submit", async (event) => {
  event.preventDefault();
  const call = by<HTMLInputElement>("call").value.trim();
  if (!call) return;
  const answer = await compiler.ask({kind: "explain", text: text(), extra: options(), call});
  if (answer) by("explained").textContent = answer.said;
});

by<HTMLSelectElement>("example").addEventListener("change", (event) => {
  const name = (event.target as HTMLSelectElement).value;
  if (name) replace(examples[name]);
});

async function open(): Promise<void> {
  let first = Object.values(examples)[0];
  try {
    first = (await fromFragment(location.hash)) ?? first;
  } catch (error) {
    by("shared").textContent = (error as Error).message;
  }
  replace(first);
}
window.addEventListener("hashchange", () => void open());
for (const name of Object.keys(examples)) by<HTMLSelectElement>("example").append(new Option(name, name));
void open();
