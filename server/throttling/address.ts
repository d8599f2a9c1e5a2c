import { isIPv6 } from 'node:net'

/**
 * Where a request comes from, as one place: an IPv4 address, or the /64 of an IPv6 address, because whoever has one address
 * of it has them all. https://www.rfc-editor.org/rfc/rfc6177
 * @param ip of the caller, as the outermost trusted proxy saw it; undefined when the connection is gone already
 */
export function placeOf(ip: string | undefined): string {
  const bare = (ip ?? 'gone').replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')
  if (!isIPv6(bare)) return bare
  const [head = '', tail] = bare.split('::')
  const groups = (part: string) => part.split(':').filter(Boolean)
  const [front, back] = [groups(head), groups(tail ?? '')]
  const gap = tail === undefined ? [] : Array.from({ length: 8 - front.length - back.length }, () => '0')
  const network = [...front, ...gap, ...back].slice(0, 4)
  return `${network.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`
}
