// Lets clients walk about in a world of their own, and holds what each is shown against what all have sent:
//
//	npm run verify -- --url ws://127.0.0.1:8080/ws --clients 50 --seconds 60
import { parseArgs } from "node:util";
import { verify } from "./run.js";

const { values } = parseArgs({
  options: {
    url: { type: "string", default: "ws://127.0.0.1:8080/ws" },
    clients: { type: "string", default: "50" },
    seconds: { type: "string", default: "60" },
    round: { type: "string", default: "3" },
    cuts: { type: "string", default: "5" },
    stalls: { type: "string", default: "5" },
    churn: { type: "string", default: "3" },
    seed: { type: "string", default: "1" },
  },
});
const { url, ...figures } = values;
const numbers = Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, Number(value)]));
const { violations, ...counts } = await verify({ url, ...(numbers as Record<keyof typeof figures, number>) });
console.log(`${Object.entries(counts).map(([name, count]) => `${name} ${count}`).join(", ")}, violations ${violations.length}`);
for (const violation of violations.slice(0, 20)) console.log(violation);
if (counts.moves * counts.checks * counts.shifts === 0) console.log("nothing was proven");
process.exitCode = violations.length > 0 || counts.moves * counts.checks * counts.shifts === 0 ? 1 : 0;
