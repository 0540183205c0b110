import assert from "node:assert/strict";
import { test } from "node:test";
import { enter, page as url, until, withBrowser } from "./page.mjs";

const { OPERATION, TOKEN } = process.env;

test("the page's own controls", () => withBrowser(async (browser) => {
  const ann = await enter(browser, url, "Ann");
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: "en-GB" });
  const page = await context.newPage();
  await page.goto(`${OPERATION}#token=${TOKEN}`);
  await live(page);
  await find(page, ann);
  await follow(page);
  await skipWhoHasLeft(page, ann);
  await countBytes(page);
  await listOnce(page);
  await keepCharts(page);
  await signOut(page);
}));

/** live waits until the page is signed in and shows a map. */
async function live(page) {
  await until("the page is live", async () => (await page.textContent("#standing")) === "Live" &&
    page.evaluate(() => aoiworld.stage.scene.map !== undefined));
}

/** find is given a name and Enter at once, while the server takes its time. */
async function find(page, ann) {
  await page.route("**/admin/v1/players?*", async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 400));
    await route.continue();
  });
  await page.evaluate(() => {
    const field = document.getElementById("find");
    field.value = "ann";
    field.dispatchEvent(new Event("input"));
    field.form.requestSubmit();
  });
  await until("she is chosen", () => page.evaluate((id) => aoiworld.stage.chosen === id, ann.id));
  await page.unroute("**/admin/v1/players?*");
  assert.equal(await page.locator("#hits li").count(), 0);
}

/** follow follows until the map is dragged away, and the button says so. */
async function follow(page) {
  const button = page.getByRole("button", { name: "Follow" });
  const pressed = () => button.getAttribute("aria-pressed");
  await button.click();
  assert.equal(await pressed(), "true");
  const box = await page.locator("#stage").boundingBox();
  await page.mouse.move(box.x + 200, box.y + 300);
  await page.mouse.down();
  await page.mouse.move(box.x + 260, box.y + 340, { steps: 4 });
  await page.mouse.up();
  assert.equal(await pressed(), "false");
  await button.click();
  assert.equal(await pressed(), "true");
  await page.click("#whole");
  assert.equal(await pressed(), "false");
}

/** skipWhoHasLeft draws a view with somebody in it who has left the world, and one who has not. */
async function skipWhoHasLeft(page, ann) {
  const drawn = await page.evaluate((player) => {
    const { stage } = aoiworld;
    const one = { id: 1e6, kind: 0, name: "", x: 5, z: 5, cell: 0, why: "moved" };
    let circles = 0;
    const pen = { beginPath() {}, fill() {}, stroke() {}, arc: () => circles++ };
    stage.drawInspected.call({ pen, camera: stage.camera, looks: stage.looks, where: () => undefined },
      { player, entities: [one, { ...one, id: 1e6 + 1, cell: -1, why: "left" }] }, 0);
    return circles;
  }, ann.id);
  assert.equal(drawn, 1);
}

/** countBytes is kept from sending a reason that has few letters and too many bytes. */
async function countBytes(page) {
  const asked = [];
  page.on("request", (request) => request.method() === "POST" && asked.push(request.url()));
  await page.getByRole("button", { name: "Kick …" }).click();
  await page.fill("#ask input[name=reason]", "太吵".repeat(11));
  await page.locator("#ask").getByRole("button", { name: "Kick" }).click();
  assert.match(await page.evaluate(() => document.querySelector("#ask input").validationMessage), /66 bytes of 64/);
  assert.equal(await page.locator("#ask[open]").count(), 1);
  await page.fill("#ask input[name=reason]", "太吵".repeat(10));
  assert.equal(await page.evaluate(() => document.querySelector("#ask input").validationMessage), "");
  await page.keyboard.press("Escape");
  await page.getByRole("tab", { name: "Server" }).click();
  await page.fill("#announcement", "茶".repeat(171));
  await page.locator("#announce").getByRole("button").click();
  assert.match(await page.evaluate(() => document.getElementById("announcement").validationMessage), /513 bytes of 512/);
  assert.equal(await page.locator("#ask[open]").count(), 0);
  assert.deepEqual(asked, []);
}

/** listOnce asks for the bans twice; the answer to the first question comes last, and is not shown. */
async function listOnce(page) {
  let questions = 0;
  const release = [];
  await page.route("**/admin/v1/bans", async (route) => {
    const first = questions++ === 0;
    if (first) await new Promise((resolve) => release.push(resolve));
    const sanction = { id: "A", kind: "name", subject: first ? "old" : "new", until: null, reason: "", by: "", created: "2026-01-01T00:00:00Z" };
    await route.fulfill({ json: { sanctions: [sanction] } });
  });
  await page.getByRole("tab", { name: "Bans" }).click();
  await until("it was asked", () => questions === 1);
  await page.getByRole("tab", { name: "Bans" }).click();
  await until("the answer is shown", async () => /name new/.test(await page.textContent("#bans")));
  const late = page.waitForResponse((answer) => answer.url().endsWith("/bans"));
  for (const answer of release) answer();
  await (await late).finished();
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
  assert.match(await page.textContent("#bans"), /name new/);
  assert.ok(await page.locator("#mutes p").isVisible());
  await page.unroute("**/admin/v1/bans");
}

/** keepCharts sees that charts are drawn on where nothing but time has changed. */
async function keepCharts(page) {
  await page.getByRole("tab", { name: "Charts" }).click();
  const plots = () => page.evaluate(() => document.querySelectorAll(".uplot").length);
  const all = await until("there are plots", plots);
  await page.evaluate(() => {
    for (const plot of document.querySelectorAll(".uplot")) plot.dataset.first = "";
  });
  const last = await page.evaluate(() => aoiworld.history.last);
  await until("time has passed", () => page.evaluate((last) => aoiworld.history.last >= last + 3, last));
  assert.equal(await page.locator(".uplot[data-first]").count(), all);
  assert.equal(await plots(), all);
}

/** signOut goes out in all ways there are, which lead to one state, and in again. */
async function signOut(page) {
  await begun(page, () => page.getByRole("button", { name: "Sign out" }).click());
  await out(page, /^$/);
  await begun(page, () => page.evaluate((token) => (location.hash = `#token=${token}`), TOKEN));
  await live(page);
  await begun(page, () => page.evaluate(() => (location.hash = `#token=${"wrong".repeat(8)}`))); // another, though one is in
  await out(page, /does not know this token/);
  await page.fill("#token", TOKEN);
  await page.keyboard.press("Enter");
  await live(page);
  const refused = (route) => route.fulfill({ status: 401, json: { error: { code: "unauthorized", message: "no" } } });
  await begun(page, () => page.route("**/admin/v1/map?*", refused));
  await out(page, /does not know this token/);
  await page.unroute("**/admin/v1/map?*");
  await begun(page, () => page.reload());
  await out(page, /^$/); // it is said once
}

/** begun does something, and waits until the page has begun anew. */
async function begun(page, act) {
  const loaded = page.waitForEvent("load");
  await act();
  await loaded;
}

/** out waits until nobody is in, and nothing is left of what was shown. */
async function out(page, why) {
  await until("the door is open", () => page.evaluate((why) => document.querySelector("#door[open]") !== null &&
    !document.getElementById("enter").disabled && new RegExp(why).test(document.getElementById("why").textContent), why.source));
  assert.equal(await page.evaluate(() => JSON.stringify(sessionStorage) + location.hash), "{}");
  assert.equal(await page.textContent("#standing"), "Not connected");
  assert.equal(await page.evaluate(() => String(aoiworld.stage.scene.map)), "undefined");
  assert.equal(await page.locator("#tab-map").getAttribute("aria-selected"), "true");
}
