import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  asControl,
  combineFeature,
  combinePoint,
  type FeatureSays,
  OPEN,
  saying,
} from '../../harness/oracle/saying.ts';

const off = saying<FeatureSays>('suppressed', 'off');
const on = saying<FeatureSays>('engaged', 'on');
const idle = asControl('idle');

describe('what several headers say of one feature', () => {
  it('is that it is off when one switches it off and none demands it, with the claims of those that do', () => {
    expect(combineFeature([idle, off, OPEN, saying('suppressed', 'also-off', 'off')])).toEqual(
      saying('suppressed', 'off', 'also-off'),
    );
  });

  it('is open when one demands what another switches off', () => {
    expect(combineFeature([on, off])).toEqual(OPEN);
  });

  it('is that it must work when one demands it and the others leave the call as it is', () => {
    expect(combineFeature([idle, on, saying('engaged', 'also-on')])).toEqual(saying('engaged', 'on', 'also-on'));
  });

  it('is open when one is, unless another switches it off', () => {
    expect(combineFeature([on, OPEN])).toEqual(OPEN);
    expect(combineFeature([idle, OPEN])).toEqual(OPEN);
    expect(combineFeature([OPEN, off])).toEqual(off);
  });

  it('is nothing when none speaks of it, with the claims of all that say so', () => {
    expect(combineFeature([idle, asControl('still'), idle])).toEqual(asControl('idle', 'still'));
    expect(combineFeature([])).toEqual(asControl());
  });

  it('does not depend on their order, and saying it twice adds nothing', () => {
    const any = fc.array(fc.constantFrom(off, on, idle, OPEN), { maxLength: 5 });
    fc.assert(
      fc.property(any, (all) => {
        const said = combineFeature(all);
        expect(combineFeature(all.toReversed())).toEqual({ ...said, claims: expect.arrayContaining([...said.claims]) });
        expect(combineFeature([...all, ...all])).toEqual(said);
      }),
    );
  });
});

describe('what several headers say of one point', () => {
  it('is what all that speak of it agree on, with their claims alone', () => {
    expect(combinePoint([idle, saying([480], 'a'), saying([480], 'b', 'a')])).toEqual(saying([480], 'a', 'b'));
    expect(combinePoint([saying('silent', 'a'), idle])).toEqual(saying('silent', 'a'));
  });

  it('is open when two of them differ', () => {
    expect(combinePoint([saying([480], 'a'), saying([487], 'b')])).toEqual(OPEN);
    expect(combinePoint([saying([480], 'a'), saying([480], 'a'), saying([480, 487], 'b')])).toEqual(OPEN);
    expect(combinePoint([saying('silent', 'a'), OPEN])).toEqual(OPEN);
    expect(combinePoint([OPEN, idle])).toEqual(OPEN);
  });

  it('is nothing when none speaks of it, with the claims of all that say so', () => {
    expect(combinePoint([idle, asControl('still'), idle])).toEqual(asControl('idle', 'still'));
    expect(combinePoint([])).toEqual(asControl());
  });
});
