import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { encodeFrame, FrameError, FrameReader } from '../drachtio/frames.ts';
import { LabError } from '../errors.ts';
import type { SipAddress } from '../model/server.ts';
import { readServerFrame, requireSecret } from './control-frames.ts';

/** As the server itself has it where nothing else is configured. */
export const USUAL_CONTROL_PORT = 9022;

export interface AskOptions {
  readonly control: SipAddress;
  readonly secret: string;
  /** From now until the server must have named its SIP address; it opens its control port first. */
  readonly readyWithinMs: number;
  /** Settles with its story if the server ends meanwhile. @default nobody knows */
  readonly gone?: Promise<string> | undefined;
}

export interface DrachtioIdentity {
  /** Where it speaks SIP over UDP, on loopback. */
  readonly sip: SipAddress;
  /** As the server says it, e.g. `v0.9.10`. */
  readonly version: string;
}

const ASK_EVERY_MS = 50;

/** What came of one question. `again`: not yet, in words. */
type Answer = DrachtioIdentity | { readonly again: string };

/**
 * Authenticates as an application would, and learns who is there.
 *
 * @throws {LabError} when nobody is, when it is no drachtio server, refuses the secret, is too old, or has no SIP
 * address that the lab can reach
 * @throws {UsageError} when the secret cannot be put into a control frame
 */
export async function askAddress(options: AskOptions): Promise<DrachtioIdentity> {
  requireSecret(options.secret);
  const ended = new AbortController();
  void options.gone?.then((how) => ended.abort(how));
  const deadline = AbortSignal.any([AbortSignal.timeout(options.readyWithinMs), ended.signal]);
  let seen = 'nothing';
  while (!deadline.aborted) {
    const answer = await askOnce(options, deadline);
    if ('sip' in answer) return answer;
    // An attempt that the deadline cut short knows less than the one before.
    if (!deadline.aborted || seen === 'nothing') seen = answer.again;
    await delay(ASK_EVERY_MS, undefined, { signal: deadline }).catch(() => {}); // the loop sees the deadline
  }
  if (ended.signal.aborted) throw new LabError(`${nameOf(options)} did not get ready: ${ended.signal.reason}`);
  throw new LabError(
    `${nameOf(options)} did not get ready in ${options.readyWithinMs} ms: ${seen}. Is it running, and is this its control port (admin port)?`,
  );
}

async function askOnce(options: AskOptions, deadline: AbortSignal): Promise<Answer> {
  const id = randomUUID();
  const answered = Promise.withResolvers<Answer>();
  const socket = connect({ ...options.control, noDelay: true });
  const reader = new FrameReader();
  let connected = false;
  const fail = (): void => {
    answered.resolve({ again: connected ? 'it accepted the connection and said nothing' : 'no connection' });
  };
  deadline.addEventListener('abort', fail, { once: true });
  socket.on('error', (error) => answered.resolve({ again: error.message }));
  socket.on('close', () => answered.resolve({ again: 'it closed the connection without an answer' }));
  socket.on('connect', () => {
    connected = true;
    const secret = Buffer.from(options.secret, 'utf8').toString('latin1');
    socket.write(encodeFrame(`${id}|authenticate|${secret}|`));
  });
  socket.on('data', (chunk) => {
    try {
      reader.push(chunk, (payload) => {
        const { tokens } = readServerFrame(payload);
        if (tokens[1] === 'response' && tokens[2] === id) answered.resolve(identityOf(tokens.slice(3), options));
      });
    } catch (error) {
      answered.reject(error instanceof FrameError ? notDrachtio(options, chunk) : error);
    }
  });
  try {
    return await answered.promise;
  } finally {
    deadline.removeEventListener('abort', fail);
    socket.destroy();
  }
}

/** @param said Tokens of the reply: `OK`, what it calls itself, version, addresses it is bound to; or `NO` and a text. */
function identityOf([verdict, hostports = '', version = '']: readonly string[], options: AskOptions): Answer {
  if (verdict !== 'OK') {
    throw new LabError(
      `${nameOf(options)} refused the secret${hostports === '' ? '' : ` (${printable(hostports)})`}: give it the one of its configuration with --drachtio-secret or RINGFENCE_SECRET`,
    );
  }
  // 0.8 speaks another protocol; what is no version is somebody else.
  if (!/^v?(?:0\.(?:9|\d{2,})|[1-9]\d*\.\d+)(?:\.|-|$)/.test(version)) {
    throw new LabError(
      `${nameOf(options)} says it is version "${printable(version)}": applications of drachtio-srf 5 need 0.9 or later`,
    );
  }
  if (hostports === '') return { again: 'it has not opened its SIP address yet' };
  const addresses = hostports.split(',').flatMap((each) => {
    const [, host = '', port = ''] = /^udp\/(\d+\.\d+\.\d+\.\d+):(\d+)$/.exec(each) ?? [];
    return host === '' ? [] : [{ host, port: Number(port) }];
  });
  const sip = addresses.find(({ host }) => host.startsWith('127.'));
  if (sip === undefined) {
    throw new LabError(
      `${nameOf(options)} speaks SIP on ${printable(hostports)}; the lab stands on loopback and needs it there, over UDP: start it with --contact "sip:127.0.0.1:5070;transport=udp,tcp" (or another 127.x address)`,
    );
  }
  return { sip, version };
}

function notDrachtio(options: AskOptions, chunk: Buffer): LabError {
  const beginning = printable(chunk.toString('latin1', 0, 40).split('\r\n', 1)[0] ?? '');
  return new LabError(
    `${nameOf(options)} is no drachtio server: it said "${beginning}". Name the control port (admin port), ${USUAL_CONTROL_PORT} by default, not the SIP port`,
  );
}

function nameOf({ control }: AskOptions): string {
  return `the drachtio server on ${control.host}:${control.port}`;
}

function printable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 120);
}
