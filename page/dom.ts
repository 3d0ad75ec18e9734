/** What an element has beside its children; what is `undefined` is left out. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** A new element. Text of others gets into the page here alone, and as text. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined) made.setAttribute(key, String(value));
  }
  made.append(...children);
  return made;
}

/** An element that stands in the page from the beginning. */
export function byId<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`The page has no ${id}.`);
  return found;
}

/** A link out of the page, where its address is one of the web; of any other the text alone. */
export function linkTo(address: string, text: string): Node {
  const isWeb = URL.canParse(address) && ["https:", "http:"].includes(new URL(address).protocol);
  return isWeb
    ? element("a", { href: address, rel: "noreferrer noopener", target: "_blank" }, text)
    : document.createTextNode("");
}
