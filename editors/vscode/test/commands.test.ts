// The commands with the real sbpc (SBPC), in an editor that is made up.
import assert from "node:assert/strict";
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {after, beforeEach, test} from "node:test";
import {answers, forget, open, panels, registered, settings, shown, state, window} from "./fake_vscode";
import {Commands} from "../src/commands";

const folder = mkdtempSync(`${tmpdir()}/sbpc-vscode-`);
after(() => rmSync(folder, {recursive: true}));
settings["sbpc.path"] = process.env.SBPC;
new Commands(window.createOutputChannel()).register();
beforeEach(forget);

const POLICY = "policy p on x86_64 { kernel 6.12; default kill_process; allow read, write(fd == 1), exit_group, rt_sigreturn; }\n";
const TESTED = `${POLICY}test "t" for p { expect allow read; }\n`;

function policy(text: string, name = "a.sb"): string {
  writeFileSync(`${folder}/${name}`, text);
  open(`${folder}/${name}`, text);
  return `${folder}/${name}`;
}
const call = (name: string) => registered.get(name)!();

test("compile writes the program beside the policy", async () => {
  policy(POLICY);
  await call("sbpc.compile");
  assert.equal(readFileSync(`${folder}/a.bpf`).length % 8, 0);
  assert.ok(shown.includes("info: wrote a.bpf"), shown.join("\n"));
});

test("compile of a policy with errors shows them", async () => {
  policy(POLICY.replace("read", "raed"), "bad.sb");
  await call("sbpc.compile");
  assert.ok(shown.some((line) => line.startsWith("log: ") && line.includes("raed")), shown.join("\n"));
  assert.ok(shown.includes("error: the policy has errors: no program was written"));
});

test("tests are run, and their last line is shown", async () => {
  policy(TESTED);
  await call("sbpc.test");
  assert.ok(shown.includes("info: 1 test: 1 passed") || shown.some((line) => /^info: 1 tests?: 1 passed/.test(line)), shown.join("\n"));
  policy(TESTED.replace("expect allow read", "expect allow write"));
  await call("sbpc.test");
  assert.ok(shown.some((line) => /^error: 1 tests?: 0 passed, 1 failed/.test(line)), shown.join("\n"));
});

test("the report is a page that asks for nothing", async () => {
  policy(POLICY);
  await call("sbpc.costReport");
  assert.equal(panels.length, 1);
  assert.match(panels[0].webview.html, /^<!DOCTYPE html>/);
  assert.match(panels[0].webview.html, /default-src 'none'/);
  await call("sbpc.costReport");
  assert.equal(panels.length, 1, "one panel for all reports");
});

test("a file with several policies is asked about", async () => {
  policy(POLICY + POLICY.replace("policy p", "policy q"));
  answers.quickPick = (names) => names[1];
  answers.input = () => "ptrace";
  await call("sbpc.explainCall");
  assert.ok(shown.some((line) => line.includes("ptrace on x86_64: kill_process")), shown.join("\n"));
  forget();
  answers.quickPick = () => undefined;
  await call("sbpc.explainCall");
  assert.deepEqual(shown, []);
});

test("a line of strace is explained", async () => {
  policy(POLICY);
  answers.input = () => "write(2, \"a\", 1) = -1 EPERM (Operation not permitted)";
  await call("sbpc.explainCall");
  assert.ok(shown.some((line) => /write\(2, .*kill_process/.test(line)), shown.join("\n"));
});

test("nothing is run in a folder that is not trusted, for Seatbelt profiles, for other languages", async () => {
  policy(POLICY);
  state.trusted = false;
  await call("sbpc.compile");
  state.trusted = true;
  policy("(version 1)\n(deny default)\n", "mac.sb");
  await call("sbpc.compile");
  open(`${folder}/x.txt`, "", "plaintext");
  await call("sbpc.compile");
  assert.deepEqual(shown, ["warning: this folder is not trusted, so sbpc is not run", "warning: this is an Apple Seatbelt profile, not a seccomp policy",
    "warning: open a policy (.sb) first"]);
});

test("sbpc that is not there is an error in words", async () => {
  policy(POLICY);
  settings["sbpc.path"] = "/nowhere/sbpc";
  await call("sbpc.compile");
  settings["sbpc.path"] = process.env.SBPC;
  assert.match(shown.join("\n"), /^error: there is no program `\/nowhere\/sbpc`: install sbpc, or set `sbpc.path`/);
});
