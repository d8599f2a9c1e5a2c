import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Composition, CompositionSection, Patient } from '@medplum/fhirtypes'
import PDFDocument from 'pdfkit'
import { toOsloDateTime } from '../core/decide/time/oslo-time.ts'
import type { Language } from '../core/decide/words/language.ts'
import { translated } from '../core/decide/words/translated.ts'
import { nameOf } from '../core/fhir/human-name.ts'
import { refuse } from '../core/fhir/outcome.ts'
import { beginTurn, type Turn } from '../turns.ts'
import { PDF_WORDS as WORDS } from './document-words.ts'
import { type Block, narrativeBlocks } from './narrative-blocks.ts'

export type Printed = {
  composition: Composition
  patient: Patient | undefined
  /** Who wrote it, as people say it. */
  author: string
  language: Language
}

const MARGIN = 56
const SIZE = { title: 18, heading: 13, text: 10, small: 8 }
const PADDING = 4

type Page = InstanceType<typeof PDFDocument>
type Structure = ReturnType<Page['struct']>

/**
 * A Composition as a PDF that can be filed, read aloud and searched: fonts embedded, tagged, in one language, with page numbers. What it says is
 * what the narratives of its sections say.
 * @throws Refusal too-costly (more than anybody reads); Error when a font is not there
 */
export async function toPdf({ composition, patient, author, language }: Printed): Promise<Buffer> {
  const title = translated(composition, 'title', language) ?? composition.title
  if (lengthOf(composition.section) > CHARACTER_COUNT_MAX) throw tooLong()
  const turn = beginTurn()
  const doc = new PDFDocument({
    ...{ size: 'A4', margin: MARGIN, bufferPages: true, font: fontNamed('400Regular') },
    ...{ pdfVersion: '1.7', subset: 'PDF/A-2a', tagged: true, lang: language, displayTitle: true },
    info: {
      Title: title,
      Author: author,
      Producer: 'Fylgje',
      Creator: 'Fylgje',
      CreationDate: new Date(composition.date),
    },
  } as unknown as ConstructorParameters<typeof PDFDocument>[0])
  const chunks: Buffer[] = []
  const done = new Promise<Buffer>((resolve, reject) => {
    doc.on('data', (chunk: Buffer) => chunks.push(chunk))
    doc.on('end', () => resolve(Buffer.concat(chunks)))
    doc.on('error', reject)
  })
  doc.registerFont('plain', fontNamed('400Regular'))
  doc.registerFont('bold', fontNamed('700Bold'))
  const root = doc.struct('Document')
  doc.addStructure(root)
  write(doc, root, 'H1', title, { font: 'bold', size: SIZE.title, after: 6 })
  for (const line of aboutLines(composition, patient, author, language))
    write(doc, root, 'P', line, { size: SIZE.text, after: 2 })
  for (const section of composition.section ?? []) await addSection({ doc, root, language, turn }, section)
  root.end()
  numberPages(doc, title, language)
  doc.end()
  return done
}

/** Of the narratives of all sections together, in all their languages: some hundred pages. */
const CHARACTER_COUNT_MAX = 600_000
const lengthOf = (sections: CompositionSection[] = []): number =>
  sections.reduce((sum, { text, section }) => sum + (text?.div.length ?? 0) + lengthOf(section), 0)
const tooLong = () =>
  refuse(
    'too-costly',
    `Its narratives have more than ${CHARACTER_COUNT_MAX} characters together; that is too much for a PDF.`,
    'Composition.section',
  )

type Printing = { doc: Page; root: Structure; language: Language; turn: Turn }

async function addSection(printing: Printing, section: CompositionSection): Promise<void> {
  const { doc, root, language } = printing
  const title = translated(section, 'title', language)
  if (title) {
    // A heading stands with what it is about.
    if (doc.y > bottomOf(doc) - 60) doc.addPage()
    doc.y += 12
    write(doc, root, 'H2', title, { font: 'bold', size: SIZE.heading, after: 4 })
  }
  for (const block of narrativeBlocks(section.text?.div ?? '', language)) await addBlock(printing, block)
  for (const inner of section.section ?? []) await addSection(printing, inner)
}

const WRITTEN = {
  heading: { tag: 'H3', written: { font: 'bold', size: SIZE.text, after: 3 } },
  paragraph: { tag: 'P', written: { size: SIZE.text, after: 4 } },
  item: { tag: 'P', written: { size: SIZE.text, after: 2 } },
} as const

async function addBlock(printing: Printing, block: Block): Promise<void> {
  const { doc, root, turn } = printing
  if (turn.isOver()) await turn.next()
  if (block.kind === 'table') await addTable(printing, block)
  else {
    const { tag, written } = WRITTEN[block.kind]
    write(doc, root, tag, block.kind === 'item' ? `• ${block.text}` : block.text, written)
  }
}

type Written = { font?: 'plain' | 'bold'; size: number; after: number }

function write(
  doc: Page,
  parent: Structure,
  tag: string,
  text: string,
  { font = 'plain', size, after }: Written,
): void {
  parent.add(
    doc.struct(tag, {}, () => {
      doc
        .font(font)
        .fontSize(size)
        .text(text, MARGIN, doc.y, { width: widthOf(doc) })
    }),
  )
  doc.y += after
}

const widthOf = (doc: Page): number => doc.page.width - 2 * MARGIN
const bottomOf = (doc: Page): number => doc.page.height - MARGIN - 16

async function addTable(
  { doc, root, turn }: Printing,
  { header, rows }: Extract<Block, { kind: 'table' }>,
): Promise<void> {
  const widths = columnWidths(widthOf(doc), header.length > 0 ? [header, ...rows] : rows)
  const table = doc.struct('Table')
  root.add(table)
  if (header.length > 0) addRow(doc, table, header, { widths, tag: 'TH' })
  for (const row of rows) {
    if (turn.isOver()) await turn.next()
    addRow(doc, table, row, { widths, tag: 'TD', isNamed: header.length === 0 })
  }
  doc.y += 6
}

/** @param isNamed the first cell says what the others are */
function addRow(
  doc: Page,
  table: Structure,
  cells: string[],
  { widths, tag, isNamed = false }: { widths: number[]; tag: 'TH' | 'TD'; isNamed?: boolean },
): void {
  const fontOf = (i: number) => (tag === 'TH' || (isNamed && i === 0) ? 'bold' : 'plain')
  doc.fontSize(SIZE.text)
  const heights = cells.map((cell, i) =>
    doc.font(fontOf(i)).heightOfString(cell || ' ', { width: (widths[i] ?? 0) - PADDING }),
  )
  const height = Math.max(0, ...heights) + PADDING
  if (doc.y + height > bottomOf(doc) && height < doc.page.height - 2 * MARGIN) doc.addPage()
  const top = doc.y
  const row = doc.struct('TR')
  table.add(row)
  let left = MARGIN
  cells.forEach((cell, i) => {
    const [x, width] = [left, (widths[i] ?? 0) - PADDING]
    left += widths[i] ?? 0
    row.add(
      doc.struct(fontOf(i) === 'bold' ? 'TH' : 'TD', {}, () => {
        doc.font(fontOf(i)).fontSize(SIZE.text).text(cell, x, top, { width })
      }),
    )
  })
  doc.y = top + height
  doc.markContent('Artifact', { type: 'Layout' })
  doc
    .moveTo(MARGIN, doc.y - 2)
    .lineTo(MARGIN + widthOf(doc), doc.y - 2)
    .lineWidth(0.5)
    .strokeColor('#999999')
    .stroke()
  doc.endMarkedContent()
}

/** By how much is in each column, and none so narrow that its words are cut up. */
function columnWidths(total: number, rows: string[][]): number[] {
  const count = rows.reduce((most, { length }) => Math.max(most, length), 1)
  const weights = Array.from({ length: count }, (_, i) =>
    Math.min(
      60,
      rows.reduce((most, row) => Math.max(most, row[i]?.length ?? 0), 8),
    ),
  )
  const sum = weights.reduce((a, b) => a + b, 0)
  return weights.map((weight) => (weight / sum) * total)
}

function aboutLines(
  { date, confidentiality }: Composition,
  patient: Patient | undefined,
  author: string,
  language: Language,
): string[] {
  const [year, month, day] = toOsloDateTime(new Date(date)).slice(0, 10).split('-')
  return [
    `${WORDS.patient[language]}: ${nameOf(patient?.name) ?? ''}${patient?.birthDate ? `, ${WORDS.born[language]} ${patient.birthDate.split('-').reverse().join('.')}` : ''}`,
    `${WORDS.written[language]}: ${day}.${month}.${year}, ${author}`,
    ...(confidentiality && confidentiality !== 'N' ? [`${WORDS.confidentiality[language]}: ${confidentiality}`] : []),
  ]
}

function numberPages(doc: Page, title: string, language: Language): void {
  const { start, count } = doc.bufferedPageRange()
  for (let i = 0; i < count; i++) {
    doc.switchToPage(start + i)
    doc.markContent('Artifact', { type: 'Pagination' } as Parameters<Page['markContent']>[1])
    // Below the margin, where text would begin another page.
    doc.page.margins.bottom = 0
    doc
      .font('plain')
      .fontSize(SIZE.small)
      .text(`${title} · ${WORDS.page[language]} ${i + 1} / ${count}`, MARGIN, doc.page.height - MARGIN + 8, {
        width: widthOf(doc),
        align: 'center',
        lineBreak: false,
      })
    doc.endMarkedContent()
  }
}

const require = createRequire(import.meta.url)
const fonts = new Map<string, Buffer>()

/** Source Sans 3, with the letters of all languages that are written in Norway. Read by whoever prints first. */
function fontNamed(weight: '400Regular' | '700Bold'): Buffer {
  const font =
    fonts.get(weight) ??
    readFileSync(require.resolve(`@expo-google-fonts/source-sans-3/${weight}/SourceSans3_${weight}.ttf`))
  fonts.set(weight, font)
  return font
}
