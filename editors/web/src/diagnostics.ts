// diagnostics.ts: sbpc's diagnostics as CodeMirror's. Its offsets are bytes, CodeMirror's UTF-16 units.
import type {Action, Diagnostic as Mark} from "@codemirror/lint";
import {POLICY, type Diagnostic, type Edit} from "./protocol";

/** A function from byte offsets to UTF-16 offsets of `text`; what lies beyond the end is the end. */
export function offsets(text: string): (byte: number) => number {
  const starts: number[] = [];  // for each byte the unit where its character begins; nothing where all are ASCII
  let ascii = true;
  let unit = 0;
  for (const character of text) {
    const code = character.codePointAt(0)!;
    const bytes = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    ascii &&= bytes === 1;
    for (let i = 0; i < bytes; ++i) starts.push(unit);
    unit += character.length;
  }
  return (byte) => (ascii ? Math.min(byte, text.length) : starts[byte] ?? text.length);
}

function action(title: string, edits: Edit[], unit: (byte: number) => number): Action {
  return {
    name: title,
    apply: (view) => view.dispatch({changes: edits.map(({place, replacement}) =>
      ({from: unit(place.begin.offset), to: unit(place.end.offset), insert: replacement}))}),
  };
}

/** Those of the policy itself; `text` is what was compiled. */
export function marks(text: string, found: Diagnostic[]): Mark[] {
  const unit = offsets(text);
  return found.filter(({place}) => place?.file === POLICY).map(({place, severity, message, notes, code, fixes}) => ({
    from: unit(place!.begin.offset),
    to: Math.max(unit(place!.end.offset), unit(place!.begin.offset)),
    severity: severity === "error" ? "error" : severity === "warning" ? "warning" : "info",
    message: [message, ...notes].join("\n"),
    source: code,
    actions: fixes.filter(({edits}) => edits.every((edit) => edit.place.file === POLICY)).map(({title, edits}) => action(title, edits, unit)),
  }));
}
