import { describe, expect, it } from 'vitest'
import type { Slot } from '@/api/types'
import { alternative, press, runFrom } from './slots'

/** Half-hour slots from 10:00 UTC; a dot is free, an x is taken. */
function day(pattern: string): Slot[] {
  return [...pattern].map((mark, i) => {
    const start = Date.UTC(2026, 10, 24, 10, i * 30)
    return { start: new Date(start).toISOString(), end: new Date(start + 1_800_000).toISOString(), seats_free: mark === '.' ? 5 : 0, bookable: mark === '.' }
  })
}
const hours = (range: { start: string; end: string } | null) => range && `${range.start.slice(11, 16)}-${range.end.slice(11, 16)}`

describe('choosing slots', () => {
  const free = day('......')
  it('takes the shortest stay at first, and stretches it', () => {
    const first = press(free, 1, null, 2, 6)
    expect(hours(first)).toBe('10:30-11:30')
    expect(hours(press(free, 4, first, 2, 6))).toBe('10:30-12:30')
  })
  it('starts anew before the start, past a gap, or past the longest stay', () => {
    expect(hours(press(free, 0, runFrom(free, 2, 1), 1, 6))).toBe('10:00-10:30')
    const gap = day('..x...')
    expect(hours(press(gap, 4, runFrom(gap, 0, 1), 1, 6))).toBe('12:00-12:30')
    expect(hours(press(free, 5, runFrom(free, 0, 1), 1, 3))).toBe('12:30-13:00')
  })
  it('clears when the start is pressed again, shortens within', () => {
    expect(press(free, 0, runFrom(free, 0, 3), 1, 6)).toBeNull()
    expect(hours(press(free, 1, runFrom(free, 0, 4), 1, 6))).toBe('10:00-11:00')
  })
  it('does not choose what cannot be booked', () => {
    const taken = day('.x.')
    expect(press(taken, 1, null, 1, 3)).toBeNull()
    expect(press(taken, 0, null, 2, 3)).toBeNull()
  })
})

describe('when the time was just taken', () => {
  it('offers the next stay of the same length', () => {
    const slots = day('xx..x...')
    expect(hours(alternative(slots, { start: slots[0]!.start, end: slots[1]!.end }))).toBe('11:00-12:00')
  })
  it('else an earlier one, else nothing', () => {
    const slots = day('..xxxx')
    expect(hours(alternative(slots, { start: slots[4]!.start, end: slots[5]!.end }))).toBe('10:00-11:00')
    expect(alternative(day('x.x.'), { start: slots[0]!.start, end: slots[1]!.end })).toBeNull()
  })
})
