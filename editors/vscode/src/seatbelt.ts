// seatbelt.ts: `.sb` is also the ending of Apple Seatbelt profiles, which are Scheme. Decides as the compiler's parse/file_checks.cpp
// does. Tested by test/pure.test.ts.

const FORMS = ["version", "allow", "deny", "import", "define", "debug", "trace"];

/** `(version 1)`, `(deny default)`, ... after Scheme's `;` comments. No SB item begins with `(`. */
export function looksLikeSeatbelt(text: string): boolean {
  const rest = text.replace(/^\uFEFF/, "").replace(/^(?:[ \t\r\n]*;[^\n]*(?:\n|$))*[ \t\r\n]*/, "");
  if (!rest.startsWith("(")) return false;
  const inner = rest.slice(1).replace(/^[ \t\r\n]*/, "");
  return FORMS.some((form) => inner.startsWith(form));
}
