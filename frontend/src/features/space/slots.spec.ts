import { describe, expect, it } from 'vitest'
import type { Slot } from '@/api'
import { aSlot } from '@/testing/samples'
import { alternative, datesIn, firstLost, isTooLong, press, runFrom, slotsOf, wholeDay } from './slots'

/** Half-hour slots from 10:00 UTC; a dot is free, an x is taken. */
function day(pattern: string): Slot[] {
  return [...pattern].map((mark, i) => {
    const start = Date.UTC(2026, 10, 24, 10, i * 30)
    return aSlot({
      start: new Date(start).toISOString(),
      end: new Date(start + 1_800_000).toISOString(),
      seats_free: mark === '.' ? 5 : 0,
      bookable: mark === '.',
    })
  })
}
const hours = (range: { start: string; end: string } | null) =>
  range && `${range.start.slice(11, 16)}-${range.end.slice(11, 16)}`

describe('choosing slots', () => {
  const free = day('......')
  it('takes the shortest stay at first, and stretches it', () => {
    const first = press(free, 1, null, 2, 6)
    expect(hours(first)).toBe('10:30-11:30')
    expect(hours(press(free, 4, first, 2, 6))).toBe('10:30-12:30')
  })
  it('starts anew before the start or past a gap, and stays as it is past the longest stay', () => {
    expect(hours(press(free, 0, runFrom(free, 2, 1), 1, 6))).toBe('10:00-10:30')
    const gap = day('..x...')
    expect(hours(press(gap, 4, runFrom(gap, 0, 1), 1, 6))).toBe('12:00-12:30')
    expect(hours(press(free, 5, runFrom(free, 0, 1), 1, 3))).toBe('10:00-10:30')
    expect([
      isTooLong(free, 5, runFrom(free, 0, 1), 3),
      isTooLong(free, 2, runFrom(free, 0, 1), 3),
      isTooLong(gap, 4, runFrom(gap, 0, 1), 3),
      isTooLong(free, 5, null, 3),
    ]).toEqual([true, false, false, false])
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

describe('a night', () => {
  /** Hours of Moscow; `date` is whose opening hours they are. */
  const slot = (day: number, hour: number, date: string): Slot =>
    aSlot({
      date,
      start: `2026-12-0${day}T${`${hour}`.padStart(2, '0')}:00:00+03:00`,
      end: new Date(Date.parse(`2026-12-0${day}T00:00:00+03:00`) + (hour + 1) * 3_600_000).toISOString(),
      seats_free: 1,
      bookable: true,
    })
  const [saturday, sunday] = ['2026-12-05', '2026-12-06']
  const shown = (slots: Slot[], date: string, today = '2026-12-01') =>
    slotsOf(slots, date, 'Europe/Moscow', today).map((item) => item.start.slice(8, 13))
  const night = [
    slot(5, 22, saturday),
    slot(5, 23, saturday),
    slot(6, 0, saturday),
    slot(6, 1, saturday),
    slot(6, 22, sunday),
  ]

  it('is on the page of the date on which it opens', () => {
    expect(shown(night, saturday)).toEqual(['05T22', '05T23', '06T00', '06T01'])
    expect(shown(night.slice(2), sunday)).toEqual(['06T22'])
    expect(shown(night.slice(2), sunday, sunday)).toEqual(['06T00', '06T01', '06T22'])
  })
  it('goes on into the hours of the next date where both meet, till noon or as far as the longest stay reaches', () => {
    const always = [
      slot(5, 22, saturday),
      slot(5, 23, saturday),
      ...[...Array(24).keys()].map((hour) => slot(6, hour, sunday)),
    ]
    expect(shown(always, saturday).at(-1)).toBe('06T11')
    const last = (longest: number) =>
      slotsOf(always, saturday, 'Europe/Moscow', '2026-12-01', longest).at(-1)?.start.slice(8, 13)
    expect([last(180), last(60), last(1440)]).toEqual(['06T01', '05T23', '06T11'])
    expect(shown([slot(5, 22, saturday), slot(6, 0, sunday)], saturday)).toEqual(['05T22'])
  })
  it('is no part of the next date’s whole day, nor is the next morning of this one’s', () => {
    const always = [saturday, sunday].flatMap((date, day) =>
      [...Array(24).keys()].map((hour) => slot(5 + day, hour, date)),
    )
    const page = slotsOf(always, saturday, 'Europe/Moscow', '2026-12-01')
    expect(page).toHaveLength(36)
    const whole = wholeDay(page, page, saturday, 1, 24)
    expect(whole).toEqual({ range: { start: always[0]!.start, end: always[23]!.end }, all: true })
    expect(datesIn(page, whole!.range)).toBe(1)
    expect(wholeDay(page, page, saturday, 1, 12)).toBeNull()
    const leftover = slotsOf(night.slice(2), sunday, 'Europe/Moscow', sunday)
    expect(wholeDay(leftover, leftover, sunday, 0, 24)?.range.start).toBe(night[4]!.start)
  })
  it('is only the rest of a day that has begun', () => {
    const day = [8, 9, 10, 11].map((hour) => ({
      ...slot(5, hour, saturday),
      ...(hour < 10 ? { bookable: false, reason: hour === 8 ? ('past' as const) : ('notice' as const) } : {}),
    }))
    expect(wholeDay(day, day.slice(1), saturday, 1, 24)).toEqual({
      range: { start: day[2]!.start, end: day[3]!.end },
      all: false,
    })
    const taken = day.map((item, at) => (at === 2 ? { ...item, bookable: false, reason: 'full' as const } : item))
    expect(wholeDay(taken, taken, saturday, 1, 24)).toBeNull()
  })
  it('knows which slot of a stay was lost', () => {
    const slots = [slot(5, 9, saturday), { ...slot(5, 10, saturday), bookable: false }]
    expect(firstLost(slots, { start: slots[0]!.start, end: slots[1]!.end })?.start).toBe(slots[1]!.start)
    expect(firstLost(slots, { start: slots[0]!.start, end: slots[0]!.end })).toBeNull()
  })
  it('counts one date, or two where hours of two dates meet', () => {
    expect(datesIn(night, { start: night[0]!.start, end: night[3]!.end })).toBe(1)
    const two = [slot(5, 23, saturday), slot(6, 0, sunday)]
    expect(datesIn(two, { start: two[0]!.start, end: two[1]!.end })).toBe(2)
  })
})
