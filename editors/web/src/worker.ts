// worker.ts: the compiler behind messages. build.mjs puts Emscripten's script before it, so that `sbpcModule` is there. The command line
// is run on files in memory, once for each request; what a request leaves is removed before the next one.
import {POLICY, type Answer, type Diagnostic, type Request} from "./protocol";

interface Module {
  FS: {
    writeFile(path: string, text: string): void;
    readFile(path: string): Uint8Array;
    unlink(path: string): void;
    analyzePath(path: string): {exists: boolean};
    chmod(path: string, mode: number): void;
  };
  callMain(args: string[]): number;
  _fflush(stream: number): number;
}
declare function sbpcModule(options: object): Promise<Module>;

const OUT = {json: "out.json", listing: "out.txt", html: "out.html", bpf: "out.bpf"};
let module: Promise<Module> | undefined;
let out: string[] = [];
let err: string[] = [];

function load(): Promise<Module> {
  module ??= sbpcModule({print: (line: string) => out.push(line), printErr: (line: string) => err.push(line)});
  return module;
}

// Emscripten's umask() says 0777, and sbpc keeps to it: nobody may read what it writes.
function bytes(loaded: Module, path: string): Uint8Array | undefined {
  if (!loaded.FS.analyzePath(path).exists) return undefined;
  loaded.FS.chmod(path, 0o644);
  return loaded.FS.readFile(path);
}

function text(loaded: Module, path: string): string | undefined {
  const read = bytes(loaded, path);
  return read && new TextDecoder().decode(read);
}

const ARGUMENTS: Record<Request["kind"], (request: Request) => string[]> = {
  compile: ({extra}) => ["compile", ...extra, "--error-format", "json", "-o", OUT.bpf, "--emit", `json=${OUT.json},listing=${OUT.listing}`, POLICY],
  page: ({extra}) => ["compile", ...extra, "--error-format", "json", "-o", OUT.bpf, `--report=html:${OUT.html}`, POLICY],
  explain: ({extra, call}) => ["explain", ...extra, "--color", "never", "--", POLICY, call ?? ""],
  format: () => ["fmt", "--error-format", "json", POLICY],
  test: () => ["test", "--color", "never", POLICY],
};

function diagnostics(said: string): Diagnostic[] {
  try {
    return JSON.parse(said).diagnostics;
  } catch {
    return [];
  }
}

async function answer(request: Request): Promise<Answer> {
  const loaded = await load();
  out = [];
  err = [];
  for (const path of [...Object.values(OUT), POLICY]) if (loaded.FS.analyzePath(path).exists) loaded.FS.unlink(path);
  loaded.FS.writeFile(POLICY, request.text);
  const code = loaded.callMain(ARGUMENTS[request.kind](request));
  loaded._fflush(0);
  const said = [...err, ...out].join("\n");
  const report = text(loaded, OUT.json);
  return {
    id: request.id, code, said, diagnostics: diagnostics(err.join("\n")), report: report === undefined ? undefined : JSON.parse(report),
    listing: text(loaded, OUT.listing), html: text(loaded, OUT.html), formatted: request.kind === "format" && code === 0 ? text(loaded, POLICY) : undefined,
    program: bytes(loaded, OUT.bpf),
  };
}

self.onmessage = async ({data}: MessageEvent<Request>) => {
  try {
    self.postMessage(await answer(data));
  } catch (error) {
    module = undefined;  // its memory may be anything now
    const why = [...err, String(error)].join("\n");
    self.postMessage({id: data.id, code: 70, said: why, diagnostics: [], crashed: why} satisfies Answer);
  }
};
