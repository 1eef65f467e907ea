// An editor's highlighting of the policies in POLICIES.json (of policies.py): highlighting.mjs vim|emacs POLICIES.json [every]. Without
// `every` only those whose tokens are known or which have a lexical mistake. The same demands as textmate.mjs.
import assert from "node:assert/strict";
import {execFileSync} from "node:child_process";
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {fileURLToPath} from "node:url";
import {complaints} from "./expected_classes.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
// Each editor reads $SB_POLICIES and writes {path: [[line, column, end, name], ...]} to $SB_OUT, columns in bytes from 1.
const EDITORS = {
  vim: {
    command: ["vim", "-N", "-u", "NONE", "-i", "NONE", "-n", "-es", "--cmd", "set rtp^=editors/vim encoding=utf-8", "--cmd", "filetype plugin on", "--cmd",
      "syntax on", "-S", "test/editors/vim_policies.vim"],
    classes: {sbError: "invalid", sbBadEscape: "invalid", sbComment: "comment", sbDocComment: "comment", sbShebang: "comment", sbString: "string",
  sbNumber: "number", sbCharacter: "character", sbBoolean: "literal", sbSlot: "slot", sbOperator: "operator", sbCondition: "operator",
  sbDeclaration: "keyword", sbStatement: "keyword", sbAction: "keyword"},
  },
  emacs: {
    command: ["emacs", "-Q", "--batch", "-L", "editors/emacs", "-l", "sb-mode", "-l", "test/editors/emacs_policies.el"],
    classes: {"font-lock-warning-face": "invalid", "font-lock-comment-face": "comment", "font-lock-doc-face": "comment", "font-lock-preprocessor-face": "comment",
      "font-lock-comment-delimiter-face": "comment", "font-lock-string-face": "string", "sb-number-face": "number", "sb-character-face": "character",
      "sb-literal-face": "literal", "sb-slot-face": "slot", "sb-operator-face": "operator", "font-lock-keyword-face": "keyword",
      "sb-action-face": "keyword"},
  },
};
const editor = EDITORS[process.argv[2]];

const every = process.argv[4] === "every";
const policies = JSON.parse(readFileSync(process.argv[3], "utf8"))
  .filter((policy) => (every || policy.tokens || policy.lexical) && !policy.kinds.some((kind) => kind.startsWith("LooksLike")));
const work = mkdtempSync(`${tmpdir()}/sbpc-highlighting-`);
let groups;
try {
  writeFileSync(`${work}/policies.json`, JSON.stringify(policies.map(({path}) => ({path}))));
  execFileSync(editor.command[0], editor.command.slice(1), {cwd: root, timeout: 120000, stdio: ["ignore", "ignore", "inherit"],
    env: {...process.env, SB_POLICIES: `${work}/policies.json`, SB_OUT: `${work}/out.json`}});
  groups = JSON.parse(readFileSync(`${work}/out.json`, "utf8"));
} finally {
  rmSync(work, {recursive: true});
}
const wrong = policies.flatMap((policy) => {
  const lines = readFileSync(root + policy.path).toString("latin1").split("\n");  // columns are bytes
  const all = groups[policy.path].map(([line, column, end, group]) =>
    ({line, column, end, class: editor.classes[group] ?? "name", text: lines[line - 1].slice(column - 1, end - 1)}));
  return complaints(policy, all, (line, column) => all.find((one) => one.line === line && one.column <= column && column < one.end)?.class);
});
assert.equal(wrong.join("\n"), "");
console.log(`${policies.length} policies`);
