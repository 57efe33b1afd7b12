/**
 * What stands between blanks, in lower case. Quotes keep blanks together, and go: `text:"History-Info: <sip"`. One that is not closed
 * yet reaches to the end.
 */
export function wordsOf(text: string): string[] {
  return [...text.toLowerCase().matchAll(/([a-z-]+:)?"([^"]*)"?|\S+/g)]
    .map(([all, field = '', quoted]) => (quoted === undefined ? all : field + quoted))
    .filter((word) => word !== '');
}
