import { blockedCountOf, nameOf } from './answered.ts'

test.each([
  ['3', 3],
  ['0', 0],
  ['', 0],
  ['many', 0],
  ['-1', 0],
])('a count of blocked documents of "%s" is %s', (said, count) =>
  expect(blockedCountOf({ header: (name) => (name === 'NHN-SecurityLabel-Nors-Count' ? said : null) })).toBe(count),
)

const at = (url: string) => ({ content: [{ attachment: { url } }] })

test('a document is fetched by its three names, wherever its address says that it lies', () => {
  expect(nameOf(at('https://evil.example/x?documentUniqueId=1&homeCommunityId=2&repositoryUniqueId=3'))).toEqual({
    ...{ documentUniqueId: '1', homeCommunityId: '2', repositoryUniqueId: '3' },
  })
  for (const none of [at('https://x/Binary/1'), at('?documentUniqueId=1&homeCommunityId=2'), {}])
    expect(nameOf(none)).toBeUndefined()
})
