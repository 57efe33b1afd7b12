/** Drachtio-compatible servers in processes of their own, one per role. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { finalStatus } from '../../harness/foreign-drachtio/index.ts';
import type { SipAddress } from '../../harness/model/server.ts';
import type { EndpointRole } from '../../harness/model/words.ts';
import type { RunningDrachtio } from '../../harness/runtime/process/site.ts';

const MAIN = fileURLToPath(new URL('../../harness/cli/main.ts', import.meta.url));
const SECRET = 'between-us';

export interface Servers extends RunningDrachtio, AsyncDisposable {
  /** Settles once a call to it has been answered: somebody else's application works on it. */
  busy(role: EndpointRole): Promise<void>;
  /** SIGKILL. */
  kill(role: EndpointRole): void;
}

/** @param options.clockAheadMs by so much their clock is ahead of ours. @default 0 */
export async function startServers(
  roles: readonly EndpointRole[],
  { clockAheadMs = 0 }: { readonly clockAheadMs?: number } = {},
): Promise<Servers> {
  const clock = `data:text/javascript,${encodeURIComponent(clockThatIsAhead(clockAheadMs))}`;
  const children = new Map<EndpointRole, ChildProcess>();
  const sipOf = new Map<EndpointRole, SipAddress>();
  const started = await Promise.all(
    roles.map(async (role): Promise<[EndpointRole, SipAddress]> => {
      const args = ['--import', clock, MAIN, 'drachtio', '--sip', '127.0.0.1:0', '--control', '127.0.0.1:0'];
      const child = spawn(process.execPath, args, {
        env: { ...process.env, RINGFENCE_SECRET: SECRET },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      children.set(role, child);
      const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
      const [, sipHost = '', sipPort = ''] = /SIP on ([\d.]+):(\d+)/.exec(line) ?? [];
      sipOf.set(role, { host: sipHost, port: Number(sipPort) });
      const [, host = '', port = ''] = /applications on ([\d.]+):(\d+)/.exec(line) ?? [];
      return [role, { host, port: Number(port) }];
    }),
  );
  return {
    servers: new Map(started),
    secret: SECRET,
    busy: async (role) => {
      // The server refuses what nobody wants; an application's answer to OPTIONS is 200.
      const sip = sipOf.get(role) ?? { host: '', port: 0 };
      while ((await finalStatus('OPTIONS', [], sip, 1000)) !== 200) await delay(20);
    },
    kill: (role) => void children.get(role)?.kill('SIGKILL'),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(
        [...children.values()].map(async (child) => {
          if (child.exitCode !== null || child.signalCode !== null) return;
          child.kill('SIGKILL');
          await once(child, 'exit');
        }),
      );
    },
  };
}

function clockThatIsAhead(byMs: number): string {
  return `
    const { now } = Date;
    Date.now = () => now() + ${byMs};
    Object.defineProperty(performance, 'timeOrigin', { value: performance.timeOrigin + ${byMs} });
  `;
}
