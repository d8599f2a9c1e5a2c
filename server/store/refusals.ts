import { Refusal, refuse } from '../core/fhir/outcome.ts'
import type { Version } from './version.ts'

/** The same answer for what is not there and for what the caller may not see. */
export const notFound = (type: string, id: string): Refusal => refuse('not-found', `There is no ${type}/${id}.`)

export const outOfReach = (type: string, id?: string): Refusal =>
  refuse('forbidden', `This access does not allow to write ${type}${id ? `/${id}` : ''}: it does not reach it.`)

/** What the caller says of what stands here is not so. https://hl7.org/fhir/R4/http.html#concurrency */
export const notAsSaid = (diagnostics: string): Refusal =>
  new Refusal([{ severity: 'error', code: 'conflict', diagnostics }], 412)

/** @throws Refusal 412 when the caller means another version than this one */
export function mustBeAt({ type, id, versionId }: Pick<Version, 'type' | 'id' | 'versionId'>, ifMatch?: number): void {
  if (ifMatch === undefined || ifMatch === versionId) return
  throw notAsSaid(
    `${type}/${id} is at version ${versionId}, not ${ifMatch}. Read it again and repeat the change on what it is now.`,
  )
}

// What PostgreSQL says when something else was there first, or when it is away itself.

const sqlState = (error: unknown): string => (error as { code?: string } | undefined)?.code ?? ''

/** 40001 serialization, 40P01 deadlock, 23505 a row of the same key came first: tried once more, it may go well. */
export const isPassing = (error: unknown): boolean => ['40001', '40P01', '23505'].includes(sqlState(error))

/** Whether the commit was reached before the connection was lost is unknown, so the write is not repeated here. */
export const databaseAway = (): Refusal =>
  refuse(
    'transient',
    'The database did not answer. The write may or may not be stored: send it again with If-None-Exist, or by PUT with an id of your own.',
  )
