import { describe, expect, it } from 'vitest';
import { Authentication } from '../../harness/sip/digest.ts';

const REQUEST = { username: 'bob', password: 'secret', method: 'REGISTER', uri: 'sip:example.org' };

describe('challenges', () => {
  it.for([
    ['of several schemes, in one header field or several', ['NTLM realm="a, Digest nonce=b", version=4', 'Negotiate']],
    ['in one list', ['Kerberos realm="x", targetname="sip/y", Negotiate']],
  ] as const)('%s are read, and those of Digest answered', ([, others]) => {
    expect(new Authentication().challenged(401, others)).toMatch(/^it asks for (NTLM|Kerberos), Negotiate, and we/);
    const authentication = new Authentication();
    expect(authentication.challenged(401, [...others, 'Digest realm="a, b", nonce="n=1,2"'])).toBeNull();
    const [credentials, ...more] = authentication.credentials(REQUEST);
    expect(more).toEqual([]);
    expect(credentials?.value).toMatch(/^Digest username="bob", realm="a, b", nonce="n=1,2", uri="sip:example.org", /);
  });

  it('of a proxy and of the server behind it are both answered', () => {
    const authentication = new Authentication();
    expect(authentication.challenged(407, ['Digest realm="r",nonce="p"'])).toBeNull();
    expect(authentication.challenged(401, ['Digest realm="r",nonce="s"'])).toBeNull();
    const names = authentication
      .credentials(REQUEST)
      .map(({ name, value }) => `${name} ${/nonce="(.)"/.exec(value)?.[1]}`);
    expect(names).toEqual(['Proxy-Authorization p', 'Authorization s']);
    expect(authentication.challenged(407, ['Digest realm="r",nonce="q"'])).toBe(
      'it does not accept this user name and password',
    );
  });
});
