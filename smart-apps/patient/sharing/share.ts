import type { BundleEntry } from '@medplum/fhirtypes'
import { type As, overWith } from '../../sharing/attempts.ts'
import { kinWith, permitFor, type Share, type StoredKin } from '../../sharing/grants.ts'
import { nameOf } from '../../ui/person.ts'
import { identifierOf, ifNoneExist } from '../sending/entry.ts'

/** For how long something is shared; `open`: until it is taken back. */
export const PERIODS = ['week', 'month', 'year', 'open'] as const
export type Period = (typeof PERIODS)[number]

/** What somebody has said of whom they share with, as they wrote it. */
export type Asked = {
  /** id of one who is known; undefined: somebody new. */
  kin: StoredKin | undefined
  name: string
  nationalNumber: string
  relation: string
  isAll: boolean
  shares: readonly Share[]
  period: Period
}

export type Problem = 'name' | 'number' | 'relation' | 'shares'

const FNR = 'urn:oid:2.16.578.1.12.4.1.4.1'
const D_NUMBER = 'urn:oid:2.16.578.1.12.4.1.4.2'

const isNumber = ({ system }: { system?: string }) => system === FNR || system === D_NUMBER

/** Without a number nobody can show that they are the one who is meant. */
export const numberOf = (kin: StoredKin | undefined): string | undefined => kin?.identifier?.find(isNumber)?.value

/** The date of birth in it: enough to see that it is somebody else’s. */
export const startOf = (nationalNumber: string): string => plain(nationalNumber).slice(0, 6)

/** What is missing or cannot be right, in the order of the page. Check digits are for the server to judge. */
export function problemsOf({ kin, name, nationalNumber, relation, isAll, shares }: Asked): Problem[] {
  return [
    ...(kin || name.trim().includes(' ') ? [] : (['name'] as const)),
    ...(numberOf(kin) || /^\d{11}$/.test(plain(nationalNumber)) ? [] : (['number'] as const)),
    ...(kin || relation !== '' ? [] : (['relation'] as const)),
    ...(isAll || shares.length > 0 ? [] : (['shares'] as const)),
  ]
}

/** 131169 00216 is one number, however it is grouped. */
const plain = (text: string) => text.replace(/\s/g, '')

/** A D-number has 4 added to its first digit. */
const identifierIn = (value: string) => ({
  system: value.charAt(0) >= '4' && value.charAt(0) <= '7' ? D_NUMBER : FNR,
  value,
})

/** The last moment of it; undefined where it has no end. */
export function endOf(period: Period, now: Date): Date | undefined {
  const end = new Date(now)
  if (period === 'week') end.setDate(end.getDate() + 7)
  else if (period === 'month') end.setMonth(end.getMonth() + 1)
  else if (period === 'year') end.setFullYear(end.getFullYear() + 1)
  else return undefined
  return end
}

/** @property person UUID of who is new: sent twice, they are there once */
type For = As & { person: string; patient: string; now: Date }

/**
 * Whom the patient shares with, where they are new or have no number yet, and what: all of it or nothing.
 */
export function toSharing(asked: Asked, { act, person, patient, now, over }: For): BundleEntry[] {
  const { kin, isAll, shares, period } = asked
  const subject = { reference: `Patient/${patient}` }
  const kinUrl = `urn:uuid:${person}`
  const name = kin ? kin.name : [{ text: asked.name.trim() }]
  const written = plain(asked.nationalNumber)
  const number = written === '' || written === numberOf(kin) ? undefined : identifierIn(written)
  const made = kinWith(
    { name: asked.name, relation: asked.relation, ...(number && { nationalNumber: number }) },
    subject,
  )
  const consent = permitFor({
    ...{ now, patient, shares: isAll ? [] : shares, until: endOf(period, now) },
    actor: { reference: kin ? `RelatedPerson/${kin.id}` : kinUrl, ...displayOf(name) },
  })
  const named = { ...consent, identifier: [identifierOf(act)] }
  return [
    ...(kin
      ? numbered(kin, number)
      : [madeOnce({ ...made, identifier: [...(made.identifier ?? []), identifierOf(person)] }, person, kinUrl)]),
    over ? overWith(named, over) : madeOnce(named, act),
  ]
}

const displayOf = (names: StoredKin['name']) => {
  const display = nameOf(names)
  return display ? { display } : {}
}

/** Somebody who was known by name alone gets the number by which they sign in: one, in the place of what was sent before. */
const numbered = (kin: StoredKin, number: ReturnType<typeof identifierIn> | undefined): BundleEntry[] =>
  number
    ? [
        {
          resource: {
            ...kin,
            identifier: [...(kin.identifier ?? []).filter((one) => !isNumber(one)), { use: 'official', ...number }],
          },
          request: { method: 'PUT', url: `RelatedPerson/${kin.id}`, ifMatch: `W/"${kin.meta?.versionId}"` },
        },
      ]
    : []

const madeOnce = (resource: NonNullable<BundleEntry['resource']>, act: string, fullUrl?: string): BundleEntry => ({
  ...(fullUrl && { fullUrl }),
  resource,
  request: { method: 'POST', url: resource.resourceType, ifNoneExist: ifNoneExist({ id: act }) },
})
