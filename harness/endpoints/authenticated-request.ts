import { routeTo, type ServerAddress } from '../model/server.ts';
import type { Authentication } from '../sip/digest.ts';
import type { Endpoint } from './endpoint.ts';
import type { RequestOptions, SipRequest, SipResponse } from './srf.ts';

export interface AuthenticatedRequest {
  readonly method: 'REGISTER' | 'SUBSCRIBE';
  readonly uri: string;
  readonly server: ServerAddress;
  readonly headers: Readonly<Record<string, string>> & { readonly From: string };
  readonly username: string;
  readonly password: string;
  /** What is known of the server's challenges; it learns of more. */
  readonly authentication: Authentication;
}

/** Sends a request outside of a dialog until nothing more is asked. Never rejects. @returns what went wrong, where there is no answer */
export async function authenticatedRequest(
  endpoint: Endpoint,
  { method, uri, server, headers, username, password, authentication }: AuthenticatedRequest,
): Promise<SipResponse | string> {
  let dialogue: Readonly<Record<string, string>> = {};
  for (let cseq = 1; ; cseq += 1) {
    const credentials = authentication.credentials({ username, password, method, uri });
    const exchange = await exchanged(endpoint, uri, {
      method,
      proxy: routeTo(server),
      headers: { ...headers, ...dialogue, ...Object.fromEntries(credentials.map(({ name, value }) => [name, value])) },
    });
    if (typeof exchange === 'string') return exchange;
    const { request, response } = exchange;
    const { status } = response;
    if (status !== 401 && status !== 407) {
      if (status === 200 && authentication.isAnswered) authentication.accepted(response.get('Authentication-Info'));
      return response;
    }
    const asked = response.get(status === 401 ? 'WWW-Authenticate' : 'Proxy-Authenticate');
    const refused = authentication.challenged(status, asked === undefined ? [] : [asked]);
    if (refused !== null) return `${status}: ${refused}`;
    // RFC 3261 22.2: the same Call-ID and From, the next number.
    dialogue = { From: request.get('From'), 'Call-ID': request.get('Call-ID'), CSeq: `${cseq + 1} ${method}` };
  }
}

/** @returns what went wrong, where it could not be sent. Never rejects */
function exchanged(
  endpoint: Endpoint,
  uri: string,
  options: RequestOptions,
): Promise<{ readonly request: SipRequest; readonly response: SipResponse } | string> {
  return new Promise((resolve) => {
    endpoint.app.request(uri, options, (error, request) => {
      if (error) resolve(`not sent: ${String(error)}`);
      else request.on('response', (response) => resolve({ request, response }));
    });
  });
}
