import { describe, expect, it } from 'vitest';
import { readHeaders } from '../../harness/oracle/header-reader.ts';

describe('readHeaders', () => {
  it('reads what RFC 3261 7.3.1 calls the same as the same', () => {
    const same = [
      'Ms-Target-Class: secondary',
      'ms-target-class:secondary',
      'MS-TARGET-CLASS  : \t secondary  ',
      'Ms-Target-Class:\r\n secondary',
      { name: 'Ms-Target-Class', value: 'secondary', spelling: 'folded' as const },
      { name: 'Ms-Target-Class', value: ' secondary ', spelling: 'padded' as const },
    ];
    expect(new Set(readHeaders(same).map((each) => JSON.stringify(each)))).toEqual(
      new Set([JSON.stringify({ name: 'ms-target-class', value: 'secondary', wellFormed: true })]),
    );
  });

  it('knows compact names', () => {
    expect(readHeaders(['j: *;automata'])).toMatchObject([{ name: 'reject-contact', value: '*;automata' }]);
  });

  it.each(['no colon', 'X-A', ': no name', 'two words: x', 'X-A: line\r\nX-B: break', 'X-A: nul\0', 'X-A: del\x7f'])(
    'marks "%s" as no header field',
    (text) => {
      expect(readHeaders([text])).toMatchObject([{ wellFormed: false }]);
    },
  );

  it('joins folded lines by one blank, whatever blanks stand around the fold', () => {
    expect(readHeaders(['X-A: one \t\r\n \t two\r\n three'])).toEqual([
      { name: 'x-a', value: 'one two three', wellFormed: true },
    ]);
  });

  it('takes a tab within a value for no break of it', () => {
    expect(readHeaders(['X-A: one\ttwo'])).toEqual([{ name: 'x-a', value: 'one\ttwo', wellFormed: true }]);
  });

  it('keeps of a text without a colon the name, and no value', () => {
    expect(readHeaders(['X-A'])).toEqual([{ name: 'x-a', value: '', wellFormed: false }]);
  });

  it('keeps colons, commas and parameters of a value', () => {
    expect(readHeaders(['Diversion: <sip:bob@example.test>;reason=no-answer, <sip:eve@example.test>'])).toMatchObject([
      { name: 'diversion', value: '<sip:bob@example.test>;reason=no-answer, <sip:eve@example.test>' },
    ]);
  });
});
