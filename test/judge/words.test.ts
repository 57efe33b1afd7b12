/** The words that verdicts are made of. */
import { describe, expect, it } from 'vitest';
import { after, arrivalsText, cite, quote } from '../../harness/judge/words.ts';

describe('what shows that voice mail took the call', () => {
  const said = (...seen: string[]): string =>
    arrivalsText({
      innerVoicemail: {
        arrivals: seen.map((each) => ({ by: 'mailbox', atMs: 610, seen: each })),
        shown: [],
        doubt: null,
      },
    });

  it('is all that was seen of it, in this order', () => {
    expect(said('a message in the mailbox')).toBe('a message in the mailbox');
    expect(said('b', 'a', 'c')).toBe('b; and a; and c');
  });

  it('is nothing where nothing was seen, or nobody looks inside of the server', () => {
    expect([said(), arrivalsText({})]).toEqual(['', '']);
  });
});

it('a header line is quoted on one line, however often it is folded', () => {
  expect(quote('A:\r\n 1,\r\n 2')).toBe('"A:\\r\\n 1,\\r\\n 2"');
});

it('a time is told in whole milliseconds', () => {
  expect([after(612.4), after(612.5)]).toEqual(['612 ms after the INVITE', '613 ms after the INVITE']);
});

it('a demand goes by its claims, or by what it is', () => {
  expect([cite({ claims: ['one', 'two'] }), cite({ claims: [] })]).toEqual(['one, two', 'the expectation']);
});
