/** docs/ci/kubernetes.yaml: objects that Kubernetes takes, and commands that do what a cluster would have them do. */
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { shapeErrors } from './job-shape.ts';

interface Container {
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly resources: { readonly requests: object; readonly limits: object };
  readonly securityContext: object;
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
}

interface PodSpec {
  readonly securityContext: object;
  readonly containers: readonly [Container];
  readonly volumes: readonly {
    readonly name: string;
    readonly persistentVolumeClaim?: { readonly claimName: string };
  }[];
}

interface KubernetesObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly spec: PodSpec & { readonly template?: { readonly spec: PodSpec } };
}

const TEMPLATE = new URL('../../docs/ci/kubernetes.yaml', import.meta.url);
const MAIN = fileURLToPath(new URL('../../harness/cli/main.ts', import.meta.url));

const text = await readFile(TEMPLATE, 'utf8');
const filledIn = text.replaceAll('RINGFENCE_RUN', 'run-1').replaceAll('RINGFENCE_IMAGE', 'example.com/ringfence:1');
const objects = parseAllDocuments(filledIn, { strict: true }).map((document) => {
  expect(document.errors).toEqual([]);
  return document.toJS() as KubernetesObject;
});

const named = (name: string): KubernetesObject => {
  const found = objects.find(({ metadata }) => metadata.name === name);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found;
};
const podOf = ({ spec }: KubernetesObject): PodSpec => spec.template?.spec ?? spec;
const calls = named('ringfence-calls-run-1');
const report = named('ringfence-report-run-1');
const pods = objects.filter(({ kind }) => kind !== 'PersistentVolumeClaim');

describe('docs/ci/kubernetes.yaml', () => {
  it.for(objects.map((object) => [object.kind, object] as const))('is of the shape of a %s', ([, object]) => {
    expect(shapeErrors(object)).toEqual([]);
  });

  it('is found wrong where it is', () => {
    const misspelt = { ...calls, spec: { ...calls.spec, backofLimitPerIndex: 0 } };
    expect(shapeErrors(misspelt)).toEqual([expect.stringContaining('backofLimitPerIndex')]);
    const { template: _, ...without } = calls.spec;
    expect(shapeErrors({ ...calls, spec: without } as KubernetesObject)).toEqual([expect.stringContaining('template')]);
  });

  it('makes as many pods as it counts shards, and no second try of any', () => {
    const shards = podOf(calls).containers[0].env.find(({ name }) => name === 'SHARDS')?.value;
    const completions = Number(shards);
    expect(calls.spec).toMatchObject({ completionMode: 'Indexed', completions, parallelism: completions });
    expect(calls.spec).toMatchObject({ backoffLimitPerIndex: 0 });
    expect(report.spec).toMatchObject({ backoffLimit: 0 });
  });

  it('gives each pod that works two CPUs', () => {
    for (const job of [calls, report]) {
      const { requests, limits } = podOf(job).containers[0].resources;
      expect(requests).toMatchObject({ cpu: '2' });
      expect(limits).toEqual(requests);
    }
  });

  it('asks for no privilege', () => {
    for (const pod of pods.map(podOf)) {
      expect(pod.securityContext).toMatchObject({ runAsNonRoot: true });
      expect(pod.containers[0].securityContext).toMatchObject({
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
      });
    }
    expect(text).not.toMatch(/privileged:|hostNetwork|hostPath|hostPID/);
  });

  it('hands the reports over on one volume', () => {
    const { metadata } = named('ringfence-reports');
    for (const { containers, volumes } of pods.map(podOf)) {
      const volume = volumes.find(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName === metadata.name);
      expect(containers[0].volumeMounts).toContainEqual({ name: volume?.name, mountPath: '/reports' });
    }
  });

  it('starts in two steps, told apart by label', () => {
    const steps = Object.groupBy(objects, ({ metadata }) => metadata.labels['ringfence/step'] ?? 'none');
    expect(steps.calls?.map(({ kind }) => kind)).toEqual(['PersistentVolumeClaim', 'Job']);
    expect(steps.report).toEqual([report]);
    expect(steps.reader).toHaveLength(1);
  });
});

describe('docs/ci/README.md', () => {
  it('starts every step of the template, and waits for Jobs that are in it', async () => {
    const readme = await readFile(new URL('README.md', TEMPLATE), 'utf8');
    const all = (pattern: RegExp): string[] => [...new Set([...readme.matchAll(pattern)].map(([, name = '']) => name))];
    const labels = objects.map(({ metadata }) => metadata.labels['ringfence/step']);
    expect(all(/apply -f run\.yaml -l ringfence\/step=(\w+)/g)).toEqual([...new Set(labels)]);
    const jobs = objects.filter(({ kind }) => kind === 'Job').map(({ metadata }) => metadata.name);
    expect(all(/job\/(ringfence-\w+-)\$run/g).map((name) => `${name}run-1`)).toEqual(jobs);
  });
});

describe('the commands of docs/ci/kubernetes.yaml', () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'ringfence-kubernetes-test-'));
    // The command of the image, here of this checkout. test/runtime/docker/ringfence-image.test.ts starts them in the image.
    await writeFile(join(dir, 'ringfence'), `#!/bin/sh\nexec "${process.execPath}" "${MAIN}" "$@"\n`);
    await chmod(join(dir, 'ringfence'), 0o755);
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  const SELECTION =
    '--no-allure --policy ms-sipre --variant none --situation voicemail-busy --situation voicemail-declined';

  /** The container as its pod starts it; what a cluster mounts at /reports is a folder of ours. */
  function start(job: KubernetesObject, index = 0): Promise<{ exitStatus: unknown; stderr: string; stdout: string }> {
    const { command, args, env } = podOf(job).containers[0];
    const [program = '', ...rest] = [...command, ...args];
    const own = Object.fromEntries(env.map(({ name, value }) => [name, value]));
    const path = `${dir}:${process.env.PATH}`;
    const given = { REPORTS: join(dir, 'reports'), SHARDS: '2', SELECTION, JOB_COMPLETION_INDEX: String(index) };
    return new Promise((resolve) => {
      execFile(
        program,
        rest,
        { cwd: dir, timeout: 200_000, env: { ...process.env, NO_COLOR: '1', ...own, HOME: dir, PATH: path, ...given } },
        (error, stdout, stderr) =>
          resolve({ exitStatus: error === null ? 0 : (error.code ?? error.signal), stdout, stderr }),
      );
    });
  }

  it('place the calls shard by shard, and are red until all are there', { timeout: 300_000 }, async () => {
    const first = await start(calls, 0);
    expect(first.exitStatus, first.stderr).toBe(0);

    const early = await start(report);
    expect(early.exitStatus, early.stderr).toBe(3);
    expect(early.stderr).toContain('2/2 of the run is not among the reports');
    await rm(join(dir, 'reports', 'run-1', 'report'), { recursive: true });

    const second = await start(calls, 1);
    expect(second.exitStatus, second.stderr).toBe(0);
    const whole = await start(report);
    expect(whole.exitStatus, whole.stderr).toBe(0);
    expect(whole.stdout).toContain('2 cells: 2 pass');

    const again = await start(calls, 1);
    expect(again.exitStatus, 'a folder of an earlier run by this name').toBe(1);
    expect(again.stderr).toContain('shard-2');
  });
});
