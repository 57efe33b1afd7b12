import { headerLines } from '../caller/header-lines.ts';
import type { HeaderVariant } from '../model/scenario.ts';
import type { Lab } from './lab.ts';

/**
 * A server that is not ours refuses by itself what it cannot read, and tells its application nothing: a call that
 * reached it would look like one that never came. So each is shown every variant's header lines beforehand, in an
 * OPTIONS that its application answers with 200.
 *
 * @returns by variant id, what is not known of its calls; empty for a lab whose endpoints all keep their own record
 */
export async function blindSpots(lab: Lab, variants: readonly HeaderVariant[]): Promise<Map<string, string[]>> {
  const { askOptions } = lab.site;
  const found = new Map<string, string[]>();
  if (askOptions === undefined) return found;
  const questions = lab.tapped.flatMap((role) => variants.map((variant) => ({ role, variant })));
  await Promise.all(
    questions.map(async ({ role, variant }) => {
      const status = await askOptions(lab.endpoints[role].sip, headerLines(variant));
      if (status === 200) return;
      const said = status === null ? 'did not answer' : `answered ${status} to`;
      const text = `the drachtio server of ${role} ${said} a request with these headers and did not show it: a call that reached it would not be on record`;
      found.set(variant.id, [...(found.get(variant.id) ?? []), text]);
    }),
  );
  return found;
}
