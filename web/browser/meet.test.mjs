import assert from "node:assert/strict";
import { test } from "node:test";
import { enter, page as url, proxied, referee, shownAt, truth, until, withBrowser } from "./page.mjs";

test("two pages meet", () => withBrowser(async (browser) => {
  const ann = await enter(browser, url, "Ann");
  const bob = await enter(browser, proxied, "Bob", { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, locale: "zh-CN" });
  await meet(ann, bob);
  await walk(ann, bob);
  await talk(ann, bob);
  await tooLong(bob);
  await cut(ann, bob);
  await reload(ann, bob);
  await kick(ann, bob);
  for (const { complaints } of [ann, bob]) assert.deepEqual(complaints, []);
  assert.ok(ann.asked.every((address) => address.startsWith(url)), `the page loads from elsewhere: ${ann.asked}`);
}));

/** near reports whether two positions are one, as far as positions are rounded. */
const near = (a, b) => a && b && Math.abs(a.x - (b.X ?? b.x)) < 0.011 && Math.abs(a.z - (b.Z ?? b.z)) < 0.011;

/** agree waits until both pages show somebody where it truly is. */
async function agree(ann, bob, id) {
  await until(`both show ${id} where it is`, async () => {
    const at = await truth(id);
    return near(await shownAt(ann.page, id), at) && near(await shownAt(bob.page, id), at);
  });
}

/** meet walks Bob to where Ann is, by clicks. */
async function meet(ann, bob) {
  await bob.page.evaluate(() => (aoiworld.stage.goal = undefined));
  const at = await truth(ann.id);
  await bob.page.evaluate(({ X, Z }) => (aoiworld.stage.goal = { x: X + 3, z: Z }), at);
  await until("Bob is where Ann is", async () => Math.abs((await truth(bob.id)).X - at.X - 3) < 0.02);
  await agree(ann, bob, bob.id);
  await agree(ann, bob, ann.id);
}

/** walk lets both walk, by keys and by touch. */
async function walk(ann, bob) {
  const before = await truth(ann.id);
  await ann.page.focus("#stage");
  await ann.page.keyboard.down("ArrowUp");
  await until("Ann walks north", async () => (await truth(ann.id)).Z > before.Z + 3);
  const shown = () => bob.page.evaluate((id) => aoiworld.client.shown(id), ann.id);
  const places = [];
  await until("she glides", async () => places.push((await shown()).z) && new Set(places).size > 5);
  await ann.page.keyboard.up("ArrowUp");
  await agree(ann, bob, ann.id);
  const start = await truth(bob.id);
  await bob.page.touchscreen.tap(300, 420);
  await until("Bob walks east", async () => (await truth(bob.id)).X > start.X + 1);
  await until("Bob arrives", () => bob.page.evaluate(() => aoiworld.stage.goal === undefined));
  await agree(ann, bob, bob.id);
}

/** talk lets both talk, to the world by the keyboard alone, and nearby. */
async function talk(ann, bob) {
  await ann.page.focus("#stage");
  await ann.page.keyboard.press("Enter");
  await ann.page.keyboard.type("hello <b>world</b>");
  await ann.page.keyboard.press("Enter");
  const heard = (who, text) => until(`${text} is heard`, async () => (await who.page.textContent("#log")).includes(text));
  await heard(bob, "Ann hello <b>world</b>");
  await bob.page.click("#channel");
  await bob.page.fill("#text", "你好");
  await bob.page.click("#send");
  await heard(ann, "Bob 你好");
  assert.equal(await ann.page.locator("#log .nearby").count(), 1);
}

/** tooLong is told of a text that has more bytes than the server takes, which is not sent. */
async function tooLong({ page }) {
  const text = "你".repeat(86);
  await page.fill("#text", text);
  await page.click("#send");
  assert.match(await page.evaluate(() => document.getElementById("text").validationMessage), /258 .* 256 /);
  assert.equal(await page.inputValue("#text"), text);
  await page.fill("#text", "");
  const name = await page.evaluate(() => {
    const field = document.getElementById("name");
    field.value = "名".repeat(22);
    field.dispatchEvent(new Event("input"));
    const said = field.validationMessage;
    field.value = "名".repeat(21);
    field.dispatchEvent(new Event("input"));
    return [said, field.validationMessage];
  });
  assert.match(name[0], /66 .* 64 /);
  assert.equal(name[1], "");
}

/** cut breaks Bob's connection: he resumes, and Ann never loses sight of him. */
async function cut(ann, bob) {
  await ann.page.evaluate((id) => {
    globalThis.lost = 0;
    aoiworld.client.on("left", (entity) => entity.id === id && globalThis.lost++);
  }, bob.id);
  await referee("/cut");
  await until("Bob is told that it is cut", async () => (await bob.page.textContent("#log")).includes("连接已断开"));
  await until("Bob is back", async () => (await bob.page.textContent("#log")).includes("已恢复：你仍是 Bob"));
  await until("Bob plays", () => bob.page.evaluate(() => aoiworld.client.state === "playing" && aoiworld.client.view.size === 2));
  assert.equal(await bob.page.evaluate(() => aoiworld.client.player), bob.id);
  await agree(ann, bob, bob.id);
  assert.equal(await ann.page.evaluate(() => globalThis.lost), 0);
}

/** reload loads Bob's page anew: he is the same player. */
async function reload(ann, bob) {
  await bob.page.reload();
  await until("Bob plays again", () => bob.page.evaluate(() => globalThis.aoiworld?.client.state === "playing"));
  assert.equal(await bob.page.evaluate(() => aoiworld.client.player), bob.id);
  assert.equal(await ann.page.evaluate(() => globalThis.lost), 0);
}

/** kick removes Ann, who reads why, and may come back. */
async function kick(ann, bob) {
  await referee(`/kick?player=${ann.id}&reason=too+loud`);
  await ann.page.waitForSelector("#door[open]");
  assert.match(await ann.page.textContent("#why"), /too loud.*KICKED/);
  await until("Bob sees her go", async () => !(await shownAt(bob.page, ann.id)));
  await ann.page.click("#join");
  await until("Ann is back", () => ann.page.evaluate(() => aoiworld.client.state === "playing"));
}
