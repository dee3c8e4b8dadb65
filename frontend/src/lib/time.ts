import { DateTime, type DateTimeFormatOptions } from 'luxon'
import type { HoursException, OpeningHours, Weekday } from '@/api/types'

export const WEEKDAYS: readonly Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']

/** An instant on the venue's wall clock. */
export function inZone(instant: string | Date, zone: string, locale: string): DateTime {
  const moment = instant instanceof Date ? DateTime.fromJSDate(instant) : DateTime.fromISO(instant)
  return moment.setZone(zone).setLocale(locale)
}

export function userZone(): string {
  return DateTime.local().zoneName
}

/** Whether the reader's clock shows another time than the venue's at this instant. */
export function zonesDiffer(instant: string, zone: string, mine: string = userZone()): boolean {
  return inZone(instant, zone, 'en').offset !== inZone(instant, mine, 'en').offset
}

export function clock(instant: string, zone: string, locale: string): string {
  // 24-hour clock in both languages: slots are picked by eye from a grid, and AM/PM doubles their width.
  return inZone(instant, zone, locale).toFormat('HH:mm')
}

const LONG_DATE: DateTimeFormatOptions = { weekday: 'short', day: 'numeric', month: 'long' }

export function longDate(instant: string, zone: string, locale: string): string {
  return inZone(instant, zone, locale).toLocaleString(LONG_DATE)
}

/** Today in the venue's zone, as yyyy-mm-dd. */
export function todayIn(zone: string, now: Date = new Date()): string {
  return DateTime.fromJSDate(now).setZone(zone).toISODate() ?? ''
}

export function addDays(date: string, days: number): string {
  return DateTime.fromISO(date, { zone: 'utc' }).plus({ days }).toISODate() ?? date
}

/** The instants between which a local date lies (23 or 25 hours apart when the clocks change). */
export function dayBounds(date: string, zone: string): { from: string; to: string } {
  const start = DateTime.fromISO(date, { zone })
  return { from: iso(start.startOf('day')), to: iso(start.plus({ days: 1 }).startOf('day')) }
}

function iso(moment: DateTime): string {
  return moment.toISO({ suppressMilliseconds: true }) ?? ''
}

export function minutesBetween(start: string, end: string): number {
  return DateTime.fromISO(end).diff(DateTime.fromISO(start), 'minutes').minutes
}

interface Interval { open: string; close: string }

/** When a local date is open: its exception if it has one, else the weekly hours. */
export function hoursOn(date: DateTime, weekly: OpeningHours[], exceptions: HoursException[]): Interval[] {
  const special = exceptions.filter((item) => item.date === date.toISODate())
  if (special.length) {
    return special.flatMap((item) => (item.closed || !item.open || !item.close ? [] : [{ open: item.open, close: item.close }]))
  }
  const day = WEEKDAYS[date.weekday - 1]
  return weekly.filter((item) => day && item.days.includes(day)).map(({ open, close }) => ({ open, close })).sort((a, b) => a.open.localeCompare(b.open))
}

export type OpenState =
  | { state: 'open'; till: string }
  | { state: 'opens'; at: string; days: number; weekday: Weekday }
  | { state: 'closed' }

/** Open now and till when, or when it opens next within a week, by the venue's clock. */
export function openState(weekly: OpeningHours[], exceptions: HoursException[], zone: string, now: Date = new Date()): OpenState {
  const local = DateTime.fromJSDate(now).setZone(zone)
  const time = local.toFormat('HH:mm')
  const current = hoursOn(local, weekly, exceptions).find((item) => item.open <= time && time < item.close)
  if (current) return { state: 'open', till: tillAfterMidnight(current, local, weekly, exceptions) }
  for (let days = 0; days <= 7; days++) {
    const date = local.plus({ days })
    const next = hoursOn(date, weekly, exceptions).find((item) => days > 0 || item.open > time)
    if (next) return { state: 'opens', at: next.open, days, weekday: WEEKDAYS[date.weekday - 1] ?? 'mon' }
  }
  return { state: 'closed' }
}

/** Past midnight takes two entries: one that closes at 24:00 goes on with tomorrow's that opens at 00:00. */
function tillAfterMidnight(current: Interval, local: DateTime, weekly: OpeningHours[], exceptions: HoursException[]): string {
  if (current.close !== '24:00') return current.close
  const next = hoursOn(local.plus({ days: 1 }), weekly, exceptions).find((item) => item.open === '00:00')
  return next ? next.close : current.close
}
