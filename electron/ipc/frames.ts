import { z } from 'zod'
import type { EventName, Reply } from './contract.js'

/** Longest frame a page may send, in bytes. */
export const longestFrameBytes = 96 * 1024 * 1024

/** Version of the frames; both ends must speak the same. */
export const protocolVersion = 1

const secret = z.string().min(16).max(256)

/** What the page sends over the WebSocket: first `hello`, then requests. */
export const clientFrame = z.discriminatedUnion('type', [
  /** With the token of the address the first time, with the session's secret after a reload. */
  z.strictObject({
    type: z.literal('hello'),
    version: z.int(),
    token: secret.nullable(),
    session: secret.nullable(),
  }),
  z.strictObject({
    type: z.literal('request'),
    id: z.int().min(0),
    name: z.string().max(64),
    input: z.unknown(),
  }),
])
export type ClientFrame = z.infer<typeof clientFrame>

/** Why a page is not let in. */
export type Refusal = 'wrong-token' | 'session-elsewhere' | 'wrong-version' | 'malformed'

/** What the host sends. After `refused` it closes. */
export type ServerFrame =
  | { readonly type: 'welcome'; readonly version: number; readonly session: string }
  | { readonly type: 'refused'; readonly reason: Refusal }
  | { readonly type: 'reply'; readonly id: number; readonly reply: Reply }
  | { readonly type: 'event'; readonly name: EventName; readonly payload: unknown }
