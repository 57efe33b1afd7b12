/** The real baresip as the callees' phones, in a real lab. */
import { fileURLToPath } from 'node:url';
import { describe, expect, it, type TestContext } from 'vitest';
import { type Launcher, programLauncher } from '../../harness/processes/launcher.ts';
import { findTool } from '../../harness/setup/find-tool.ts';
import { smallRun } from '../helpers/small-run.ts';

const MAIN = fileURLToPath(new URL('../../harness/ua/baresip/main.ts', import.meta.url));
const CANNOT: Readonly<Record<string, string>> = {
  'voicemail-declined': 'decline (603)',
  'voicemail-do-not-disturb': 'refuse to be disturbed (480)',
};

async function baresip(context: TestContext, env: Record<string, string> = {}): Promise<Launcher> {
  const found = await findTool('baresip');
  if (found.state !== 'found') context.skip('baresip is not installed: apt-get install baresip-core');
  return programLauncher('baresip', { command: process.execPath, args: [MAIN], env });
}

describe.concurrent('baresip', () => {
  it('gets the verdicts of our own phones, cell by cell, and unsupported where it cannot play the callee', async (context) => {
    const ua = await baresip(context);
    const everything = {
      situations: [],
      variants: ['target-class-secondary', 'sensitivity-private-no-diversion'],
      inTime: true,
    };
    const own = await smallRun(everything);
    const foreign = await smallRun({ ...everything, ua });
    expect(foreign.outcome).toMatchObject({ ua: { id: 'baresip', name: 'baresip' }, trouble: null, ended: 'complete' });
    const { version } = foreign.outcome.ua ?? { version: '?' };
    const expected = own.results.map(({ id, situation, verdict, observed: { outcome, status }, why }) => {
      const cannot = CANNOT[situation];
      return cannot === undefined
        ? { id, verdict, outcome, status, why }
        : { id, verdict: 'unsupported', outcome: 'unknown', status: null, why: `baresip ${version} cannot ${cannot}` };
    });
    const seen = foreign.results.map(({ id, verdict, observed: { outcome, status }, why }) => {
      return { id, verdict, outcome, status, why };
    });
    expect(seen).toEqual(expected);
    expect(foreign.results.filter(({ verdict }) => verdict === 'pass').length).toBeGreaterThan(20);
  });

  it('that cannot start says why', async (context) => {
    const ua = await baresip(context, { RINGFENCE_BARESIP_MODULES: '/nonexistent/modules' });
    const { results } = await smallRun({
      situations: ['voicemail-no-answer'],
      variants: ['target-class-secondary'],
      ua,
      uaReadyTimeoutMs: 15_000,
    });
    for (const result of results) {
      expect(result).toMatchObject({
        verdict: 'inconclusive',
        why: expect.stringMatching(
          /^baresip \S+, instance 1, was not ready when it ended with exit status 1; .*control port.*ua-1\.log/,
        ),
      });
    }
  });

  it('that is not installed is missed before anything else', async (context) => {
    const ua = await baresip(context, { RINGFENCE_BARESIP: 'no-such-baresip' });
    await expect(smallRun({ situations: ['voicemail-no-answer'], variants: ['none'], ua })).rejects.toThrow(
      /baresip was asked to describe itself: .*no-such-baresip is not installed\. Try: apt-get install baresip-core/,
    );
  });
});
