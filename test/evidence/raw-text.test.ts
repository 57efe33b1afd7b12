import { describe, expect, it } from 'vitest';
import { diffLines } from '../../harness/evidence/diff.ts';
import { hexLines } from '../../harness/evidence/hex.ts';
import { headerLineIndexes, rawBytes, rawLines } from '../../harness/evidence/raw-text.ts';
import { visible } from '../../harness/evidence/visible.ts';
import { HOSTILE } from '../report/hostile-run.ts';

describe('rawLines', () => {
  it('shows all that is there: odd bytes, control characters, line ends of another kind', () => {
    expect(rawLines('A: caf\u00c3\u00a9\r\nB: \u0007\nC: \rx\r\n\r\n')).toEqual([
      'A: caf\u00e9',
      'B: \\x07\\x0A',
      'C: \\x0Dx',
      '',
      '',
    ]);
    expect(rawLines('A: \u00e9\u00ff\u0000')).toEqual(['A: \\xE9\\xFF\\x00']);
  });

  it('leaves nothing unseen that the other reports show', () => {
    const lines = rawLines(HOSTILE);
    expect(lines.map(visible)).toEqual(lines);
  });

  it('is whole however long the message is', () => {
    const long = `INVITE\r\nX: ${'y'.repeat(61_440)}\r\n\r\n`;
    expect(rawLines(long).join('\r\n')).toBe(long);
  });

  it('finds a header field with its continuation lines, and not in the body', () => {
    const lines = rawLines('INVITE\r\nX-A: 1\r\n  2\r\nB: 3\r\n\r\nX-A: body');
    expect([...headerLineIndexes(lines, ['x-a'])]).toEqual([1, 2]);
  });
});

describe('the other views of a message', () => {
  it('compares line by line', () => {
    expect(diffLines('a\nb\nc', 'a\nx\nc\nd')).toEqual([
      { kind: 'same', text: 'a' },
      { kind: 'removed', text: 'b' },
      { kind: 'added', text: 'x' },
      { kind: 'same', text: 'c' },
      { kind: 'added', text: 'd' },
    ]);
  });

  it('tells texts that have too little in common as one removed and one added', () => {
    const lines = (word: string) => Array.from({ length: 3000 }, (_, index) => `${word} ${index}`);
    const shown = diffLines(['same', ...lines('a')].join('\n'), ['same', ...lines('b')].join('\r\n'));
    expect(shown.map(({ text }) => text)).toEqual(['same', ...lines('a'), 'same', ...lines('b')]);
    expect(shown.findIndex(({ kind }) => kind === 'added')).toBe(3001);
    expect(shown.filter(({ kind }) => kind === 'same')).toEqual([]);
  });

  it('shows every byte as hex', () => {
    expect(hexLines(rawBytes('INVITE sip:a@b\r\n\u00ff\u0000'))).toEqual([
      '00000000  49 4e 56 49 54 45 20 73  69 70 3a 61 40 62 0d 0a  |INVITE sip:a@b..|',
      `00000010  ff 00${' '.repeat(18)}  ${' '.repeat(23)}  |..|`,
    ]);
  });
});
