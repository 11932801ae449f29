/** What is wrong with a packed program, a line for each fault. */
export function packingFaults(resources: string, platform: string, arch: string): string[]
