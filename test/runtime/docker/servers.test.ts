/** Servers that are neither Kamailio nor a process: their recipes write configuration into a container that is read-only. */
import { expect, it } from 'vitest';
import { ensureImages } from '../../../harness/runtime/docker/index.ts';
import { ASTERISK_HEADERS } from '../../../harness/servers/asterisk/asterisk.ts';
import { ejabberd } from '../../../harness/servers/ejabberd/ejabberd.ts';
import type { ListedServer } from '../../../harness/servers/server.ts';
import { type SmallRunResult, smallRun } from '../../helpers/small-run.ts';
import { describeWithLabs, IMAGES_TIMEOUT_MS } from './with-engine.ts';

const HEADER = 'sensitivity-private-no-diversion';
const timeout = IMAGES_TIMEOUT_MS + 300_000;

describeWithLabs('in a container', { sideBySide: true }, (engine, labs) => {
  async function runOn(server: ListedServer, situations: readonly string[]): Promise<SmallRunResult> {
    const image = await ensureImages(engine.docker, { need: [server.program], arch: engine.arch, say: () => {} });
    const images = { ...labs().images, server: image[server.program] };
    return smallRun({
      server,
      policies: server.policies,
      situations,
      variants: ['none', HEADER],
      inTime: true,
      openSite: labs().openSite({ server, images }),
    });
  }

  it('Asterisk obeys the headers as in a process', { timeout }, async () => {
    const { outcome, cell } = await runOn(ASTERISK_HEADERS, ['voicemail-busy', 'simultaneous-ring', 'team-ring']);
    expect(outcome.server).toMatchObject({ id: 'asterisk-headers', version: expect.stringMatching(/^22\./) });
    const seen = (situation: string, variant: string) => {
      const { verdict, observed } = cell(situation, variant);
      return [verdict, observed.outcome];
    };
    for (const situation of ['voicemail-busy', 'simultaneous-ring', 'team-ring'])
      expect(seen(situation, 'none')).toEqual(['pass', 'engaged']);
    expect(seen('voicemail-busy', HEADER)).toEqual(['pass', 'suppressed']);
    expect(seen('team-ring', HEADER)).toEqual(['pass', 'suppressed']);
    expect(seen('simultaneous-ring', HEADER)).toEqual(['pass', 'engaged']);
  });

  it('ejabberd comes up, and is asked nothing', { timeout }, async () => {
    const { outcome, results } = await runOn(ejabberd, ['voicemail-busy', 'team-ring']);
    expect(outcome).toMatchObject({
      ended: 'complete',
      server: { id: 'ejabberd', version: expect.stringMatching(/^\d/) },
    });
    expect(new Set(results.map(({ verdict }) => verdict))).toEqual(new Set(['unsupported']));
  });
});
