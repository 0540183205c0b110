import type { Inspected, Why } from "./contract.js";

/** A Sum is what a reason came to. */
export interface Sum {
  why: Why;
  entities: number;
  bytes: number;
}

/** sums returns what each reason came to, and one that is asked for in any case: the dearest first, then the most frequent, then by name. */
export function sums(entities: readonly Inspected[], asked?: Why): Sum[] {
  const all = new Map<Why, Sum>();
  if (asked !== undefined) all.set(asked, { why: asked, entities: 0, bytes: 0 });
  for (const { why, bytes } of entities) {
    const sum = all.get(why) ?? { why, entities: 0, bytes: 0 };
    sum.entities++;
    sum.bytes += bytes;
    all.set(why, sum);
  }
  return [...all.values()].sort((a, b) => b.bytes - a.bytes || b.entities - a.entities || a.why.localeCompare(b.why));
}

/** listed returns whom to list: those who were sent first, the dearest before, then those in view, by rising id. */
export function listed(entities: readonly Inspected[], only: Why | undefined): Inspected[] {
  const wanted = entities.filter(({ why }) => only === undefined || why === only);
  return wanted.sort((a, b) => Number(b.sent) - Number(a.sent) || b.bytes - a.bytes || Number(b.in_view) - Number(a.in_view) || a.id - b.id);
}
