/** A server that nothing in `harness/` knows of: what the seam for servers is worth. */
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { startServerProcess } from '../../harness/runtime/process/server-process.ts';
import type { Server } from '../../harness/servers/server.ts';
import { smallRun } from '../helpers/small-run.ts';

const PROGRAM = fileURLToPath(new URL('tiny-proxy.ts', import.meta.url));

const tiny: Server = {
  id: 'tiny',
  title: 'a stateless proxy that sends the busy and the absent to voice mail',
  name: 'Tiny proxy',
  program: {
    title: 'Node.js',
    executables: ['node'],
    versionArgs: ['--version'],
    version: /v(\d+(?:\.\d+)+)/,
    debianPackage: 'nodejs',
    neededFor: 'test',
    tested: null,
  },
  policies: ['plain'],
  waits: (asked) => asked,
  lacks: ({ id }) =>
    ['voicemail-busy', 'voicemail-offline', 'answered-by-callee'].includes(id) ? null : 'it does little',
  wayTo: (trap) => {
    if (trap === 'phone') return { rules: { flags: [], lists: [] }, phone: 'answer' };
    return trap === 'voicemail' ? { rules: { flags: [], lists: [] }, phone: 'unregistered' } : null;
  },
  bringUp: async (ground) => {
    const { sip, voicemail } = ground;
    await ground.start([PROGRAM, sip.host, String(sip.port), voicemail.host, String(voicemail.port)]);
    return { provision: async () => {} };
  },
};

describe('a server of the tests alone', () => {
  const run = (over: Partial<Parameters<typeof smallRun>[0]> = {}) =>
    smallRun({
      server: tiny,
      startServer: (site) => startServerProcess(tiny, { ...site, bin: execPath }),
      policies: ['plain'],
      situations: ['voicemail-busy', 'voicemail-offline', 'answered-by-callee', 'team-ring'],
      variants: ['none', 'target-class-secondary'],
      inTime: true,
      ...over,
    });

  it('is judged like any other, and not asked for what it lacks', async () => {
    const { outcome, results } = await run();
    expect(outcome.server).toMatchObject({ id: 'tiny', name: 'Tiny proxy', version: process.versions.node });
    const said = results.map(({ id, verdict, why, observed }) => [id, verdict, why ?? observed.outcome]);
    const cell = (situation: string, variant: string) => `tiny/plain/${situation}/${variant}/udp/direct`;
    const lack = 'Tiny proxy cannot be asked: it does little';
    expect(said.toSorted()).toEqual(
      [
        [cell('voicemail-busy', 'none'), 'pass', 'engaged'],
        [cell('voicemail-busy', 'target-class-secondary'), 'pass', 'engaged'],
        [cell('voicemail-offline', 'none'), 'pass', 'engaged'],
        [cell('voicemail-offline', 'target-class-secondary'), 'pass', 'engaged'],
        [cell('answered-by-callee', 'none'), 'pass', 'suppressed'],
        [cell('answered-by-callee', 'target-class-secondary'), 'pass', 'suppressed'],
        [cell('team-ring', 'none'), 'unsupported', lack],
        [cell('team-ring', 'target-class-secondary'), 'unsupported', lack],
      ].toSorted(),
    );
  });

  it('is called no faster than it can bear', async () => {
    const rates: string[] = [];
    const { outcome } = await run({
      server: { ...tiny, atMostPerSecond: 7 },
      situations: ['voicemail-busy'],
      inTime: false,
      onProgress: ({ phase, detail }) => void (phase === 'calls' && rates.push(detail?.() ?? '')),
    });
    expect(outcome.ended).toBe('complete');
    expect(rates[0]).toMatch(/, 7\/s$/);
  });

  it('fails where it diverts what must not be diverted', async () => {
    const mustNot = { outcome: 'suppressed', claims: ['x'], callee: 'unspecified', statuses: [] } as const;
    const { cell } = await run({ situations: ['voicemail-busy'], expectationOf: () => mustNot });
    expect(cell('voicemail-busy', 'target-class-secondary').verdict).toBe('fail');
  });
});
