// invocations.ts: the command lines of the extension's commands, and what is read of texts to make them. Knows nothing of the editor.
// Tested by test/pure.test.ts.
import * as path from "node:path";

export {policies} from "./policies";

export interface Target {
  file: string;       // the policy's path
  policy?: string;    // which one, in a file of several
  extra: string[];    // the setting sbpc.arguments
}

function common(target: Target): string[] {
  return [...(target.policy ? ["--policy", target.policy] : []), ...target.extra, "--color", "never"];
}

/** The program beside the policy. */
export function programOf(file: string): string {
  return path.join(path.dirname(file), path.basename(file, path.extname(file)) + ".bpf");
}

export function compile(target: Target): string[] {
  return ["compile", ...common(target), "-o", programOf(target.file), "--", target.file];
}

export function test(target: Target): string[] {
  return ["test", ...target.extra, "--color", "never", "--coverage", "--", target.file];
}

/** The page of the report on standard output; no program is left behind. */
export function report(target: Target, nowhere: string): string[] {
  return ["compile", ...common(target), "--report=html:-", "-o", nowhere, "--", target.file];
}

/** `call` is a call as people write it, or a line of strace, of the audit log or of a SIGSYS report. */
export function explain(target: Target, call: string): string[] {
  const asked = isCall(call) ? ["--", target.file, call.trim()] : ["--audit", call.trim(), "--", target.file];
  return ["explain", ...common(target), ...asked];
}

/** `openat`, `write(2, buf, 5)`, `socket(AF_INET, ...)`; an answer after it (`= -1 EPERM`) makes it a line of strace. */
export function isCall(text: string): boolean {
  return /^\s*[A-Za-z_]\w*\s*(?:\([^]*\))?\s*$/.test(text) && !/\)\s+=\s/.test(text);
}
