/** A terminal's text without its SGR sequences, and without anything else taken out. */
export function withoutColours(text: string): string {
  return text
    .split('\u001b')
    .map((part, index) => (index === 0 ? part : part.replace(/^\[[0-9;]*m/, '')))
    .join('');
}
