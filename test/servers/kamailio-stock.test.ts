/** Kamailio with the configuration of its package, through a real lab. */
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { startServerProcess } from '../../harness/runtime/process/server-process.ts';
import { kamailioStock } from '../../harness/servers/kamailio-stock/kamailio-stock.ts';
import { scenarios } from '../../scenarios/index.ts';
import { besidesLateness, smallRun } from '../helpers/small-run.ts';

const HAS = ['voicemail-no-answer', 'voicemail-busy', 'voicemail-offline', 'answered-by-callee'];
const HEADERS = ['target-class-secondary', 'sensitivity-private-no-diversion'];

describe('kamailio-stock', () => {
  const run = (over: Partial<Parameters<typeof smallRun>[0]> = {}) =>
    smallRun({
      server: kamailioStock,
      policies: ['plain'],
      situations: [...HAS, 'forward-no-answer', 'missed-call-hangup-while-ringing', 'voicemail-declined'],
      variants: ['none', ...HEADERS],
      inTime: true,
      ...over,
    });

  it('diverts whatever the header says, rings the callee, and is not asked for what it has not', async () => {
    let configuration = '';
    const { outcome, results } = await run({
      startServer: async (site) => {
        const server = await startServerProcess(kamailioStock, site);
        configuration = await readFile(`${site.workDir}/kamailio.cfg`, 'utf8');
        return server;
      },
    });
    expect(configuration).toBe(await readFile('/etc/kamailio/kamailio.cfg', 'utf8'));
    expect(outcome).toMatchObject({ ended: 'complete', server: { id: 'kamailio-stock' } });
    expect(besidesLateness(outcome.warnings)).toEqual([]);
    for (const { id, situation, verdict, why, observed } of results) {
      const asked = HAS.includes(situation);
      expect([id, verdict, why]).toEqual([
        id,
        asked ? 'pass' : 'unsupported',
        asked ? null : expect.stringContaining('Kamailio (stock configuration) cannot be asked: it '),
      ]);
      if (asked) expect(observed.outcome).toBe(situation === 'answered-by-callee' ? 'suppressed' : 'engaged');
    }
  });

  it('fails where the header is to keep the call out', async () => {
    const mustNot = { outcome: 'suppressed', claims: ['x'], callee: 'unspecified', statuses: [] } as const;
    const { cell } = await run({ situations: ['voicemail-no-answer', 'voicemail-busy'], expectationOf: () => mustNot });
    for (const situation of ['voicemail-no-answer', 'voicemail-busy'])
      expect(cell(situation, 'target-class-secondary').verdict).toBe('fail');
  });

  it('says of every situation whether it has it', () => {
    expect(scenarios.filter((each) => kamailioStock.lacks(each) === null).map(({ id }) => id)).toEqual(HAS);
  });
});
