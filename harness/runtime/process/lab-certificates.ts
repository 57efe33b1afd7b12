import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Authority, type Certified } from '../../processes/certificates.ts';
import type { TlsFiles } from '../../servers/server.ts';
import type { TlsOptions } from '../../sip/listener.ts';
import type { UaTls } from './site.ts';

/** For a lab that speaks TLS: each side believes the other by one authority that nobody else has. */
export interface LabCertificates extends AsyncDisposable {
  readonly server: TlsFiles;
  /** The same where there is no file of ours. */
  readonly serverPem: Certified;
  /** Everybody else's. */
  readonly ours: TlsOptions;
  /** The B2BUA's: to who calls through it, it is the server. */
  readonly b2bua: TlsOptions;
  /** For user agents, which are told the server's address and no name. */
  readonly ua: UaTls;
}

/** Addresses of a lab are known later than its certificates. */
const SERVER_NAME = 'server.ringfence.invalid';
const OUR_NAME = 'lab.ringfence.invalid';

/** @throws {LabError} as {@link Authority} */
export async function labCertificates(): Promise<LabCertificates> {
  await using resources = new AsyncDisposableStack();
  const authority = resources.use(await Authority.found());
  const [server, ours] = await Promise.all([
    authority.issue({ names: [SERVER_NAME] }),
    authority.issue({ names: [OUR_NAME] }),
  ]);
  const dir = await mkdtemp(join(tmpdir(), 'rf-tls-'));
  resources.defer(() => rm(dir, { recursive: true, force: true }));
  const files = { ca: join(dir, 'ca.pem'), certificate: join(dir, 'server.pem'), key: join(dir, 'server.key') };
  await writeFile(files.ca, authority.ca);
  await writeFile(files.certificate, server.cert);
  await writeFile(files.key, server.key, { mode: 0o600 });
  const owned = resources.move();
  const believed = { ca: authority.ca, name: SERVER_NAME, wantsCertificate: true };
  return {
    server: files,
    serverPem: server,
    ours: { ...ours, ...believed },
    b2bua: { ...server, ...believed },
    ua: { ca: authority.ca, issue: (names) => authority.issue({ names }) },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
