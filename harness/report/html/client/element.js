/**
 * An element. Text goes in as text, never as HTML: most of it comes from the network.
 *
 * @param {string} tag
 * @param {Record<string, string | boolean | null>} attributes `null` and `false` leave the attribute out.
 * @param {...(Node | string | null)} children
 * @returns {HTMLElement}
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === false) continue;
    made.setAttribute(name, value === true ? '' : value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}
