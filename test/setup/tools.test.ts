import { execFile } from 'node:child_process';
import { readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { LabError } from '../../harness/errors.ts';
import { type InstallRights, installCommand, installRights } from '../../harness/setup/apt.ts';
import { findTool, searchPath, untestedVersion } from '../../harness/setup/find-tool.ts';
import { type EnsureToolsOptions, ensureTools } from '../../harness/setup/tools.ts';
import { type Scratch, scratch } from './scratch.ts';

const UNPACK = fileURLToPath(new URL('../../harness/setup/unpack.sh', import.meta.url));
const SIPP = 'echo; echo " SIPp v3.6.1-SCTP-PCAP-RTPSTREAM."; exit 99';
const KAMAILIO = 'echo "version: kamailio 5.6.3 (x86_64/linux)"';

describe('findTool', () => {
  it('reads the version of a program whatever its exit status', async () => {
    await using bin = await scratch();
    const path = await bin.script('sipp', SIPP);
    expect(await findTool('sipp', { folders: [bin.dir] })).toEqual({ state: 'found', path, version: '3.6.1' });
  });

  it('takes the first of the names a program goes by', async () => {
    await using bin = await scratch();
    const path = await bin.script('google-chrome', 'echo "Google Chrome 156.0.8078.79"');
    expect(await findTool('chromium', { folders: [bin.dir] })).toMatchObject({ path, version: '156.0.8078.79' });
    const first = await bin.script('chromium-headless-shell', 'echo "Chromium 150.0.7871.100"');
    expect(await findTool('chromium', { folders: [bin.dir] })).toMatchObject({ path: first });
  });

  it.for([
    ['does not start', 'echo "error while loading shared libraries: libsctp.so.1" >&2; exit 127', /libsctp/],
    ['is something else of that name', 'echo "hello"', /hello/],
    ['says nothing', 'exit 1', /Command failed|printed nothing/],
  ] as const)('calls a program broken that %s', async ([, body, why]) => {
    await using bin = await scratch();
    await bin.script('sipp', body);
    expect(await findTool('sipp', { folders: [bin.dir] })).toEqual({
      state: 'broken',
      path: `${bin.dir}/sipp`,
      why: expect.stringMatching(why),
    });
  });

  it('does not wait for ever', async () => {
    await using bin = await scratch();
    await bin.script('sipp', 'exec tail -f /dev/null');
    const found = await findTool('sipp', { folders: [bin.dir], timeoutMs: 200 });
    expect(found).toMatchObject({ state: 'broken', why: expect.stringContaining('no answer within 200 ms') });
  });

  it('looks where servers are installed, also when PATH does not name it', () => {
    expect(searchPath('/opt/bin:relative:/opt/bin')).toEqual([
      '/opt/bin',
      '/usr/sbin',
      '/usr/local/sbin',
      '/usr/bin',
      '/usr/local/bin',
    ]);
  });
});

describe('untestedVersion', () => {
  it.for([
    ['sipp', '3.6.1', false],
    ['sipp', '3.7.3', false],
    ['sipp', '3.8.0', true],
    ['sipp', '3.6.0', true],
    ['sipp', '3.5.2', true],
    ['sipp', '4.0', true],
    ['kamailio', '5.6.3', false],
    ['kamailio', '6.0.1', false],
    ['kamailio', '5.4.4', true],
    ['kamailio', '7.0.0', true],
    ['chromium', '1.0', false],
  ] as const)('%s %s: %s', ([name, version, warns]) => {
    const said = untestedVersion(name, version);
    if (warns) expect(said).toMatch(/was not tested with Ringfence; tested: \d/);
    else expect(said).toBeNull();
  });
});

describe('ensureTools', () => {
  const options = (
    bin: Scratch,
    rights: InstallRights,
    install: EnsureToolsOptions<'sipp'>['install'] = () => Promise.reject(new Error('must not install')),
  ) => {
    const said: string[] = [];
    return {
      said,
      need: ['sipp', 'kamailio'] as const,
      say: (line: string) => void said.push(line),
      folders: [bin.dir],
      rights: () => Promise.resolve(rights),
      install,
    };
  };

  it('finds what is there, installs nothing and says nothing', async () => {
    await using bin = await scratch();
    await bin.script('sipp', SIPP);
    await bin.script('kamailio', KAMAILIO);
    const asked = options(bin, 'root');
    expect(await ensureTools(asked)).toEqual({
      sipp: { path: `${bin.dir}/sipp`, version: '3.6.1' },
      kamailio: { path: `${bin.dir}/kamailio`, version: '5.6.3' },
      warnings: [],
    });
    expect(asked.said).toEqual([]);
  });

  it.for(['root', 'sudo'] as const)('installs only what is missing, as %s, and says so before', async (rights) => {
    await using bin = await scratch();
    await bin.script('kamailio', KAMAILIO);
    const asked = options(bin, rights, async (packages, as) => {
      expect(asked.said).toEqual(["installing SIPp (sip-tester) from this system's packages"]);
      expect([packages, as]).toEqual([['sip-tester'], rights]);
      await bin.script('sipp', SIPP);
    });
    expect((await ensureTools(asked)).sipp.version).toBe('3.6.1');
  });

  it('installs the part of a program that is wanted and not there, and no other', async () => {
    await using bin = await scratch();
    await bin.script('sipp', SIPP);
    await bin.script('kamailio', KAMAILIO);
    let isThere = false;
    const asked = options(bin, 'root', async (packages) => {
      expect(packages).toEqual(['kamailio-tls-modules']);
      isThere = true;
    });
    const hasPart = async () => isThere;
    await ensureTools({ ...asked, hasPart });
    expect(asked.said).toEqual([]);
    await ensureTools({ ...asked, hasPart, parts: ['kamailioTls'] });
    expect(asked.said).toEqual([
      "installing Kamailio's module for TLS (kamailio-tls-modules) from this system's packages",
    ]);
  });

  it.for([
    [
      'is not there afterwards either',
      'root',
      /module for TLS is still not found after installing kamailio-tls-modules/,
    ],
    ['this user may not install', 'by-hand', /apt-install\.sh'? kamailio-tls-modules/],
  ] as const)('fails for a part that %s', async ([, rights, said]) => {
    await using bin = await scratch();
    await bin.script('sipp', SIPP);
    await bin.script('kamailio', KAMAILIO);
    const asked = { ...options(bin, rights, async () => {}), parts: ['kamailioTls'] as const };
    await expect(ensureTools({ ...asked, hasPart: async () => false })).rejects.toThrow(said);
  });

  it('warns of a version that was not tested', async () => {
    await using bin = await scratch();
    await bin.script('sipp', 'echo "SIPp v3.5.2"');
    await bin.script('kamailio', KAMAILIO);
    expect((await ensureTools(options(bin, 'root'))).warnings).toEqual([
      'SIPp 3.5.2 was not tested with Ringfence; tested: 3.6.1 and 3.7.x',
    ]);
  });

  it.for([
    ['the one command where this user may not install', 'by-hand', '', /sudo sh \S.*apt-install\.sh'? sip-tester/],
    ['what is missing where there is no apt-get', 'no-apt', '', /SIPp not found.*no apt-get\. Install SIPp/],
    ['what a broken program said', 'root', 'echo "libsctp.so.1: not there" >&2; exit 127', /libsctp\.so\.1: not there/],
  ] as const)('fails with %s', async ([, rights, sipp, said]) => {
    await using bin = await scratch();
    if (sipp !== '') await bin.script('sipp', sipp);
    await bin.script('kamailio', KAMAILIO);
    const failure = ensureTools(options(bin, rights));
    await expect(failure).rejects.toThrow(LabError);
    await expect(failure).rejects.toThrow(said);
  });

  it('unpacks what no release of Debian has, once, and starts it with its own loader', async () => {
    await using place = await scratch();
    // As mmdebstrap would: a loader that only says what it was given, libraries, the program, its modules.
    await place.script(
      'mmdebstrap',
      [
        'for last; do :; done',
        'system=$(mktemp -d) libraries=usr/lib/some-linux-gnu',
        'mkdir -p "$system/usr/sbin" "$system/usr/lib64" "$system/$libraries/asterisk/modules" "$system/dev"',
        'printf \'#!/bin/sh\\necho "Asterisk 22.0.1 with $2"\\n\' >"$system/$libraries/ld-linux-some.so.2"',
        'chmod 755 "$system/$libraries/ld-linux-some.so.2"',
        'ln -s ../lib/some-linux-gnu/ld-linux-some.so.2 "$system/usr/lib64/ld-linux-some.so.2"',
        'touch "$system/usr/sbin/asterisk"',
        'tar -C "$system" -cf "$last" . && rm -r "$system"',
      ].join('\n'),
    );
    const inFolder = join(place.dir, 'cache', 'asterisk-sid');
    const unpackOnce = () =>
      promisify(execFile)('sh', [UNPACK, 'asterisk', 'asterisk', 'sid', inFolder], {
        env: { PATH: `${place.dir}:${process.env.PATH}` },
      });
    await unpackOnce();
    await unpackOnce();
    expect(await readdir(join(place.dir, 'cache'))).toEqual(['asterisk-sid']);
    expect((await readdir(inFolder)).toSorted()).toEqual(['asterisk', 'modules', 'usr']);
    expect(await realpath(join(inFolder, 'modules'))).toBe(
      await realpath(join(inFolder, 'usr/lib/some-linux-gnu/asterisk/modules')),
    );
    const found = await findTool('asterisk', { path: join(inFolder, 'asterisk') });
    expect(found).toMatchObject({ state: 'found', version: '22.0.1' });
  });

  it('asks for no right to install where a program is unpacked, and finds it then', async () => {
    await using bin = await scratch();
    const said: string[] = [];
    const tools = await ensureTools({
      need: ['asterisk'],
      say: (line) => void said.push(line),
      folders: [bin.dir],
      rights: () => Promise.reject(new Error('must not ask')),
      packaged: () => Promise.resolve(false),
      unpack: async ({ debianPackage }) => void (await bin.script(debianPackage, 'echo Asterisk 22.10.1')),
    });
    expect(tools.asterisk.version).toBe('22.10.1');
    expect(said).toEqual([expect.stringMatching(/^unpacking Asterisk \(asterisk\) of Debian's sid/)]);
  });

  it.for([
    { has: ['chromium', 'chromium-headless-shell'], installed: 'chromium-headless-shell' },
    { has: ['chromium'], installed: 'chromium' },
  ])('installs $installed where the system has $has', async ({ has, installed }) => {
    await using bin = await scratch();
    const { path } = (
      await ensureTools({
        ...options(bin, 'root', async (packages) => {
          expect(packages).toEqual([installed]);
          await bin.script(installed, 'echo "Chromium 150.0.7871.100"');
        }),
        need: ['chromium'],
        packaged: async (name) => has.includes(name),
      })
    ).chromium;
    expect(path).toBe(`${bin.dir}/${installed}`);
  });

  it('installs no smaller browser where there is one', async () => {
    await using bin = await scratch();
    const path = await bin.script('google-chrome', 'echo "Google Chrome 156.0.8078.79"');
    const asked = { ...options(bin, 'root'), need: ['chromium'], packaged: async () => true } as const;
    expect((await ensureTools(asked)).chromium.path).toBe(path);
  });

  it('fails when an installation brought no program', async () => {
    await using bin = await scratch();
    const failure = ensureTools(options(bin, 'root', () => Promise.resolve()));
    await expect(failure).rejects.toThrow(/SIPp is still not found after installing sip-tester/);
  });
});

describe('installRights', () => {
  it.for([
    ['no-apt', 0, []],
    ['root', 0, ['apt-get']],
    ['by-hand', 1000, ['apt-get']],
    ['sudo', 1000, ['apt-get', 'sudo']],
    ['by-hand', 1000, ['apt-get', 'sudo that asks for a password']],
  ] as const)('are %s for uid %s with %s', async ([rights, uid, programs]) => {
    await using bin = await scratch();
    for (const program of programs) {
      await bin.script(program.split(' ')[0] ?? '', program.includes('asks') ? 'exit 1' : 'exit 0');
    }
    expect(await installRights([bin.dir], uid)).toBe(rights);
  });
});

describe('installCommand', () => {
  it('names a script that is there, and the packages', async () => {
    const command = installCommand(['sip-tester', 'kamailio']);
    expect(command).toMatch(/^sudo sh .*harness\/setup\/apt-install\.sh'? sip-tester kamailio$/);
  });
});
