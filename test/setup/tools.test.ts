import { describe, expect, it } from 'vitest';
import { LabError } from '../../harness/errors.ts';
import { type InstallRights, installCommand, installRights } from '../../harness/setup/apt.ts';
import { findTool, searchPath, untestedVersion } from '../../harness/setup/find-tool.ts';
import { type EnsureToolsOptions, ensureTools } from '../../harness/setup/tools.ts';
import { type Scratch, scratch } from './scratch.ts';

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
