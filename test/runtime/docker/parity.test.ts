/** The same cells in containers and in processes, and on two versions of the server, cell by cell. */
import { expect, it } from 'vitest';
import { callFlow } from '../../../harness/ladder/call-flow.ts';
import type { Observation } from '../../../harness/model/observation.ts';
import type { SipAddress, StartedServer, Subscriber } from '../../../harness/model/server.ts';
import type { OpenSite } from '../../../harness/run/site.ts';
import { ensureImages } from '../../../harness/runtime/docker/index.ts';
import { kamailioStock } from '../../../harness/servers/kamailio-stock/kamailio-stock.ts';
import { type SmallRunResult, smallRun } from '../../helpers/small-run.ts';
import { describeWithLabs, IMAGES_TIMEOUT_MS } from './with-engine.ts';

/** A situation for every trap and for every way a call ends, and headers that part the policies. */
const SELECTION = {
  policies: ['ms-sipre', 'blog-2012', 'plain'] as const,
  situations: [
    'voicemail-no-answer',
    'voicemail-busy',
    'voicemail-declined',
    'voicemail-do-not-disturb',
    'voicemail-offline',
    'direct-to-voicemail',
    'forward-immediate',
    'simultaneous-ring',
    'team-ring',
    'delegate-ring',
    'missed-call-hangup-while-ringing',
    'missed-call-hangup-in-greeting',
    'answered-by-callee',
  ],
  variants: ['none', 'target-class-secondary', 'sensitivity-private-no-diversion'],
  inTime: true,
};
const RUN_TIMEOUT_MS = 300_000;

describeWithLabs('verdicts in containers', { sideBySide: true }, (engine, labs) => {
  let containers: Promise<SmallRunResult> | undefined;
  let processes: Promise<SmallRunResult> | undefined;
  /** Both tests compare with these. */
  const inContainers = (): Promise<SmallRunResult> =>
    (containers ??= smallRun({ ...SELECTION, openSite: labs().openSite() }));
  const inProcesses = (): Promise<SmallRunResult> => (processes ??= smallRun(SELECTION));

  /** Debian 12 has it; elsewhere it comes in a container. */
  async function on5_6(): Promise<SmallRunResult> {
    const here = await inProcesses();
    if (here.outcome.server.version?.startsWith('5.6.')) return here;
    const { kamailio } = await ensureImages(engine.docker, {
      need: ['kamailio'],
      suite: 'bookworm',
      arch: engine.arch,
      say: () => {},
    });
    return smallRun({ ...SELECTION, openSite: labs().openSite({ images: { ...labs().images, server: kamailio } }) });
  }

  it('are those of processes, cell by cell', { timeout: RUN_TIMEOUT_MS }, async () => {
    const here = await inProcesses();
    const there = await inContainers();
    expect(here.results).toHaveLength(
      SELECTION.policies.length * SELECTION.situations.length * SELECTION.variants.length,
    );
    expect(differences(here, there)).toEqual([]);
    expect(there.results.map(({ verdict }) => verdict)).not.toContain('inconclusive');
  });

  it('are the same on Kamailio 5.6 and 6', { timeout: IMAGES_TIMEOUT_MS + RUN_TIMEOUT_MS }, async () => {
    const on6 = await inContainers();
    const on5 = await on5_6();
    expect(on6.outcome.server.version).toMatch(/^6\./);
    expect(on5.outcome.server.version).toMatch(/^5\.6\./);
    expect(differences(on5, on6)).toEqual([]);
  });

  it('differ, with both call flows, when one server has other rules', { timeout: RUN_TIMEOUT_MS }, async () => {
    const one = { situations: ['voicemail-immediate'], variants: ['none', 'target-class-secondary'] };
    const withVoicemail = await smallRun({ ...one, inTime: true });
    const without = await smallRun({ ...one, openSite: withoutVoicemail(labs().openSite()) });
    const [control = '', variant = ''] = differences(withVoicemail, without);
    expect(control).toMatch(/\/none\/.*: pass \/ inconclusive\n/);
    expect(variant).toMatch(/\/target-class-secondary\/.*: pass \/ inconclusive\n/);
    const [flow, otherFlow] = control.split('\n---\n');
    expect(flow).toContain('server -> voicemail  INVITE ');
    expect(otherFlow).toContain('caller -> server  INVITE ');
    expect(otherFlow).not.toContain('server -> voicemail  INVITE ');
  });
});

describeWithLabs('another server in containers', { sideBySide: true }, (_engine, labs) => {
  it('is brought up by the same recipe', { timeout: IMAGES_TIMEOUT_MS + RUN_TIMEOUT_MS }, async () => {
    const { results } = await smallRun({
      server: kamailioStock,
      openSite: labs().openSite({ server: kamailioStock }),
      policies: ['plain'],
      situations: ['voicemail-no-answer', 'voicemail-busy', 'voicemail-offline', 'team-ring'],
      variants: ['none', 'target-class-secondary'],
      inTime: true,
    });
    const said = results.map(({ situation, verdict, observed }) => `${situation} ${verdict} ${observed.outcome}`);
    expect(new Set(said)).toEqual(
      new Set([
        'voicemail-no-answer pass engaged',
        'voicemail-busy pass engaged',
        'voicemail-offline pass engaged',
        'team-ring unsupported unknown',
      ]),
    );
  });
});

/** The callees of cells have no mailbox there; those of canaries do. */
function withoutVoicemail(openSite: OpenSite): OpenSite {
  const robbed = (subscriber: Subscriber): Subscriber =>
    /-c\d+$/.test(subscriber.user) ? subscriber : { ...subscriber, voicemail: false };
  return async (options) => {
    const site = await openSite(options);
    const startServer = async (voicemail: SipAddress): Promise<StartedServer> => {
      const server = await site.startServer(voicemail);
      return { ...server, provision: (subscribers) => server.provision(subscribers.map(robbed)) };
    };
    return { ...site, startServer };
  };
}

/** One text for each cell on which the two disagree, with both call flows. */
function differences(a: SmallRunResult, b: SmallRunResult): string[] {
  return a.results.flatMap((one) => {
    const other = b.results.find(({ id }) => id === one.id);
    const same =
      other?.verdict === one.verdict &&
      other.observed.outcome === one.observed.outcome &&
      other.observed.status === one.observed.status;
    if (same) return [];
    const flows = [a, b].map(({ outcome }) => callFlow(outcome.observations.get(one.id) as Observation));
    const why = [one, other].map((each) => each?.why ?? '').join(' / ');
    return [`${one.id}: ${one.verdict} / ${other?.verdict ?? 'missing'}\n${why}\n${flows.join('\n---\n')}`];
  });
}
