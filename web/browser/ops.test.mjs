import assert from "node:assert/strict";
import { test } from "node:test";
import { enter, page as url, referee, truth, until, withBrowser } from "./page.mjs";

const { OPERATION, TOKEN } = process.env;
const bots = 1000;
const hostile = `<b onclick="x()">Eve</b>`;

test("an operator at work", () => withBrowser(async (browser) => {
  const desk = await signIn(browser);
  await countDots(desk);
  const eve = await enter(browser, url, hostile);
  await inspect(desk, eve);
  await shoot(desk, "map");
  await teleport(desk, eve);
  await mute(desk, eve);
  await kick(desk, eve);
  await ban(desk, eve);
  await watchCharts(desk);
  await runServer(desk, eve);
  await lookAway(desk);
  await usePhone(browser);
  await drain(desk, eve);
  assert.deepEqual(desk.complaints, []);
  assert.ok(desk.asked.every((address) => address.startsWith(OPERATION)), `the page loads from elsewhere: ${desk.asked}`);
  assert.ok(desk.asked.every((address) => !address.includes(TOKEN)), "the token is in an address");
}));

/** open opens the operation page at a fragment. It returns what the page asked for and complained of, too. */
async function open(browser, fragment, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: "en-GB", ...options });
  const page = await context.newPage();
  const asked = [], complaints = [];
  page.on("request", (request) => asked.push(request.url().replace(/#.*/, "")));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => message.type() === "error" && !/status of 4|ERR_/.test(message.text()) && complaints.push(message.text()));
  page.on("dialog", (dialog) => complaints.push(dialog.message()));
  await page.goto(OPERATION + fragment);
  return { page, asked, complaints };
}

/** says waits until an element says something. */
function says({ page }, selector, text) {
  return until(`${selector} says ${text}`, async () => text.test(await page.locator(selector).textContent()));
}

/** shoot keeps a picture of the page. */
async function shoot({ page }, name) {
  await page.screenshot({ path: `shots/ops-${name}.png` });
}

/** tab shows a tab. */
function tab({ page }, name) {
  return page.getByRole("tab", { name }).click();
}

/** confirm does what a dialog asks, and waits until it is done. */
async function confirm(desk, verb, answer) {
  await desk.page.locator("#ask").getByRole("button", { name: verb, exact: true }).click();
  await says(desk, "#news", answer);
  assert.equal(await desk.page.locator("#ask[open]").count(), 0);
}

/** signIn is refused with a wrong token, and let in with the right one, which stays when the page is loaded anew. */
async function signIn(browser) {
  const desk = await open(browser, `#token=${"wrong".repeat(8)}`);
  await says(desk, "#why", /does not know this token/);
  assert.equal(await desk.page.evaluate(() => location.hash + JSON.stringify(sessionStorage)), "{}");
  await desk.page.fill("#token", TOKEN);
  await desk.page.keyboard.press("Enter");
  await says(desk, "#standing", /^Live$/);
  await desk.page.reload();
  await says(desk, "#standing", /^Live$/);
  assert.equal(await desk.page.evaluate(() => localStorage.length + document.cookie.length), 0);
  return desk;
}

/** countDots sees each bot as a dot, by what the page says and by its pixels. */
async function countDots({ page }) {
  await until("the map has all bots", () => page.evaluate((bots) => aoiworld.stage.scene.crowd.ids.length === bots, bots));
  await page.click("#grid");
  await page.click("#heat");
  const { drawn, seen, elsewhere } = await page.evaluate(() => {
    const { stage } = aoiworld;
    const now = performance.now();
    stage.draw(now);
    const canvas = document.getElementById("stage");
    const { data, width } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const blue = (left, top) => {
      const at = 4 * (Math.round(top) * width + Math.round(left));
      return data[at + 2] > data[at] + 90;
    };
    const ids = [...stage.scene.crowd.ids.keys()];
    const seen = ids.filter((i) => blue(stage.camera.left(stage.scene.x(i, now)), stage.camera.top(stage.scene.z(i, now)))).length;
    const elsewhere = ids.filter((i) => blue((i * 7919) % canvas.width, (i * 104729) % canvas.height)).length;
    return { drawn: stage.dots.drawn, seen, elsewhere };
  });
  assert.equal(drawn, bots);
  assert.ok(seen > 0.9 * bots, `${seen} dots are to be seen`); // the rims of others are on some
  assert.ok(elsewhere < 0.2 * bots, `${elsewhere} of as many other places are blue, too`);
  await page.click("#grid");
  await page.click("#heat");
}

/** inspect finds Eve, and is told of exactly those whom she sees. Her name is a text. */
async function inspect(desk, eve) {
  const { page } = desk;
  await page.fill("#find", "<B ONCLICK");
  await page.getByRole("button", { name: `${hostile} (${eve.id})` }).click();
  await says(desk, "#who", /^<b onclick="x\(\)">Eve<\/b> \(\d+\)$/);
  await says(desk, "#facts", /native, over ws/);
  await page.getByRole("button", { name: "Inspect view" }).click();
  await until("the inspector and Eve agree on whom she sees", async () => {
    const told = await page.evaluate(() => aoiworld.stage.view?.entities.filter((one) => one.in_view).map((one) => one.id).sort());
    const sees = await eve.page.evaluate(() => [...aoiworld.client.view.keys()].sort());
    return told?.length > 1 && told.join() === sees.join();
  });
  await says(desk, "#told", /^Tick [\d,]+: /);
  await until("somebody was sent, and took bytes", async () => /moved · \d+ · [\d.]+ k?B/.test(await page.locator("#reasons").textContent()));
  assert.ok((await page.locator("#entities li").count()) > 1);
  assert.equal(await page.locator("#panel b, #hits b").count(), 0);
}

/** teleport takes Eve to where the map is pressed. */
async function teleport(desk, eve) {
  const { page } = desk;
  await page.getByRole("button", { name: "Teleport …" }).click();
  await says(desk, "#hint", /Press where/);
  const box = await page.locator("#stage").boundingBox();
  await page.mouse.click(box.x + box.width * 0.4, box.y + box.height * 0.6);
  const at = await page.evaluate(({ width, height }) => aoiworld.stage.camera.place(width * 0.4, height * 0.6), box);
  await confirm(desk, "Teleport", /is at x/);
  await until("she is there", async () => {
    const { X, Z } = await truth(eve.id);
    return Math.hypot(X - at.x, Z - at.z) < 1;
  });
  await until("she knows", () => eve.page.evaluate(({ x, z }) => Math.hypot(aoiworld.client.here().x - x, aoiworld.client.here().z - z) < 1, at));
  await until("her path is remembered", () => page.evaluate((id) => aoiworld.stage.past.of(id).length > 2, eve.id));
}

/** mute keeps Eve from chatting, and she is told. */
async function mute(desk, eve) {
  await desk.page.getByRole("button", { name: "Mute …" }).click();
  await desk.page.locator("#ask select[name=subject]").selectOption(`player ${eve.id}`);
  await confirm(desk, "Mute", /is muted until .*1 session/);
  await says(desk, "#facts", /muted/);
  await eve.page.fill("#text", "hello");
  await eve.page.click("#send");
  await until("her chat is refused", async () => /no effect/.test(await eve.page.textContent("#log")));
}

/** kick removes Eve, who reads why, and may come back. */
async function kick(desk, eve) {
  await desk.page.getByRole("button", { name: "Kick …" }).click();
  await desk.page.fill("#ask input[name=reason]", "too <i>loud");
  assert.match(await desk.page.locator("#ask").textContent(), /4503, with the reason “too <i>loud”/);
  await shoot(desk, "kick");
  await confirm(desk, "Kick", /is kicked: 1 session/);
  await eve.page.waitForSelector("#door[open]");
  assert.match(await eve.page.textContent("#why"), /too <i>loud.*KICKED/);
  await says(desk, "#gone", /has left/);
  await join(eve);
}

/** join lets Eve come back. */
async function join(eve) {
  await eve.page.click("#join");
  await until("Eve is back", () => eve.page.evaluate(() => aoiworld.client.state === "playing"));
  eve.id = await eve.page.evaluate(() => aoiworld.client.player);
}

/** ban keeps Eve out, by her name, until the ban is lifted. */
async function ban(desk, eve) {
  const { page } = desk;
  await tab(desk, "Players");
  await page.fill("#search", "eve");
  await until("she alone is listed", async () => (await page.locator("#people tr").count()) === 1);
  assert.equal(await page.locator("#people b").count(), 0);
  await page.locator("#people button").click();
  await says(desk, "#facts", /native/);
  await page.getByRole("button", { name: "Ban …" }).click();
  await page.locator("#ask select[name=subject]").selectOption(`name ${hostile}`);
  await page.fill("#ask input[name=reason]", "spam");
  await confirm(desk, "Ban", /is banned until .*1 session/);
  await eve.page.waitForSelector("#door[open]");
  assert.match(await eve.page.textContent("#why"), /spam.*BANNED/);
  await eve.page.click("#join");
  await until("she is refused", async () => /No way in: .*BANNED|No way in: .*banned/.test(await eve.page.textContent("#why")));
  await tab(desk, "Bans");
  await says(desk, "#bans", /Eve.*spam/);
  await page.locator("#bans").getByRole("button", { name: "Lift …" }).click();
  await confirm(desk, "Lift", /may come again/);
  await until("the list is empty", () => page.locator("#bans p").isVisible());
  await join(eve);
}

/** watchCharts sees the charts move, and the kick and the ban in them. */
async function watchCharts(desk) {
  const { page } = desk;
  await tab(desk, "Charts");
  await says(desk, "#plots", /4503 kicked: 1.*4505 banned: [1-9]/); // in ten minutes, however long it all takes
  await page.selectOption("#span", "60");
  await until("there are plots", async () => (await page.locator(".uplot").count()) >= 6);
  const look = () => page.evaluate(() => [aoiworld.history.last, ...[...document.querySelectorAll(".plot canvas")].map((canvas) => canvas.toDataURL())]);
  const before = await look();
  const moved = await until("time has passed", async () => {
    const after = await look();
    return after[0] >= before[0] + 6 && after;
  });
  for (const [i, picture] of moved.entries()) assert.notEqual(picture, before[i], `chart ${i} stands still`);
  assert.ok(await page.evaluate(lineAtTheEnd), "the newest sample is in no chart");
  await says(desk, "#plots", new RegExp(`Playersplaying 1,00[01]`));
  await page.setViewportSize({ width: 1280, height: 1130 });
  await shoot(desk, "charts");
  await page.setViewportSize({ width: 1280, height: 800 });
}

/** lineAtTheEnd reports whether the first chart has a line where the newest sample belongs: in the last of its sixty seconds or two. */
function lineAtTheEnd() {
  const canvas = document.querySelector(".plot canvas");
  const over = document.querySelector(".plot .u-over");
  const ratio = canvas.width / canvas.clientWidth;
  const right = (over.offsetLeft + over.clientWidth) * ratio, wide = (over.clientWidth * 2 * ratio) / 60;
  const { data } = canvas.getContext("2d").getImageData(right - wide, 0, wide, canvas.height);
  return data.some((blue, i) => i % 4 === 2 && blue > data[i - 2] + 90 && data[i + 1] > 200);
}

/** runServer cuts the world anew, sends wanderers into it, is refused nonsense, and says something to everybody. */
async function runServer(desk, eve) {
  const { page } = desk;
  await tab(desk, "Server");
  await page.fill("[name='world.columns']", "0");
  await page.locator("#shape").getByRole("button").click();
  await page.locator("#ask").getByRole("button", { name: "Change" }).click();
  await says(desk, "#ask", /That cannot be: .*world\.columns/);
  await page.keyboard.press("Escape");
  await page.fill("[name='world.columns']", "12");
  await page.fill("[name='world.npcs']", "25");
  await page.locator("#shape").getByRole("button").click();
  assert.match(await page.locator("#ask").textContent(), /world\.columns from 20 to 12, world\.npcs from 0 to 25\. The world is cut anew/);
  await confirm(desk, "Change", /Changed: world\.columns, world\.npcs/);
  await shoot(desk, "server");
  await page.fill("#announcement", "Tea at five");
  await page.locator("#announce").getByRole("button").click();
  await confirm(desk, "Announce", /said to 1,00[01] sessions/);
  await until("Eve reads it", async () => /Tea at five/.test(await eve.page.textContent("#log")));
  await tab(desk, "Map");
  await until("the map has other cells", () => page.evaluate(() => aoiworld.stage.scene.map.columns === 12));
  await says(desk, "#legend", /25 wanderers/);
}

/** lookAway has the page ask for nothing while nobody looks. */
async function lookAway({ page, asked }) {
  const hide = (hidden) => page.evaluate((hidden) => {
    Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);
  await hide(true);
  await page.waitForTimeout(500); // for what is under way
  const before = asked.length;
  await page.waitForTimeout(1500);
  assert.equal(asked.length, before, "it asks though nobody looks");
  await hide(false);
  await until("it asks again", () => asked.length > before);
}

/** usePhone works by touch and by keys on a small, dark screen. */
async function usePhone(browser) {
  const desk = await open(browser, `#token=${TOKEN}`, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, colorScheme: "dark" });
  const { page } = desk;
  await says(desk, "#legend", /players/);
  assert.equal(await page.evaluate(() => location.href), OPERATION);
  await page.focus("#stage");
  await page.keyboard.press("+");
  await page.keyboard.press("n");
  await says(desk, "#facts", /Account/);
  const first = await page.textContent("#who");
  await page.keyboard.press("n");
  await until("another is chosen", async () => (await page.textContent("#who")) !== first);
  await says(desk, "#facts", /Account/);
  await page.getByRole("button", { name: "Inspect view" }).tap();
  await says(desk, "#told", /^Tick/);
  await shoot(desk, "phone");
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= 390, `the page is ${wide} pixels wide`);
  await page.focus("#tab-map");
  for (const name of ["charts", "players", "sanctions", "server"]) {
    await page.keyboard.press("ArrowRight");
    await page.waitForSelector(`#${name}:not([hidden])`);
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 390, `${name} is too wide`);
  }
  await page.getByRole("button", { name: "Sign out" }).tap();
  await page.waitForSelector("#door[open]");
  assert.equal(await page.evaluate(() => JSON.stringify(sessionStorage)), "{}");
  assert.deepEqual(desk.complaints, []);
  await page.context().close();
}

/** drain stops the server; the page says so. */
async function drain(desk, eve) {
  await tab(desk, "Server");
  await desk.page.getByRole("button", { name: "Drain and stop …" }).click();
  await confirm(desk, "Drain and stop", /The server drains: 1,00[01] sessions/);
  await until("Eve is told", async () => /again in/.test(await eve.page.textContent("#log")));
  await says(desk, "#standing", /does not answer/);
}
