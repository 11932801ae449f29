import type { Port } from './port.js'

/** The part of Electron's `process.parentPort` that is used here; its messages come wrapped in `data`. */
interface UtilityPort {
  postMessage(message: unknown): void
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): void
}

/**
 * The line to the process that started this one: a utility process of Electron, or a forked process of Node.
 *
 * @param onClosed called where the other end is gone, so that no engine outlives its host
 */
export function openParentPort({ onClosed }: { readonly onClosed: () => void }): Port {
  const { parentPort } = process as NodeJS.Process & { readonly parentPort?: UtilityPort }
  if (parentPort !== undefined) {
    return {
      send: (frame) => parentPort.postMessage(frame),
      receive: (listener) => parentPort.on('message', ({ data }) => listener(data)),
    }
  }
  process.on('disconnect', onClosed)
  // The person's Ctrl-C reaches the whole group; the host decides what it means.
  process.on('SIGINT', () => undefined)
  return {
    send: (frame) => {
      if (process.connected) process.send?.(frame)
    },
    receive: (listener) => process.on('message', listener),
  }
}
