import { type ProfileNode, timeSpent } from './cpu-profile.ts'

const node = (id: number, functionName: string, url: string, children: number[] = []): ProfileNode => ({
  id,
  callFrame: { functionName, url, lineNumber: 9 },
  children,
})

const NODES = [
  node(1, '(root)', '', [2, 3, 6]),
  node(2, '(idle)', ''),
  node(3, 'insert', 'file:///somewhere/server/store/write.ts', [4]),
  node(4, 'query', 'file:///somewhere/node_modules/pg/lib/client.js', [5]),
  node(5, 'writev', ''),
  node(6, 'emit', 'node:events'),
]

test('what Node does counts for the package or the room that called it, also when it has a name of its own', () => {
  const spent = timeSpent({ nodes: NODES, samples: [2, 3, 5, 5, 6], timeDeltas: [10, 20, 30, 30, 10] })
  expect(spent.by_place).toEqual({ pg: 60, 'server/store': 20, '(idle)': 10, node: 10 })
  expect(spent.by_function).toEqual({
    writev: 60,
    'insert server/store/write.ts:10': 20,
    '(idle)': 10,
    'emit node:events:10': 10,
  })
})
