/** Certificates for a lab, made by openssl: they are worth something to those who are told of their authority alone, and that only for a day. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LabError } from '../errors.ts';

/** PEM. */
export interface Certified {
  readonly key: string;
  readonly cert: string;
}

export interface AuthorityOptions {
  /** The authority's name. @default Ringfence */
  readonly name?: string;
  /** @default one that openssl on PATH is */
  readonly openssl?: string;
}

export interface IssueOptions {
  /** Names and addresses that it is for. */
  readonly names: readonly string[];
  /** How long it is valid; a negative number of days has passed. @default 1 */
  readonly days?: number;
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** Somebody who vouches for the certificates of one lab. His own key is gone when he is disposed of. */
export class Authority implements AsyncDisposable {
  /** His certificate, PEM. */
  readonly ca: string;
  readonly #dir: string;
  readonly #openssl: string;
  #issued = 0;

  private constructor(ca: string, dir: string, openssl: string) {
    this.ca = ca;
    this.#dir = dir;
    this.#openssl = openssl;
  }

  /** @throws {LabError} when there is no openssl, or it fails */
  static async found({ name = 'Ringfence', openssl = 'openssl' }: AuthorityOptions = {}): Promise<Authority> {
    const dir = await mkdtemp(join(tmpdir(), 'rf-ca-'));
    try {
      const files = ['-keyout', join(dir, 'ca.key'), '-out', join(dir, 'ca.pem')];
      await run(openssl, ['req', '-x509', ...NEW_KEY, '-days', '2', '-subj', `/CN=${name}`, ...files]);
      return new Authority(await readFile(join(dir, 'ca.pem'), 'utf8'), dir, openssl);
    } catch (error) {
      await rm(dir, { recursive: true, force: true });
      throw error;
    }
  }

  /** For servers and clients alike. @throws {LabError} */
  async issue({ names, days = 1 }: IssueOptions): Promise<Certified> {
    const number = ++this.#issued;
    const file = (suffix: string): string => join(this.#dir, `${number}.${suffix}`);
    const files = ['-keyout', file('key'), '-out', file('csr')];
    await run(this.#openssl, ['req', '-new', ...NEW_KEY, '-subj', `/CN=${names[0] ?? 'nobody'}`, ...files]);
    // Mbed TLS 2, which linphone 5.1 has, knows no addresses and looks for their text among the names.
    const alternatives = names
      .flatMap((name) => [...(isIP(name) === 0 ? [] : [`IP:${name}`]), `DNS:${name}`])
      .join(',');
    await writeFile(file('ext'), `subjectAltName=${alternatives}\n`);
    const by = ['-CA', join(this.#dir, 'ca.pem'), '-CAkey', join(this.#dir, 'ca.key')];
    const serial = ['-set_serial', String(Date.now() * 100 + number)];
    const until = ['-days', String(days), '-extfile', file('ext')];
    await run(this.#openssl, ['x509', '-req', '-in', file('csr'), ...by, ...serial, ...until, '-out', file('pem')]);
    return { key: await readFile(file('key'), 'utf8'), cert: await readFile(file('pem'), 'utf8') };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#dir, { recursive: true, force: true });
  }
}

async function run(openssl: string, args: readonly string[]): Promise<void> {
  await promisify(execFile)(openssl, args).catch((cause: NodeJS.ErrnoException) => {
    const seen = cause.code === 'ENOENT' ? 'it is not installed. Try: apt-get install openssl' : cause.message.trim();
    throw new LabError(`A certificate for TLS could not be made by ${openssl} ${args[0]}: ${seen}`, { cause });
  });
}
