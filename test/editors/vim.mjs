// Vim's syntax file on the policies of POLICIES.json (of policies.py): vim.mjs POLICIES.json [every]. Without `every` only those whose
// tokens are known or which have a lexical mistake: synID() is slow. The same demands as textmate.mjs.
import assert from "node:assert/strict";
import {execFileSync} from "node:child_process";
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {fileURLToPath} from "node:url";
import {complaints} from "./expected_classes.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const CLASSES = {sbError: "invalid", sbBadEscape: "invalid", sbComment: "comment", sbDocComment: "comment", sbShebang: "comment", sbString: "string",
  sbNumber: "number", sbCharacter: "character", sbBoolean: "literal", sbSlot: "slot", sbOperator: "operator", sbCondition: "operator",
  sbDeclaration: "keyword", sbStatement: "keyword", sbAction: "keyword"};

const every = process.argv[3] === "every";
const policies = JSON.parse(readFileSync(process.argv[2], "utf8"))
  .filter((policy) => (every || policy.tokens || policy.lexical) && !policy.kinds.some((kind) => kind.startsWith("LooksLike")));
const work = mkdtempSync(`${tmpdir()}/sbpc-vim-`);
let groups;
try {
  writeFileSync(`${work}/policies.json`, JSON.stringify(policies.map(({path}) => ({path}))));
  execFileSync("vim", ["-N", "-u", "NONE", "-i", "NONE", "-n", "-es", "--cmd", "set rtp^=editors/vim encoding=utf-8", "--cmd", "filetype plugin on", "--cmd",
    "syntax on", "-S", "test/editors/vim_policies.vim"], {cwd: root, env: {...process.env, SB_POLICIES: `${work}/policies.json`, SB_OUT: `${work}/out.json`},
    timeout: 120000, stdio: "ignore"});
  groups = JSON.parse(readFileSync(`${work}/out.json`, "utf8"));
} finally {
  rmSync(work, {recursive: true});
}
const wrong = policies.flatMap((policy) => {
  const lines = readFileSync(root + policy.path).toString("latin1").split("\n");  // columns are bytes
  const all = groups[policy.path].map(([line, column, end, group]) =>
    ({line, column, end, class: CLASSES[group] ?? "name", text: lines[line - 1].slice(column - 1, end - 1)}));
  return complaints(policy, all, (line, column) => all.find((one) => one.line === line && one.column <= column && column < one.end)?.class);
});
assert.equal(wrong.join("\n"), "");
console.log(`${policies.length} policies`);
