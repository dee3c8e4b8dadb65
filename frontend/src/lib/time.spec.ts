import { Settings } from 'luxon'
import { afterEach, describe, expect, it } from 'vitest'
import type { OpeningHours } from '@/api'
import {
  byMyClock,
  clock,
  dateInWords,
  dayBounds,
  endClock,
  longDate,
  minutesBetween,
  momentIn,
  openState,
  period,
  todayIn,
  weekdayIn,
  zoneCity,
  zonesDiffer,
} from './time'

const weekly: OpeningHours[] = [
  { days: ['mon', 'tue', 'wed', 'thu', 'fri'], open: '08:00', close: '22:00' },
  { days: ['sat'], open: '10:00', close: '20:00' },
]
const moscow = 'Europe/Moscow'
const at = (iso: string) => new Date(iso)

describe('open now', () => {
  it('says till when, by the venue’s clock', () => {
    expect(openState(weekly, [], moscow, at('2026-11-23T18:59:00Z'))).toEqual({ state: 'open', till: '22:00' })
  })
  it('is closed at the very minute of closing, and says when it opens', () => {
    expect(openState(weekly, [], moscow, at('2026-11-23T19:00:00Z'))).toEqual({
      state: 'opens',
      at: '08:00',
      days: 1,
      weekday: 'tue',
    })
  })
  it('skips closed days', () => {
    expect(openState(weekly, [], moscow, at('2026-11-28T18:00:00Z'))).toEqual({
      state: 'opens',
      at: '08:00',
      days: 2,
      weekday: 'mon',
    })
  })
  it('follows exceptions', () => {
    const exceptions = [
      { date: '2026-11-23', closed: true },
      { date: '2026-11-24', open: '12:00', close: '13:00' },
    ]
    expect(openState(weekly, exceptions, moscow, at('2026-11-23T10:00:00Z'))).toEqual({
      state: 'opens',
      at: '12:00',
      days: 1,
      weekday: 'tue',
    })
  })
  it('goes on past midnight over two entries', () => {
    const night: OpeningHours[] = [
      { days: ['mon'], open: '18:00', close: '24:00' },
      { days: ['tue'], open: '00:00', close: '02:00' },
    ]
    expect(openState(night, [], moscow, at('2026-11-23T20:00:00Z'))).toEqual({ state: 'open', till: '02:00' })
  })
  it('goes on past midnight by a closing time of the next day', () => {
    const night: OpeningHours[] = [{ days: ['mon'], open: '18:00', close: '02:00' }]
    expect(openState(night, [], moscow, at('2026-11-23T20:00:00Z'))).toEqual({ state: 'open', till: '02:00' })
    expect(openState(night, [], moscow, at('2026-11-23T22:30:00Z'))).toEqual({ state: 'open', till: '02:00' })
    expect(openState(night, [], moscow, at('2026-11-23T23:00:00Z'))).toEqual({
      state: 'opens',
      at: '18:00',
      days: 6,
      weekday: 'mon',
    })
    const closedOn = [{ date: '2026-11-24', closed: true }]
    expect(openState(night, closedOn, moscow, at('2026-11-23T22:30:00Z'))).toEqual({ state: 'open', till: '02:00' })
  })
  it('is open around the clock where it never closes, and till it does where it will', () => {
    const always: OpeningHours[] = [
      { days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], open: '00:00', close: '24:00' },
    ]
    expect(openState(always, [], moscow, at('2026-11-23T20:00:00Z'))).toEqual({ state: 'always' })
    const closed = [{ date: '2026-11-24', closed: true }]
    expect(openState(always, closed, moscow, at('2026-11-23T20:00:00Z'))).toEqual({ state: 'open', till: '24:00' })
  })
  it('is simply closed without hours', () => {
    expect(openState([], [], moscow)).toEqual({ state: 'closed' })
  })
})

describe('days and zones', () => {
  it('a day is 23 or 25 hours long when the clocks change', () => {
    const length = (date: string) => {
      const { from, to } = dayBounds(date, 'Europe/Berlin')
      return minutesBetween(from, to) / 60
    }
    expect([length('2026-03-29'), length('2026-10-25'), length('2026-11-23')]).toEqual([23, 25, 24])
  })
  it('today is the venue’s today', () => {
    expect(todayIn('Asia/Vladivostok', at('2026-11-23T15:00:00Z'))).toBe('2026-11-24')
    expect(todayIn('America/New_York', at('2026-11-23T04:00:00Z'))).toBe('2026-11-22')
  })
  it('clocks differ by offset, not by the zone’s name', () => {
    expect(zonesDiffer('2026-11-23T10:00:00Z', 'Europe/Moscow', 'Europe/Minsk')).toBe(false)
    expect(zonesDiffer('2026-11-23T10:00:00Z', 'Europe/Moscow', 'Europe/Berlin')).toBe(true)
    expect(clock('2026-11-23T10:00:00Z', 'Europe/Moscow', 'ru')).toBe('13:00')
  })
})

const FAR = ['Pacific/Kiritimati', 'Pacific/Honolulu', 'Pacific/Niue', 'Europe/Berlin']

describe('a reader far from the venue', () => {
  afterEach(() => void (Settings.defaultZone = 'system'))

  it.each(FAR)('reads the venue’s dates in %s', (mine) => {
    Settings.defaultZone = mine
    expect(dateInWords('2026-11-24', 'en', { weekday: 'long', day: 'numeric', month: 'long' })).toBe(
      'Tuesday, November 24',
    )
    for (const venue of FAR) {
      const { from, to } = dayBounds('2026-11-24', venue)
      expect([longDate(from, venue, 'en'), clock(from, venue, 'en'), endClock(to, venue, 'en')]).toEqual([
        'Tue, November 24',
        '00:00',
        '24:00',
      ])
      expect(period(from, to, venue, 'en')).toBe('Tue, November 24, 00:00–24:00')
      expect(momentIn(new Date(Date.parse(from) + 3_600_000).toISOString(), venue, 'en')).toBe('Tue, Nov 24, 01:00')
      expect([todayIn(venue, at(from)), weekdayIn(venue, at(from))]).toEqual(['2026-11-24', 'tue'])
    }
  })

  it('is told the date of the own clock where it is another than the venue’s', () => {
    const own = (start: string, end: string, mine: string) => byMyClock(start, end, moscow, 'en', mine)
    expect(own('2026-11-24T07:00:00Z', '2026-11-24T09:00:00Z', 'Europe/Berlin')).toBe('08:00–10:00')
    expect(own('2026-11-24T07:00:00Z', '2026-11-24T09:00:00Z', 'Pacific/Honolulu')).toBe(
      'Mon, November 23, 21:00–23:00',
    )
    expect(own('2026-11-24T07:00:00Z', '2026-11-24T11:00:00Z', 'Pacific/Honolulu')).toBe(
      'Mon, November 23, 21:00 – Tue, November 24, 01:00',
    )
    expect(own('2026-11-24T07:00:00Z', '2026-11-24T09:00:00Z', 'Europe/Minsk')).toBeNull()
  })

  it('is told whose clock it is by a city', () => {
    expect([zoneCity('America/New_York', 'en'), zoneCity('Europe/Moscow', 'ru'), zoneCity('UTC', 'ru')]).toEqual([
      'New York',
      'Москва',
      'UTC',
    ])
  })

  it('gets every date from here: nothing else formats one', () => {
    const sources = import.meta.glob<string>(
      ['/src/**/*.{vue,ts}', '!/src/**/*.spec.ts', '!/src/api/generated/**', '!/src/lib/time.ts'],
      { query: '?raw', import: 'default', eager: true },
    )
    expect(Object.keys(sources).length).toBeGreaterThan(50)
    expect(
      Object.keys(sources).filter((name) =>
        /from 'luxon'|DateTimeFormat\(|toLocale(Date|Time)String/.test(sources[name] ?? ''),
      ),
    ).toEqual([])
  })
})

describe('ends', () => {
  it('are 24:00 at midnight, on the date that is over', () => {
    expect(endClock('2026-11-23T21:00:00Z', moscow, 'en')).toBe('24:00')
    expect(period('2026-11-23T17:00:00Z', '2026-11-23T21:00:00Z', moscow, 'en')).toBe('Mon, November 23, 20:00–24:00')
    expect(period('2026-11-23T17:00:00Z', '2026-11-23T23:00:00Z', moscow, 'en')).toBe(
      'Mon, November 23, 20:00 – Tue, November 24, 02:00',
    )
  })
  it('are counted from the last covered moment when the clocks change', () => {
    // Cairo skips midnight, New York has an hour twice.
    expect(endClock('2027-04-29T22:00:00Z', 'Africa/Cairo', 'en')).toBe('24:00')
    expect(endClock('2026-11-01T06:00:00Z', 'America/New_York', 'en')).toBe('02:00')
    expect(endClock('2026-03-08T07:00:00Z', 'America/New_York', 'en')).toBe('02:00')
  })
})
