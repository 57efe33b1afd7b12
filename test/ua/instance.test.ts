/** When an instance of a user agent is not ready: what it said, and what was seen of it, by a clock that the test moves. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Launcher, programLauncher } from '../../harness/processes/launcher.ts';
import { READY } from '../../harness/ua/contract.ts';
import { UaInstance } from '../../harness/ua/instance.ts';
import { RegisteredUsers } from '../../harness/ua/registered-users.ts';
import { scratch } from '../setup/scratch.ts';

const READY_TIMEOUT_MS = 20_000;
const USERS = ['alice', 'bob'];
const here = { host: '127.0.0.1', port: 5060 };

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

describe('an instance that is not ready in time', () => {
  it.each([
    ['never says so, although it registered all', 'starting', ['alice', 'bob'], 'did not say "ready"', 0],
    ['never says so, and registered one', 'starting', ['bob'], 'did not say "ready"', 1],
    ['says so, and registered none', READY, [], 'said "ready"', 2],
    ['says so, and registered one', READY, ['alice'], 'said "ready"', 1],
  ])('%s', async (_, line, registers, said, missing) => {
    await using place = await scratch();
    const registered = new RegisteredUsers();
    const { launcher, heard } = saying(line);
    const instance = new UaInstance(3, '127.0.0.1', USERS.map(account), {
      launcher,
      registrar: here,
      transport: 'udp',
      ca: null,
      registered,
      logDir: place.dir,
      readyTimeoutMs: READY_TIMEOUT_MS,
      onTrouble: () => {},
      onLogged: () => {},
      who: 'phone 7',
    });
    const starting = instance.start();
    await heard;
    for (const user of registers) registered.see(registeredNow(user));
    await vi.advanceTimersByTimeAsync(READY_TIMEOUT_MS);
    const why =
      `phone 7, instance 3, ${said} in 20000 ms; ` +
      `${missing} of its 2 accounts had no 200 to REGISTER (output: ua-3.log)`;
    expect(await starting).toEqual(new Map(USERS.map((user) => [user, why])));
  });
});

function account(user: string) {
  return { user, domain: 'lab.test', password: 'secret', play: 'ring', answerAfterMs: 0 } as const;
}

/** A real program that prints one line and waits. `heard`: the instance was told that line. */
function saying(line: string): { readonly launcher: Launcher; readonly heard: Promise<void> } {
  const program = programLauncher('command:phone', { command: '/bin/sh', args: ['-c', `echo ${line}; exec sleep 60`] });
  const { promise: heard, resolve } = Promise.withResolvers<void>();
  const start: Launcher['start'] = (options) =>
    program.start({
      ...options,
      onLine: (each) => {
        options.onLine(each);
        resolve();
      },
    });
  return { launcher: { id: program.id, start }, heard };
}

/** RFC 3261 10.3: a 200 to REGISTER lists what is registered. */
function registeredNow(user: string): Parameters<RegisteredUsers['see']>[0] {
  const lines = [
    'SIP/2.0 200 OK',
    'Via: SIP/2.0/UDP 127.0.0.1:5062;branch=z9hG4bK1',
    `From: <sip:${user}@lab.test>;tag=1`,
    `To: <sip:${user}@lab.test>;tag=2`,
    `Call-ID: ${user}`,
    'CSeq: 2 REGISTER',
    `Contact: <sip:${user}@127.0.0.1:5062>;expires=300`,
    'Content-Length: 0',
  ];
  const bytes = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
  return { direction: 'in', atEpochMs: 0, protocol: 'udp', local: here, remote: here, bytes };
}
