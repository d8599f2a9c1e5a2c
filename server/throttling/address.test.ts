import fc from 'fast-check'
import { placeOf } from './address.ts'

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:aaaa:bbbb:cccc:dddd', '2001:db8:1:2::/64'],
  ['2001:0db8:0001:0002::1', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  [undefined, 'gone'],
])('%s is at %s', (ip, place) => expect(placeOf(ip)).toBe(place))

test('however an IPv6 address is written, its /64 is one place, and another /64 another', () => {
  const group = fc.integer({ min: 0, max: 0xffff })
  fc.assert(
    fc.property(fc.tuple(group, group, group, group), fc.array(group, { minLength: 4, maxLength: 4 }), (net, host) => {
      const hex = [...net, ...host].map((one) => one.toString(16))
      // As a URL has it: the longest row of zeros as `::`.
      const short = new URL(`http://[${hex.join(':')}]`).hostname.slice(1, -1)
      const long = hex.map((one) => one.padStart(4, '0')).join(':')
      expect(placeOf(short)).toBe(placeOf(long))
      expect(placeOf(short)).not.toBe(
        placeOf([net[0] ^ 1, ...net.slice(1), ...host].map((n) => n.toString(16)).join(':')),
      )
    }),
  )
})
