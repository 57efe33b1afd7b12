/** `--drachtio`: which SIP server each role of the lab stands on. */
import { UsageError } from '../errors.ts';
import { USUAL_CONTROL_PORT } from '../foreign-drachtio/index.ts';
import type { SipAddress } from '../model/server.ts';
import { ENDPOINT_ROLES, type EndpointRole, type RuntimeId } from '../model/words.ts';
import type { RunningDrachtio } from '../runtime/process/site.ts';
import { unknownWord } from '../unknown-word.ts';

export type DrachtioChoice =
  | { readonly kind: 'embedded' }
  | { readonly kind: 'image'; readonly image: string }
  | ({ readonly kind: 'running' } & RunningDrachtio);

/** As the public image and the server's own examples have it. */
const USUAL_SECRET = 'cymru';

/** @throws {UsageError} */
export function parseDrachtio(values: readonly string[], secret: string | undefined): DrachtioChoice {
  if (values.length === 0) return { kind: 'embedded' };
  const [first = ''] = values;
  const whole = first === 'embedded' || first.startsWith('image:');
  if (whole && values.length > 1) {
    throw new UsageError(
      `--drachtio ${first} is for all roles, so it stands alone; there is also: ${values.slice(1).join(', ')}`,
    );
  }
  if (first === 'embedded') return { kind: 'embedded' };
  if (first.startsWith('image:')) {
    const image = first.slice('image:'.length);
    if (!/^[\w][\w.:/@-]*$/.test(image)) {
      throw new UsageError(
        `--drachtio image:REF takes a reference such as drachtio/drachtio-server:latest, not "${image}"`,
      );
    }
    return { kind: 'image', image };
  }
  const servers = new Map<EndpointRole, SipAddress>();
  for (const value of values) {
    const [role, control] = runningServer(value);
    if (servers.has(role)) throw new UsageError(`--drachtio names two servers for ${role}`);
    for (const [other, { host, port }] of servers) {
      if (host !== control.host || port !== control.port) continue;
      throw new UsageError(
        `--drachtio gives ${other} and ${role} the same server, ${host}:${port}: it deals calls among its applications in turn, so each role needs one of its own`,
      );
    }
    servers.set(role, control);
  }
  return { kind: 'running', servers, secret: secret ?? process.env.RINGFENCE_SECRET ?? USUAL_SECRET };
}

/** @throws {UsageError} when the runtime cannot have that server */
export function requireRuntime(choice: DrachtioChoice, runtime: RuntimeId): void {
  if (choice.kind === 'image' && runtime === 'process') {
    throw new UsageError('--drachtio image:REF needs containers: add --runtime docker');
  }
  if (choice.kind === 'running' && runtime === 'docker') {
    throw new UsageError(
      '--drachtio HOST:PORT needs --runtime process: the lab of the docker runtime cannot reach a server outside it',
    );
  }
}

/** What a cell must be run again with; empty for embedded servers. */
export function drachtioRerunOptions(choice: DrachtioChoice): string[] {
  if (choice.kind === 'embedded') return [];
  if (choice.kind === 'image') return ['--drachtio', `image:${choice.image}`];
  return [...choice.servers].flatMap(([role, { host, port }]) => ['--drachtio', `${role}=${host}:${port}`]);
}

/** One line for the first lines of a run. */
export function describeDrachtio(choice: DrachtioChoice): string {
  if (choice.kind === 'embedded') return 'drachtio: embedded, for every role';
  if (choice.kind === 'image') return `drachtio: a container of ${choice.image} for every role`;
  const own = [...choice.servers].map(([role, { host, port }]) => `${role} on ${host}:${port}`);
  const rest = ENDPOINT_ROLES.filter((role) => !choice.servers.has(role));
  return `drachtio: ${own.join(', ')}; ${rest.length === 0 ? 'none embedded' : `${rest.join(', ')} embedded`}`;
}

/** `HOST:PORT` plays voice mail, the trap that matters most; `ROLE=HOST:PORT` any other role. */
function runningServer(value: string): [EndpointRole, SipAddress] {
  const [, name = 'voicemail', host = '', port = ''] = /^(?:([a-z-]+)=)?([\w.-]+):(\d{1,5})$/.exec(value) ?? [];
  if (host === '' || Number(port) < 1 || Number(port) > 65_535) {
    throw new UsageError(
      `--drachtio takes embedded, image:REF, HOST:PORT or ROLE=HOST:PORT (the control port, ${USUAL_CONTROL_PORT} by default), not "${value}"`,
    );
  }
  const role = ENDPOINT_ROLES.find((each) => each === name);
  if (role === undefined) throw unknownWord('role of --drachtio', name, ENDPOINT_ROLES);
  return [role, { host, port: Number(port) }];
}
