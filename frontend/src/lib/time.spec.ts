import { describe, expect, it } from 'vitest'
import type { OpeningHours } from '@/api/types'
import { clock, dayBounds, endClock, minutesBetween, openState, period, todayIn, zonesDiffer } from './time'

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
    expect(openState(weekly, [], moscow, at('2026-11-23T19:00:00Z'))).toEqual({ state: 'opens', at: '08:00', days: 1, weekday: 'tue' })
  })
  it('skips closed days', () => {
    expect(openState(weekly, [], moscow, at('2026-11-28T18:00:00Z'))).toEqual({ state: 'opens', at: '08:00', days: 2, weekday: 'mon' })
  })
  it('follows exceptions', () => {
    const exceptions = [{ date: '2026-11-23', closed: true }, { date: '2026-11-24', open: '12:00', close: '13:00' }]
    expect(openState(weekly, exceptions, moscow, at('2026-11-23T10:00:00Z'))).toEqual({ state: 'opens', at: '12:00', days: 1, weekday: 'tue' })
  })
  it('goes on past midnight over two entries', () => {
    const night: OpeningHours[] = [{ days: ['mon'], open: '18:00', close: '24:00' }, { days: ['tue'], open: '00:00', close: '02:00' }]
    expect(openState(night, [], moscow, at('2026-11-23T20:00:00Z'))).toEqual({ state: 'open', till: '02:00' })
  })
  it('goes on past midnight by a closing time of the next day', () => {
    const night: OpeningHours[] = [{ days: ['mon'], open: '18:00', close: '02:00' }]
    expect(openState(night, [], moscow, at('2026-11-23T20:00:00Z'))).toEqual({ state: 'open', till: '02:00' })
    expect(openState(night, [], moscow, at('2026-11-23T22:30:00Z'))).toEqual({ state: 'open', till: '02:00' })
    expect(openState(night, [], moscow, at('2026-11-23T23:00:00Z'))).toEqual({ state: 'opens', at: '18:00', days: 6, weekday: 'mon' })
    const closedOn = [{ date: '2026-11-24', closed: true }]
    expect(openState(night, closedOn, moscow, at('2026-11-23T22:30:00Z'))).toEqual({ state: 'open', till: '02:00' })
  })
  it('is open till the end of the day where it never closes', () => {
    const always: OpeningHours[] = [{ days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], open: '00:00', close: '24:00' }]
    expect(openState(always, [], moscow, at('2026-11-23T20:00:00Z'))).toEqual({ state: 'open', till: '24:00' })
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

describe('ends', () => {
  it('are 24:00 at midnight, on the date that is over', () => {
    expect(endClock('2026-11-23T21:00:00Z', moscow, 'en')).toBe('24:00')
    expect(period('2026-11-23T17:00:00Z', '2026-11-23T21:00:00Z', moscow, 'en')).toBe('Mon, November 23, 20:00–24:00')
    expect(period('2026-11-23T17:00:00Z', '2026-11-23T23:00:00Z', moscow, 'en')).toBe('Mon, November 23, 20:00 – Tue, November 24, 02:00')
  })
  it('are counted from the last covered moment when the clocks change', () => {
    // Cairo skips midnight, New York has an hour twice.
    expect(endClock('2027-04-29T22:00:00Z', 'Africa/Cairo', 'en')).toBe('24:00')
    expect(endClock('2026-11-01T06:00:00Z', 'America/New_York', 'en')).toBe('02:00')
    expect(endClock('2026-03-08T07:00:00Z', 'America/New_York', 'en')).toBe('02:00')
  })
})
