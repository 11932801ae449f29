import { createRequire } from 'node:module'

const require = createRequire(createRequire(import.meta.url).resolve('electron-builder'))
const { FuseV1Options, getCurrentFuseWire } = require('@electron/fuses')

/** What Electron may do in a program that people get, by its fuses. Source: Electron, "Electron Fuses". */
const wanted = {
  RunAsNode: false,
  EnableCookieEncryption: true,
  EnableNodeOptionsEnvironmentVariable: false,
  EnableNodeCliInspectArguments: false,
  EnableEmbeddedAsarIntegrityValidation: true,
  OnlyLoadAppFromAsar: true,
  LoadBrowserProcessSpecificV8Snapshot: false,
  GrantFileProtocolExtraPrivileges: false,
}

/** As a fuse is written: a digit for each, or `r` where Electron has removed it. */
const states = { 48: 'off', 49: 'on' }

/**
 * What is wrong with the fuses of a packed program, read from its bytes; the program is not run.
 *
 * @param {string} program its executable, or the .app folder of macOS
 * @returns {Promise<string[]>} a line for each fault
 */
export async function fuseFaults(program) {
  const wire = await getCurrentFuseWire(program)
  return Object.entries(wanted).flatMap(([name, isOn]) => {
    const state = states[wire[FuseV1Options[name]]] ?? 'missing'
    const expected = isOn ? 'on' : 'off'
    return state === expected ? [] : [`${name} is ${state}, expected ${expected}`]
  })
}
