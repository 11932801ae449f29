import type { z } from 'zod'
import type { ErrorData } from '../../core/schema/errors.js'
import { appEvents, appRequests } from './app.js'
import { comparisonEvents, comparisonRequests } from './comparison.js'
import { dataRequests } from './data.js'
import { exportRequests } from './exports.js'
import { hubEvents, hubRequests } from './hub.js'
import { modelEvents, modelRequests } from './models.js'
import { planRequests } from './plan.js'
import { runEvents, runRequests } from './runs.js'
import { selectionRequests } from './selection.js'
import { taskEvents, taskRequests } from './tasks.js'

/** Every question the page may ask, and who answers it: the host (main process or browser host) or the engine. */
export const requests = {
  ...appRequests,
  ...modelRequests,
  ...hubRequests,
  ...dataRequests,
  ...selectionRequests,
  ...planRequests,
  ...runRequests,
  ...comparisonRequests,
  ...exportRequests,
  ...taskRequests,
} as const

/** Everything the app may tell the page unasked. */
export const events = {
  ...appEvents,
  ...modelEvents,
  ...hubEvents,
  ...runEvents,
  ...comparisonEvents,
  ...taskEvents,
} as const

export type Requests = typeof requests
export type Events = typeof events
export type RequestName = keyof Requests
export type EventName = keyof Events
export type Answerer = Requests[RequestName]['answeredBy']
/** The requests that one process answers. */
export type NamesAnsweredBy<A extends Answerer> = {
  [N in RequestName]: Requests[N]['answeredBy'] extends A ? N : never
}[RequestName]

/** As it is sent. */
export type RequestInput<N extends RequestName> = z.input<Requests[N]['input']>
/** As it is handled: parsed, defaults filled in. */
export type ParsedInput<N extends RequestName> = z.output<Requests[N]['input']>
export type RequestOutput<N extends RequestName> = z.output<Requests[N]['output']>
export type EventPayload<N extends EventName> = z.output<Events[N]>

/** A value that whoever gets it leaves as it is. */
export type Immutable<T> = T extends (infer E)[]
  ? readonly Immutable<E>[]
  : T extends object
    ? { readonly [K in keyof T]: Immutable<T[K]> }
    : T

/** The handlers one process must supply: a missing or misspelt one does not compile. */
export type Handlers<A extends Answerer> = {
  readonly [N in NamesAnsweredBy<A>]: (
    input: ParsedInput<N>,
  ) => Promise<Immutable<RequestOutput<N>>> | Immutable<RequestOutput<N>>
}

/** Failures are values: an error that crosses a process boundary keeps its message only. */
export type Reply<T = unknown> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: ErrorData }

/** Tells the page something. */
export type Tell = <N extends EventName>(name: N, payload: Immutable<EventPayload<N>>) => void

/** What the page finds at `window.bridge`, by the preload script or over a WebSocket. */
export interface Bridge {
  request<N extends RequestName>(name: N, input: RequestInput<N>): Promise<Reply<RequestOutput<N>>>
  /** Returns what ends the listening. */
  listen<N extends EventName>(name: N, listener: (payload: EventPayload<N>) => void): () => void
  /** The path of a dropped file, for `model.open` and `data.open`; only where the host can know it. */
  pathOf?(file: object): string
}
