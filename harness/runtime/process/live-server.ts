import { LabError } from '../../errors.ts';
import type { StartedServer } from '../../model/server.ts';
import { askOverStream } from '../../processes/ask-stream.ts';
import { askSip } from '../../processes/ready.ts';
import { silence } from '../../processes/silence.ts';
import type { LiveServer } from '../../servers/live.ts';

export interface AddressOptions {
  /** The address of this machine that it is asked from. */
  readonly from: string;
  /** How long its first answer may take. @default 4_000 */
  readonly answerWithinMs?: number;
  /** When it has not answered for so long, it is gone. @default 15_000 */
  readonly silentMs?: number;
}

/**
 * Makes sure that somebody is there, and watches whether he stays. Nothing is started, and nothing is stopped.
 *
 * @throws {LabError} when nobody answers an OPTIONS, nor over UDP a REGISTER, or as {@link askOverStream}
 */
export async function addressServer(server: LiveServer, options: AddressOptions): Promise<StartedServer> {
  const { address, id, name, lender, callers, manners } = server;
  const { from, answerWithinMs = 4_000, silentMs = 15_000 } = options;
  const answer = await ask(server, from, answerWithinMs);
  if (answer === null) {
    const over = (address.transport ?? 'udp').toUpperCase();
    throw new LabError(
      `${name} did not answer an OPTIONS over ${over} from ${from} within ${answerWithinMs / 1000} s: nobody is there, it does not answer this machine, or it answers nobody who asks it that (any response would do, and over UDP one to a REGISTER). Is it running, is this its port, and is --bind an address that it can answer to?`,
    );
  }
  const watch = new AbortController();
  const stop = async (): Promise<void> => watch.abort();
  return {
    id,
    name,
    version: productOf(answer),
    sip: address,
    exited: silence({
      answers: async (timeoutMs) => (await ask(server, from, timeoutMs)) !== null,
      silentMs,
      signal: watch.signal,
    }).then((how) => `${name} ${how}`),
    provision: async () => {},
    lender,
    callers,
    manners,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** @throws {LabError} as {@link askOverStream} */
async function ask({ address, tls, manners }: LiveServer, from: string, timeoutMs: number): Promise<Buffer | null> {
  if (address.transport === 'tcp' || address.transport === 'tls') {
    return askOverStream(address, { from, timeoutMs, tls, as: manners.caller });
  }
  return askSip(address, { from, timeoutMs, as: manners.caller, orRegister: true });
}

/** RFC 3261 20.35, 20.41: what it calls itself. */
function productOf(answer: Buffer): string {
  const [, said = ''] = /^(?:Server|User-Agent)[ \t]*:[ \t]*([^\r\n]*)/im.exec(answer.toString('latin1')) ?? [];
  return said.trim() === '' ? '(it does not say what it is)' : said.trim();
}
