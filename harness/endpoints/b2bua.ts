import type { CallingApplication } from '../model/scenario.ts';
import type { SipAddress } from '../model/server.ts';
import type { Transport } from '../model/words.ts';
import { answer, calledUser, type Endpoint } from './endpoint.ts';
import { Ringer } from './ringer.ts';
import type { SipRequest, SipResponse } from './srf.ts';

/** A call that is to come, and what becomes of it. */
export interface HandedOn {
  /** The server that the second leg goes to. */
  readonly server: SipAddress;
  readonly transport: Transport;
  /** Header fields that the B2BUA puts on its leg by itself: `Name: value`. */
  readonly set: readonly string[];
  /** Names of those that it copies from the caller's leg. */
  readonly copy: readonly string[];
  /** An application has the call in its hands, and calls that URI next; absent: the call is handed on as it is. */
  readonly serve?: { readonly application: CallingApplication; readonly next: string | null } | undefined;
}

/**
 * A back-to-back user agent in the caller's path (RFC 3261 6): what it gets it ends, and what it sends is a call of its own, with
 * another Call-ID, other tags, and the header fields that it was told of and no others. The callee's name is all that both
 * legs have in common.
 */
export class B2bua {
  readonly #endpoint: Endpoint;
  readonly #ringer: Ringer;
  readonly #calls = new Map<string, HandedOn>();

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint;
    this.#ringer = new Ringer(endpoint);
    endpoint.app.invite((request, response) => void this.#handOn(request, response));
  }

  get sip(): SipAddress {
    return this.#endpoint.sip;
  }

  expect(callee: string, call: HandedOn): void {
    this.#calls.set(callee, call);
  }

  /** Nobody calls them any more. */
  forget(callees: Iterable<string>): void {
    for (const callee of callees) this.#calls.delete(callee);
  }

  async #handOn(request: SipRequest, response: SipResponse): Promise<void> {
    const call = this.#calls.get(calledUser(request));
    if (call === undefined) {
      answer(response, 404);
      return;
    }
    const { server, transport, set, copy, serve } = call;
    if (serve !== undefined) {
      await this.#ringer.serve(request, response, {
        ...serve,
        server: { ...server, transport },
        headers: fieldsOf(set),
      });
      return;
    }
    try {
      const { uas, uac } = await this.#endpoint.app.createB2BUA(request, response, request.uri, {
        proxy: `sip:${server.host}:${server.port};transport=${transport}`,
        headers: { From: withoutTag(request.get('From')), To: withoutTag(request.get('To')), ...fieldsOf(set) },
        proxyRequestHeaders: copy,
      });
      // Whoever hangs up, the other leg ends as well. One may have ended before anybody could listen.
      uas.on('destroy', () => uac.destroy({}, () => {}));
      uac.on('destroy', () => uas.destroy({}, () => {}));
      if (!uas.connected) uac.destroy({}, () => {});
      if (!uac.connected) uas.destroy({}, () => {});
    } catch {
      // Refused or given up: the library has told the caller, and both legs are on record.
    }
  }
}

function withoutTag(value: string): string {
  return value.replace(/;\s*tag\s*=[^;,>\s]*/i, '');
}

function fieldsOf(lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [
        line.slice(0, colon).trim(),
        line
          .slice(colon + 1)
          .replaceAll(/\r\n[ \t]+/g, ' ')
          .trim(),
      ];
    }),
  );
}
