import { MessageChannel } from 'node:worker_threads'

/**
 * A function that frees an array's memory now instead of when the collector comes by: the memory is transferred to a message
 * that nobody receives. The array is empty afterwards.
 */
export function bufferFreer(): (buffer: ArrayBuffer) => void {
  const { port1, port2 } = new MessageChannel()
  port1.close()
  port2.close()
  return (buffer) => port1.postMessage(null, [buffer])
}
