import { createEngine } from './engine.js'
import { openParentPort } from './parent-port.js'
import { serve } from './serve.js'

/** How often the engine says that it is there; between beats it computes. */
const beatMs = 1000

const port = openParentPort({ onClosed: () => process.exit(0) })
serve({
  port,
  create: (config, tell) =>
    createEngine({ config, tell, now: () => performance.now(), today: () => new Date() }),
  end: () => process.exit(0),
})
setInterval(() => port.send({ type: 'beat' }), beatMs).unref()
