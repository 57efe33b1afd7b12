/**
 * ejabberd with its SIP module, a registrar and proxy without any rules: it rings whoever has registered. On such a server no
 * call ever reaches a trap, whatever its headers, so nothing can be said to have been kept out of one: every situation is
 * unsupported.
 */
import { LabError } from '../../errors.ts';
import type { Scenario } from '../../model/scenario.ts';
import type { SipAddress, Subscriber } from '../../model/server.ts';
import { domainOf } from '../../model/words.ts';
import { askHttp, httpAgent } from '../ask-http.ts';
import { asAsked, type ListedServer, type ServerGround } from '../server.ts';

const DOMAIN = domainOf('plain');
/** Requests side by side. */
const CONNECTIONS = 8;
const agent = httpAgent(CONNECTIONS);

export const ejabberd: ListedServer = {
  id: 'ejabberd',
  title: 'ejabberd with mod_sip: registers and rings, and diverts nothing, so that nothing can be asked of it',
  name: 'ejabberd',
  program: 'ejabberd',
  policies: ['plain'],
  waits: asAsked,
  lacks,
  wayTo: (trap) => (trap === 'phone' ? { rules: { flags: [], lists: [] }, phone: 'answer' } : null),
  bringUp: async (ground) => {
    const { workDir, control } = ground;
    const text = JSON.stringify(configuration(ground), null, 2); // which is YAML
    const config = await ground.configuration({ from: 'made', name: 'ejabberd.yml', text });
    const environment = {
      EJABBERD_CONFIG_PATH: config,
      EJABBERD_LOG_PATH: `${workDir}/ejabberd.log`,
      ERL_CRASH_DUMP: `${workDir}/erl_crash.dump`,
    };
    await ground.start([
      // No node of a cluster: it has no name, and neither epmd nor a cookie.
      '-noinput',
      ...Object.entries(environment).flatMap((variable) => ['-env', ...variable]),
      '-mnesia',
      'dir',
      JSON.stringify(`${workDir}/mnesia`),
      '-eval',
      `${ERLANG_PATHS}, {ok, _} = application:ensure_all_started(ejabberd).`,
    ]);
    await ground.answersHttp();
    return { provision: (subscribers) => register(control.reach, subscribers) };
  },
};

/** Debian puts ejabberd's own libraries where Erlang does not look (ejabberdctl sets ERL_LIBS). */
const ERLANG_PATHS = '[code:add_pathz(Dir) || Dir <- filelib:wildcard("/usr/lib/*/*/ebin")]';

function configuration({ sip, control }: ServerGround): object {
  const listens = (at: SipAddress, more: object): object => ({ ip: at.host, port: at.port, ...more });
  return {
    hosts: [DOMAIN],
    auth_method: 'internal',
    listen: [
      listens(sip, { transport: 'udp', module: 'ejabberd_sip' }),
      listens(sip, { transport: 'tcp', module: 'ejabberd_sip' }),
      listens(control.listen, { module: 'ejabberd_http', request_handlers: { '/api': 'mod_http_api' } }),
    ],
    api_permissions: { lab: { who: 'all', what: ['register'] } },
    modules: { mod_sip: { always_record_route: false } },
  };
}

function lacks({ trap, kind }: Scenario): string | null {
  if (trap === 'missed-call-inbox') return 'it notes no missed calls';
  return kind === 'over-blocking'
    ? 'it has no voice mail, so that a call was not sent there shows nothing'
    : 'it diverts nothing: its SIP module has no voice mail and no rules of subscribers';
}

/** @throws {LabError} naming the first subscriber that it did not take */
async function register({ host, port }: SipAddress, subscribers: readonly Subscriber[]): Promise<void> {
  const queue = subscribers.values();
  const worker = async (): Promise<void> => {
    for (const { user, password } of queue) {
      try {
        await askHttp(`http://${host}:${port}/api/register`, agent, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ user, host: DOMAIN, password }),
        });
      } catch (cause) {
        const seen = (cause as Error).message;
        throw new LabError(`ejabberd did not take the subscriber ${user}: ${seen}. See ejabberd.log.`, { cause });
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(CONNECTIONS, subscribers.length) }, worker));
}
