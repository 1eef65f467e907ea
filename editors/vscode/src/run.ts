// run.ts: runs sbpc and says in words why it could not be run. Knows nothing of the editor. Tested by test/pure.test.ts.
import {spawn} from "node:child_process";

export interface Answer {
  code: number;      // sbpc's exit code: 0, 1 for a policy that is refused, 2 for a usage error
  stdout: string;
  stderr: string;
}

export const MAX_OUTPUT = 64 << 20;  // a report of the largest policy is a few MB

export class CannotRun extends Error {}

/** Rejects with CannotRun where there is no answer. */
export function run(program: string, args: string[], cwd: string, seconds = 60): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {cwd, stdio: ["ignore", "pipe", "pipe"]});
    // Not spawn's own timeout: it goes on running where the program could not be started.
    const timer = setTimeout(() => child.kill("SIGKILL"), seconds * 1000);
    const parts: {stdout: Buffer[]; stderr: Buffer[]} = {stdout: [], stderr: []};
    let size = 0;
    for (const name of ["stdout", "stderr"] as const) {
      child[name].on("data", (chunk: Buffer) => {
        size += chunk.length;
        if (size > MAX_OUTPUT) child.kill("SIGKILL");
        else parts[name].push(chunk);
      });
    }
    child.on("error", (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      reject(new CannotRun(whyNot(program, error)));
    });
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      if (size > MAX_OUTPUT) reject(new CannotRun(`\`${program}\` wrote more than ${MAX_OUTPUT >> 20} MB and was ended`));
      else if (code === null) reject(new CannotRun(`\`${program}\` was ended by ${signal}; it may take ${seconds} seconds`));
      else resolve({code, stdout: Buffer.concat(parts.stdout).toString(), stderr: Buffer.concat(parts.stderr).toString()});
    });
  });
}

export function whyNot(program: string, error: NodeJS.ErrnoException): string {
  if (error.code === "ENOENT") return `there is no program \`${program}\`: install sbpc, or set \`sbpc.path\` to where it is`;
  if (error.code === "EACCES") return `\`${program}\` may not be run: set \`sbpc.path\` to the sbpc program`;
  return `\`${program}\` could not be run: ${error.message}`;
}
