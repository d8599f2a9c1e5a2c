import { isIP, isIPv6 } from 'node:net'
import { z } from 'zod'

/** A whole number, in digits. */
export const whole = (min: number, max: number) =>
  z.string().regex(/^\d+$/).transform(Number).pipe(z.number().min(min).max(max))

/** An http or https address without query, and without a slash at the end. */
export const webAddress = z
  .url({ protocol: /^https?$/ })
  .refine((url) => !/[?#]/.test(url))
  .transform((url) => url.replace(/\/+$/, ''))

/** One or more, separated by commas; none where the setting is missing. */
export const listOf = (isOne: (text: string) => boolean) =>
  z
    .string()
    .regex(/^[^\s,]+(,[^\s,]+)*$/)
    .transform((list) => list.split(','))
    .refine((list) => list.every(isOne))
    .default([])

/** A setting that is JSON of this shape. */
export const jsonOf = <S extends z.ZodType>(shape: S) =>
  z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown
      } catch {
        context.addIssue({ code: 'custom', message: 'is no JSON' })
        return z.NEVER
      }
    })
    .pipe(shape)

export type ProfileMode = 'refuse' | 'warn' | 'off'

/** `*=refuse,Observation=warn` by type; `*` is every other one. */
export const profileModes = z
  .string()
  .regex(/^(?:(?:(?:\*|[A-Z][A-Za-z]*)=)?(?:refuse|warn|off))(?:,(?:\*|[A-Z][A-Za-z]*)=(?:refuse|warn|off))*$/)
  .transform((text): ReadonlyMap<string, ProfileMode> => {
    const pairs = text.split(',').map((part): [string, ProfileMode] => {
      const [mode = 'refuse', type = '*'] = part.split('=').reverse()
      return [type, mode as ProfileMode]
    })
    return new Map(pairs)
  })

/** An IP address, or a network such as 10.0.0.0/8. */
export function isNetwork(text: string): boolean {
  const [address = '', prefix, ...more] = text.split('/')
  if (more.length > 0 || !isIP(address)) return false
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (isIPv6(address) ? 128 : 32))
}

/** What `frame-ancestors` takes for a place: scheme and host, a star for the first label of it at most. */
export function isOrigin(text: string): boolean {
  const url = URL.parse(text.replace('://*.', '://any.'))
  return url !== null && /^https?:$/.test(url.protocol) && url.origin === text.replace('://*.', '://any.')
}
