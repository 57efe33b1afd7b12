import { join } from 'node:path';
import { cacheFolder } from '../place.ts';

/** The programs that the lab and the tests need beside Node.js: what they are called, and which versions were tried. */

export type ToolName =
  | 'sipp'
  | 'kamailio'
  | 'asterisk'
  | 'ejabberd'
  | 'baresip'
  | 'linphone'
  | 'chromium'
  | 'tshark'
  | 'sngrep';

export interface Program {
  readonly title: string;
  /** Names of the executable, the usual one first. */
  readonly executables: readonly string[];
  /** Of the environment: names another file, for a program that is not installed where programs are. */
  readonly variable?: string;
  readonly versionArgs: readonly string[];
  /** Finds the version, as group 1, in what the program prints. Its exit status says nothing: SIPp's is 99. */
  readonly version: RegExp;
  /** In Debian and Ubuntu. */
  readonly debianPackage: string;
  /** Of the same program with less in it: installed instead where this system has it. */
  readonly smallerPackage?: string;
  /** Packages that it can be installed without, and we cannot do without. */
  readonly alsoPackages?: readonly string[];
  /** The suite of Debian that has the package, where no release does: its packages are unpacked, not installed. */
  readonly unreleased?: string;
  readonly neededFor: string;
  /** Versions that the harness was run with, in words, and as a test; null: any will do. */
  readonly tested: { readonly words: string; readonly matches: RegExp } | null;
}

export const PROGRAMS: Readonly<Record<ToolName, Program>> = {
  sipp: {
    title: 'SIPp',
    executables: ['sipp'],
    versionArgs: ['-v'],
    version: /SIPp v(\d+(?:\.\d+)+)/,
    debianPackage: 'sip-tester',
    neededFor: 'run, test',
    tested: { words: '3.6.1 and 3.7.x', matches: /^3\.(6\.1|7\.\d+)$/ },
  },
  kamailio: {
    title: 'Kamailio',
    executables: ['kamailio'],
    variable: 'RINGFENCE_KAMAILIO',
    versionArgs: ['-v'],
    version: /version: kamailio (\d+(?:\.\d+)+)/,
    debianPackage: 'kamailio',
    neededFor: 'run, test',
    tested: { words: '5.6.x and 6.x', matches: /^(5\.6\.|6\.)/ },
  },
  asterisk: {
    title: 'Asterisk',
    executables: ['asterisk'],
    variable: 'RINGFENCE_ASTERISK',
    versionArgs: ['-V'],
    version: /Asterisk (\d+(?:\.\d+)+)/,
    debianPackage: 'asterisk',
    unreleased: 'sid',
    neededFor: 'run --server asterisk, test',
    tested: { words: '22.x', matches: /^22\./ },
  },
  ejabberd: {
    title: 'ejabberd',
    // ejabberdctl is for root and the user ejabberd alone, and starts a name server that stays (epmd).
    executables: ['erl'],
    variable: 'RINGFENCE_ERL',
    versionArgs: [
      '-noinput',
      '-eval',
      '[code:add_pathz(Dir) || Dir <- filelib:wildcard("/usr/lib/*/*/ebin")], ok = application:load(esip), \
ok = application:load(ejabberd), {ok, Version} = application:get_key(ejabberd, vsn), io:format("ejabberd ~s~n", [Version]), halt().',
    ],
    version: /ejabberd (\d+(?:\.\d+)+)/,
    debianPackage: 'ejabberd',
    alsoPackages: ['erlang-p1-sip'],
    neededFor: 'run --server ejabberd, test',
    tested: { words: '23.01 and 24.12', matches: /^(23\.01|24\.12)/ },
  },
  baresip: {
    title: 'baresip',
    executables: ['baresip'],
    versionArgs: ['-h'],
    version: /baresip v?(\d+(?:\.\d+)+)/,
    debianPackage: 'baresip-core',
    neededFor: 'run --ua baresip, test',
    tested: { words: '1.0.0 and 1.1.0', matches: /^1\.[01]\.0$/ },
  },
  linphone: {
    title: 'linphone',
    // linphone-daemon of the same package does not say its version.
    executables: ['linphonec'],
    versionArgs: ['--version'],
    version: /version: (\d+(?:\.\d+)+)/,
    debianPackage: 'linphone-cli',
    neededFor: 'test',
    tested: { words: '5.1.65', matches: /^5\.1\.65$/ },
  },
  chromium: {
    title: 'Chromium',
    // Without the parts that only somebody sees who sits before it, the tests of pages take a fifth less to compute.
    executables: ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome'],
    versionArgs: ['--version'],
    version: /(?:Chromium|Chrome) (\d+(?:\.\d+)+)/,
    debianPackage: 'chromium',
    smallerPackage: 'chromium-headless-shell',
    neededFor: 'test (browser tests only)',
    tested: null,
  },
  tshark: {
    title: 'tshark',
    executables: ['tshark'],
    versionArgs: ['--version'],
    version: /TShark \(Wireshark\) (\d+(?:\.\d+)+)/,
    debianPackage: 'tshark',
    neededFor: 'test (captures only)',
    tested: null,
  },
  sngrep: {
    title: 'sngrep',
    executables: ['sngrep'],
    versionArgs: ['-V'],
    version: /sngrep - (\d+(?:\.\d+)+)/,
    debianPackage: 'sngrep',
    neededFor: 'test (captures only)',
    tested: null,
  },
};

/** What a package of its own adds to a program: most runs do without. */
export interface Part {
  readonly of: ToolName;
  readonly title: string;
  readonly debianPackage: string;
  /** Patterns of a file of it: it is there where one of them matches. */
  readonly files: readonly string[];
}

export type PartName = 'kamailioTls';

export const PARTS: Readonly<Record<PartName, Part>> = {
  kamailioTls: {
    of: 'kamailio',
    title: "Kamailio's module for TLS",
    debianPackage: 'kamailio-tls-modules',
    files: ['/usr/lib/*/kamailio/modules/tls.so', '/usr/{lib64,local/lib,local/lib64}/kamailio/modules/tls.so'],
  },
};

export function programOf(wanted: ToolName | Program): Program {
  return typeof wanted === 'string' ? PROGRAMS[wanted] : wanted;
}

/** All packages that the program needs, its own first. */
export function packagesOf(name: ToolName): readonly string[] {
  const { debianPackage, alsoPackages = [] } = PROGRAMS[name];
  return [debianPackage, ...alsoPackages];
}

/** Where a program is unpacked, with its executable; null: it comes with a release. */
export function unpackedFolder({ executables, unreleased }: Program): string | null {
  if (unreleased === undefined) return null;
  return join(cacheFolder(), `${executables[0]}-${unreleased}`);
}
