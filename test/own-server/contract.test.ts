/** What a program may say of itself, how it may fail to start, and what it is given. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allocateAddresses } from '../../harness/processes/addresses.ts';
import { DescriptionFault } from '../../harness/processes/description.ts';
import { programLauncher } from '../../harness/processes/launcher.ts';
import { ownServerProcess } from '../../harness/runtime/process/own-server.ts';
import { serverDescription } from '../../harness/servers/own/contract.ts';
import { describeServer, ownServer, serverText } from '../../harness/servers/own/own-server.ts';
import { cancelSituations } from '../../scenarios/cancel-reason.ts';
import { scenarios } from '../../scenarios/index.ts';
import { ringfence } from '../helpers/cli.ts';
import { commandHere } from '../helpers/command-line.ts';
import { scratch } from '../setup/scratch.ts';
import { PROGRAM } from './odd-server.ts';

const SAID = { name: 'my proxy', version: '2.1', features: ['voicemail', 'busy'] };

function launcherOf(...oddities: string[]) {
  return programLauncher('command:odd', { command: process.execPath, args: [PROGRAM, ...oddities] });
}

describe('a description', () => {
  it('has defaults for all but name, version and features', () => {
    expect(serverText(serverDescription(SAID))).toBe(
      'my proxy 2.1: voicemail, busy; waits as its accounts say; claims no policy; asks no caller for a password; at most 50 calls per second',
    );
    const more = { waits: { totalMs: 900 }, policy: 'plain', asksCallers: true, callsPerSecond: 7 };
    expect(serverText(serverDescription({ ...SAID, ...more }))).toBe(
      'my proxy 2.1: voicemail, busy; waits 900 ms; claims plain; asks callers for a password; at most 7 calls per second',
    );
  });

  it.for([
    [{ name: '' }, /needs "name"/],
    [{ features: [] }, /needs "features", a list of voicemail, /],
    [{ features: 'voicemail' }, /needs "features"/],
    [{ waits: 900 }, /needs "waits"/],
    [{ waits: { totalMs: -1 } }, /needs "waits"/],
    [{ policy: 'lync' }, /needs "policy", one of ms-sipre/],
    [{ asksCallers: 'yes' }, /needs "asksCallers", true or false/],
    [{ callsPerSecond: 0 }, /needs "callsPerSecond"/],
    [{ polcy: 'plain' }, /has "polcy"; there is name, version/],
  ] as const)('%j is none', ([over, message]) => {
    expect(() => serverDescription({ ...SAID, ...over })).toThrow(DescriptionFault);
    expect(() => serverDescription({ ...SAID, ...over })).toThrow(message);
  });

  it('says what can be asked: the rest is unsupported, in its own words', () => {
    const server = ownServer({ kind: 'command', description: serverDescription(SAID), expect: null });
    const notes = serverDescription({ ...SAID, features: ['voicemail', 'missed-call-notification'] });
    const heeded = cancelSituations.find(({ id }) => id === 'cancelled-by-caller-heeded');
    expect(heeded && ownServer({ kind: 'command', description: notes, expect: null }).lacks(heeded)).toBe(
      'it does not say that it has heeds-reason',
    );
    const lacks = Object.fromEntries(scenarios.map((scenario) => [scenario.id, server.lacks(scenario)]));
    expect(server).toMatchObject({ id: 'command:my-proxy', policies: ['unknown'] });
    expect(lacks).toMatchObject({
      'voicemail-busy': null,
      'voicemail-declined': 'it does not say that it has declined',
      'team-ring': 'it does not say that it has team-ring',
      'forward-immediate': 'it does not say that it has forwarding, at-once',
      'missed-call-hangup-in-greeting': 'it does not say that it has missed-call-notification',
    });
  });
});

describe.concurrent('a program that is asked what it is', () => {
  it.for([
    ['nonsense', /no line of JSON; it ended with exit status 0; it said last: I am a server\./],
    ['half-json', /its answer to "describe" is no JSON/],
    ['list', /no line of JSON/],
    ['says-nothing', /no line of JSON; it ended with exit status 0, having said nothing/],
    ['one-long-line', /is no JSON/],
    ['prints-for-ever', /no line of JSON in the first 10 MB that it printed/],
    ['hangs-at-once', /no line of JSON in 700 ms/],
    ['wrong-feature', /needs "features", a list of/],
  ] as const)('and %s', async ([oddity, message]) => {
    await using place = await scratch();
    const logFile = join(place.dir, 'describe.log');
    const timeoutMs = oddity === 'hangs-at-once' ? 700 : 60_000;
    await expect(describeServer(launcherOf(oddity), { logFile, timeoutMs })).rejects.toThrow(message);
  });
});

interface Place extends AsyncDisposable {
  readonly dir: string;
  /** An address that nobody else has. */
  readonly host: string;
}

async function placeOf(): Promise<Place> {
  await using resources = new AsyncDisposableStack();
  const { dir } = resources.use(await scratch());
  const { hosts } = resources.use(await allocateAddresses(['server']));
  const owned = resources.move();
  return { dir, host: hosts.server, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

describe.concurrent('a program that is started', () => {
  const start = async (oddity: string, { dir, host }: Place, readyTimeoutMs = 20_000) => {
    const launcher = launcherOf(oddity);
    const server = ownServer({ kind: 'command', description: serverDescription(SAID), expect: null });
    const startServer = ownServerProcess(server, { launcher, scenarios, readyTimeoutMs });
    return startServer({ host, voicemail: { host, port: 5999 }, workDir: dir });
  };

  it.for([
    [
      'ends-at-once',
      /\(RINGFENCE_LISTEN\): it ended with exit status 4; it said last: no licence\. See docs\/own-server\.md/,
    ],
    ['never-ready', /was to serve at 127\.\S+:\d+ \(RINGFENCE_LISTEN\): no answer to an OPTIONS over UDP in 900 ms/],
    ['listens-elsewhere', /no answer to an OPTIONS over UDP in 900 ms/],
  ] as const)('and %s', async ([oddity, message]) => {
    await using place = await placeOf();
    const timeoutMs = oddity === 'ends-at-once' ? 20_000 : 900;
    await expect(start(oddity, place, timeoutMs)).rejects.toThrow(message);
  });

  it('and listens over UDP alone, where calls go over TCP', async () => {
    await using place = await placeOf();
    const server = ownServer({ kind: 'command', description: serverDescription(SAID), expect: null });
    const { dir, host } = place;
    const site = { host, voicemail: { host, port: 5999 }, workDir: dir };
    const launcher = launcherOf('nothing');
    const startServer = ownServerProcess(server, { launcher, scenarios, overTcp: true });
    await expect(startServer(site)).rejects.toThrow(/answers at 127\.\S+ over UDP, and not over TCP \(.*ECONNREFUSED/);
  });

  it('finds all its accounts in the file, and no other', async () => {
    await using place = await placeOf();
    await using started = await start('nothing', place);
    const file = JSON.parse(await readFile(join(place.dir, 'server-accounts.json'), 'utf8'));
    const { accounts } = file as { accounts: { user: string; domain: string; password: string }[] };
    // Situations with the same rules and waits are called in turn: busy, no answer and the callee's own answer; canaries beside them.
    expect(accounts.map(({ user }) => user)).toEqual(expect.arrayContaining(['callee1', 'probe4', 'probe6']));
    expect(new Set(accounts.map(({ user }) => user)).size).toBe(accounts.length);
    expect(new Set(accounts.map(({ password }) => password)).size).toBe(accounts.length);
    expect(accounts.every(({ domain }) => domain === 'own.test')).toBe(true);
    expect(started.lender?.isOurs).toBe(true);
  });
});

describe.concurrent('the option', () => {
  it.for([
    [['run', '--server', 'command:./no/such/file'], /--server command: there is no program \.\/no\/such\/file/],
    [['run', '--server', 'command:'], /--server command: names no program; e\.g\. --server "command:\.\/my-server\.sh/],
    [['run', '--server', 'image:!'], /--server image:REF takes a reference such as example\/server:1\.2/],
    [
      ['run', '--server', 'command:sh', '--runtime', 'docker'],
      /--server command:PATH needs --runtime process.*docs\/own-server\.md/,
    ],
    [['run', '--server', 'image:x', '--runtime', 'process'], /--server image:REF needs containers/],
    [
      ['run', '--server', 'command:sh', '--accounts', 'x.yaml'],
      /--accounts is for a live server alone.*is given its accounts/,
    ],
    [['run', '--server', 'command:sh', '--ua', 'baresip'], /--server command:sh lends its accounts.*leave --ua out/],
    [['run', '--server', 'command:sh', '--expect', 'plian'], /unknown policy "plian"; did you mean "plain"/],
    [['run', '--server', 'command:sh', '--plan'], /--plan is for a live server alone/],
    [['run', '--expect', 'plain'], /--expect is for a live server: --server sip:HOST:PORT, or a program of yours/],
    [['doctor', '--server', 'kamailio'], /--server takes command:PATH \[ARGS\] here, not "kamailio"/],
    [['doctor', '--server', 'image:x'], /--server image:REF needs containers/],
  ] as const)('%j', async ([args, message]) => {
    const { exitStatus, stderr } = await commandHere(args);
    expect({ exitStatus, stderr }).toEqual({ exitStatus: 2, stderr: expect.stringMatching(message) });
  });

  it('is known to the doctor, who asks the program what it is', async () => {
    const well = await ringfence(['doctor', '--server', `command:${PROGRAM}`]);
    expect(well.stdout).toMatch(/^server +ok +odd 1: voicemail, busy, declined, offline; waits as its accounts say/m);
    const ill = await ringfence(['doctor', '--server', `command:${PROGRAM} nonsense`]);
    expect(ill.stdout).toMatch(/^server +missing +command:\S+ nonsense was asked to describe itself: no line of JSON/m);
    expect(ill.exitStatus).toBe(3);
  });
});
