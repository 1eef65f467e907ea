// The TextMate grammar, with Visual Studio Code's own engine, on every policy of the tree: textmate.mjs POLICIES.json (of policies.py).
// A valid file has no scope `invalid`, one with a lexical mistake has; tokens have the class that the compiler's lexer gives them.
import assert from "node:assert/strict";
import {readFileSync} from "node:fs";
import {createRequire} from "node:module";
import {fileURLToPath} from "node:url";
import {complaints} from "./expected_classes.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const load = createRequire(`${root}editors/vscode/package.json`);
const {Registry, INITIAL, parseRawGrammar} = load("vscode-textmate");
const oniguruma = load("vscode-oniguruma");

// From the innermost scope outwards: the first that says something.
const CLASSES = [[/^invalid/, "invalid"], [/^constant\.character\.escape/, "string"], [/^comment/, "comment"], [/^string/, "string"],
  [/^constant\.numeric/, "number"], [/^constant\.character/, "character"], [/^constant\.language/, "literal"], [/^variable\.language/, "slot"],
  [/^keyword\.operator/, "operator"], [/^(keyword|punctuation)/, "keyword"], [/^(entity|support|variable|constant)/, "name"]];
const classOfScopes = (scopes) => {
  for (const scope of [...scopes].reverse()) {
    const found = CLASSES.find(([pattern]) => pattern.test(scope));
    if (found) return found[1];
  }
  return "";
};

await oniguruma.loadWASM(readFileSync(load.resolve("vscode-oniguruma").replace(/main\.js$/, "onig.wasm")));
const path = `${root}editors/vscode/syntaxes/sb.tmLanguage.json`;
const registry = new Registry({
  onigLib: Promise.resolve({createOnigScanner: (all) => new oniguruma.OnigScanner(all), createOnigString: (text) => new oniguruma.OnigString(text)}),
  loadGrammar: async () => parseRawGrammar(readFileSync(path, "utf8"), path),
});
const grammar = await registry.loadGrammar("source.sb");

function places(text) {
  const found = [];
  let state = INITIAL;
  text.split("\n").forEach((line, index) => {
    const {tokens, ruleStack} = grammar.tokenizeLine(line, state);
    state = ruleStack;
    for (const {startIndex, endIndex, scopes} of tokens) {
      const column = Buffer.byteLength(line.slice(0, startIndex)) + 1;
      const part = line.slice(startIndex, endIndex);
      found.push({line: index + 1, column, end: column + Buffer.byteLength(part), text: part, class: classOfScopes(scopes)});
    }
  });
  return found;
}

const policies = JSON.parse(readFileSync(process.argv[2], "utf8"));
const wrong = policies.flatMap((policy) => {
  const all = places(readFileSync(root + policy.path, "utf8").replace(/^\uFEFF/, ""));
  return complaints(policy, all, (line, column) => all.find((one) => one.line === line && one.column <= column && column < one.end)?.class);
});
assert.equal(wrong.join("\n"), "");
console.log(`${policies.length} policies`);
