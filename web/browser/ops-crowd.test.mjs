import assert from "node:assert/strict";
import { test } from "node:test";
import { until, withBrowser } from "./page.mjs";

const { OPERATION, TOKEN } = process.env;
const dots = 5000;
const wanted = 30; // frames a second, waited for
const least = 5; // frames a second, whatever else the machine does

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
  await fewer(page);
}));

/** send has so many about. */
async function send(page, wanderers) {
  await page.getByRole("tab", { name: "Server" }).click();
  await page.fill("[name='world.npcs']", String(wanderers));
  await page.locator("#shape").getByRole("button").click();
  await page.locator("#ask").getByRole("button", { name: "Change" }).click();
  await page.getByRole("tab", { name: "Map" }).click();
}

/** heat is whether it is shown how full cells are, by the button and on the map. */
async function heat(page) {
  return [await page.getAttribute("#heat", "aria-pressed"), await page.evaluate(() => String(aoiworld.stage.shown.heat))].join();
}

/** more sends in so many that they are told of by squares, which are to be seen at once. */
async function more(page) {
  assert.equal(await heat(page), "true,true");
  await send(page, dots + 1);
  await until("they are squares", () => page.evaluate(() => aoiworld.stage.scene.map.tiles !== null));
  assert.equal(await page.evaluate(() => aoiworld.stage.scene.map.tiles.counts.reduce((sum, n) => sum + n, 0)), dots + 1);
  assert.equal(await heat(page), "false,false");
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
  await page.click("#heat");
  assert.equal(await heat(page), "true,true");
  await until("it is said", async () => /players in a cell/.test(await page.textContent("#legend")));
  await page.click("#heat");
}

/** fewer has them be dots again, above what was chosen to be there with dots. */
async function fewer(page) {
  await send(page, dots - 1);
  await until("they are dots", () => page.evaluate(() => aoiworld.stage.scene.map.tiles === null));
  assert.equal(await heat(page), "true,true");
}
