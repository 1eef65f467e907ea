// What knows nothing of the editor: Seatbelt profiles, command lines, running a program.
import assert from "node:assert/strict";
import {test} from "node:test";
import * as invocations from "../src/invocations";
import {CannotRun, run} from "../src/run";
import {looksLikeSeatbelt} from "../src/seatbelt";

test("Seatbelt profiles are told from policies", () => {
  for (const text of ["(version 1)\n(deny default)", ";; a comment\n ; two\n\t(allow file-read*)", "\uFEFF(import \"x.sb\")", "( version 1)", ";\r\n(debug deny)"]) {
    assert.ok(looksLikeSeatbelt(text), text);
  }
  for (const text of ["", "policy p { default allow; }", "// (version 1)\n", "(unknown)", "; only a comment", "const A = 1; (version 1)", ";".repeat(1e6)]) {
    assert.ok(!looksLikeSeatbelt(text), text.slice(0, 80));
  }
});

test("the policies of a file, not those in comments and strings", () => {
  assert.deepEqual(invocations.policies("policy a { }\n// policy b {\n/* policy c { } */ policy d on x86_64 { }\ntest \"policy e {\" for a { }"), ["a", "d"]);
  assert.deepEqual(invocations.policies("const policy = 1; rules r { allow f(policy == 2); }"), []);
});

test("a call, or a line of a log", () => {
  for (const text of ["openat", " write(1, 0, 5) ", "socket(AF_INET, _)"]) assert.ok(invocations.isCall(text), text);
  for (const text of ["write(1, \"a\", 1) = -1 EPERM (Operation not permitted)", "type=SECCOMP msg=audit(1.2:3): syscall=41", ""]) {
    assert.ok(!invocations.isCall(text), text);
  }
});

test("command lines name the file last and cannot be led astray by its name", () => {
  const target = {file: "/x/-rf.sb", policy: "p", extra: ["-I", "lib"]};
  assert.deepEqual(invocations.compile(target), ["compile", "--policy", "p", "-I", "lib", "--color", "never", "-o", "/x/-rf.bpf", "--", "/x/-rf.sb"]);
  assert.deepEqual(invocations.explain({file: "a.sb", extra: []}, " read "), ["explain", "--color", "never", "--", "a.sb", "read"]);
  assert.deepEqual(invocations.explain({file: "a.sb", extra: []}, "read() = 0"), ["explain", "--color", "never", "--audit", "read() = 0", "--", "a.sb"]);
});

test("a program that cannot be run is said in words", async () => {
  await assert.rejects(run("/nowhere/sbpc", [], "/"), (error: Error) => error instanceof CannotRun && /set `sbpc.path`/.test(error.message));
  await assert.rejects(run("/dev/null", [], "/"), (error: Error) => error instanceof CannotRun && /may not be run/.test(error.message));
  await assert.rejects(run("sleep", ["60"], "/", 0.1), (error: Error) => error instanceof CannotRun && /was ended by SIGKILL/.test(error.message));
  assert.deepEqual(await run("sh", ["-c", "echo a; echo b >&2; exit 3"], "/"), {code: 3, stdout: "a\n", stderr: "b\n"});
});
