/** The `tls` key of an accounts file: which files it names, and whether they are what they have to be. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { UsageError } from '../errors.ts';
import type { ServerTls } from '../model/server.ts';
import type { AccountsText } from './accounts-schema.ts';

type TlsText = NonNullable<AccountsText['tls']>;
type FileKey = 'ca' | 'certificate' | 'key';

export interface TlsSource {
  readonly text: TlsText;
  /** The folder that its paths start from. */
  readonly dir: string;
  /** @returns the error that names file and line of this key */
  complaint(key: FileKey, said: string): UsageError;
  /** Milliseconds since the epoch. */
  readonly nowEpochMs: number;
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * Reads them. A server's own certificate is looked at when it is addressed.
 *
 * @throws {UsageError} naming file and line: for what cannot be read or is no PEM, a certificate without its key, one of another
 * key, and one that has expired. Nothing of a key is told
 */
export async function readTls(source: TlsSource): Promise<ServerTls> {
  const { text } = source;
  const { ca, name, certificate, key } = text;
  if ((certificate === undefined) !== (key === undefined)) {
    const [there, missing] =
      certificate === undefined ? (['key', 'certificate'] as const) : (['certificate', 'key'] as const);
    throw source.complaint(there, `tls.${there}: found without tls.${missing}; allowed: both, or neither`);
  }
  const own =
    certificate === undefined || key === undefined
      ? null
      : { certificate: await read(source, 'certificate'), key: await read(source, 'key') };
  if (own !== null) requirePair(source, own);
  const authorities = ca === undefined ? null : await read(source, 'ca');
  if (authorities !== null) certificatesIn(source, 'ca', authorities);
  return { ca: authorities, name: name ?? null, own };
}

async function read({ text, dir, complaint }: TlsSource, key: FileKey): Promise<string> {
  const file = text[key] ?? '';
  return readFile(resolve(dir, file), 'utf8').catch((error: Error) => {
    throw complaint(key, `tls.${key}: ${file} cannot be read (${error.message})`);
  });
}

function certificatesIn(source: TlsSource, key: FileKey, pem: string): X509Certificate[] {
  try {
    const all = [...pem.matchAll(CERTIFICATE)].map(([each]) => new X509Certificate(each));
    if (all.length > 0) return all;
  } catch {
    // What follows says it as well.
  }
  throw source.complaint(
    key,
    `tls.${key}: ${source.text[key]} has no certificate that can be read; allowed: PEM, beginning with -----BEGIN CERTIFICATE-----`,
  );
}

function requirePair(source: TlsSource, own: NonNullable<ServerTls['own']>): void {
  const [leaf] = certificatesIn(source, 'certificate', own.certificate);
  if (leaf === undefined) return;
  const { complaint, text } = source;
  if (leaf.validToDate.getTime() < source.nowEpochMs)
    throw complaint('certificate', `tls.certificate: ${text.certificate} has expired, on ${leaf.validTo}`);
  let fits: boolean;
  try {
    fits = leaf.checkPrivateKey(createPrivateKey(own.key));
  } catch {
    throw complaint(
      'key',
      `tls.key: ${text.key} has no private key that can be read; allowed: PEM, without a passphrase`,
    );
  }
  if (!fits) throw complaint('key', `tls.key: ${text.key} is not the key of ${text.certificate}`);
}
