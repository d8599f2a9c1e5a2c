/** Ids for a decision that may be made several times until all its expressions are answered: each time it is given the same ones. */
export class RepeatableIds {
  private readonly make: () => string
  private readonly made: string[] = []
  private usedCount = 0

  constructor(make: () => string) {
    this.make = make
  }

  /** Gives ids for one time, from the first one on. */
  fromStart(): () => string {
    let count = 0
    this.usedCount = 0
    return () => {
      const id = this.made[count] ?? this.make()
      this.made[count] = id
      count += 1
      this.usedCount = count
      return id
    }
  }

  /** Those that the last time used. */
  get used(): string[] {
    return this.made.slice(0, this.usedCount)
  }
}
