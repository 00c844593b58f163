/** A clock that every process of this machine shares, so that their times can be compared. */

/** Milliseconds since the machine started. */
export const now = (): number => Number(process.hrtime.bigint() / 1000n) / 1000
