import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Waited for at the end, were they not begun first, the longest at the very first. vitest itself knows how long a file takes only from the run before. */
export const LONGEST: readonly string[] = [
  'test/own-server/odd-servers.test.ts',
  'test/sabotage/whole.test.ts',
  'test/live/inner-voicemail.test.ts',
  'test/live/live-server.test.ts',
  'test/runtime/docker/faults.test.ts',
  'test/live/live-transports.test.ts',
  'test/runtime/docker/other-programs.test.ts',
  'test/callers/application.test.ts',
  'test/live/tutorial.test.ts',
  'test/runtime/docker/parity.test.ts',
  'test/servers/inner-voicemail.test.ts',
  'test/judging/judged-run.test.ts',
  'test/foreign-drachtio/lab.test.ts',
  'test/sabotage/run.test.ts',
  'test/runtime/docker/servers.test.ts',
  'test/drachtio-srf-suite/suite.test.ts',
  'test/watch/run.test.ts',
  'test/runtime/docker/own-server.test.ts',
  'test/ua/ua-run.test.ts',
  'test/foreign-drachtio/cli.test.ts',
  'test/callers/tutorial.test.ts',
  'test/ua/transports.test.ts',
  'test/cli/header-option.test.ts',
  'test/cli/run.test.ts',
  'test/sabotage/command.test.ts',
  'test/callers/b2bua.test.ts',
  'test/servers/lent-accounts.test.ts',
  'test/places/places.test.ts',
  'test/servers/plugged-in.test.ts',
  'test/false-green/refuses-to-be-green.test.ts',
  'test/servers/asterisk.test.ts',
  'test/servers/challenged-callers.test.ts',
  'test/callers/applications.test.ts',
  'test/false-green/lab-lies.test.ts',
  'test/ua/linphone.test.ts',
  'test/own-server/tutorial.test.ts',
  'test/judging/several-features.test.ts',
  'test/drachtio/session-timer.test.ts',
  'test/vitest/matchers.test.ts',
  'test/ua/baresip.test.ts',
  'test/servers/kamailio-tls.test.ts',
  'test/cli/shard.test.ts',
  'test/judging/cancel-reason.test.ts',
  'test/package/package.test.ts',
  'test/runtime/docker/ringfence-image.test.ts',
  'test/runtime/docker/clean-up.test.ts',
];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- a sequencer is no array
    return inFront(await super.sort(files));
  }
}

/** @param files with their paths. @returns the longest, as they are listed, then the others as they came */
export function inFront<File extends { readonly moduleId: string }>(files: readonly File[]): File[] {
  const rank = ({ moduleId }: File): number => {
    const at = LONGEST.findIndex((name) => moduleId.endsWith(`/${name}`));
    return at === -1 ? LONGEST.length : at;
  };
  return files.toSorted((one, other) => rank(one) - rank(other));
}
