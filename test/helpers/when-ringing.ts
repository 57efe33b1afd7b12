import type { LabSite } from '../../harness/run/site.ts';

/**
 * A site that tells when the phones of so many callees ring, or of those with these names, and with each later one, called
 * again or not. Canaries do not count.
 */
export function whenRinging(site: LabSite, callees: number | readonly string[], then: () => void): LabSite {
  const ringing = new Set<string>();
  const isEnough = (): boolean =>
    typeof callees === 'number' ? ringing.size >= callees : callees.every((callee) => ringing.has(callee));
  return {
    ...site,
    startSipServer: (role, record) =>
      site.startSipServer(role, (each) => {
        record(each);
        if (role !== 'phone' || each.direction !== 'out') return;
        const callee = /^SIP\/2\.0 180 [\s\S]*?^To: .*?sip:([^@]+)@/m.exec(each.bytes.toString('latin1'))?.[1];
        if (callee === undefined || /-c\d+$/.test(callee) || ringing.has(callee)) return;
        ringing.add(callee);
        if (isEnough()) then();
      }),
  };
}
