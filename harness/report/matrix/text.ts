import type { Verdict } from '../../model/results.ts';

/** Wraps text in SGR codes, or returns it as it is. */
export type Paint = Readonly<Record<Verdict | 'unsteady' | 'bold' | 'dim', (text: string) => string>>;

const SGR: Readonly<Record<keyof Paint, string>> = {
  pass: '32',
  fail: '1;31',
  unsteady: '1;35',
  inconclusive: '33',
  unsupported: '35',
  unspecified: '36',
  bold: '1',
  dim: '2',
};

export function painter(colour: boolean): Paint {
  const entries = Object.entries(SGR).map(([name, code]) => [
    name,
    (text: string) => (colour && text !== '' ? `\u001b[${code}m${text}\u001b[0m` : text),
  ]);
  return Object.fromEntries(entries) as Paint;
}

/** Breaks at blanks; a word longer than the line is cut. */
export function wrap(text: string, columns: number, indent = ''): string[] {
  const width = columns - indent.length;
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((each) => chunks(each, width))) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(indent + line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return line === '' ? lines : [...lines, indent + line];
}

/** A shell command that can be copied: a word too long for the line is continued with a backslash at its start. */
export function wrapCommand(command: string, columns: number): string[] {
  if (command.length <= columns) return [command];
  const slash = command.lastIndexOf('/', columns - 2);
  const at = slash > 0 ? slash + 1 : columns - 1;
  return [`${command.slice(0, at)}\\`, ...wrapCommand(command.slice(at), columns)];
}

export function ellipsis(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

function chunks(word: string, width: number): string[] {
  const parts: string[] = [];
  for (let at = 0; at < word.length; at += width) parts.push(word.slice(at, at + width));
  return parts;
}
