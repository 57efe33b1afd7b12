import { describe, expect, it } from 'vitest';
import { headerLines, headerNames, linesNamed } from '../../harness/model/header-lines.ts';
import type { HeaderField, HeaderVariant } from '../../harness/model/scenario.ts';

const variant = (...headers: HeaderField[]): HeaderVariant => ({
  id: 'x',
  title: 'x',
  kind: 'inhibitor',
  claims: [],
  headers,
});
const names = headerNames([variant('Ms-Target-Class: secondary', 'Ms-Sensitivity: normal')]);
const invite = (...lines: string[]): string =>
  ['INVITE sip:a@b SIP/2.0', 'Via: x', ...lines, '', 'v=0\r\nMs-Sensitivity: body'].join('\r\n');

describe('header lines on the wire', () => {
  it.for<HeaderField>([
    'Ms-Target-Class: secondary',
    'ms-target-class:SECONDARY',
    { name: 'Ms-Target-Class', value: 'secondary', spelling: 'folded' },
    { name: 'Ms-Target-Class', value: 'secondary', spelling: 'padded' },
  ])('finds %o again exactly as it was written', (field) => {
    const lines = headerLines(variant(field));
    expect(linesNamed(invite('Max-Forwards: 70', ...lines, 'Allow: ACK'), names)).toEqual(lines);
  });

  it('finds both of a repeated header, in order', () => {
    const lines = ['Ms-Sensitivity: normal', 'Ms-Sensitivity: private'];
    expect(linesNamed(invite(...lines), names)).toEqual(lines);
  });

  it('knows a Max-Forwards of a variant from the one that every caller writes', () => {
    const hops = new Set(['max-forwards']);
    expect(linesNamed(invite('Max-Forwards: 70'), hops)).toEqual([]);
    expect(linesNamed(invite('Max-Forwards: 1'), hops)).toEqual(['Max-Forwards: 1']);
    const both = ['Max-Forwards: 70', 'Max-Forwards: 1'];
    expect(linesNamed(invite(...both), hops)).toEqual(both);
  });

  it('does not take the body for a header', () => {
    expect(linesNamed(invite(), names)).toEqual([]);
  });

  it('folds onto a continuation line that begins with a blank', () => {
    expect(headerLines(variant({ name: 'A', value: 'b', spelling: 'folded' }))).toEqual(['A:\r\n b']);
  });
});
