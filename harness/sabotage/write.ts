import { join } from 'node:path';
import { writeWhole } from '../results/write.ts';
import type { Campaign } from './findings.ts';
import { renderSabotagePage } from './page.ts';
import { LIMITS, outcomeLine, standingOf } from './words.ts';

export const SABOTAGE_VERSION = 'ringfence-sabotage/1';

/** `index.html` and `sabotage.json`. */
export async function writeCampaign(dir: string, campaign: Campaign, exitStatus: number): Promise<void> {
  const { policy, server, repeat, baseline, findings } = campaign;
  const written = {
    version: SABOTAGE_VERSION,
    policy,
    server,
    repeat,
    exitStatus,
    baseline: baseline.map(({ id, verdict, observed, why }) => ({ cell: id, verdict, outcome: observed.outcome, why })),
    sabotages: findings.map((finding) => ({
      ...finding,
      standing: standingOf(finding),
      says: outcomeLine(finding),
    })),
    limits: LIMITS,
  };
  await Promise.all([
    writeWhole(join(dir, 'sabotage.json'), `${JSON.stringify(written, null, 2)}\n`),
    writeWhole(join(dir, 'index.html'), renderSabotagePage(campaign)),
  ]);
}
