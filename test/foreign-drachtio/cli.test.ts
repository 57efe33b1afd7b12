import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ringfence } from '../helpers/cli.ts';
import { commandHere } from '../helpers/command-line.ts';
import { scratch } from '../setup/scratch.ts';
import { startServers } from './servers.ts';

const ONE_CELL = ['--policy', 'ms-sipre', '--situation', 'voicemail-no-answer', '--variant', 'none', '--no-allure'];
const RUN_TIMEOUT_MS = 300_000;

describe.concurrent('./ringfence run --drachtio', () => {
  it('says what stands on what, and whose record is of which kind', { timeout: RUN_TIMEOUT_MS }, async () => {
    await using place = await scratch();
    await using servers = await startServers(['voicemail']);
    const [control = { host: '', port: 0 }] = servers.servers.values();
    const server = `${control.host}:${control.port}`;
    const to = ['--drachtio', server, '--report', join(place.dir, 'report')];
    const { exitStatus, stdout, stderr } = await ringfence([
      'run',
      ...ONE_CELL,
      ...to,
      '--drachtio-secret',
      servers.secret,
    ]);
    expect({ exitStatus, stderr }).toEqual({
      exitStatus: 0,
      stderr: expect.stringContaining(`drachtio: voicemail on ${server}; phone, `),
    });
    expect(stdout).toContain('To know: the record of voicemail is what the drachtio server there tells');
    expect(stdout + stderr).not.toContain(servers.secret);

    const wrong = await ringfence(['run', ...ONE_CELL, ...to, '--drachtio-secret', 'wrong']);
    expect(wrong.exitStatus).toBe(3);
    expect(wrong.stderr).toMatch(/ringfence: the drachtio server on .* refused the secret/);
  });

  it('ends, with 3, when the server dies under it', { timeout: RUN_TIMEOUT_MS }, async () => {
    await using place = await scratch();
    await using servers = await startServers(['voicemail']);
    const [control = { host: '', port: 0 }] = servers.servers.values();
    const running = ringfence([
      'run',
      ...ONE_CELL,
      '--report',
      join(place.dir, 'report'),
      '--drachtio',
      `${control.host}:${control.port}`,
      '--drachtio-secret',
      servers.secret,
    ]);
    await servers.busy('voicemail');
    servers.kill('voicemail');
    const { exitStatus, stdout } = await running;
    expect({ exitStatus, stdout }).toEqual({ exitStatus: 3, stdout: expect.stringContaining('1 inconclusive') });
  });

  it('refuses what the runtime cannot have, before anything is started', async () => {
    const { exitStatus, stderr } = await commandHere(['run', '--runtime', 'process', '--drachtio', 'image:x']);
    expect(exitStatus).toBe(2);
    expect(stderr).toMatch(/^ringfence: --drachtio image:REF needs containers: add --runtime docker$/m);
  });
});
