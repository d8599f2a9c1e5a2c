/** What a device sent is not what its service says; nothing is made of it. */
export class Unreadable extends Error {}

/** What a clock on the wall shows, as devices send it. */
export type DeviceTime = { date: string; minuteOfDay: number; second: number }

/**
 * Goes through what a characteristic says, field by field, least significant byte first, as GATT has it. Never reads beyond its end.
 * @see https://www.bluetooth.com/specifications/specs/gatt-specification-supplement/
 */
export class Bytes {
  #at = 0
  readonly #view: DataView

  constructor(view: DataView) {
    this.#view = view
  }

  /** @throws Unreadable where it ends before it should */
  #take(count: number): number {
    const at = this.#at
    if (at + count > this.#view.byteLength) throw new Unreadable(`ends after ${this.#view.byteLength} bytes`)
    this.#at += count
    return at
  }

  uint8 = (): number => this.#view.getUint8(this.#take(1))
  uint16 = (): number => this.#view.getUint16(this.#take(2), true)
  int16 = (): number => this.#view.getInt16(this.#take(2), true)
  uint24(): number {
    const at = this.#take(3)
    return this.#view.getUint16(at, true) + this.#view.getUint8(at + 2) * 0x1_0000
  }

  /** IEEE 11073-20601 SFLOAT: an exponent of ten in 4 bits, a mantissa in 12. @returns undefined for what is no number: NaN, NRes, ±INF */
  sfloat(): number | undefined {
    const raw = this.uint16()
    return decimal(signed(raw & 0xfff, 12), signed(raw >> 12, 4), 12)
  }

  /** IEEE 11073-20601 FLOAT: an exponent of ten in 8 bits, a mantissa in 24. @returns undefined for what is no number: NaN, NRes, ±INF */
  float(): number | undefined {
    const mantissa = this.uint24()
    return decimal(signed(mantissa, 24), signed(this.uint8(), 8), 24)
  }

  /** @returns undefined where the device does not know what day it is; it says so by zeros */
  dateTime(): DeviceTime | undefined {
    const [year, month, day] = [this.uint16(), this.uint8(), this.uint8()]
    const [hour, minute, second] = [this.uint8(), this.uint8(), this.uint8()]
    if (year === 0 || month === 0 || day === 0) return undefined
    const two = (value: number) => String(value).padStart(2, '0')
    const date = `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`
    // 31 February is no day, and 25 o'clock no time: whoever sends it does not know.
    const isDay = !Number.isNaN(Date.parse(date)) && new Date(date).toISOString().startsWith(date)
    if (!isDay || hour > 23 || minute > 59 || second > 59) return undefined
    return { date, minuteOfDay: hour * 60 + minute, second }
  }
}

const signed = (raw: number, bits: number): number => (raw >= 2 ** (bits - 1) ? raw - 2 ** bits : raw)

/** The five values at both ends of the mantissa, with whatever exponent 0, say that there is no number. */
function decimal(mantissa: number, exponent: number, bits: 12 | 24): number | undefined {
  const top = 2 ** (bits - 1)
  const isSpecial = exponent === 0 && (mantissa >= top - 2 || mantissa <= -top + 2)
  // Written as it would be by hand: 364e-1 is 36.4, and not 36.400000000000006.
  return isSpecial ? undefined : Number(`${mantissa}e${exponent}`)
}
