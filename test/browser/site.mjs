// The documentation's site in Chromium: site.mjs FOLDER. axe-core finds nothing on its pages, light and dark; nothing is loaded but the
// style; on a narrow window no page is wider than the window.
import assert from "node:assert/strict";
import {readFileSync} from "node:fs";
import {createRequire} from "node:module";
import {pathToFileURL} from "node:url";
import {chromium} from "playwright-core";

const folder = process.argv[2];
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const pages = ["index", "tutorial", "cookbook", "language", "learn", "import", "performance", "reports"].map((name) => `${name}.html`);  // one of each kind
const browser = await chromium.launch({executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"]});
const wrong = [];
try {
  for (const [colorScheme, width] of [["light", 1280], ["dark", 400]]) {
    const page = await browser.newPage({colorScheme, viewport: {width, height: 900}});
    page.on("request", (request) => { if (!request.url().startsWith("file://")) wrong.push(`asked for ${request.url()}`); });
    for (const name of pages) {
      await page.goto(pathToFileURL(`${folder}/${name}`).href);
      await page.evaluate(axe);
      const {violations} = await page.evaluate(() => globalThis.axe.run());
      wrong.push(...violations.map(({id, nodes}) => `${name}, ${colorScheme}: ${id}: ${nodes.slice(0, 3).map((node) => node.target).join(" ")}`));
      const [needs, has] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      if (needs > has) wrong.push(`${name}: ${needs} wide in a window of ${has}`);
    }
  }
} finally {
  await browser.close();
}
assert.equal(wrong.join("\n"), "");
console.log(`${pages.length} pages`);
