import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { CellResult } from '../../harness/model/results.ts';
import { plan } from '../../harness/plan/plan.ts';
import { overPage, runPage } from '../../harness/watch/page.ts';
import { RunSight } from '../../harness/watch/run-sight.ts';
import { WatchServer } from '../../harness/watch/watch-server.ts';
import { scenarios, variants } from '../../scenarios/index.ts';
import { faultsOf } from '../report/accessibility.ts';
import { describeInBrowser, watchedPage } from '../report/browser.ts';
import { sample } from '../results/sample.ts';

/** For eyes: a folder for screenshots. */
const { WATCH_SCREENSHOTS } = process.env;

const SCREENS = (['light', 'dark'] as const).flatMap((colorScheme) => [
  { colorScheme, viewport: { width: 1280, height: 900 } },
  { colorScheme, viewport: { width: 390, height: 844 } },
]);

/** A run of two policies of which some cells are judged, all of them in the sample. */
function halfway(): RunSight {
  const policies = ['ms-sipre', 'plain'] as const;
  const cells = plan({ server: 'kamailio', transport: 'udp', policies, scenarios, variants });
  const sight = new RunSight([{ server: { id: 'kamailio', name: 'Kamailio' }, cells, scenarios, variants }]);
  sight.says({
    text: 'placing calls',
    leftMs: () => 8_400,
    figures: () => ({ begun: 1240, total: 1500, underWay: 380, perSecond: 291, lateMs: 12 }),
  });
  sight.called(cells.filter(({ policy, scenario }) => policy === 'ms-sipre' && scenario.id === 'team-ring'));
  sight.judged(sample().cells);
  sight.called(cells.filter(({ policy, scenario }) => policy === 'ms-sipre' && scenario.id === 'voicemail-busy'));
  return sight;
}

describeInBrowser('the page of a run that goes on', () => {
  it.each(SCREENS)(
    '$colorScheme, $viewport.width wide: no serious fault, and nothing beyond its edge',
    async (screen) => {
      const sight = halfway();
      await using server = await WatchServer.open({
        page: await runPage(sight.plan),
        stateFor: (look) => sight.stateFor(look),
      });
      await using watched = await watchedPage(screen);
      const { page } = watched;
      await page.goto(server.url);
      await page.locator('.matrix td.fail').first().waitFor();
      expect(await faultsOf(page)).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(screen.viewport.width);
      expect(watched.offences.filter((each) => !each.startsWith(`request: ${server.url}`))).toEqual([]);
      if (WATCH_SCREENSHOTS === undefined) return;
      await mkdir(WATCH_SCREENSHOTS, { recursive: true });
      await page.screenshot({
        path: join(WATCH_SCREENSHOTS, `run-${screen.colorScheme}-${screen.viewport.width}.png`),
        fullPage: true,
      });
    },
  );

  it('shows the table that is asked for, and the whole state after a reload', async () => {
    const sight = halfway();
    await using server = await WatchServer.open({
      page: await runPage(sight.plan),
      stateFor: (look) => sight.stateFor(look),
    });
    await using watched = await watchedPage();
    const { page } = watched;
    const judged = page.locator('.matrix td:is(.pass, .fail, .inconclusive, .unsupported, .unspecified)');
    await page.goto(server.url);
    await judged.first().waitFor();
    expect(await page.locator('.matrix td').count()).toBe(400 + 1);
    expect(await judged.count()).toBe(sight.stateFor('0').counts[0]?.judged);
    // Two situations are called; four cells of one of them were judged before, and stay so.
    expect(await page.locator('.matrix td.called').count()).toBe(25 + 25 - 4);
    await page.getByRole('button', { name: 'plain on Kamailio' }).click();
    await page.locator('#table-h', { hasText: 'plain on Kamailio' }).waitFor();
    expect(await judged.count()).toBe(0);
    await page.reload();
    await judged.first().waitFor();
    expect(await judged.count()).toBe(sight.stateFor('0').counts[0]?.judged);
  });

  it('says where a report is that is too large to become the page', async () => {
    const file = '/somewhere/<b>/index.html';
    await using watched = await watchedPage({ viewport: { width: 390, height: 844 } });
    await watched.page.setContent(overPage(file));
    expect(await watched.page.locator('pre').textContent()).toBe(file);
    expect(await faultsOf(watched.page)).toEqual([]);
  });

  it('takes what is said of a cell last, in place, counts and findings', async () => {
    const sight = halfway();
    const failed = sample().cells.find(({ verdict }) => verdict === 'fail') as CellResult;
    expect(sight.stateFor('0').findings.map(({ id }) => id)).toContain(failed.id);
    const before = sight.stateFor('0');
    await using server = await WatchServer.open(
      { page: await runPage(sight.plan), stateFor: (look) => sight.stateFor(look) },
      { everyMs: 10 },
    );
    await using watched = await watchedPage();
    await watched.page.goto(server.url);
    const findings = watched.page.locator('#findings');
    await findings.getByText(failed.id).waitFor();
    sight.judged([{ ...failed, verdict: 'pass', why: null }]);
    await findings.getByText(failed.id).waitFor({ state: 'detached' });
    const after = sight.stateFor('0');
    expect(after.counts[0]).toEqual({ ...before.counts[0], failed: (before.counts[0]?.failed ?? 0) - 1 });
    expect([...after.cells].filter((code, at) => code !== before.cells[at])).toHaveLength(1);
  });
});
