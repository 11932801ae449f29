import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'

/** Holds electron-builder.yml against electron-builder's own schema, without downloading or packing anything, and prints it. */
const root = resolve(import.meta.dirname, '../..')
const require = createRequire(createRequire(import.meta.url).resolve('electron-builder'))
const { getConfig, validateConfiguration } = require('app-builder-lib/out/util/config/config.js')
const { DebugLogger, setPrinter } = require('builder-util')

setPrinter(() => undefined)
const configuration = await getConfig(root, join(root, 'electron-builder.yml'), null)
await validateConfiguration(configuration, new DebugLogger(false))
console.log(JSON.stringify(configuration))
