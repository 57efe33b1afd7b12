/**
 * Without `--dns` the server asks whom the machine asks. Shown with an /etc/resolv.conf of our own, which is put in place
 * in a mount namespace that ends with the server: nothing on the machine changes, but root is needed.
 */
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { allocateAddresses } from '../../harness/processes/addresses.ts';
import { startProcess } from '../../harness/processes/process.ts';
import { RawControl } from '../drachtio-hostile/raw-control.ts';
import { SipPeer } from '../drachtio-hostile/sip-peer.ts';
import { NameServer } from './name-server.ts';

const WITH_OWN_RESOLV_CONF = 'mount --bind "$1" /etc/resolv.conf && shift && exec "$@"';
const SECRET = 'only-for-this-test';
// Asked, not guessed: in a chroot even root may not make one.
const refused = spawnSync('unshare', ['-m', 'true'], { encoding: 'utf8' });
const why = refused.status === 0 ? null : (refused.stderr || String(refused.error)).trim();

test.skipIf(why !== null)(
  `names are resolved by the machine's resolver${why === null ? '' : ` (skipped: no mount namespace here: ${why})`}`,
  async () => {
    await using resources = new AsyncDisposableStack();
    const { hosts } = resources.use(await allocateAddresses(['server', 'names', 'peer']));
    const dir = await mkdtemp(join(tmpdir(), 'ringfence-resolver-'));
    resources.defer(() => rm(dir, { recursive: true, force: true }));
    resources.use(await NameServer.start(new Map([['phone.example', hosts.peer]]), { host: hosts.names, port: 53 }));
    const resolvConf = join(dir, 'resolv.conf');
    await writeFile(resolvConf, `nameserver ${hosts.names}\n`);

    const peer = resources.use(await SipPeer.udp({ host: hosts.server, port: 5060 }, hosts.peer));
    const control = { host: hosts.server, port: 9022 };
    const serve = join(import.meta.dirname, 'serve.ts');
    const addresses = ['--sip', `${hosts.server}:5060`, '--control', `${control.host}:${control.port}`];
    const server = resources.use(
      await startProcess({
        command: 'unshare',
        args: ['-m', 'sh', '-c', WITH_OWN_RESOLV_CONF, 'sh', resolvConf, process.execPath, serve, ...addresses],
        cwd: dir,
        env: { ...process.env, RINGFENCE_SECRET: SECRET },
        logFile: join(dir, 'server.log'),
      }),
    );
    await vi.waitFor(() => expect(server.logTail(), 'what the server prints').toContain(hosts.server), {
      timeout: 15_000,
    });

    using app = await RawControl.app({ control, secret: SECRET });
    const [known] = await app.command(`sip||\r\nOPTIONS sip:a@phone.example:${peer.local.port} SIP/2.0\r\n\r\n`);
    expect(known).toBe('OK');
    await peer.next(/^OPTIONS sip:a@phone\.example/);

    const [unknown] = await app.command('sip||\r\nOPTIONS sip:a@nobody.example SIP/2.0\r\n\r\n');
    expect(unknown).toBe('OK');
    const { message } = await app.next((frame) => frame.tokens[1] === 'sip');
    expect(message).toMatch(/^SIP\/2\.0 503 /);
  },
);
