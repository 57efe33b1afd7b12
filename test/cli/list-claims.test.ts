import { describe, expect, it } from 'vitest';
import { claimsStory } from '../../harness/cli/list-claims.ts';

describe('list claims', () => {
  it('tells each sentence with its claims, the cells that ask for them, and the policies on which they hold', async () => {
    const story = await claimsStory(null);
    expect(story).toContain(
      [
        '  4. It works for peer-to-peer and for back-to-back calls, when it is set on the outgoing leg.',
        '     comment-back-to-back: Ms-Sensitivity: private-no-diversion works for back-to-back calls, too, when it is set on the outgoing leg.',
        '       voicemail-no-answer, forward-no-answer with sensitivity-private-no-diversion --path b2bua-set',
        '       holds: ms-sipre, comment-2013, ucma-doc, rgs-2009; does not: blog-2012, plain; open: none',
      ].join('\n'),
    );
    expect(story).toMatch(/rgs-alert-time: .*\n.*\n +holds: rgs-2009; does not: none; open: ms-sipre,/);
  });

  it('tells what a run has shown: what it did not ask is open', async () => {
    const story = await claimsStory('reports/sample');
    expect(story).toMatch(/comment-back-to-back: .*\n.*\n +holds: none; does not: none; open: none\n/);
    expect(story).toContain('as the run in reports/sample has shown');
    await expect(claimsStory('reports/none-such')).rejects.toThrow(/none-such.*cannot be read/);
  });
});
