/** `pnpm faults`. */
process.exitCode = 2
