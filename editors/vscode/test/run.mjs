// Runs the extension's tests: bundles each with an editor that is made up in place of `vscode`, then node's own runner. SBPC is the program.
import {spawnSync} from "node:child_process";
import {mkdtempSync, readdirSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {fileURLToPath} from "node:url";
import {build} from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const out = mkdtempSync(`${tmpdir()}/sbpc-vscode-tests-`);
try {
  await build({
    entryPoints: readdirSync(here).filter((name) => name.endsWith(".test.ts")).map((name) => here + name), outdir: out, outExtension: {".js": ".cjs"},
    bundle: true, platform: "node", format: "cjs", target: "node18", logLevel: "warning",
    alias: {vscode: `${here}fake_vscode.ts`, "vscode-languageclient/node": `${here}fake_client.ts`},
  });
  const done = spawnSync(process.execPath, ["--test", ...readdirSync(out).map((name) => `${out}/${name}`)], {stdio: "inherit"});
  process.exitCode = done.status ?? 1;
} finally {
  rmSync(out, {recursive: true});
}
