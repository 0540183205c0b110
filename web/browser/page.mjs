// What the tests in browsers have in common.
import { chromium } from "playwright-core";

const { CHROMIUM, PAGE, PROXY, REFEREE } = process.env;

const flags = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

/** page and proxied are where the page is, and the same by a way that can be cut. */
export { PAGE as page, PROXY as proxied };

/** withBrowser runs a test with a browser of its own. */
export async function withBrowser(run) {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: flags });
  try {
    await run(browser);
  } finally {
    await browser.close();
  }
}

/** enter opens the page as somebody, on a screen of its own. It returns what the page asked for and complained of, too. */
export async function enter(browser, url, name, options = {}) {
  const context = await browser.newContext({ viewport: { width: 900, height: 640 }, locale: "en-GB", ...options });
  const page = await context.newPage();
  const asked = [], complaints = [];
  page.on("request", (request) => asked.push(request.url()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => message.type() === "error" && !/WebSocket/.test(message.text()) && complaints.push(message.text()));
  await page.goto(url);
  await page.fill("#name", name);
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => globalThis.aoiworld?.client.state === "playing" && aoiworld.client.view.size > 0);
  return { page, asked, complaints, id: await page.evaluate(() => aoiworld.client.player) };
}

/** referee asks the referee for something, or has it do something. */
export async function referee(path, method = "POST") {
  const answer = await fetch(REFEREE + path, { method });
  if (!answer.ok) throw new Error(await answer.text());
  return answer.text();
}

/** truth is where a player truly is. */
export async function truth(id) {
  return JSON.parse(await referee("/truth", "GET"))[id];
}

/** until waits until something is so, and returns it. */
export async function until(what, so) {
  const deadline = Date.now() + 60_000; // only what never comes about takes as long
  for (;;) {
    const found = await so();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`it never came about that ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** shownAt is where a page shows somebody. */
export function shownAt(page, id) {
  return page.evaluate((id) => {
    const entity = aoiworld.client.view.get(id);
    return entity && aoiworld.client.position(entity.at);
  }, id);
}
