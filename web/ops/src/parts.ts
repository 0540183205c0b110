import { make } from "../../common/src/dom.js";

/** button returns a button that does something. */
export function button(label: string, act: () => void, className = ""): HTMLButtonElement {
  const made = make("button", className, label) as HTMLButtonElement;
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

/** facts writes pairs of a name and a text into a list; what is there already stays where it is. */
export function facts(list: HTMLElement, pairs: readonly (readonly [name: string, text: string])[]): void {
  if (list.children.length !== 2 * pairs.length) list.replaceChildren(...pairs.flatMap(() => [make("dt"), make("dd")]));
  pairs.flat().forEach((text, i) => {
    const place = list.children[i] as HTMLElement;
    if (place.textContent !== text) place.textContent = text;
  });
}

/** row returns a row of a table: texts as they are, and elements. */
export function row(cells: readonly (string | HTMLElement)[]): HTMLTableRowElement {
  const made = document.createElement("tr");
  for (const cell of cells) {
    const field = made.insertCell();
    if (typeof cell === "string") field.textContent = cell;
    else field.append(cell);
  }
  return made;
}
