import type { TestContext } from 'vitest';
import { startServerProcess } from '../../harness/runtime/process/server-process.ts';
import type { Server } from '../../harness/servers/server.ts';
import { findTool } from '../../harness/setup/find-tool.ts';
import { type SmallRun, type SmallRunResult, smallRun } from '../helpers/small-run.ts';

/** A few cells on an Asterisk whose configuration may be edited, file by file; skipped, with the reason, where there is none. */
export async function runOnAsterisk(
  context: TestContext,
  server: Server,
  wanted: SmallRun,
  editConfig: (text: string, name: string) => string = (text) => text,
): Promise<SmallRunResult> {
  const found = await findTool('asterisk');
  if (found.state !== 'found') context.skip('Asterisk is not here: ./ringfence test unpacks it where it may');
  return smallRun({
    server,
    policies: server.policies,
    startServer: (site) => startServerProcess(server, { ...site, editConfig }),
    inTime: true,
    ...wanted,
  });
}
