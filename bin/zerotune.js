#!/usr/bin/env -S MALLOC_ARENA_MAX=1 MALLOC_TRIM_THRESHOLD_=8388608 MALLOC_MMAP_THRESHOLD_=9999999 GLIBC_TUNABLES=glibc.malloc.hugetlb=1 node
import { setFlagsFromString } from 'node:v8'

// V8's nursery would grow to 48 MB, and training has little for it. As a flag of the command line this one does nothing.
setFlagsFromString('--semi-space-growth-factor=1')
const { main } = await import('../dist/core/cli/main.js')

// Whoever reads the output may stop early, as `head` does.
process.stdout.on('error', (error) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

process.exitCode = await main(process.argv.slice(2))
