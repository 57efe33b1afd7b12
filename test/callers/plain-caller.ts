/** A caller of this folder alone: one UDP socket for each task, and no retransmissions. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type {
  Caller,
  CallerMessage,
  CallerRecord,
  CallerTask,
  CallsUnderWay,
  PlannedCall,
} from '../../harness/callers/caller.ts';
import { nowEpochMs } from '../../harness/now.ts';

const SDP = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n';

/** @param host Its address. @param can What it says that it can do. */
export function plainCaller(host: string, can: Partial<Caller['can']> = {}): Caller {
  return {
    id: 'plain',
    name: 'Plain caller',
    version: '1',
    can: {
      behaviours: new Set(['patient']),
      transports: new Set(['udp']),
      headers: true,
      uriParameters: false,
      credentials: false,
      ...can,
    },
    place: async (task) => {
      const socket = createSocket('udp4').bind(0, host);
      await once(socket, 'listening');
      return new PlainCalls(socket, task);
    },
  };
}

class PlainCalls implements CallsUnderWay {
  readonly result: Promise<CallerRecord>;
  readonly #socket: Socket;
  readonly #task: CallerTask;
  readonly #messages: CallerMessage[] = [];
  readonly #over = Promise.withResolvers<void>();
  /** By Call-ID: called with each response. */
  readonly #calls = new Map<string, (response: string) => void>();
  #begun = 0;
  #ended = 0;

  constructor(socket: Socket, task: CallerTask) {
    this.#socket = socket;
    this.#task = task;
    this.result = this.#over.promise.then(() => ({ messages: this.#messages, trouble: null, clockTrouble: null }));
    socket.on('message', (bytes) => {
      this.#keep('received', bytes);
      this.#calls.get(/^Call-ID: *(\S+)/im.exec(bytes.toString('latin1'))?.[1] ?? '')?.(bytes.toString('latin1'));
    });
    const next = setInterval(() => {
      const call = task.calls[this.#begun];
      if (call === undefined) clearInterval(next);
      else this.#begin(call, this.#begun++);
    }, 1000 / task.rate);
  }

  get left(): number {
    return this.#task.calls.length - this.#begun;
  }

  setRate(): void {}

  async stop(): Promise<void> {
    this.#over.resolve();
    this.#socket.close();
  }

  #begin({ callee, domain, headers }: PlannedCall, index: number): void {
    const { plan } = this.#task;
    const { address, port } = this.#socket.address();
    const uri = `sip:${callee}@${domain}`;
    const callId = `${plan.token}-${index}@${address}`;
    const request = (
      method: string,
      to: string,
      { cseq = 1, target = uri, branch = 'i' } = {},
      more: readonly string[] = [],
    ) =>
      this.#send(
        [
          `${method} ${target} SIP/2.0`,
          `Via: SIP/2.0/UDP ${address}:${port};branch=z9hG4bK-${plan.token}-${index}-${branch}`,
          'Max-Forwards: 70',
          `From: <sip:caller@outside.test>;tag=${plan.token}${index}`,
          `To: ${to}`,
          `Call-ID: ${callId}`,
          `CSeq: ${cseq} ${method}`,
          `Contact: <sip:caller@${address}:${port}>`,
          ...more,
        ].join('\r\n'),
      );
    const invite = ['Content-Type: application/sdp', ...headers, `Content-Length: ${SDP.length}`, '', SDP];
    let patience: NodeJS.Timeout | undefined;
    const wait = (): void => {
      clearTimeout(patience);
      patience = setTimeout(() => request('CANCEL', `<${uri}>`, {}, ['Content-Length: 0', '', '']), plan.patienceMs);
    };
    this.#calls.set(callId, (response) => {
      const status = /^SIP\/2\.0 (\d+)/.exec(response)?.[1] ?? '';
      const method = /^CSeq: *\d+ (\w+)/im.exec(response)?.[1];
      const to = /^To: *(.*)\r$/im.exec(response)?.[1] ?? '';
      if (method === 'BYE') this.#end(callId);
      if (method !== 'INVITE') return;
      if (status.startsWith('1')) return wait();
      clearTimeout(patience);
      const answered = status.startsWith('2');
      const target = answered ? (/^Contact: *<([^>]+)>/im.exec(response)?.[1] ?? uri) : uri;
      const route = [...response.matchAll(/^Record-Route: *(.*)\r$/gim)]
        .map(([, value]) => `Route: ${value}`)
        .toReversed();
      const tail = [...(answered ? route : []), 'Content-Length: 0', '', ''];
      request('ACK', to, { target, branch: answered ? 'a' : 'i' }, tail);
      if (!answered) return this.#end(callId);
      setTimeout(() => request('BYE', to, { cseq: 2, target, branch: 'b' }, tail), plan.talkMs);
    });
    request('INVITE', `<${uri}>`, {}, invite);
  }

  #end(callId: string): void {
    if (!this.#calls.delete(callId)) return;
    this.#ended += 1;
    if (this.#ended === this.#task.calls.length) void this.stop();
  }

  #send(text: string): void {
    const bytes = Buffer.from(text, 'latin1');
    this.#keep('sent', bytes);
    this.#socket.send(bytes, this.#task.remote.port, this.#task.remote.host);
  }

  #keep(direction: CallerMessage['direction'], bytes: Buffer): void {
    this.#messages.push({ direction, protocol: 'udp', atEpochMs: nowEpochMs(), bytes });
  }
}
