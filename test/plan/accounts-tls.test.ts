import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UsageError } from '../../harness/errors.ts';
import { readAccounts } from '../../harness/plan/accounts-file.ts';
import { Authority } from '../../harness/processes/certificates.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ringfence-test-'));
  await using authority = await Authority.found();
  const [own, other, old] = await Promise.all([
    authority.issue({ names: ['own.test'] }),
    authority.issue({ names: ['other.test'] }),
    authority.issue({ names: ['own.test'], days: -1 }),
  ]);
  const texts = {
    'ca.pem': `Comments may stand before it.\n${authority.ca}`,
    'own.pem': `${own.cert}${authority.ca}`,
    'own.key': own.key,
    'other.key': other.key,
    'old.pem': old.cert,
    'old.key': old.key,
    'broken.pem': '-----BEGIN CERTIFICATE-----\nbm8=\n-----END CERTIFICATE-----\n',
    'locked.key': '-----BEGIN ENCRYPTED PRIVATE KEY-----\nc2VjcmV0\n-----END ENCRYPTED PRIVATE KEY-----\n',
  };
  for (const [name, text] of Object.entries(texts)) await writeFile(join(dir, name), text);
});
afterAll(() => rm(dir, { recursive: true, force: true }));

async function read(tls: string) {
  const file = join(dir, 'accounts.yaml');
  const rest = 'waits: { totalMs: 1, userMs: 0, team2Ms: 0 }\ncaller: { user: agnes }\nsets: []\n';
  await writeFile(file, `domain: example.org\ntls:\n${tls}${rest}`);
  return (await readAccounts(file, {})).tls;
}

describe('tls in an accounts file', () => {
  it('names files beside it', async () => {
    const tls = await read('  { ca: ca.pem, name: pbx.example.org, certificate: own.pem, key: own.key }\n');
    expect(tls).toEqual({
      ca: expect.stringContaining('BEGIN CERTIFICATE'),
      name: 'pbx.example.org',
      own: {
        certificate: expect.stringMatching(/BEGIN CERTIFICATE.+BEGIN CERTIFICATE/s),
        key: expect.stringContaining('PRIVATE'),
      },
    });
  });

  it.for<[string, string, string]>([
    ['a file that is not there', '  ca: no.pem\n', '3: tls.ca: no.pem cannot be read (ENOENT'],
    [
      'a file without a certificate',
      '  ca: own.key\n',
      '3: tls.ca: own.key has no certificate that can be read; allowed: PEM',
    ],
    ['a certificate that cannot be read', '  ca: broken.pem\n', '3: tls.ca: broken.pem has no certificate that can be'],
    [
      'a certificate without its key',
      '  ca: ca.pem\n  certificate: own.pem\n',
      '4: tls.certificate: found without tls.key; allowed: both, or neither',
    ],
    ['a key without its certificate', '  key: own.key\n', '3: tls.key: found without tls.certificate'],
    [
      'the key of another',
      '  certificate: own.pem\n  key: other.key\n',
      '4: tls.key: other.key is not the key of own.pem',
    ],
    [
      'a key with a passphrase',
      '  certificate: own.pem\n  key: locked.key\n',
      '4: tls.key: locked.key has no private key that can be read; allowed: PEM, without a passphrase',
    ],
    [
      'one that has expired',
      '  certificate: old.pem\n  key: old.key\n',
      '3: tls.certificate: old.pem has expired, on ',
    ],
    ['a misspelt key', '  cert: own.pem\n', '3: tls.cert: found another key; allowed: no such key, but'],
  ])('with %s is refused, with the line', async ([, tls, said]) => {
    const error = await read(tls).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UsageError);
    expect((error as UsageError).message.replace(/^.*accounts\.yaml:/, '')).toMatch(
      new RegExp(`^${RegExp.escape(said)}`),
    );
  });
});
