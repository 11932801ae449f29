import { constants } from 'node:os'

/** dlopen's flag for a library that stays when it is closed again; glibc and musl agree on it. */
const noDelete = 0x1000

/**
 * Loads a shared library and keeps it loaded; whoever asks for its name later is given the same.
 *
 * @param path a path, or a name that the system looks for
 * @returns null, or what the loader says is wrong, which names the library that is missing
 */
export function keepLibrary(path: string): string | null {
  return tryLibrary(path, constants.dlopen.RTLD_NOW | constants.dlopen.RTLD_GLOBAL | noDelete)
}

/** Whether a shared library can be loaded: null, or what is wrong, as `keepLibrary`. */
export function findLibrary(path: string): string | null {
  return tryLibrary(path, constants.dlopen.RTLD_LAZY)
}

function tryLibrary(path: string, flags: number): string | null {
  try {
    process.dlopen({ exports: {} }, path, flags)
    return null
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown)
    // It was loaded, but is no module of Node's, which no library here is.
    return reason.startsWith('Module did not self-register') ? null : reason
  }
}
