/** The bundled Kamailio with an edited configuration: whoever calls is asked for a name and a password. */
import type { Credentials } from '../../harness/model/accounts.ts';
import { KAMAILIO } from '../../harness/servers/kamailio/kamailio.ts';
import type { Server } from '../../harness/servers/server.ts';

export const CUSTOMER: Credentials = { username: 'customer', password: 'of-the-customer' };

/** @param callers what the lab's callers have to answer with */
export function challengingKamailio(callers?: Credentials): Server {
  return {
    ...KAMAILIO,
    id: 'challenging',
    name: 'Kamailio that asks callers',
    bringUp: async (ground) => {
      const accounts = await KAMAILIO.bringUp(ground);
      return { ...accounts, ...(callers && { callers }) };
    },
  };
}

const CALLS = '\tif (is_method("INVITE")) route(CALL);\n';

/** @param by 407 as a proxy does, or 401 as who ends the call; with `qop` (RFC 7616 3.3) or, as of old, without */
export function asksCallers(by: 401 | 407, qop: boolean): (config: string) => string {
  const [check, challenge] = by === 407 ? ['pv_proxy_authenticate', 'proxy'] : ['pv_www_authenticate', 'www'];
  const { username, password } = CUSTOMER;
  return (config) => {
    if (config.split(CALLS).length !== 2) throw new Error('kamailio.cfg does not have the line that is edited, once');
    return config.replace(
      CALLS,
      `\tif (is_method("INVITE")) {
\t\tif ($au != "${username}" || !${check}("callers.test", "${password}", "0")) {
\t\t\t${challenge}_challenge("callers.test", "${qop ? 1 : 0}");
\t\t\texit;
\t\t}
\t\tconsume_credentials();
\t\troute(CALL);
\t}
`,
    );
  };
}
