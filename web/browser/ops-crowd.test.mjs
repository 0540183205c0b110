import assert from "node:assert/strict";
import { test } from "node:test";
import { until, withBrowser } from "./page.mjs";

const { OPERATION, TOKEN } = process.env;
const dots = 5000;
const wanted = 30; // frames a second, on a machine of its own
const least = 10; // whatever else the machine does

test("five thousand dots, and more", () => withBrowser(async (browser) => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: "en-GB" });
  const page = await context.newPage();
  await page.goto(`${OPERATION}#token=${TOKEN}`);
  await until("all are on the map", () => page.evaluate((dots) => globalThis.aoiworld?.stage.dots.drawn === dots, dots));
  let best = 0;
  await until("the map is drawn often enough", async () => {
    best = Math.max(best, await page.evaluate(() => aoiworld.stage.framesPerSecond));
    return best >= wanted;
  }).catch(() => {});
  console.log(`${best.toFixed(1)} frames a second with ${dots} dots`);
  assert.ok(best >= least, `${best} frames a second`);
  await more(page);
}));

/** more sends in so many that they are told of by squares. */
async function more(page) {
  await page.getByRole("tab", { name: "Server" }).click();
  await page.fill("[name='world.npcs']", String(dots + 1));
  await page.locator("#shape").getByRole("button").click();
  await page.locator("#ask").getByRole("button", { name: "Change" }).click();
  await page.getByRole("tab", { name: "Map" }).click();
  await until("they are squares", () => page.evaluate(() => aoiworld.stage.scene.map.tiles !== null));
  assert.equal(await page.evaluate(() => aoiworld.stage.scene.map.tiles.counts.reduce((sum, n) => sum + n, 0)), dots + 1);
  await page.click("#heat");
  await until("it is said", async () => /entities a square/.test(await page.textContent("#legend")));
  const blue = await page.evaluate(() => {
    aoiworld.stage.draw(performance.now());
    const canvas = document.getElementById("stage");
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let count = 0;
    for (let at = 0; at < data.length; at += 4) if (data[at + 2] > data[at] + 60) count++;
    return count / (canvas.width * canvas.height);
  });
  assert.ok(blue > 0.1, `${(100 * blue).toFixed(1)} % of the map are in the colour of squares`);
  await page.screenshot({ path: "shots/ops-squares.png" });
}
