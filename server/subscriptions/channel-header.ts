const COUNT_MAX = 10
const CHARS_MAX = 4_096
/** What proves who we are to the receiver, or is the receiver’s own. Others could steer proxies, or change what is sent. */
const ALLOWED = /^(?:authorization|x-(?!forwarded|real-ip|original)[a-z0-9-]+)$/i
// Visible characters and spaces: a line break would begin another header.
const LINE = /^([A-Za-z0-9-]{1,100}): *([\x20-\x7e]*)$/

/** What is wrong with one of `Subscription.channel.header`, `Authorization: Bearer …`; undefined where nothing is. */
export function headerFault(header: string, index: number): string | undefined {
  if (index >= COUNT_MAX) return `There may be ${COUNT_MAX} headers, not more.`
  const [, name] = LINE.exec(header) ?? []
  if (name === undefined || header.length > CHARS_MAX)
    return `A header is written Name: value, on one line of at most ${CHARS_MAX} characters.`
  return ALLOWED.test(name) ? undefined : `The header ${name} is not sent; Authorization and X-… are.`
}

/** @throws Error for what `headerFault` finds wrong */
export function parseHeader(header: string): [name: string, value: string] {
  const [, name, value = ''] = LINE.exec(header) ?? []
  if (name === undefined) throw new Error('A header that was checked cannot be read.')
  return [name, value.trim()]
}
