import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseUa, requireUaRuntime, uaRerunOptions } from '../../harness/cli/ua-option.ts';
import { UsageError } from '../../harness/errors.ts';

let dir: string;
let program: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ringfence-test-'));
  program = join(dir, 'phone.sh');
  await writeFile(program, '#!/bin/sh\n');
  await chmod(program, 0o755);
});
afterEach(async () => {
  await rm(dir, { recursive: true, force: true });
});

describe('--ua', () => {
  it('takes the known ones, an image, or a program with its arguments', () => {
    expect(parseUa('phone')).toEqual({ kind: 'phone' });
    expect(parseUa('baresip')).toEqual({ kind: 'baresip' });
    expect(parseUa('image:example/phone:1.2')).toEqual({ kind: 'image', image: 'example/phone:1.2' });
    expect(parseUa(`command:${program}  -q  x`)).toMatchObject({
      kind: 'command',
      command: program,
      args: ['-q', 'x'],
    });
    const near = relative(process.cwd(), program);
    expect(parseUa(`command:${near}`)).toMatchObject({ command: program, args: [] });
    expect(parseUa('command:sh')).toMatchObject({ command: expect.stringMatching(/^\/.*\/sh$/) });
  });

  it.for([
    ['linphone', /takes phone, baresip, image:REF or command:PATH \[ARGS\], not "linphone"/],
    ['image:', /image:REF takes a reference/],
    ['image:--privileged', /image:REF takes a reference/],
    ['command:', /names no program/],
    ['command:no-such-program-anywhere', /there is no program no-such-program-anywhere in PATH/],
    ['command:./no/such/file', /there is no program \.\/no\/such\/file$/],
  ] as const)('refuses %s', ([text, why]) => {
    expect(() => parseUa(text)).toThrow(UsageError);
    expect(() => parseUa(text)).toThrow(why);
  });

  it('refuses a file that is not executable, and says what to do', async () => {
    await chmod(program, 0o644);
    expect(() => parseUa(`command:${program}`)).toThrow(`is not executable; try: chmod +x ${program}`);
  });

  it('goes with some runtimes only', () => {
    expect(() => requireUaRuntime({ kind: 'image', image: 'x' }, 'process')).toThrow(/--runtime docker/);
    expect(() => requireUaRuntime(parseUa(`command:${program}`), 'docker')).toThrow(/--runtime process/);
    for (const runtime of ['process', 'docker'] as const) {
      for (const kind of ['phone', 'baresip'] as const) expect(() => requireUaRuntime({ kind }, runtime)).not.toThrow();
    }
  });

  it('is part of the command that runs a cell again, quoted for a shell', () => {
    expect(uaRerunOptions({ kind: 'phone' })).toEqual([]);
    expect(uaRerunOptions(parseUa('baresip'))).toEqual(['--ua', 'baresip']);
    expect(uaRerunOptions(parseUa(`command:${program} it's`))).toEqual(['--ua', `'command:${program} it'\\''s'`]);
  });
});
