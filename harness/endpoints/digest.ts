import { hash } from 'node:crypto';

/** Whose request is to be authenticated. */
export interface DigestRequest {
  readonly username: string;
  readonly password: string;
  readonly method: string;
  /** Request-URI, as it goes on the wire. */
  readonly uri: string;
}

/** Realm and nonce that a server has accepted, good for further requests until it says otherwise (RFC 7616 3.6). */
export class AcceptedNonce {
  readonly realm: string;
  readonly nonce: string;
  readonly #opaque: string | undefined;
  readonly #qop: boolean;
  /** How many requests were sent with this nonce; the one that it was read from is the first. */
  #count = 1;

  private constructor(realm: string, nonce: string, opaque: string | undefined, qop: boolean) {
    this.realm = realm;
    this.nonce = nonce;
    this.#opaque = opaque;
    this.#qop = qop;
  }

  /**
   * @param authorization value of the Authorization header field of a request that was answered with 2xx
   * @returns undefined where it cannot be continued: another scheme than Digest, algorithm than MD5 or `qop` than `auth`
   */
  static of(authorization: string): AcceptedNonce | undefined {
    if (!/^digest\s/i.test(authorization)) return undefined;
    const params = new Map<string, string>();
    for (const [, name = '', quoted, token] of authorization.matchAll(/([a-z]+)\s*=\s*(?:"([^"\\]*)"|([^\s",]+))/gi))
      params.set(name.toLowerCase(), quoted ?? token ?? '');
    const realm = params.get('realm');
    const nonce = params.get('nonce');
    const qop = params.get('qop');
    const algorithm = params.get('algorithm') ?? 'MD5';
    if (realm === undefined || nonce === undefined || (qop ?? 'auth') !== 'auth' || algorithm.toUpperCase() !== 'MD5')
      return undefined;
    return new AcceptedNonce(realm, nonce, params.get('opaque'), qop !== undefined);
  }

  /** Value of the Authorization header field of another request. Each call counts the nonce up, RFC 7616 3.4. */
  credentials({ username, password, method, uri }: DigestRequest): string {
    const { realm, nonce } = this;
    const ha1 = md5(`${username}:${realm}:${password}`);
    const ha2 = md5(`${method}:${uri}`);
    const parts = [`username="${username}"`, `realm="${realm}"`, `nonce="${nonce}"`, `uri="${uri}"`];
    if (this.#qop) {
      const nc = (++this.#count).toString(16).padStart(8, '0');
      const cnonce = crypto.randomUUID().slice(0, 8);
      parts.push(`response="${md5(`${ha1}:${nonce}:${nc}:${cnonce}:auth:${ha2}`)}"`);
      parts.push('qop=auth', `nc=${nc}`, `cnonce="${cnonce}"`);
    } else {
      parts.push(`response="${md5(`${ha1}:${nonce}:${ha2}`)}"`);
    }
    if (this.#opaque !== undefined) parts.push(`opaque="${this.#opaque}"`);
    return `Digest ${parts.join(',')},algorithm=MD5`;
  }
}

function md5(text: string): string {
  return hash('md5', text);
}
