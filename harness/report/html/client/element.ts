type Attributes = Readonly<Record<string, string | boolean | null>>;
export type Child = Node | string | null;

/**
 * An element. Text goes in as text, never as HTML: most of it comes from the network.
 *
 * @param attributes `null` and `false` leave the attribute out.
 */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === false) continue;
    made.setAttribute(name, value === true ? '' : value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

interface ElementClass<Found extends Element> {
  readonly name: string;
  new (): Found;
}

/**
 * The element that the report's template gave this id.
 *
 * @throws {Error} when it is not there, or another
 */
export function byId<Found extends Element>(id: string, kind: ElementClass<Found>): Found {
  return of(document.getElementById(id), kind, `#${id}`);
}

/** The first that matches, which the template has. @throws {Error} as {@link byId} */
export function find<Found extends Element>(root: ParentNode, selector: string, kind: ElementClass<Found>): Found {
  return of(root.querySelector(selector), kind, selector);
}

function of<Found extends Element>(found: Element | null, kind: ElementClass<Found>, what: string): Found {
  if (found instanceof kind) return found;
  throw new Error(
    `This page has no ${kind.name} ${what}, but ${found?.constructor.name ?? 'nothing there'}: it was changed.`,
  );
}

/** The element that an event is about, or null. */
export function elementOf(target: EventTarget | null): Element | null {
  return target instanceof Element ? target : null;
}

/** What an error says to the reader. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
