// The playground's page over the native compiler: native.mjs SBPC FOLDER. WebAssembly takes ten minutes to build; everything else of the page is
// tested by this in one: a module with Emscripten's interface hands each command line to a server here, which runs SBPC on the same files.
import {execFileSync, spawnSync} from "node:child_process";
import {existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync} from "node:fs";
import {createServer} from "node:http";
import {resolve} from "node:path";
import {fileURLToPath} from "node:url";

const [sbpc, folder] = process.argv.slice(2).map((path) => resolve(path));
const WEB = fileURLToPath(new URL("../../editors/web/", import.meta.url));

// Runs in the page's worker: what of Emscripten's module worker.ts uses.
function moduleOver(address) {
  const files = new Map();
  const encoded = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  const decoded = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return async ({print, printErr}) => ({
    FS: {
      writeFile: (path, text) => files.set(path, new TextEncoder().encode(text)),
      readFile: (path) => files.get(path),
      unlink: (path) => files.delete(path),
      analyzePath: (path) => ({exists: files.has(path)}),
      chmod: () => {},
    },
    callMain(args) {
      const request = new XMLHttpRequest();
      request.open("POST", address, false);
      request.send(JSON.stringify({args, files: Object.fromEntries([...files].map(([path, bytes]) => [path, encoded(bytes)]))}));
      const answer = JSON.parse(request.responseText);
      for (const [path, text] of Object.entries(answer.files)) files.set(path, decoded(text));
      if (answer.out) print(answer.out);
      if (answer.err) printErr(answer.err);
      return answer.code;
    },
    _fflush: () => 0,
  });
}

function run({args, files}) {
  const place = mkdtempSync(`${folder}/run-`);
  for (const [path, text] of Object.entries(files)) writeFileSync(`${place}/${path}`, Buffer.from(text, "base64"));
  const {status, stdout, stderr} = spawnSync(sbpc, args, {cwd: place, encoding: "utf8", maxBuffer: 1 << 26});
  const after = Object.fromEntries(readdirSync(place).map((path) => [path, readFileSync(`${place}/${path}`).toString("base64")]));
  rmSync(place, {recursive: true});
  return {code: status, out: stdout.replace(/\n$/, ""), err: stderr.replace(/\n$/, ""), files: after};
}

const server = createServer(async (request, response) => {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  response.setHeader("access-control-allow-origin", "*").end(JSON.stringify(run(JSON.parse(Buffer.concat(pieces).toString()))));
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const address = `http://127.0.0.1:${server.address().port}/`;
writeFileSync(`${folder}/compiler.js`, `const sbpcModule = (${moduleOver})(${JSON.stringify(address)});\n`);
execFileSync("node", [`${WEB}build.mjs`, `${folder}/compiler.js`, `${folder}/playground.html`], {cwd: WEB, stdio: "pipe"});
const page = readFileSync(`${folder}/playground.html`, "utf8");
const open = page.replace("default-src 'none';", `default-src 'none'; connect-src ${address};`);
if (open === page || !existsSync(sbpc)) throw new Error("the page's Content-Security-Policy is not what it was, or there is no compiler");
writeFileSync(`${folder}/playground.html`, open);

process.argv = [...process.argv.slice(0, 2), `${folder}/playground.html`, sbpc, folder];
process.env.PLAYGROUND_COMPILER = address;
try {
  await import("./playground.mjs");
} finally {
  server.close();
  server.closeAllConnections();
}
