/** ejabberd, which diverts nothing: no call may ever be said to have been kept out of anything there. */
import { describe, expect, it, type TestContext } from 'vitest';
import { ejabberd } from '../../harness/servers/ejabberd/ejabberd.ts';
import type { Server } from '../../harness/servers/server.ts';
import { findTool } from '../../harness/setup/find-tool.ts';
import { scenarios } from '../../scenarios/index.ts';
import { besidesLateness, type SmallRunResult, smallRun } from '../helpers/small-run.ts';

const CLASS = 'target-class-secondary';

async function runOn(context: TestContext, server: Server, situations: readonly string[]): Promise<SmallRunResult> {
  const found = await findTool('ejabberd');
  if (found.state !== 'found') context.skip('ejabberd is not installed: apt-get install ejabberd erlang-p1-sip');
  return smallRun({ server, policies: server.policies, situations, variants: ['none', CLASS], canaryTimeoutMs: 1500 });
}

describe.concurrent('ejabberd', () => {
  it('is not asked for what it has not, which is every situation', async (context) => {
    const { outcome, results } = await runOn(context, ejabberd, []);
    expect(outcome).toMatchObject({ ended: 'complete', trouble: null, server: { id: 'ejabberd' } });
    expect(besidesLateness(outcome.warnings)).toEqual([]);
    expect(results).toHaveLength(2 * scenarios.length);
    for (const { id, verdict, why } of results) {
      expect([id, verdict, why]).toEqual([id, 'unsupported', expect.stringMatching(/^ejabberd cannot be asked: it /)]);
    }
  });

  it('registers and rings phones, and even called for what it lacks it gets no call passed', async (context) => {
    const boastful: Server = { ...ejabberd, lacks: () => null };
    const { results, cell } = await runOn(context, boastful, ['voicemail-no-answer', 'answered-by-callee']);
    expect(results.map(({ id, verdict }) => [id, verdict])).toEqual(results.map(({ id }) => [id, 'inconclusive']));
    expect(cell('voicemail-no-answer', CLASS).observed).toMatchObject({ outcome: 'suppressed', calleeRang: true });
    expect(cell('answered-by-callee', CLASS).observed).toMatchObject({ status: 200, calleeRang: true });
  });
});
