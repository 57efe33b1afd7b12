import { describe, expect, it } from 'vitest';
import { UsageError } from '../../harness/errors.ts';
import { realDrachtioContainer } from '../../harness/foreign-drachtio/index.ts';

const options = { sip: { host: '127.88.0.6', port: 5060 }, controlPort: 9026, secret: 'a"<&>b' };

describe('a container of the real server', () => {
  it('is told its SIP address, its control port and its secret by a file, the secret by nothing else', () => {
    const { args, files, env } = realDrachtioContainer(options);
    const [{ path, content } = { path: '', content: '' }, ...more] = files;
    expect(more).toEqual([]);
    expect(path).toBe('/etc/drachtio.conf.xml');
    expect(content).toContain('<admin port="9026" secret="a&quot;&lt;&amp;>b">0.0.0.0</admin>');
    expect(content).toContain('<contact>sip:127.88.0.6:5060;transport=udp,tcp</contact>');
    expect(args).toEqual(['drachtio']);
    expect(JSON.stringify([args, env])).not.toMatch(/a.*<&>b/);
    expect(env).toEqual({ DRACHTIO_ADMIN_TCP_PORT: '9026' });
  });

  it('filters nothing and keeps quiet, which the file of the image does not', () => {
    const { files } = realDrachtioContainer(options);
    expect(files[0]?.content).not.toContain('spammers');
    expect(files[0]?.content).toMatch(
      /<cdrs>false<\/cdrs>\s*<logging>\s*<console\/>\s*<sofia-loglevel>1<\/sofia-loglevel>/,
    );
  });

  it('has a file that is well-formed: every element is closed, in order', () => {
    const open: string[] = [];
    for (const [, close, name = '', own] of (realDrachtioContainer(options).files[0]?.content ?? '').matchAll(
      /<(\/?)([a-z-]+)(?:\s[a-z-]+="[^"<]*")*(\/?)>/g,
    )) {
      if (close === '/') expect(open.pop()).toBe(name);
      else if (own === '') open.push(name);
    }
    expect(open).toEqual([]);
  });

  it.for(['', 'a|b', 'a\r\nb'])('refuses the secret %j, which no control frame can carry', (secret) => {
    expect(() => realDrachtioContainer({ ...options, secret })).toThrow(UsageError);
  });
});
