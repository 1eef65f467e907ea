// The report's page in Chromium: report.mjs PAGE FOLDER. Opens PAGE light and dark, wide and narrow, uses it as a person would, by
// keys alone, and leaves a screenshot of each view in FOLDER. The first thing that is wrong ends it with a word on what.
import assert from "node:assert/strict";
import {createHash} from "node:crypto";
import {readFileSync} from "node:fs";
import {pathToFileURL} from "node:url";
import {chromium} from "playwright-core";

const [page_path, folder] = process.argv.slice(2);
const address = pathToFileURL(page_path).href;
const views = {calls: "1", tree: "2", policy: "3", program: "4"};
const panels = {calls: "#calls", tree: "#tree", policy: "#policy-view", program: "#program"};

// Relative luminance and contrast as WCAG 2 defines them.
function contrast(one, other) {
  const light = (color) => {
    const [r, g, b] = color.match(/[\d.]+/g).slice(0, 3).map((part) => part / 255).map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [high, low] = [light(one), light(other)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

async function noOverflow(page, what) {
  const [needs, has] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(needs <= has, `${what}: the page is ${needs} wide, the window ${has}`);
}

async function useCalls(page) {
  const all = await page.locator("#rows tr").count();
  await page.keyboard.press("/");
  assert.equal(await page.evaluate(() => document.activeElement.id), "search");
  await page.keyboard.type("socket AF_UNIX");  // a condition finds its call
  assert.equal(await page.locator("#rows tr").count(), 1);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  assert.match(await page.locator("#detail h2").innerText(), /socket/);
  assert.match(await page.locator("#detail").innerText(), /domain == AF_UNIX/);
  assert.ok(await page.locator("#detail .steps li").count() > 3);
  await page.locator("#detail details summary").first().press("Enter");
  const step = await page.locator("#detail .steps li code").first().boundingBox();
  assert.ok(step.width > 40 && step.height < 30, "the path's instructions stand in one line each");
  await page.keyboard.press("Escape");
  assert.equal(await page.locator("#rows tr").count(), all);
  await page.keyboard.press("Escape");
  assert.equal(await page.locator("#detail").isVisible(), false);
  await page.locator("#by-insns button").click();
  assert.equal(await page.locator("#by-insns").getAttribute("aria-sort"), "descending");
}

async function useTree(page) {
  const item = page.locator("#branches > li");
  await item.focus();
  await page.keyboard.press("ArrowLeft");
  assert.equal(await item.getAttribute("aria-expanded"), "false");
  await page.keyboard.press("ArrowRight");
  assert.equal(await item.getAttribute("aria-expanded"), "true");
  await page.keyboard.press("ArrowDown");
  const inner = await page.evaluate(() => document.activeElement.getAttribute("aria-label"));
  assert.match(inner, /^yes: /);
  const before = await page.locator("#icicle button").count();
  assert.ok(before > 5);
  await page.keyboard.press("Enter");
  assert.equal(`yes: ${await page.locator("#icicle button").first().innerText()}`, inner.replace(/, [^,]*$/, ""));
  await page.keyboard.press("Escape");
  assert.equal(await page.locator("#icicle button").count(), before);
}

async function visit(browser, scheme, width) {
  const page = await browser.newPage({viewport: {width, height: 900}, colorScheme: scheme, reducedMotion: "reduce"});
  const wrong = [];
  page.on("console", (message) => wrong.push(message.text()));
  page.on("pageerror", (error) => wrong.push(error.message));
  page.on("request", (request) => { if (request.url() !== address) wrong.push(`asked for ${request.url()}`); });
  await page.goto(address);
  const colors = await page.evaluate(() => [".tile .big", ".tile .more", ".badge.deny", ".badge.allow"].map((one) => {
    const style = getComputedStyle(document.querySelector(one));
    const under = /^rgba\(0, 0, 0, 0\)/.test(style.backgroundColor) ? getComputedStyle(document.querySelector(".tile")).backgroundColor : style.backgroundColor;
    return [one, style.color, under];
  }));
  for (const [what, ink, paper] of colors) assert.ok(contrast(ink, paper) >= 4.5, `${scheme}: ${what} has a contrast of ${contrast(ink, paper).toFixed(2)}`);
  const shots = {};
  for (const [view, key] of Object.entries(views)) {
    await page.keyboard.press(key);
    assert.ok(await page.locator(panels[view]).isVisible(), view);
    await noOverflow(page, `${view}, ${scheme}, ${width}`);
    const path = `${folder}/${view}-${scheme}-${width}.png`;
    await page.screenshot({path});
    shots[view] = createHash("sha256").update(readFileSync(path)).digest("hex");
    assert.ok(readFileSync(path).length > 15000, `${path} is nearly empty`);
  }
  await page.keyboard.press("1");
  await useCalls(page);
  await page.keyboard.press("2");
  await useTree(page);
  const theme = await page.evaluate(() => document.documentElement.dataset.theme);
  assert.equal(theme, scheme);
  await page.keyboard.press("t");
  await page.keyboard.press("t");
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark");
  assert.deepEqual(wrong, []);
  await page.close();
  return shots;
}

const browser = await chromium.launch({executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"]});
try {
  for (const width of [1280, 400]) {
    const [light, dark] = [await visit(browser, "light", width), await visit(browser, "dark", width)];
    for (const view of Object.keys(views)) assert.notEqual(light[view], dark[view], `${view}: light and dark look the same`);
  }
} finally {
  await browser.close();
}
console.log("16 screenshots");
