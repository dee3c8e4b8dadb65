import { describe, expect, it } from 'vitest'
import type { OpeningHours } from '@/api/types'
import { clock, dayBounds, minutesBetween, openState, todayIn, zonesDiffer } from './time'

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
