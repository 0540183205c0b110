import assert from "node:assert/strict";
import { test } from "node:test";
import { until, withBrowser } from "./page.mjs";

test("a server without an operator's API", () => withBrowser(async (browser) => {
  const page = await browser.newPage({ locale: "en-GB" });
  await page.goto(process.env.OPERATION);
  await page.fill("#token", "whatever");
  await page.keyboard.press("Enter");
  await until("it says how to have one", async () => /ops\.admin_token_file/.test(await page.textContent("#why")));
  assert.equal(await page.locator("#door[open]").count(), 1);
}));
