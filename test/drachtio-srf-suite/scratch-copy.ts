import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** The subnet of the suite's compose file, without the last octet. */
const SUITE_NETWORK = /\b172\.29\.0\./g;

/** A host of the suite's test network: its name, the last octet of its address, and the SIPp script that it runs, if any. */
export interface SuiteHost {
  readonly name: string;
  readonly octet: string;
  readonly script: string | undefined;
}

/**
 * drachtio-srf's own integration suite in a temporary folder, adapted to loopback addresses. It is copied from the
 * installed package each time and removed afterwards; none of its text is part of this project.
 */
export class ScratchCopy implements AsyncDisposable {
  readonly dir: string;
  readonly hosts: readonly SuiteHost[];

  private constructor(dir: string, hosts: readonly SuiteHost[]) {
    this.dir = dir;
    this.hosts = hosts;
  }

  /** @param network first three octets of the addresses to use, e.g. `127.91.4` */
  static async make(network: string): Promise<ScratchCopy> {
    const dir = await mkdtemp(join(tmpdir(), 'drachtio-srf-suite-'));
    const packageDir = dirname(createRequire(import.meta.url).resolve('drachtio-srf/package.json'));
    for (const part of ['lib', 'test', 'config', 'package.json']) {
      await cp(join(packageDir, part), join(dir, part), { recursive: true });
    }
    await symlink(dirname(packageDir), join(dir, 'node_modules'));
    for (const file of await textFiles(join(dir, 'test'))) {
      const text = await readFile(file, 'utf8');
      const adapted = mendAttributes(text.replace(SUITE_NETWORK, `${network}.`), file);
      if (adapted !== text) await writeFile(file, adapted);
    }
    await cp(join(import.meta.dirname, 'sipp-helper.cjs'), join(dir, 'test', 'sipp.js'));
    const compose = await readFile(join(dir, 'test', 'docker-compose-testbed.yaml'), 'utf8');
    return new ScratchCopy(dir, readHosts(compose));
  }

  /** Hosts that a test file needs: those that it, or a script that it loads, names or addresses. */
  async hostsOf(file: string): Promise<readonly SuiteHost[]> {
    const test = await readFile(join(this.dir, 'test', file), 'utf8');
    const loaded = [...test.matchAll(/require\('\.\/scripts\/([\w-]+)(?:\.js)?'\)/g)].map(([, name]) => `${name}.js`);
    const scripts = await Promise.all(loaded.map((name) => readFile(join(this.dir, 'test', 'scripts', name), 'utf8')));
    const text = [test, ...scripts].join('\n');
    return this.hosts.filter(({ name, octet }) =>
      new RegExp(`(?<![\\w-])${name}(?![\\w-])|'(?:sip:)?127\\.\\d+\\.\\d+\\.${octet}'`).test(text),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.dir, { recursive: true, force: true });
  }
}

async function textFiles(dir: string): Promise<string[]> {
  const names = await readdir(dir, { recursive: true });
  return names.filter((name) => /\.(js|xml|yaml)$/.test(name)).map((name) => join(dir, name));
}

/**
 * Four regular expressions of the suite's SIPp scripts hold a bare `<`, which is not well-formed in an XML attribute;
 * SIPp 3.6.1 refuses such a file. A dot matches the same character and keeps the captures where they were.
 */
function mendAttributes(text: string, file: string): string {
  if (!file.endsWith('.xml')) return text;
  return text.replace(/(?<=\bregexp=")[^"]*/g, (pattern) => pattern.replace(/[<>]/g, '.'));
}

function readHosts(compose: string): SuiteHost[] {
  const services = compose.split(/^ {2}(?=[\w-]+:\s*$)/m).slice(1);
  return services.flatMap((service) => {
    const name = /^[\w-]+/.exec(service)?.[0];
    const octet = /ipv4_address:\s*127\.\d+\.\d+\.(\d+)/.exec(service)?.[1];
    if (!name || !octet) return [];
    return [{ name, octet, script: /-sf \S*?([\w-]+\.xml)/.exec(service)?.[1] }];
  });
}
