import { describe, expect, it } from 'vitest';
import { describeDrachtio, parseDrachtio, requireRuntime } from '../../harness/cli/drachtio-option.ts';
import { parseRunOptions } from '../../harness/cli/run-options.ts';
import { UsageError } from '../../harness/errors.ts';

describe('--drachtio', () => {
  it.for([
    [[], 'drachtio: embedded, for every role'],
    [['embedded'], 'drachtio: embedded, for every role'],
    [
      ['image:drachtio/drachtio-server:0.9.10'],
      'drachtio: a container of drachtio/drachtio-server:0.9.10 for every role',
    ],
    [
      ['127.0.0.1:9022'],
      'drachtio: voicemail on 127.0.0.1:9022; phone, simultaneous-ring, team, delegate, forward-target, canary embedded',
    ],
    [
      ['team=localhost:9022', '127.0.0.1:9023'],
      'drachtio: team on localhost:9022, voicemail on 127.0.0.1:9023; phone, simultaneous-ring, delegate, forward-target, canary embedded',
    ],
  ] as const)('%j: %s', ([values, said]) => {
    expect(describeDrachtio(parseDrachtio(values, undefined))).toBe(said);
  });

  it.for([
    [['9022'], /takes embedded, image:REF, HOST:PORT or ROLE=HOST:PORT.*not "9022"/],
    [['127.0.0.1:0'], /not "127\.0\.0\.1:0"/],
    [['127.0.0.1:65536'], /not "127\.0\.0\.1:65536"/],
    [['[::1]:9022'], /not "\[::1\]:9022"/],
    [['server=127.0.0.1:9022'], /unknown role of --drachtio "server"; there is: phone, /],
    [['127.0.0.1:9022', 'voicemail=127.0.0.1:9023'], /two servers for voicemail/],
    [['127.0.0.1:9022', 'team=127.0.0.1:9022'], /gives voicemail and team the same server, 127\.0\.0\.1:9022/],
    [['embedded', '127.0.0.1:9022'], /for all roles, so it stands alone; there is also: 127\.0\.0\.1:9022/],
    [['image:'], /takes a reference such as/],
    [['image:--privileged'], /takes a reference such as/],
  ] as const)('refuses %j', ([values, said]) => {
    expect(() => parseDrachtio(values, undefined)).toThrow(UsageError);
    expect(() => parseDrachtio(values, undefined)).toThrow(said);
  });

  it.for([
    ['image:x', 'process', /add --runtime docker/],
    ['127.0.0.1:9022', 'docker', /needs --runtime process/],
  ] as const)('%s is refused with the runtime %s', ([value, runtime, said]) => {
    expect(() => requireRuntime(parseDrachtio([value], undefined), runtime)).toThrow(said);
  });

  it.for([
    ['image:x', 'docker'],
    ['127.0.0.1:9022', 'process'],
    ['embedded', 'docker'],
    ['embedded', 'process'],
  ] as const)('%s is taken with the runtime %s', ([value, runtime]) => {
    expect(() => requireRuntime(parseDrachtio([value], undefined), runtime)).not.toThrow();
  });

  it('takes its secret from the option, then from the environment, then the one that examples have', () => {
    const secretOf = (...args: readonly string[]): unknown => {
      const choice = parseRunOptions(['--drachtio', '127.0.0.1:9022', ...args])?.drachtio;
      return choice?.kind === 'running' ? choice.secret : null;
    };
    const before = process.env.RINGFENCE_SECRET;
    try {
      process.env.RINGFENCE_SECRET = 'of-environment';
      expect(secretOf('--drachtio-secret', 'of-option')).toBe('of-option');
      expect(secretOf()).toBe('of-environment');
      delete process.env.RINGFENCE_SECRET;
      expect(secretOf()).toBe('cymru');
    } finally {
      if (before !== undefined) process.env.RINGFENCE_SECRET = before;
    }
  });
});
