import assert from "node:assert/strict";
import { test } from "node:test";
import { enter, page as url, until, withBrowser } from "./page.mjs";

const wanted = 30; // frames a second, waited for
const least = 5; // frames a second, whatever else the machine does

test("a thousand about", () => withBrowser(async (browser) => {
  const { page, complaints } = await enter(browser, url, "Ann", { viewport: { width: 1280, height: 800 } });
  await until("all are in view", () => page.evaluate(() => aoiworld.client.view.size > 1000));
  let best = 0;
  await until("the page is drawn often enough", async () => {
    best = Math.max(best, await page.evaluate(() => aoiworld.figures.framesPerSecond));
    return best >= wanted;
  }).catch(() => {});
  const moved = await page.evaluate(() => new Promise((resolve) => {
    const seen = new Set();
    aoiworld.client.on("moved", ({ id }) => seen.add(id) && seen.size > 900 && resolve(seen.size));
  }));
  console.log(`${best.toFixed(1)} frames a second with ${moved} who move`);
  assert.ok(best >= least, `${best} frames a second`);
  assert.deepEqual(complaints, []);
}));
