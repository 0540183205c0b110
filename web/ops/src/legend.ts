import { element, make } from "../../common/src/dom.js";
import type { WorldMap } from "./contract.js";
import { looks } from "./looks.js";
import { largest } from "./raster.js";
import { count } from "./words.js";

/** showLegend says what is on the map, in the colours that it has there. */
export function showLegend(map: WorldMap, crowd: { kinds: Uint8Array; hidden: Uint8Array }, heat: boolean): void {
  const colours = looks();
  const entries: [string, string, string][] = [];
  const tally = (wanted: (kind: number) => boolean) => crowd.kinds.reduce((sum, kind) => sum + Number(wanted(kind)), 0);
  if (map.tiles === null) {
    const hidden = crowd.hidden.reduce((sum, one) => sum + one, 0);
    const things = tally((kind) => kind > 1);
    entries.push(["player", colours.player, `${count(map.players)} players`]);
    const wanderers = tally((kind) => kind === 1);
    if (wanderers > 0) entries.push(["wanderer", colours.wanderer, `${count(wanderers)} wanderers`]);
    if (things > 0) entries.push(["wanderer", colours.thing, `${count(things)} things`]);
    if (hidden > 0) entries.push(["hidden", colours.hidden, `${count(hidden)} hidden`]);
  } else if (!heat) {
    entries.push(["square", colours.player, `up to ${count(largest(map.tiles.counts))} entities a square`]);
  }
  const cells = map.load.span === 1 ? "a cell" : `${map.load.span} × ${map.load.span} cells`;
  const [red, green, blue] = colours.heat(1);
  if (heat) entries.push(["square", `rgb(${red} ${green} ${blue})`, `up to ${count(largest(map.load.counts))} players in ${cells}`]);
  element("legend").replaceChildren(...entries.flatMap(([shape, colour, text]) => {
    const sign = make("dt", shape);
    sign.style.color = colour;
    return [sign, make("dd", "", text)];
  }));
}
