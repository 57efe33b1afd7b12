import { join, relative, resolve } from 'node:path';
import { WORK_ROOT } from '../place.ts';
import { runCampaign } from '../sabotage/campaign.ts';
import { campaignExitStatus } from '../sabotage/findings.ts';
import { sabotageCells } from '../sabotage/matrix.ts';
import { sabotages as builtIn } from '../sabotage/registry.ts';
import type { Sabotage } from '../sabotage/sabotage.ts';
import { renderTable } from '../sabotage/table.ts';
import { writeCampaign } from '../sabotage/write.ts';
import { ensureTools } from '../setup/tools.ts';
import { cancellation } from './cancellation.ts';
import { printUntrusted } from './print-matrix.ts';
import { ProgressLine } from './progress.ts';
import { openReportDir } from './report-dir.ts';
import { parseSabotageOptions, SABOTAGE_HELP } from './sabotage-options.ts';

/** `./ringfence sabotage`: the attack on the harness's own proof. Returns the exit status that SABOTAGE_HELP describes. */
export async function sabotageCommand(args: string[], all: readonly Sabotage[] = builtIn): Promise<number> {
  const options = parseSabotageOptions(args, all);
  if (options === null) {
    process.stdout.write(SABOTAGE_HELP);
    return 0;
  }
  if (options.list) {
    process.stdout.write(listOf(options.sabotages));
    return 0;
  }
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const tools = await ensureTools({ need: ['sipp', 'kamailio'], say });
  const id = `${new Date().toISOString().slice(0, 19).replaceAll(':', '')}-sabotage`;
  await using report = await openReportDir(resolve(options.reportDir ?? join(WORK_ROOT, 'reports', id)), 'lab');
  const { dir: reportDir } = report;
  const workDir = join(reportDir, 'lab');

  const progress = new ProgressLine();
  const cancel = cancellation();
  try {
    const campaign = await runCampaign({
      ...options,
      cells: sabotageCells(options.policy),
      workDir,
      tools,
      onProgress: (text) => progress.show({ text }),
      signal: cancel.signal,
    });
    progress.end();
    if (campaign === null) {
      say('ringfence: cancelled');
      return 130;
    }
    const exitStatus = campaignExitStatus(campaign);
    await writeCampaign(reportDir, campaign, exitStatus);
    printUntrusted(renderTable(campaign));
    process.stdout.write(`\nreport: ${relative(process.cwd(), join(reportDir, 'index.html'))}\n`);
    return exitStatus;
  } catch (error) {
    if (!cancel.signal.aborted) throw error;
    say('ringfence: cancelled');
    return 130;
  } finally {
    progress.end();
    cancel.dispose();
  }
}

function listOf(sabotages: readonly Sabotage[]): string {
  const width = Math.max(...sabotages.map(({ id }) => id.length));
  return sabotages.map(({ id, breaks, title }) => `${breaks.padEnd(6)}  ${id.padEnd(width)}  ${title}\n`).join('');
}
