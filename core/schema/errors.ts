import { z } from 'zod'

const bytes = z.number().nonnegative()

/** Every failure the engine reports, with the facts a caller needs to explain it. One line per failure. */
export const errorDetails = {
  /** A file that cannot be opened or read at all. */
  'file-unreadable': z.strictObject({ path: z.string() }),
  /** A file that could not be written: full disk, read-only folder. */
  'file-unwritable': z.strictObject({ path: z.string() }),
  /** Something is already there and will not be written over. */
  'file-exists': z.strictObject({ path: z.string() }),
  /** Bytes that do not follow the format; `where` is a field, tensor or offset. */
  'model-malformed': z.strictObject({ path: z.string(), where: z.string() }),
  /** A well-formed model that this version cannot run; `feature` names the type, architecture or option. */
  'model-unsupported': z.strictObject({ path: z.string(), feature: z.string() }),
  /** A model that runs, but lacks what the chosen recipe trains. */
  'model-untrainable': z.strictObject({ reason: z.string() }),
  /** Not the model that a run or an adapter was made from. */
  'model-mismatch': z.strictObject({ expectedHash: z.string(), foundHash: z.string() }),
  /** A dataset file or row that cannot be used. Line and column count from 1; 0 where it concerns the whole file. */
  'data-invalid': z.strictObject({ path: z.string(), line: z.number(), column: z.string() }),
  /** A dataset that is readable but cannot be trained on: empty, one class only. */
  'data-insufficient': z.strictObject({ path: z.string() }),
  /** A prompt longer than the model's context. */
  'prompt-too-long': z.strictObject({ tokens: z.number(), contextLength: z.number(), where: z.string() }),
  /** A chat template that fails or is missing. */
  'template-invalid': z.strictObject({ reason: z.string() }),
  /** Options or a job that contradict themselves. */
  'request-invalid': z.strictObject({ issues: z.array(z.string()) }),
  /** A run folder that cannot be continued; `where` names the file. */
  'run-invalid': z.strictObject({ path: z.string(), where: z.string() }),
  /** An adapter file that is damaged, or none; `where` names the line or the file. */
  'adapter-invalid': z.strictObject({ path: z.string(), where: z.string() }),
  /** Another process holds the run. */
  'run-locked': z.strictObject({ path: z.string(), pid: z.number() }),
  /** A file written by a newer version of Zerotune. */
  'version-newer': z.strictObject({ path: z.string(), found: z.number(), supported: z.number() }),
  'memory-budget-exceeded': z.strictObject({ requiredBytes: bytes, availableBytes: bytes }),
  /** A loss that is NaN or infinite. Step −1 is an evaluation before training. */
  'loss-not-finite': z.strictObject({ step: z.number() }),
  /** A trained number beyond the range of the type that the file stores it in. */
  'value-unrepresentable': z.strictObject({ where: z.string(), value: z.number() }),
  /** An exported file that did not read back as written. */
  'export-mismatch': z.strictObject({ path: z.string(), where: z.string() }),
  /** Low-rank branches that the base model's own type cannot hold: rounding took more nats than training gave. */
  'merge-lossy': z.strictObject({ gained: z.number(), lost: z.number() }),
  /** The inference runtime refused or failed. */
  'runtime-failed': z.strictObject({ operation: z.string() }),
  /** A device that is not there, or whose libraries are not. */
  'device-unavailable': z.strictObject({ device: z.string(), reason: z.string() }),
  /** A device that went away while it computed: its driver was reset, or its memory was full. */
  'device-lost': z.strictObject({ device: z.string() }),
  /** The person wants no request to leave this computer. */
  'network-off': z.strictObject({}),
  /** A host that could not be reached, or stopped answering. */
  'network-failed': z.strictObject({ host: z.string(), reason: z.string() }),
  /** No such repository, revision or file at the hub; `name` is as it was asked for. */
  'hub-not-found': z.strictObject({ name: z.string() }),
  /** A repository that wants a token, or its terms to be accepted first. */
  'hub-denied': z.strictObject({ name: z.string(), hasToken: z.boolean() }),
  /** A host that wants fewer requests; null where it does not say for how long. */
  'hub-busy': z.strictObject({ host: z.string(), waitMs: z.number().nullable() }),
  /** An answer of the hub, or a file from it, that is not what was promised. */
  'download-invalid': z.strictObject({ name: z.string(), reason: z.string() }),
  /** A disk without room for what is to be written. */
  'space-missing': z.strictObject({ path: z.string(), requiredBytes: bytes, availableBytes: bytes }),
  /** The person asked to stop it. */
  cancelled: z.strictObject({}),
  /** A file, folder, run or export that this program no longer knows, or never did; `what` names its kind. */
  'unknown-item': z.strictObject({ what: z.string() }),
  /** Another run goes on, and only one can. */
  'run-active': z.strictObject({ runId: z.string() }),
  /** The run is not in a state in which this can be done. */
  'run-not-ready': z.strictObject({ runId: z.string(), state: z.string() }),
  /** This host, machine or version cannot do it; `feature` names it. */
  'not-available': z.strictObject({ feature: z.string() }),
  /** The engine's process ended before it answered. */
  'engine-gone': z.strictObject({ cause: z.string() }),
  bug: z.strictObject({}),
} as const

export type ErrorCode = keyof typeof errorDetails
export type ErrorDetails<C extends ErrorCode> = z.infer<(typeof errorDetails)[C]>
/** Plain form of an EngineError: what crosses a process boundary. */
export type ErrorData = {
  [C in ErrorCode]: { code: C; details: ErrorDetails<C>; message: string }
}[ErrorCode]

/** A failure that is kept: what a host needs to say it in the person's words. */
export const keptFailure = z.strictObject({
  code: z.enum(Object.keys(errorDetails) as [ErrorCode, ...ErrorCode[]]),
  details: z.record(z.string(), z.unknown()),
  message: z.string(),
})
export type KeptFailure = z.infer<typeof keptFailure>

/** Codes that mean "the input was wrong" (exit status 2); every other failure is ours or the machine's (status 1). */
export const inputErrorCodes: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'file-unreadable',
  'file-exists',
  'model-malformed',
  'model-unsupported',
  'model-untrainable',
  'model-mismatch',
  'data-invalid',
  'data-insufficient',
  'prompt-too-long',
  'template-invalid',
  'request-invalid',
  'run-invalid',
  'adapter-invalid',
  'run-locked',
  'version-newer',
  'hub-not-found',
  'hub-denied',
  'unknown-item',
  'run-active',
  'run-not-ready',
])
