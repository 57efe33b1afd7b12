import type { ApplicationRole } from '../../model/words.ts';
import type { LabSite } from '../../run/site.ts';
import type { WireRecord } from '../../sip/wire.ts';

/** The same ground; what an endpoint puts on record goes through `keeps` first. */
export function recordedOnlyIf(
  role: ApplicationRole,
  keeps: (record: WireRecord) => boolean,
): (site: LabSite) => LabSite {
  return (site) => ({
    ...site,
    startSipServer: (each, record) =>
      site.startSipServer(each, each === role ? (seen) => void (keeps(seen) && record(seen)) : record),
  });
}

/** Is shown what an endpoint puts on record, and changes nothing. */
export function watchingEndpoint(role: ApplicationRole, onRecord: (record: WireRecord) => void) {
  return recordedOnlyIf(role, (record) => {
    onRecord(record);
    return true;
  });
}
