/** The page of a campaign: hostile text stays text, it asks nothing of the network, and it fits a telephone. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Campaign } from '../../harness/sabotage/findings.ts';
import { renderSabotagePage } from '../../harness/sabotage/page.ts';
import { writeCampaign } from '../../harness/sabotage/write.ts';
import { suppressed } from '../helpers/observations.ts';
import { faultsOf } from '../report/accessibility.ts';
import { describeInBrowser, watchedPage } from '../report/browser.ts';
import { campaignOf, SENSITIVITY, sabotage, TARGET_CLASS, trialWith } from './campaign-of.ts';

const HOSTILE = '<img src=x onerror=alert(1)>\u202e';

const INVITE = { cseq: '1 INVITE', callId: 'a', raw: '', startLine: `INVITE sip:${HOSTILE}@${'long'.repeat(40)}` };
const OBSERVED = new Map([
  [
    SENSITIVITY,
    suppressed({
      messages: [
        { atMs: 3, from: 'server', to: 'phone', ...INVITE },
        { atMs: 4, from: 'phone', to: 'server', ...INVITE, startLine: 'SIP/2.0 180 Ringing' },
      ],
    }),
  ],
]);

function campaign(): Campaign {
  const noticed = { [TARGET_CLASS]: 'fail', [SENSITIVITY]: 'inconclusive' } as const;
  return campaignOf(
    [sabotage({ id: 'noticed' }), trialWith(noticed, { why: HOSTILE })],
    [sabotage({ id: 'green', breaks: 'lab' }), trialWith({ [TARGET_CLASS]: 'fail' }, { observations: OBSERVED })],
  );
}

describe('the page', () => {
  const page = renderSabotagePage(campaign());

  it('says of each sabotage what became of it', () => {
    expect(page).toContain('1 of 2 sabotages noticed; 1 left a proven negative green');
    expect(page).toContain('pass → fail');
    expect(page).toContain('<span class="badge fail">stayed pass</span>');
    expect(page).toContain('What this does not show');
  });

  it('shows what was seen of a cell that stayed pass', () => {
    expect(page).toMatch(/<summary>what was seen of voicemail-no-answer\/sensitivity-private-no-diversion, the lab/);
    expect(page).toMatch(
      /\n? *3\.0 ms {2}server -&gt; phone {2}INVITE sip:&lt;img src=x.*\n *4\.0 ms {2}phone -&gt; server {2}SIP/,
    );
  });

  it('shows text from the wire as text', () => {
    expect(page).not.toContain('<img');
    expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;\\u{202E}');
  });

  it('may load nothing and run nothing', () => {
    expect(page).toContain('content="default-src &#39;none&#39;;');
    expect(page).not.toMatch(/<script|<link|<[^>]*\ssrc=|@import|url\(/);
  });
});

describe('what is written', () => {
  it('has the same in JSON', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'ringfence-test-'));
    try {
      await writeCampaign(dir, campaign(), 1);
      const json = JSON.parse(await readFile(join(dir, 'sabotage.json'), 'utf8')) as {
        version: string;
        exitStatus: number;
        sabotages: { id: string; standing: string; stayedGreen: string[] }[];
      };
      expect(json).toMatchObject({ version: 'ringfence-sabotage/1', exitStatus: 1 });
      expect(json.sabotages.map(({ id, standing, stayedGreen }) => [id, standing, stayedGreen])).toEqual([
        ['noticed', 'noticed', []],
        ['green', 'stayed green', [SENSITIVITY]],
      ]);
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });
});

describeInBrowser('the page in a browser', () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'ringfence-test-'));
    await writeCampaign(dir, campaign(), 1);
  });
  afterAll(async () => {
    await rm(dir, { recursive: true, force: true });
  });

  it.for(
    (['light', 'dark'] as const).flatMap((colorScheme) => [
      { colorScheme, viewport: { width: 1280, height: 900 } },
      { colorScheme, viewport: { width: 360, height: 800 } },
    ]),
  )('%j: fits, has no serious fault of accessibility, and does nothing else', async (options) => {
    await using watched = await watchedPage(options);
    await watched.page.goto(pathToFileURL(join(dir, 'index.html')).href);
    await watched.page.locator('summary').click();
    const width = await watched.page.evaluate('document.documentElement.scrollWidth');
    expect(width).toBeLessThanOrEqual(options.viewport.width);
    expect(await faultsOf(watched.page)).toEqual([]);
    expect(watched.offences).toEqual([]);
  });
});
