// The parts of the API's objects that the store reads, parsed: an answer in another form is told, not guessed at.
import { z } from 'zod';
import { done, type Outcome, refused } from '../../kit/kit.ts';

const texts = z.record(z.string(), z.string());
const metadata = z.object({
  name: z.string(),
  resourceVersion: z.string(),
  generation: z.number().optional(),
  annotations: texts.nullish(),
  creationTimestamp: z.string().optional(),
  ownerReferences: z.array(z.object({ kind: z.string(), name: z.string(), controller: z.boolean().optional() })).nullish(),
  managedFields: z.array(z.object({ manager: z.string().optional(), time: z.string().optional(), fieldsV1: z.unknown() })).nullish(),
});

const secret = z.object({ metadata, type: z.string().default('Opaque'), immutable: z.boolean().nullish(), data: texts.nullish() });
export type StoredSecret = z.output<typeof secret>;

const named = z.object({ name: z.string().optional() });
const keyed = z.object({ name: z.string().optional(), key: z.string() });
const items = z.array(z.object({ key: z.string() })).nullish();
const container = z.object({
  name: z.string(),
  env: z.array(z.object({ valueFrom: z.object({ secretKeyRef: keyed.optional() }).nullish() })).nullish(),
  envFrom: z.array(z.object({ secretRef: named.optional() })).nullish(),
  volumeMounts: z.array(z.object({ name: z.string(), subPath: z.string().optional(), subPathExpr: z.string().optional() })).nullish(),
});
const podSpec = z.object({
  containers: z.array(container),
  initContainers: z.array(container).nullish(),
  imagePullSecrets: z.array(named).nullish(),
  volumes: z
    .array(
      z.object({
        name: z.string(),
        secret: z.object({ secretName: z.string().optional(), items }).nullish(),
        projected: z
          .object({ sources: z.array(z.object({ secret: z.object({ name: z.string().optional(), items }).nullish() })).nullish() })
          .nullish(),
      }),
    )
    .nullish(),
});
export type PodSpec = z.output<typeof podSpec>;

const expression = z.object({ key: z.string(), operator: z.string(), values: z.array(z.string()).nullish() });
const workload = z.object({
  metadata,
  spec: z.object({
    replicas: z.number().optional(),
    paused: z.boolean().optional(),
    updateStrategy: z
      .object({ type: z.string().optional(), rollingUpdate: z.object({ partition: z.number().optional() }).nullish() })
      .nullish(),
    selector: z.object({ matchLabels: texts.nullish(), matchExpressions: z.array(expression).nullish() }),
    template: z.object({ metadata: z.object({ annotations: texts.nullish() }).nullish(), spec: podSpec }),
  }),
  status: z
    .object({
      observedGeneration: z.number().default(0),
      replicas: z.number().default(0),
      updatedReplicas: z.number().default(0),
      availableReplicas: z.number().default(0),
      readyReplicas: z.number().default(0),
      desiredNumberScheduled: z.number().default(0),
      updatedNumberScheduled: z.number().default(0),
      numberAvailable: z.number().default(0),
    })
    .prefault({}),
});
export type Workload = z.output<typeof workload>;

const pod = z.object({
  metadata,
  status: z.object({
    phase: z.string().optional(),
    conditions: z.array(z.object({ type: z.string(), status: z.string() })).nullish(),
  }),
});
export type Pod = z.output<typeof pod>;
const pods = z.object({ metadata: z.object({ continue: z.string().optional() }), items: z.array(pod) });

const read =
  <T>(schema: z.ZodType<T>, what: string) =>
  (body: unknown): Outcome<T> => {
    const parsed = schema.safeParse(body);
    // Never with the text: it may quote the object, and the object holds secrets.
    return parsed.success ? done(parsed.data) : refused('protocol', `the answer is no ${what} of Kubernetes`);
  };

export const secretIn = read(secret, 'Secret');
export const workloadIn = read(workload, 'workload');
export const podsIn = read(pods, 'list of pods');
