// The playground's highlighting on every policy of the tree: codemirror.mjs POLICIES.json (of policies.py). The same demands as textmate.mjs.
import assert from "node:assert/strict";
import {mkdtempSync, readFileSync, rmSync} from "node:fs";
import {createRequire} from "node:module";
import {fileURLToPath} from "node:url";
import {complaints} from "./expected_classes.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const load = createRequire(`${root}editors/web/package.json`);
const {StringStream} = load("@codemirror/language");
const CLASSES = {invalid: "invalid", comment: "comment", docComment: "comment", meta: "comment", string: "string", number: "number",
  character: "character", bool: "literal", self: "slot", operator: "operator", operatorKeyword: "operator", keyword: "keyword",
  controlKeyword: "keyword"};

const work = mkdtempSync(`${root}editors/web/node_modules/.test-`);
let parser;
try {
  await load("esbuild").build({entryPoints: [`${root}editors/web/src/language.ts`], bundle: true, platform: "node", format: "esm", packages: "external",
    outfile: `${work}/language.mjs`, logLevel: "warning"});
  ({parser} = await import(`${work}/language.mjs`));
} finally {
  rmSync(work, {recursive: true});
}

function places(text) {
  const found = [];
  const state = parser.startState(2);
  text.split("\n").forEach((whole, index) => {
    const line = whole.replace(/\r$/, "");
    const stream = new StringStream(line, 2, 2);
    while (!stream.eol()) {
      stream.start = stream.pos;
      const name = parser.token(stream, state);
      assert.ok(stream.pos > stream.start, `the tokenizer stands still at \`${line.slice(stream.pos)}\``);
      if (!name) continue;
      const column = Buffer.byteLength(line.slice(0, stream.start)) + 1;
      found.push({line: index + 1, column, end: column + Buffer.byteLength(stream.current()), text: stream.current(), class: CLASSES[name] ?? "name"});
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
