// Opening files: the server starts for policies, and never sees a Seatbelt profile.
import assert from "node:assert/strict";
import {chmodSync, mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {after, test} from "node:test";
import {started, stopped} from "./fake_client";
import {open, registered, settings, shown, state} from "./fake_vscode";
import {activate, deactivate} from "../src/extension";
import {KeepAway} from "../src/server";

const folder = mkdtempSync(`${tmpdir()}/sbpc-vscode-`);
after(() => rmSync(folder, {recursive: true}));
const program = (usage: string) => {
  writeFileSync(`${folder}/sbpc`, `#!/bin/sh\necho 'usage: ${usage}'\n`);
  chmodSync(`${folder}/sbpc`, 0o755);
  return `${folder}/sbpc`;
};
const opened = async (document: unknown) => { for (const handler of state.openHandlers) await handler(document); };
const PROFILE = "(version 1)\n(allow default)\n";

test("the server of an extension's life", async () => {
  const subscriptions: unknown[] = [];
  await activate({subscriptions} as never);
  assert.deepEqual([...registered.keys()].sort(), ["sbpc.compile", "sbpc.costReport", "sbpc.explainCall", "sbpc.restartServer", "sbpc.test"]);
  assert.deepEqual(started, [], "nothing is started before a policy is open");

  const profile = open("/x/mac.sb", PROFILE);
  await opened(profile);
  assert.equal(profile.languageId, "plaintext");
  state.languages = ["plaintext", "scheme"];
  const other = open("/x/mac2.sb", PROFILE);
  await opened(other);
  assert.equal(other.languageId, "scheme");
  assert.deepEqual(started, []);

  settings["sbpc.path"] = program("sbpc [COMMAND] [OPTION...] FILE");
  await opened(open("/x/a.sb", "policy p { }"));
  await opened(open("/x/b.sb", "policy p { }"));
  assert.deepEqual(started, []);
  assert.equal(shown.filter((line) => line.includes("has no command `lsp`")).length, 1, "said once");

  settings["sbpc.path"] = program("sbpc lsp [OPTION...]");
  await Promise.all([opened(open("/x/c.sb", "policy p { }")), opened(open("/x/d.sb", "policy p { }"))]);  // a window with two policies
  await opened(open("/x/d2.sb", "policy p { }"));
  assert.deepEqual(started, [{command: `${folder}/sbpc`, args: ["lsp"]}]);
  await registered.get("sbpc.restartServer")!();
  assert.equal(started.length, 2);
  await deactivate();
  assert.deepEqual(stopped, ["sbpc", "sbpc"]);

  settings["sbpc.server.enable"] = false;
  await opened(open("/x/e.sb", "policy p { }"));
  assert.equal(started.length, 2, "switched off");
});

test("the server hears nothing of a Seatbelt profile", async () => {
  const heard: string[] = [];
  const next = (what: string) => async () => { heard.push(what); };
  const keep = new KeepAway();
  const profile = open("/x/mac.sb", PROFILE) as never;
  const policy = open("/x/a.sb", "policy p { }") as never;
  for (const document of [profile, policy]) {
    const name = document === profile ? "profile" : "policy";
    await keep.didOpen!(document, next(`open ${name}`));
    await keep.didChange!({document} as never, next(`change ${name}`));
    await keep.didSave!(document, next(`save ${name}`));
    await keep.didClose!(document, next(`close ${name}`));
  }
  assert.deepEqual(heard, ["open policy", "change policy", "save policy", "close policy"]);
});
