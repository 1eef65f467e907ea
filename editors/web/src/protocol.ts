// protocol.ts: what the page and its worker tell each other.

export interface Request {
  id: number;
  kind: "compile" | "page" | "explain" | "format" | "test";
  text: string;
  extra: string[];    // options of the command line: --target, -O
  call?: string;      // of explain
}

export interface Place { offset: number; line: number; column: number }
export interface Edit { place: {begin: Place; end: Place; file: string}; replacement: string }
export interface Diagnostic {
  code: string;
  severity: "error" | "warning" | "note" | "remark";
  message: string;
  place: {file: string; begin: Place; end: Place} | null;
  notes: string[];
  fixes: {title: string; safe: boolean; edits: Edit[]}[];
}

export interface Cost { instructions: number; x86: number; ns: number }
export interface Call {
  name: string;
  verdicts: string[];
  named: boolean;
  cached: boolean;
  share: number;
  best: Cost;
  worst: Cost;
}
export interface Report {
  policy: string;
  proof: string;
  unruled: string;
  foreign: string;
  totals: {instructions: number; bytes: number; worst: Cost; worst_call: string; mean: Cost};
  abis: {name: string; calls: Call[]}[];
}

export interface Answer {
  id: number;
  code: number;                // sbpc's exit code
  said: string;                // what it printed
  diagnostics: Diagnostic[];
  report?: Report;
  listing?: string;
  html?: string;
  formatted?: string;
  program?: Uint8Array;
  crashed?: string;            // the compiler itself failed; the next request gets a new one
}

export const POLICY = "policy.sb";
