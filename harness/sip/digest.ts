/** Digest authentication of a client: RFC 7616, RFC 8760, RFC 3261 22. */
import { hash } from 'node:crypto';

/** Whose request is to be authenticated. */
export interface DigestRequest {
  readonly username: string;
  readonly password: string;
  readonly method: string;
  /** Request-URI, as it goes on the wire. */
  readonly uri: string;
}

export interface Credentials {
  readonly name: 'Authorization' | 'Proxy-Authorization';
  readonly value: string;
}

/** One question of a 401 or 407: names in lower case, values without quotes. */
interface Challenge {
  readonly scheme: string;
  readonly params: ReadonlyMap<string, string>;
}

/** The strongest first: of several for one realm, the first that is known is answered. RFC 8760 2.4 leaves that to the client. */
const HASHES: Readonly<Record<string, string>> = { 'SHA-512-256': 'sha512-256', 'SHA-256': 'sha256', MD5: 'md5' };
const STRENGTH = Object.keys(HASHES);

/** A server that calls every nonce stale is not asked for ever. */
const MOST_STALE = 3;

/** What one server asks under one realm, good for further requests until it says otherwise (RFC 7616 3.6). */
class Nonce {
  /** Its protection space: a proxy and a registrar may have one realm. */
  readonly space: string;
  readonly #name: Credentials['name'];
  readonly #params: ReadonlyMap<string, string>;
  /** One for the life of the nonce: what `-sess` is named after. */
  readonly #cnonce = crypto.randomUUID().slice(0, 8);
  #count = 0;

  constructor(name: Credentials['name'], params: ReadonlyMap<string, string>) {
    this.space = `${name} ${params.get('realm') ?? ''}`;
    this.#name = name;
    this.#params = params;
  }

  /** Each call counts the nonce up, RFC 7616 3.4. */
  credentials({ username, password, method, uri }: DigestRequest): Credentials {
    const realm = this.#params.get('realm') ?? '';
    const nonce = this.#params.get('nonce') ?? '';
    const written = this.#params.get('algorithm');
    const opaque = this.#params.get('opaque');
    const { digest, isSession } = algorithmOf(this.#params);
    const cnonce = this.#cnonce;
    const secret = digest(`${username}:${realm}:${password}`);
    const a1 = isSession ? digest(`${secret}:${nonce}:${cnonce}`) : secret;
    const a2 = digest(`${method}:${uri}`);
    const nc = (++this.#count).toString(16).padStart(8, '0');
    const hasQop = this.#params.has('qop');
    const response = digest([a1, nonce, ...(hasQop ? [nc, cnonce, 'auth'] : []), a2].join(':'));
    const parts = [
      `username="${username}", realm="${realm}", nonce="${nonce}", uri="${uri}", response="${response}"`,
      // Servers older than the parameter are not shown what they did not write.
      ...(written === undefined ? [] : [`algorithm=${written}`]),
      ...(hasQop ? [`qop=auth, nc=${nc}`] : []),
      ...(hasQop || isSession ? [`cnonce="${cnonce}"`] : []),
      ...(opaque === undefined ? [] : [`opaque="${opaque}"`]),
    ];
    return { name: this.#name, value: `Digest ${parts.join(', ')}` };
  }

  /** The one that the server wants from now on: RFC 7616 3.5. */
  next(nonce: string): Nonce {
    return new Nonce(this.#name, new Map([...this.#params, ['nonce', nonce]]));
  }
}

/** What a request is sent again with, until its server is content or says no. One for each request. */
export class Authentication {
  #nonces: readonly Nonce[];
  /** Spaces whose question has had an answer. */
  readonly #answered = new Set<string>();
  #stale = 0;

  /** @param known what the server was content with before */
  constructor(known?: Authentication) {
    this.#nonces = known === undefined ? [] : known.#nonces;
  }

  /** Something was asked, and what it was answered with may go with further requests. */
  get isAnswered(): boolean {
    return this.#nonces.length > 0;
  }

  /** Of the next sending, one for each realm. */
  credentials(request: DigestRequest): Credentials[] {
    return this.#nonces.map((nonce) => nonce.credentials(request));
  }

  /**
   * @param values of the header fields WWW-Authenticate (401) or Proxy-Authenticate (407), lists left together
   * @returns null: send it again, with other credentials; else why there is no use, as a clause after the status
   */
  challenged(status: 401 | 407, values: readonly string[]): string | null {
    const name = status === 401 ? 'Authorization' : 'Proxy-Authorization';
    const challenges = values.flatMap(challengesIn);
    const known = challenges.filter(isKnown);
    if (known.length === 0) return cannotAnswer(challenges);
    const isStale = known.some(({ params }) => params.get('stale')?.toLowerCase() === 'true');
    if (isStale && ++this.#stale > MOST_STALE) return 'it calls each nonce of its own stale';
    // Strongest first, so that the first of each realm is the one to answer.
    const fresh = known.toSorted(byStrength).map(({ params }) => new Nonce(name, params));
    const best = [...Map.groupBy(fresh, ({ space }) => space).values()].flatMap(([first]) => first ?? []);
    if (!isStale && best.every(({ space }) => this.#answered.has(space)))
      return 'it does not accept this user name and password';
    for (const { space } of best) this.#answered.add(space);
    this.#nonces = [...this.#nonces.filter((each) => best.every(({ space }) => each.space !== space)), ...best];
    return null;
  }

  /** @param info value of Authentication-Info or Proxy-Authentication-Info of the response; undefined: it has none */
  accepted(info: string | undefined): void {
    const next = /(?:^|[\s,])nextnonce\s*=\s*"([^"]+)"/i.exec(info ?? '')?.[1];
    if (next === undefined || this.#nonces.length !== 1) return;
    this.#nonces = this.#nonces.map((nonce) => nonce.next(next));
  }
}

/** Scheme by scheme; header fields may hold several, and blanks and commas may stand in quotes. */
function challengesIn(value: string): Challenge[] {
  const challenges: { readonly scheme: string; readonly params: Map<string, string> }[] = [];
  const parts = /(?:^|[,\s])(?:([\w-]+)\s+)?([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))|([\w-]+)/g;
  for (const [, scheme, name, quoted, token, bare] of value.matchAll(parts)) {
    const begins = scheme ?? bare;
    if (begins !== undefined) challenges.push({ scheme: begins, params: new Map() });
    if (name !== undefined) challenges.at(-1)?.params.set(name.toLowerCase(), quoted ?? token ?? '');
  }
  return challenges;
}

function isKnown({ scheme, params }: Challenge): boolean {
  const qop = params.get('qop');
  return (
    scheme.toLowerCase() === 'digest' &&
    params.has('nonce') &&
    HASHES[algorithmOf(params).name] !== undefined &&
    (qop === undefined || /(?:^|,)\s*auth\s*(?:,|$)/i.test(qop))
  );
}

function algorithmOf(params: Challenge['params']) {
  const written = (params.get('algorithm') ?? 'MD5').toUpperCase();
  const name = written.replace(/-SESS$/, '');
  const digest = (text: string): string => hash(HASHES[name] ?? 'md5', text);
  return { name, isSession: name !== written, digest };
}

function byStrength(one: Challenge, other: Challenge): number {
  const rank = ({ params }: Challenge): number => STRENGTH.indexOf(algorithmOf(params).name);
  return rank(one) - rank(other);
}

function cannotAnswer(challenges: readonly Challenge[]): string {
  const asked = challenges.map(({ scheme, params }) =>
    [scheme, params.get('algorithm'), params.has('qop') ? `qop=${params.get('qop')}` : undefined]
      .filter((each) => each !== undefined)
      .join(' '),
  );
  const seen = asked.length === 0 ? 'nothing that can be read' : asked.join(', ');
  return `it asks for ${seen}, and we answer Digest by ${STRENGTH.join(', ')} with qop=auth or none`;
}
