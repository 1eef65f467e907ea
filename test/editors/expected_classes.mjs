// What the token kinds of the compiler (parse/tokens.def) look like in an editor: kind -> the class that its text must have there.
// Soft words and names are left out: only the parser knows which of the two they are.
const SYMBOLS = ["or_", "and_", "not_", "assign", "eq", "ne", "lt", "le", "gt", "ge", "bit_or", "bit_and", "shl", "shr", "plus", "minus", "star",
  "tilde", "range"];
const RESERVED = {if_: "keyword", else_: "keyword", except: "keyword", in: "operator", has: "operator", any: "operator", lacks: "operator",
  only: "operator", true_: "literal", false_: "literal"};

export const classes = {
  integer: "number", version: "number", character: "character", string: "string", raw: "slot", ...RESERVED,
  ...Object.fromEntries(SYMBOLS.map((kind) => [kind, "operator"])),
};

// Checks one file: classOf(line, column) is the editor's class at a place (from 1, in bytes), "invalid" for a mistake. Returns complaints.
export function complaints(policy, places, classOf) {
  const wrong = [];
  const invalid = places.filter((place) => place.class === "invalid");
  if (policy.kinds.length === 0 && invalid.length > 0) {
    wrong.push(`${policy.path}:${invalid[0].line}: \`${invalid[0].text}\` is marked as a mistake, and is none`);
  }
  if (policy.lexical && invalid.length === 0) wrong.push(`${policy.path}: no mistake is marked, though it has ${policy.kinds.join(", ")}`);
  for (const [line, column, kind, text] of policy.tokens ?? []) {
    const found = classOf(line, column);
    const expected = classes[kind];
    if (expected && found !== expected) wrong.push(`${policy.path}:${line}:${column}: \`${text}\` is ${found || "nothing"}, not ${expected}`);
    if (!expected && ["comment", "string", "number", "invalid"].includes(found)) {
      wrong.push(`${policy.path}:${line}:${column}: \`${text}\` is ${found}, though it is a ${kind}`);
    }
  }
  return wrong;
}
