import type { Credentials } from '../model/accounts.ts';
import { routeTo, type ServerAddress } from '../model/server.ts';
import { Authentication } from '../sip/digest.ts';
import { audioSdp, type Endpoint } from './endpoint.ts';
import type { SipDialog, SipRequest, SipResponse } from './srf.ts';

export interface OutgoingCall {
  /** Address of record. */
  readonly to: string;
  readonly from: string;
  readonly server: ServerAddress;
  readonly headers: Readonly<Record<string, string>>;
  /** Where the caller is heard from. @default nowhere: it says nothing */
  readonly rtpPort?: number | undefined;
  /** What challenges are answered with; absent: they end the call. */
  readonly credentials?: Credentials | undefined;
  /** Each INVITE: the first, and whatever answers a challenge. */
  readonly onInvite: (request: SipRequest) => void;
  readonly onProvisional: (response: SipResponse) => void;
}

/** Calls until somebody answers. Rejects with the library's error, which has the final status. */
export async function placeCall(endpoint: Endpoint, call: OutgoingCall): Promise<SipDialog> {
  const { to, from, server, headers, rtpPort, credentials, onInvite, onProvisional } = call;
  const authentication = new Authentication();
  let dialogue: Readonly<Record<string, string>> = { From: `<${from}>` };
  for (let cseq = 1; ; cseq += 1) {
    const answers = credentials && authentication.credentials({ ...credentials, method: 'INVITE', uri: to });
    let invite: SipRequest | undefined;
    try {
      return await endpoint.app.createUAC(
        to,
        {
          proxy: routeTo(server),
          localSdp: audioSdp(endpoint.sip.host, rtpPort),
          headers: {
            ...dialogue,
            To: `<${to}>`,
            ...headers,
            ...Object.fromEntries((answers ?? []).map(({ name, value }) => [name, value])),
          },
        },
        {
          cbRequest: (_error, request) => {
            invite = request;
            onInvite(request);
          },
          cbProvisional: onProvisional,
        },
      );
    } catch (error) {
      const { res: response } = error as { res?: SipResponse };
      const status = response?.status;
      if (credentials === undefined || invite === undefined || (status !== 401 && status !== 407)) throw error;
      const asked = response?.get(status === 401 ? 'WWW-Authenticate' : 'Proxy-Authenticate');
      if (authentication.challenged(status, asked === undefined ? [] : [asked]) !== null) throw error;
      // RFC 3261 22.2: the same Call-ID and From, the next number.
      dialogue = { From: invite.get('From'), 'Call-ID': invite.get('Call-ID'), CSeq: `${cseq + 1} INVITE` };
    }
  }
}
