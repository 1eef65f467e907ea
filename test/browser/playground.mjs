// The playground in Chromium, from file:// and from a server, as a person would use it: playground.mjs PAGE SBPC FOLDER. A policy is typed, its error is
// seen and fixed, the report and the listing are there, the program is the native compiler's; sharing, keys, axe-core, no requests.
import assert from "node:assert/strict";
import {execFileSync} from "node:child_process";
import {readFileSync, writeFileSync} from "node:fs";
import {createServer} from "node:http";
import {createRequire} from "node:module";
import {pathToFileURL} from "node:url";
import {chromium} from "playwright-core";

const [page_path, sbpc, folder] = process.argv.slice(2);
const address = pathToFileURL(page_path).href;
const compiler = process.env.PLAYGROUND_COMPILER;  // native.mjs: where the page's compiler is asked
const own = (url, base) => url.startsWith(base) || /^(blob|data|about):/.test(url) || (compiler && url.startsWith(compiler));
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const POLICY = "policy p on x86_64, aarch64 {\n  kernel 6.12;\n  default kill_process;\n  allow read, write(fd in 1..2), exit_group, rt_sigreturn;\n}\n";

const good = (page) => page.waitForSelector("#status[data-state=good]", {timeout: 60000});
const bad = (page) => page.waitForSelector("#status[data-state=error]", {timeout: 60000});
const text = (page) => page.evaluate(() => [...document.querySelectorAll(".cm-line")].map((line) => line.textContent).join("\n"));

// Not waitForFunction, which the page's Content-Security-Policy does not let in.
async function until(page, condition) {
  for (const end = Date.now() + 30000; !(await page.evaluate(condition));) {
    assert.ok(Date.now() < end, `waited too long for ${condition}`);
    await page.waitForTimeout(50);
  }
}

// A new page; whatever it asks for beside itself, and whatever it complains of, is kept in `wrong`.
async function open(context, fragment, wrong, base = address) {
  const page = await context.newPage();
  page.on("console", (message) => { if (message.type() === "error" || message.type() === "warning") wrong.push(message.text()); });
  page.on("pageerror", (error) => wrong.push(error.message));
  page.on("request", (request) => { if (!own(request.url(), base)) wrong.push(`asked for ${request.url()}`); });
  await page.goto(base + fragment);
  await good(page);
  return page;
}

async function write(page, policy) {
  await page.locator(".cm-content").click();
  await page.keyboard.press("Control+a");
  await page.keyboard.press("Delete");
  await page.keyboard.insertText(policy);
}

async function accessible(page, what) {
  await page.evaluate(axe);
  const {violations} = await page.evaluate(() => globalThis.axe.run(document, {iframes: false}));
  assert.deepEqual(violations.map(({id, nodes}) => `${what}: ${id}: ${nodes.map((node) => node.target).join(" ")}`), []);
}

function native(policy, options) {
  writeFileSync(`${folder}/policy.sb`, policy);
  execFileSync(sbpc, ["-O2", ...options, "policy.sb", "-o", "native.bpf"], {cwd: folder, stdio: "pipe"});
  return readFileSync(`${folder}/native.bpf`);
}

async function download(page) {
  const [file] = await Promise.all([page.waitForEvent("download"), page.locator("#download").click()]);
  return readFileSync(await file.path());
}

async function mistake(page) {
  await write(page, POLICY.replace("read,", "raed,"));
  await bad(page);
  assert.equal(await page.locator("#status").innerText(), "1 error");
  assert.match(await page.locator("#problems").innerText(), /line 4: .*`raed`/);
  assert.ok(await page.locator(".cm-lintRange-error").count() > 0, "the mistake is underlined");
  assert.ok(await page.locator("#download").isDisabled());
  assert.ok(await page.locator("#stale").isVisible());
  await accessible(page, "with an error");
  await page.screenshot({path: `${folder}/error.png`});
  await page.locator("#problems button").first().press("Enter");
  await page.locator("#problems .fix").click();
  await good(page);
  assert.match(await text(page), /allow read, write/);
}

async function results(page) {
  await write(page, POLICY);
  await good(page);
  assert.match(await page.locator("#status").innerText(), /^\d+ instructions, proved for x86_64/);
  assert.match(await page.locator("#report").innerText(), /x86_64: 4 calls that a rule names/);
  await page.locator("#filter").fill("exit_g");
  assert.equal(await page.locator("#report tbody tr").count(), 1);
  await page.locator("#filter").fill("");
  await page.locator("#tab-report").focus();
  await page.keyboard.press("ArrowRight");
  assert.ok(await page.locator("#panel-listing").isVisible());
  assert.match(await page.locator("#listing").innerText(), /ret .*KILL_PROCESS|kill_process/i);
  await page.keyboard.press("ArrowRight");
  await page.locator("#call").fill("write(3, 0, 5)");
  await page.keyboard.press("Enter");
  await until(page, () => document.getElementById("explained").textContent.includes("kill_process"));
  await accessible(page, "asked");
  await page.locator("#tab-ask").focus();
  await page.keyboard.press("ArrowRight");
  await page.frameLocator("#page-frame").locator("h1").first().waitFor({timeout: 60000});
  await page.locator("#tab-report").click();
}

async function programs(page) {
  for (const name of await page.locator("#example option").evaluateAll((all) => all.map((option) => option.value).filter(Boolean))) {
    await page.evaluate(() => document.getElementById("status").setAttribute("data-state", "busy"));
    await page.locator("#example").selectOption(name);
    await good(page);
    const policy = readFileSync(new URL(`../../examples/${name}.sb`, import.meta.url), "utf8");
    const chosen = await page.locator("#policy").isVisible() ? ["--policy", await page.locator("#policy").inputValue()] : [];
    assert.ok((await download(page)).equals(native(policy, chosen)), `${name}: the bytes differ from the native compiler's`);
  }
}

async function shared(context, page, wrong) {
  await write(page, POLICY + "// ü 😀\n");
  await good(page);
  await page.locator("#share").click();
  await until(page, () => location.hash.startsWith("#p="));
  const other = await open(context, await page.evaluate(() => location.hash), wrong);
  assert.equal(await text(other), POLICY + "// ü 😀\n");
  await other.close();
  const damaged = await open(context, "#p=AAAA", wrong);
  assert.match(await damaged.locator("#shared").innerText(), /holds no policy/);
  await damaged.close();
}

// Tab indents, so there is another way out.
async function leavesByKeys(page) {
  await page.locator(".cm-content").click();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.closest("#editor")), null);
}

async function formatted(page) {
  await write(page, POLICY.replace("  kernel 6.12;", "kernel   6.12 ;"));
  await good(page);
  await page.locator("#format").click();
  await until(page, () => document.querySelector(".cm-content").textContent.includes("  kernel 6.12;"));
  await write(page, "(".repeat(400) + " policy");  // nothing that is typed ends the compiler
  await bad(page);
  await write(page, POLICY);
  await good(page);
}

// From a static server, too; `base` ends with the page's name, so any other request would show.
async function served(context, wrong) {
  const server = createServer((_, response) => response.setHeader("content-type", "text/html; charset=utf-8").end(readFileSync(page_path)));
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  await (await open(context, "", wrong, `http://127.0.0.1:${server.address().port}/playground.html`)).close();
  await new Promise((done) => server.close(done));
}

const browser = await chromium.launch({executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"]});
const wrong = [];
try {
  const context = await browser.newContext({viewport: {width: 1280, height: 900}, acceptDownloads: true});
  const page = await open(context, "", wrong);
  await accessible(page, "light");
  await page.screenshot({path: `${folder}/light.png`});
  await mistake(page);
  await results(page);
  await formatted(page);
  await leavesByKeys(page);
  await programs(page);
  await shared(context, page, wrong);
  await served(context, wrong);
  const dark = await browser.newContext({viewport: {width: 420, height: 900}, colorScheme: "dark"});
  const narrow = await open(dark, "", wrong);
  await accessible(narrow, "dark and narrow");
  for (const what of ["html", "#panel-report"]) {
    const [needs, has] = await narrow.locator(what).evaluate((node) => [node.scrollWidth, node.clientWidth]);
    assert.ok(needs <= has, `${what} takes ${needs}, and has ${has}`);
  }
  await narrow.screenshot({path: `${folder}/dark.png`, fullPage: true});
  assert.deepEqual(wrong, []);
} finally {
  await browser.close();
}
console.log("the playground works");
