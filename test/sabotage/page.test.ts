/** The page of a campaign: hostile text stays text, it asks nothing of the network, and it fits a telephone. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Campaign } from '../../harness/sabotage/findings.ts';
import { renderSabotagePage } from '../../harness/sabotage/page.ts';
import { writeCampaign } from '../../harness/sabotage/write.ts';
import { faultsOf } from '../report/accessibility.ts';
import { describeInBrowser, watchedPage } from '../report/browser.ts';
import { campaignOf, SENSITIVITY, sabotage, TARGET_CLASS, trialWith } from './campaign-of.ts';

const HOSTILE = '<img src=x onerror=alert(1)>\u202e';

function campaign(): Campaign {
  const noticed = { [TARGET_CLASS]: 'fail', [SENSITIVITY]: 'inconclusive' } as const;
  return campaignOf(
    [sabotage({ id: 'noticed' }), trialWith(noticed, { why: HOSTILE })],
    [sabotage({ id: 'green', breaks: 'lab' }), trialWith({ [TARGET_CLASS]: 'fail' })],
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
    const width = await watched.page.evaluate('document.documentElement.scrollWidth');
    expect(width).toBeLessThanOrEqual(options.viewport.width);
    expect(await faultsOf(watched.page)).toEqual([]);
    expect(watched.offences).toEqual([]);
  });
});
