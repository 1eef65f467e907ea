// Bundles the extension into dist/extension.js, and the licences of what went into it into dist/ThirdPartyNotices.txt.
import {existsSync, readdirSync, readFileSync, writeFileSync} from "node:fs";
import {build} from "esbuild";

const {metafile} = await build({
  entryPoints: ["src/extension.ts"], outfile: "dist/extension.js", bundle: true, external: ["vscode"], format: "cjs", platform: "node",
  target: "node18", minify: true, metafile: true, logLevel: "warning",
});
const packages = [...new Set(Object.keys(metafile.inputs).map((path) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]).filter(Boolean))].sort();
const notices = packages.map((folder) => {
  const {name, version, license} = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  if (!file || !existsSync(`${folder}/${file}`)) throw new Error(`${name} has no licence text`);
  return `${name} ${version} (${license})\n\n${readFileSync(`${folder}/${file}`, "utf8").trim()}\n`;
});
writeFileSync("dist/ThirdPartyNotices.txt", notices.join(`\n${"-".repeat(80)}\n\n`));
console.log(`dist/extension.js, with ${packages.length} packages`);
