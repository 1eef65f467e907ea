// Makes the page: build.mjs COMPILER.js OUT.html. Everything is put into one file: from file:// a page can load no second one.
import {readdirSync, readFileSync, writeFileSync} from "node:fs";
import {fileURLToPath} from "node:url";
import {build} from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const [compiler, out] = process.argv.slice(2);
const EXAMPLES = ["static_server", "media_parser", "tcp_echo", "worker_pool", "read-only", "nginx", "python3"];

const bundle = async (name) => {
  const {outputFiles} = await build({entryPoints: [`${here}src/${name}.ts`], bundle: true, write: false, format: "iife", target: "es2022", minify: true,
    legalComments: "inline", logLevel: "warning"});
  return outputFiles[0].text;
};
// In a <script> the text ends at the first `</script`, and `<!--` changes how the rest is read.
const inScript = (text) => text.replace(/<\/(script)/gi, "<\\/$1").replace(/<!--/g, "<\\!--");

const examples = Object.fromEntries(EXAMPLES.map((name) => [name, readFileSync(`${here}../../examples/${name}.sb`, "utf8")]));
const parts = {
  examples: JSON.stringify(examples).replace(/</g, "\\u003c"),
  compiler: inScript(readFileSync(compiler, "utf8") + "\n" + (await bundle("worker"))),
  page: inScript(await bundle("page")),
};
let html = readFileSync(`${here}page.html`, "utf8").replace("/* page.css */", () => readFileSync(`${here}page.css`, "utf8"));
for (const [id, text] of Object.entries(parts)) {
  const tag = new RegExp(`(<script[^>]* ?id="${id}">)(</script>)`);
  if (!tag.test(html)) throw new Error(`page.html has no <script id="${id}">`);
  html = html.replace(tag, (_, begin, end) => begin + text + end);
}
// The licences of what the page holds.
const licences = readdirSync(`${here}node_modules/@codemirror`).map((name) => `@codemirror/${name}`).join(", ");
html = html.replace("</head>", () => `<!-- Holds ${licences}, @lezer/common, @lezer/highlight, @lezer/lr, style-mod, w3c-keyname, crelt (MIT), ANTLR's C++ run-time (BSD), {fmt}, CLI11, nlohmann/json -->\n</head>`);
writeFileSync(out, html);
console.log(`${out}: ${(html.length / 1e6).toFixed(1)} MB`);
