import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { drachtioCommand } from '../../harness/cli/drachtio.ts';
import { UsageError } from '../../harness/errors.ts';
import { startProcess } from '../../harness/processes/process.ts';
import { RawControl } from '../drachtio-hostile/raw-control.ts';

const MODULE = new URL('../../harness/cli/drachtio.ts', import.meta.url).href;
const READY = /SIP on ([\d.]+):(\d+) \(udp, tcp\), applications on ([\d.]+):(\d+)(?:, secret (\w+))?\n/;

describe('ringfence drachtio', () => {
  it.for([
    ['a secret of its own is printed', [], {}, undefined],
    ['a given one is not', ['--secret', 'sesame'], {}, 'sesame'],
    ['nor one of the environment', [], { RINGFENCE_SECRET: 'sesame' }, 'sesame'],
  ] as const)('serves until SIGTERM; %s', async ([, args, env, given]) => {
    const dir = await mkdtemp(join(tmpdir(), 'ringfence-cli-'));
    await using resources = new AsyncDisposableStack();
    resources.defer(() => rm(dir, { recursive: true, force: true }));
    const command = ['--sip', '127.0.0.1:0', '--control', '127.0.0.1:0', '--host', 'a.example=127.0.0.1', ...args];
    const code = `process.exitCode = await (await import('${MODULE}')).drachtioCommand(${JSON.stringify(command)})`;
    const server = resources.use(
      await startProcess({
        command: process.execPath,
        args: ['--input-type=module', '-e', code],
        cwd: dir,
        env: { ...process.env, ...env },
        logFile: join(dir, 'log'),
      }),
    );
    const line = await vi.waitFor(() => READY.exec(server.logTail()) ?? expect.fail(server.logTail()), {
      timeout: 10_000,
    });
    const [, , , host = '', port, printed] = line;
    expect(printed === undefined).toBe(given !== undefined);
    using app = await RawControl.app({ control: { host, port: Number(port) }, secret: given ?? printed ?? '' });
    expect(await app.command('ping')).toEqual(['OK', 'pong']);
    expect(await server.stop()).toMatchObject({ code: 0, signal: null });
  });

  it('outlives a defect, and says what it was', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'ringfence-cli-'));
    await using resources = new AsyncDisposableStack();
    resources.defer(() => rm(dir, { recursive: true, force: true }));
    const command = ['--sip', '127.0.0.1:0', '--control', '127.0.0.1:0', '--secret', 'sesame'];
    const code = `
      const running = (await import('${MODULE}')).drachtioCommand(${JSON.stringify(command)});
      process.on('SIGUSR2', () => { Promise.reject(new Error('a surprise')); throw new Error('another surprise'); });
      process.exitCode = await running`;
    const args = ['--input-type=module', '-e', code];
    const server = resources.use(
      await startProcess({ command: process.execPath, args, cwd: dir, logFile: join(dir, 'log') }),
    );
    const ready = (): RegExpExecArray => READY.exec(server.logTail()) ?? expect.fail(server.logTail());
    const [, , , host = '', port] = await vi.waitFor(ready, { timeout: 10_000 });
    process.kill(server.pid, 'SIGUSR2');
    await vi.waitFor(() => expect(server.logTail()).toMatch(/a defect of this server.*another surprise/s));
    await vi.waitFor(() => expect(server.logTail()).toMatch(/Error: a surprise/));
    using app = await RawControl.app({ control: { host, port: Number(port) }, secret: 'sesame' });
    expect(await app.command('ping')).toEqual(['OK', 'pong']);
    expect(await server.stop()).toMatchObject({ code: 0, signal: null });
  });

  it('listens on several addresses, over what it is told', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'ringfence-cli-'));
    await using resources = new AsyncDisposableStack();
    resources.defer(() => rm(dir, { recursive: true, force: true }));
    const command = [
      '--sip',
      '127.0.0.1:0',
      '--sip',
      'ws/127.0.0.1:0',
      '--sip',
      'udp,tcp/[::1]:0',
      '--control',
      '127.0.0.1:0',
    ];
    const code = `process.exitCode = await (await import('${MODULE}')).drachtioCommand(${JSON.stringify(command)})`;
    const args = ['--input-type=module', '-e', code];
    const logFile = join(dir, 'log');
    const server = resources.use(await startProcess({ command: process.execPath, args, cwd: dir, logFile }));
    const listed = /SIP on [\d.:]+ \(udp, tcp\), [\d.:]+ \(ws\), \[::1\]:\d+ \(udp, tcp\), applications on/;
    await vi.waitFor(() => expect(server.logTail()).toMatch(listed), { timeout: 10_000 });
  });

  it.for([
    [[], /--sip needs an address/],
    [['--sip', '127.0.0.1:5060'], /--control needs an address/],
    [['--sip', 'localhost:5060', '--control', '127.0.0.1:0'], /--sip needs an address like/],
    [['--sip', '127.0.0.1:99999', '--control', '127.0.0.1:0'], /not 127\.0\.0\.1:99999/],
    [['--sip', '127.0.0.1:0', '--control', '127.0.0.1:0', '--host', 'x'], /--host needs NAME=IP/],
    [['--sip', 'sctp/127.0.0.1:0', '--control', '127.0.0.1:0'], /not all of sctp/],
    [['--sip', 'tls/127.0.0.1:0', '--control', '127.0.0.1:0'], /need a certificate/],
    [['--sip', '127.0.0.1:0', '--control', '127.0.0.1:0', '--tls-key', 'x'], /--tls-key and --tls-cert go together/],
    [['--sip', '127.0.0.1:0', '--control', '127.0.0.1:0', '--tls-clients'], /--tls-clients needs --tls-ca/],
    [['--sip', '127.0.0.1:0', '--control', '127.0.0.1:0', '--tls-key', '/x', '--tls-cert', '/y'], /x cannot be read/],
    [['--nonsense'], /usage:/],
  ] as const)('%j is refused and the usage shown', async ([args, text]) => {
    await expect(drachtioCommand([...args])).rejects.toThrow(UsageError);
    await expect(drachtioCommand([...args])).rejects.toThrow(text);
  });
});
