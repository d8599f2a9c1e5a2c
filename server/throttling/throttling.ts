import type { Pool } from '../db/pool.ts'
import { createLockouts, type Lockouts } from './lockouts.ts'
import { createRequestRate, type RequestRate } from './request-rate.ts'

/** How much is let in. */
export type Throttling = {
  /** Requests with a token, by client and person. */
  callers: RequestRate
  /** Requests by which nobody is recognised, and those that sign in, by address. */
  strangers: RequestRate
  /** Clients that could not prove who they are, by client and address. */
  clients: Lockouts
  /** Whatever could not prove who it is, by address. */
  addresses: Lockouts
}

export type ThrottlingSettings = {
  /** A minute, for each client and person; 0 for as many as they like. */
  callerRequestsMax: number
  /** A minute, for each address that nobody is recognised by. */
  strangerRequestsMax: number
  /** Failures of one client from one address after which it is locked; 0 for never. */
  clientFailuresMax: number
  /** The same for an address, whoever it says to be. */
  addressFailuresMax: number
  /** Within this time failures are counted, and for this time it is locked. */
  lockoutSeconds: number
}

export function createThrottling(pool: Pool, settings: ThrottlingSettings): Throttling {
  const { callerRequestsMax, strangerRequestsMax, clientFailuresMax, addressFailuresMax, lockoutSeconds } = settings
  const lockouts = (name: string, failureCountMax: number) =>
    createLockouts({ pool, name, failureCountMax, seconds: lockoutSeconds })
  return {
    callers: createRequestRate(callerRequestsMax),
    strangers: createRequestRate(strangerRequestsMax),
    clients: lockouts('client', clientFailuresMax),
    addresses: lockouts('address', addressFailuresMax),
  }
}
