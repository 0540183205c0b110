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
  await letGo(page);
  await keepReason(page, ann);
  await skipWhoHasLeft(page, ann);
  await countBytes(page);
  await confirmOnce(page);
  await turnPages(page);
  await keepTyped(page);
  await forgetWhatIsWrong(page);
  await listOnce(page);
  await keepCharts(page);
  await giveBackKeys(page);
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

/** letGo drags the map, and loses hold of it without a word: it does not follow the pointer any more. */
async function letGo(page) {
  const box = await page.locator("#stage").boundingBox();
  await page.mouse.move(box.x + 200, box.y + 300);
  await page.evaluate(() => {
    const canvas = document.getElementById("stage");
    canvas.addEventListener("pointermove", ({ pointerId }) => canvas.releasePointerCapture(pointerId), { once: true });
  });
  await page.mouse.down();
  await page.mouse.move(box.x + 240, box.y + 300);
  await page.mouse.move(2, 2); // out of the map
  await page.mouse.up();
  const before = await page.evaluate(() => aoiworld.stage.camera.x);
  await page.mouse.move(box.x + 400, box.y + 300, { steps: 3 });
  assert.equal(await page.evaluate(() => aoiworld.stage.camera.x), before);
  await page.click("#whole");
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

/** keepReason looks at one reason, which can be let go when nobody has it any more. */
async function keepReason(page, ann) {
  const pressed = await page.evaluate((player) => {
    const { inspector } = aoiworld.chosen;
    const one = { id: 1e6, kind: 1, name: "", x: 5, z: 5, cell: 0, why: "moved", bytes: 3, within: null, in_view: true, sent: true };
    const view = { player, tick: 1, frame: { bytes: 0, records: 0, shared_by: 1 }, state: "current", total: 1, entities: [one] };
    inspector.show(view);
    document.querySelector("#reasons [data-why=moved]").click();
    inspector.show({ ...view, entities: [{ ...one, why: "unchanged" }] });
    return document.querySelector("#reasons [data-why=moved]")?.getAttribute("aria-pressed");
  }, ann.id);
  assert.equal(pressed, "true");
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
  await page.fill("#ask input[name=reason]", `  ${"太吵".repeat(10)}  `);
  assert.match(await page.textContent("#ask .will"), /“太吵[^ ]*吵”/);
  assert.equal(await page.evaluate(() => document.querySelector("#ask input").validationMessage), "");
  await page.keyboard.press("Escape");
  await page.getByRole("tab", { name: "Server" }).click();
  await page.fill("#announcement", "茶".repeat(171));
  await page.locator("#announce").getByRole("button").click();
  assert.match(await page.evaluate(() => document.getElementById("announcement").validationMessage), /513 bytes of 512/);
  assert.equal(await page.locator("#ask[open]").count(), 0);
  assert.deepEqual(asked, []);
}

/** confirmOnce asks something while the question before is not answered yet: that answer does not let one ask twice. */
async function confirmOnce(page) {
  const release = [];
  await page.route("**/admin/v1/announcements", async (route) => {
    await new Promise((resolve) => release.push(resolve));
    await route.fulfill({ json: { sessions: 1 } });
  });
  const announce = async (text) => {
    await page.fill("#announcement", text);
    await page.locator("#announce").getByRole("button").click();
    await page.locator("#ask").getByRole("button", { name: "Announce" }).click();
    await until("it is asked", () => page.evaluate(() => document.querySelector("#ask .main").disabled));
  };
  await announce("one");
  await page.keyboard.press("Escape");
  await announce("another");
  await until("both are asked", () => release.length === 2);
  release[0]();
  await until("the first is told of", async () => /said to 1 session/.test(await page.textContent("#news")));
  assert.ok(await page.evaluate(() => document.querySelector("#ask .main").disabled));
  assert.equal(await page.inputValue("#announcement"), "another");
  release[1]();
  await until("the second is done", async () => (await page.locator("#ask[open]").count()) === 0);
  await until("nothing is left to say", async () => (await page.inputValue("#announcement")) === "");
  await page.unroute("**/admin/v1/announcements");
}

/** turnPages turns pages of players faster than they come, and is shown none that is not there. */
async function turnPages(page) {
  const asked = [];
  let players = 120;
  const some = { account: "", roles: [], address: "", state: "active", since: "2026-01-01T00:00:00Z", link: {}, place: null };
  await page.route("**/admin/v1/players?*", async (route) => {
    const after = new URL(route.request().url()).searchParams.get("after");
    asked.push(after);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const ids = Array.from({ length: players }, (_, i) => i + 1).filter((id) => id > Number(after)).slice(0, 50);
    const last = ids.at(-1) ?? players;
    await route.fulfill({ json: { players: ids.map((id) => ({ ...some, id, name: `p${id}` })), total: players, next: last < players ? last : null } });
  });
  const press = (id, times) => page.evaluate(([id, times]) => {
    for (let i = 0; i < times; i++) document.getElementById(id).click();
  }, [id, times]);
  const found = (text) => until(`it says ${text}`, async () => (await page.textContent("#found")) === text);
  await page.getByRole("tab", { name: "Players" }).click();
  await found("1 to 50 of 120");
  await press("forth", 2);
  await found("51 to 100 of 120");
  await press("back", 2);
  await found("1 to 50 of 120");
  await press("forth", 1);
  await found("51 to 100 of 120");
  players = 3;
  await page.getByRole("tab", { name: "Players" }).click();
  await found("1 to 3 of 3");
  assert.ok(asked.every((after) => after === "0" || after === "50"), asked.join());
  await page.unroute("**/admin/v1/players?*");
}

/** keepTyped types a setting, and changes another: what was typed stays, as if one had not looked away. */
async function keepTyped(page) {
  await page.getByRole("tab", { name: "Server" }).click();
  const npcs = page.locator("[name='world.npcs']"), rate = page.locator("#others [name='limits.chat_per_second']");
  await npcs.waitFor();
  await page.click("#server summary");
  await rate.fill("7");
  await npcs.fill("3");
  await page.locator("#shape").getByRole("button").click();
  await page.locator("#ask").getByRole("button", { name: "Change" }).click();
  await until("it is changed", async () => /Changed: world\.npcs/.test(await page.textContent("#news")));
  await page.getByRole("tab", { name: "Bans" }).click();
  const answered = page.waitForResponse((answer) => answer.url().endsWith("/settings"));
  await page.getByRole("tab", { name: "Server" }).click();
  await (await answered).finished();
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
  assert.deepEqual([await npcs.inputValue(), await rate.inputValue()], ["3", "7"]);
  const dead = page.locator("#others [name='limits.dead_after']");
  await dead.fill("90s");
  await page.locator("#others").getByRole("button").click();
  await page.locator("#ask").getByRole("button", { name: "Change" }).click();
  await until("both are changed", async () => /Changed: .*dead_after/.test(await page.textContent("#news")));
  assert.equal(await dead.inputValue(), "1m30s"); // as the server calls it, not as it was typed
}

/** forgetWhatIsWrong is told that there is no map, as long as it looks at the map. */
async function forgetWhatIsWrong(page) {
  await page.route("**/admin/v1/map?*", (route) => route.fulfill({ status: 500, json: { error: { code: "internal", message: "no" } } }));
  await page.getByRole("tab", { name: "Map" }).click();
  const says = (text) => until(`it says ${text}`, async () => (await page.textContent("#standing")) === text);
  await says("The server is at fault: its log says more.");
  await page.getByRole("tab", { name: "Charts" }).click();
  await says("Live");
  await page.unroute("**/admin/v1/map?*");
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

/** giveBackKeys closes the panel by keys, which then move the map. */
async function giveBackKeys(page) {
  await page.getByRole("tab", { name: "Map" }).click();
  await page.focus("#unchoose");
  await page.keyboard.press("Enter");
  assert.ok(await page.locator("#panel").isHidden());
  assert.equal(await page.evaluate(() => document.activeElement.id), "stage");
}

/** signOut goes out in all ways there are, which lead to one state, and in again. */
async function signOut(page) {
  await begun(page, () => page.getByRole("button", { name: "Sign out" }).click());
  await out(page, /^$/);
  await begun(page, () => page.evaluate((token) => (location.hash = `#token=${token}`), TOKEN));
  await live(page);
  await begun(page, () => page.evaluate(() => (location.hash = `#token=${"wrong".repeat(8)}`))); // another, though one is in
  await out(page, /does not know this token/);
  await page.focus("#token");
  for (let i = 0; i < 4; i++) await page.keyboard.press("Escape"); // the third of which a browser does not let a page prevent
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
