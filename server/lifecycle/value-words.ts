import type { Expression, Quantity, TimingRepeat } from '@medplum/fhirtypes'
import type { Language } from '../core/decide/words/language.ts'
import { translated } from '../core/decide/words/translated.ts'
import { inWords } from '../core/decide/words/words.ts'
import { sortedJson } from './frozen.ts'

type Fields = Record<string, unknown>

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isQuantity = ({ value }: Fields): boolean => typeof value === 'number'
const isTiming = ({ repeat }: Fields): boolean => isFields(repeat)
const isExpression = ({ expression }: Fields): boolean => typeof expression === 'string'
const isConcept = ({ coding, text }: Fields): boolean => Array.isArray(coding) || typeof text === 'string'
const isCoding = ({ system, code }: Fields): boolean => typeof system === 'string' && typeof code === 'string'

/** Values that say one thing as a whole: whoever reads that 8 h became 24 h is not told of the 8 alone. */
export const isOneThing = (value: unknown): boolean =>
  isFields(value) && [isQuantity, isTiming, isExpression, isConcept, isCoding].some((is) => is(value))

/** A value of FHIR as people say it, without what only machines need; what nothing is known of, as its parts. */
export function valueInWords(value: unknown, language: Language): string {
  if (Array.isArray(value)) return value.map((one) => valueInWords(one, language)).join('; ')
  if (typeof value === 'number') return numberIn(value, language)
  if (!isFields(value)) return String(value)
  if (isQuantity(value)) return quantityIn(value, language)
  if (isTiming(value)) return timingIn(value.repeat as TimingRepeat)
  if (isExpression(value)) return expressionIn(value as unknown as Expression, language)
  if (isConcept(value)) return translated(value, 'text', language) ?? valueInWords(value.coding, language)
  if (isCoding(value)) return String(value.display ?? value.code)
  const parts = Object.keys(value)
    .filter((name) => !name.startsWith('_'))
    .map((name) => partIn(value, name, language))
  return parts.join(', ')
}

/** An extension is called by the end of its url, and what it holds by that. */
function partIn(holder: Fields, name: string, language: Language): string {
  if (name === 'url' && holder.extension === undefined) return lastOf(String(holder.url))
  const said = translated(holder, name, language) ?? valueInWords(holder[name], language)
  return name === 'extension' || name === 'url' ? said : `${name}: ${said}`
}

export const lastOf = (url: string): string => url.slice(url.lastIndexOf('/') + 1)

const numberIn = (value: number, language: Language): string => (language === 'en' ? String(value) : inWords(value))

const quantityIn = ({ value, comparator, unit, code }: Quantity, language: Language): string =>
  `${comparator ?? ''}${numberIn(Number(value), language)} ${unit ?? code ?? ''}`.trim()

/** `2 × / 1 d · 08:00, 20:00` is the same in each language; what is rarer stands as it is written. */
function timingIn({ frequency = 1, period = 1, periodUnit = 'd', timeOfDay = [], ...rest }: TimingRepeat): string {
  const often = `${frequency} × / ${period} ${periodUnit}`
  const when = timeOfDay.map((time) => time.slice(0, 5)).join(', ')
  return [often, when, Object.keys(rest).length > 0 ? sortedJson(rest) : ''].filter(Boolean).join(' · ')
}

const expressionIn = (expression: Expression, language: Language): string => {
  const said = translated(expression, 'description', language)
  return said ? `${said} (${expression.expression})` : String(expression.expression)
}
