import { BlockList, isIP } from 'node:net'

/**
 * What is no public address: this machine, private and shared networks, link-local (where clouds tell their secrets), documentation,
 * multicast, and IPv6 that hides an IPv4 address. https://www.iana.org/assignments/iana-ipv4-special-registry/,
 * https://www.iana.org/assignments/iana-ipv6-special-registry/
 */
const PRIVATE = new BlockList()
for (const [network, prefix] of [
  ...[
    ['0.0.0.0', 8],
    ['10.0.0.0', 8],
    ['100.64.0.0', 10],
    ['127.0.0.0', 8],
    ['169.254.0.0', 16],
    ['172.16.0.0', 12],
  ],
  ...[
    ['192.0.0.0', 24],
    ['192.0.2.0', 24],
    ['192.88.99.0', 24],
    ['192.168.0.0', 16],
    ['198.18.0.0', 15],
  ],
  ...[
    ['198.51.100.0', 24],
    ['203.0.113.0', 24],
    ['224.0.0.0', 4],
    ['240.0.0.0', 4],
  ],
] as [string, number][])
  PRIVATE.addSubnet(network, prefix, 'ipv4')
// Only what is global unicast is public, and of that not the tunnels.
const PUBLIC_6 = new BlockList()
PUBLIC_6.addSubnet('2000::', 3, 'ipv6')
const TUNNEL_6 = new BlockList()
for (const [network, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as [string, number][])
  TUNNEL_6.addSubnet(network, prefix, 'ipv6')

/** Whether anybody on the internet could have this address. @param address IPv4 or IPv6, without brackets */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !PRIVATE.check(address, 'ipv4')
    case 6:
      return PUBLIC_6.check(address, 'ipv6') && !TUNNEL_6.check(address, 'ipv6')
    default:
      return false
  }
}

/**
 * Why nothing can be sent there, as it is known before the name is resolved; undefined where nothing stands against it.
 * @param mayUse hosts that the operator has named
 */
export function endpointFault(url: URL | undefined, mayUse: (url: URL) => boolean): string | undefined {
  if (!url) return 'is no URL'
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return `is asked by https, not by ${url.protocol}`
  if (url.username || url.password) return 'must not hold a password; a header may'
  if (url.hash) return 'must not have a fragment'
  if (mayUse(url)) return undefined
  if (url.protocol !== 'https:') return 'must be an https address'
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (isIP(host) && !isPublicAddress(host)) return 'is at an address that is not public'
  if (host === 'localhost' || host.endsWith('.localhost')) return 'is at an address that is not public'
  return undefined
}
