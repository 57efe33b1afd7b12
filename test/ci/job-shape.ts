/**
 * The part of Kubernetes' Job, Pod and PersistentVolumeClaim that the template uses, closed: a misspelt field is an error
 * here, while an API server drops it in silence. Source: Kubernetes API reference, batch/v1 Job and v1 PodSpec,
 * https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/job-v1/, read on 2026-11-26.
 */
import { Ajv } from 'ajv';

type Schema = Readonly<Record<string, unknown>>;

const TEXT = { type: 'string', minLength: 1 } as const;
const COUNT = { type: 'integer', minimum: 0 } as const;
const BOOL = { type: 'boolean' } as const;
const LABELS = { type: 'object', additionalProperties: TEXT } as const;

const some = (properties: Schema, required: readonly string[] = []): Schema => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});
const all = (properties: Schema): Schema => some(properties, Object.keys(properties));
const list = (items: Schema): Schema => ({ type: 'array', items, minItems: 1 });

// RFC 1123, as the API server demands of names and label values.
const NAME = { type: 'string', pattern: '^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$', maxLength: 63 };
const METADATA = all({ name: NAME, labels: LABELS });
const QUANTITY = { type: 'string', pattern: '^\\d+(m|Mi|Gi)?$' };
const AMOUNTS = all({ cpu: QUANTITY, memory: QUANTITY });

const CONTAINER = some(
  {
    name: NAME,
    image: TEXT,
    workingDir: TEXT,
    command: list(TEXT),
    args: list(TEXT),
    env: list(all({ name: { type: 'string', pattern: '^[A-Z_]+$' }, value: { type: 'string' } })),
    resources: all({ requests: AMOUNTS, limits: AMOUNTS }),
    securityContext: all({
      allowPrivilegeEscalation: BOOL,
      readOnlyRootFilesystem: BOOL,
      capabilities: all({ drop: list(TEXT) }),
    }),
    volumeMounts: list(all({ name: NAME, mountPath: TEXT })),
  },
  ['name', 'image', 'command', 'resources', 'securityContext', 'volumeMounts'],
);

const POD_SPEC = all({
  restartPolicy: { const: 'Never' }, // the only policy that an Indexed Job with a limit per index may have
  automountServiceAccountToken: BOOL,
  securityContext: all({
    runAsNonRoot: BOOL,
    runAsUser: COUNT,
    runAsGroup: COUNT,
    fsGroup: COUNT,
    seccompProfile: all({ type: { enum: ['RuntimeDefault'] } }),
  }),
  containers: { ...list(CONTAINER), maxItems: 1 },
  volumes: list(some({ name: NAME, persistentVolumeClaim: all({ claimName: NAME }), emptyDir: all({}) }, ['name'])),
});

const JOB = all({
  apiVersion: { const: 'batch/v1' },
  kind: { const: 'Job' },
  metadata: METADATA,
  spec: some(
    {
      completionMode: { const: 'Indexed' },
      completions: COUNT,
      parallelism: COUNT,
      backoffLimit: COUNT,
      backoffLimitPerIndex: COUNT,
      activeDeadlineSeconds: COUNT,
      template: all({ metadata: all({ labels: LABELS }), spec: POD_SPEC }),
    },
    ['template', 'activeDeadlineSeconds'],
  ),
});

const SHAPES: Readonly<Record<string, Schema>> = {
  Job: JOB,
  Pod: all({ apiVersion: { const: 'v1' }, kind: { const: 'Pod' }, metadata: METADATA, spec: POD_SPEC }),
  PersistentVolumeClaim: all({
    apiVersion: { const: 'v1' },
    kind: { const: 'PersistentVolumeClaim' },
    metadata: METADATA,
    spec: all({
      accessModes: list({ enum: ['ReadWriteMany'] }),
      resources: all({ requests: all({ storage: QUANTITY }) }),
    }),
  }),
};

/** What is wrong with an object of Kubernetes, a line each; nothing when it is as it should be. */
export function shapeErrors(object: { readonly kind: string }): string[] {
  const shape = SHAPES[object.kind];
  if (shape === undefined) return [`unknown kind ${object.kind}`];
  const ajv = new Ajv({ allErrors: true });
  if (ajv.validate(shape, object)) return [];
  return (ajv.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}
