import { DateTime, type DateTimeFormatOptions } from 'luxon'
import type { HoursException, OpeningHours, Weekday } from '@/api'

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

/**
 * The last moment covered, and the clock when it is over, 24:00 at the end of its date. The exclusive end itself
 * is no time of the venue's wall clock: when the clocks change just then it shows another hour, even another date.
 */
export function lastCovered(end: string, zone: string, locale: string): { moment: DateTime; clock: string } {
  const moment = inZone(end, zone, locale).minus({ milliseconds: 1 })
  return { moment, clock: wallClock(moment.hour * 60 + moment.minute + 1) }
}

export function endClock(end: string, zone: string, locale: string): string {
  return lastCovered(end, zone, locale).clock
}

/** `Tue, 24 November, 10:00–13:00`; a night names both dates. */
export function period(start: string, end: string, zone: string, locale: string): string {
  const first = inZone(start, zone, locale)
  const last = lastCovered(end, zone, locale)
  const begins = `${longDate(start, zone, locale)}, ${clock(start, zone, locale)}`
  if (first.hasSame(last.moment, 'day')) return `${begins}–${last.clock}`
  return `${begins} – ${last.moment.toLocaleString(LONG_DATE)}, ${last.clock}`
}

/** A stay on the reader's own clock, null where it shows the same time; its dates too where they differ. */
export function byMyClock(
  start: string,
  end: string,
  zone: string,
  locale: string,
  mine: string = userZone(),
): string | null {
  if (!zonesDiffer(start, zone, mine) && !zonesDiffer(end, zone, mine)) return null
  const dates = (where: string) =>
    [inZone(start, where, locale).toISODate(), lastCovered(end, where, locale).moment.toISODate()].join()
  return dates(zone) === dates(mine)
    ? `${clock(start, mine, locale)}–${endClock(end, mine, locale)}`
    : period(start, end, mine, locale)
}

function wallClock(minutes: number): string {
  return `${Math.floor(minutes / 60)}`.padStart(2, '0') + ':' + `${minutes % 60}`.padStart(2, '0')
}

const LONG_DATE: DateTimeFormatOptions = { weekday: 'short', day: 'numeric', month: 'long' }

export function longDate(instant: string, zone: string, locale: string): string {
  return inZone(instant, zone, locale).toLocaleString(LONG_DATE)
}

/** `Fri, Nov 27, 12:00`: an instant on the venue's wall clock. */
export function momentIn(instant: string, zone: string, locale: string): string {
  return inZone(instant, zone, locale).toLocaleString({
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
}

/** The place that a zone is named after, `New York`. */
export function zoneCity(zone: string, locale: string): string {
  const tail = (zone.split('/').pop() ?? zone).replace(/_/g, ' ')
  if (locale === 'en') return tail
  const named = new Intl.DateTimeFormat(locale, { timeZone: zone, timeZoneName: 'shortGeneric' })
    .formatToParts()
    .find((part) => part.type === 'timeZoneName')?.value
  return named && !/\d/.test(named) ? named : tail
}

/** A plain date (yyyy-mm-dd) in words: it is the same date wherever its reader is. */
export function dateInWords(date: string, locale: string, options: DateTimeFormatOptions = LONG_DATE): string {
  const day = DateTime.fromISO(date, { zone: 'utc' })
  return day.isValid ? day.setLocale(locale).toLocaleString(options) : ''
}

/** `in 3 hours`: how far an instant is from now. */
export function fromNow(instant: string, now: number, locale: string): string {
  return (
    DateTime.fromISO(instant)
      .setLocale(locale)
      .toRelative({ base: DateTime.fromMillis(now), unit: ['days', 'hours', 'minutes'] }) ?? ''
  )
}

/** Today in the venue's zone, as yyyy-mm-dd. */
export function todayIn(zone: string, now: Date = new Date()): string {
  return DateTime.fromJSDate(now).setZone(zone).toISODate() ?? ''
}

/** The day of the week that it is at the venue now. */
export function weekdayIn(zone: string, now: Date = new Date()): Weekday | undefined {
  return WEEKDAYS[DateTime.fromJSDate(now).setZone(zone).weekday - 1]
}

/** Whether a text is a date of the calendar, yyyy-mm-dd. */
export function isDate(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text) && DateTime.fromISO(text, { zone: 'utc' }).isValid
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

interface Interval {
  open: string
  close: string
}

/** When a local date is open: its exception if it has one, else the weekly hours. */
export function hoursOn(date: DateTime, weekly: OpeningHours[], exceptions: HoursException[]): Interval[] {
  const special = exceptions.filter((item) => item.date === date.toISODate())
  if (special.length) {
    return special.flatMap((item) =>
      item.closed || !item.open || !item.close ? [] : [{ open: item.open, close: item.close }],
    )
  }
  const day = WEEKDAYS[date.weekday - 1]
  return weekly
    .filter((item) => day && item.days.includes(day))
    .map(({ open, close }) => ({ open, close }))
    .sort((a, b) => a.open.localeCompare(b.open))
}

export type OpenState =
  | { state: 'always' }
  | { state: 'open'; till: string }
  | { state: 'opens'; at: string; days: number; weekday: Weekday }
  | { state: 'closed' }

interface Opening {
  begins: number
  ends: number
  open: string
  days: number
  weekday: Weekday
}

/** The hours of some dates as minutes after today's midnight; `close` not later than `open` means the next day. */
function openingsFrom(
  local: DateTime,
  first: number,
  last: number,
  weekly: OpeningHours[],
  exceptions: HoursException[],
): Opening[] {
  const found: Opening[] = []
  for (let days = first; days <= last; days++) {
    const date = local.plus({ days })
    for (const { open, close } of hoursOn(date, weekly, exceptions)) {
      const begins = days * DAY_MINUTES + minutesOf(open)
      const ends = days * DAY_MINUTES + minutesOf(close) + (close <= open ? DAY_MINUTES : 0)
      found.push({ begins, ends, open, days, weekday: WEEKDAYS[date.weekday - 1] ?? 'mon' })
    }
  }
  return found.sort((a, b) => a.begins - b.begins)
}

const DAY_MINUTES = 24 * 60
const WINDOW_DAYS = 7
const minutesOf = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3))

/** Open now and till when, or when it opens next, by the venue's clock; `always` if it does not close within a week. */
export function openState(
  weekly: OpeningHours[],
  exceptions: HoursException[],
  zone: string,
  now: Date = new Date(),
): OpenState {
  const local = DateTime.fromJSDate(now).setZone(zone)
  const time = local.hour * 60 + local.minute
  const openings = openingsFrom(local, -1, WINDOW_DAYS, weekly, exceptions)
  const current = openings.find((item) => item.begins <= time && time < item.ends)
  if (current && lastEnd(current.ends, time, openings, Infinity) >= WINDOW_DAYS * DAY_MINUTES)
    return { state: 'always' }
  if (current)
    return { state: 'open', till: wallClock(((lastEnd(current.ends, time, openings) - 1) % DAY_MINUTES) + 1) }
  const next = openings.find((item) => item.begins > time)
  return next ? { state: 'opens', at: next.open, days: next.days, weekday: next.weekday } : { state: 'closed' }
}

/** Hours that meet are one opening: till it is over, or till the end of the first that is so many minutes from now. */
function lastEnd(ends: number, time: number, openings: Opening[], within = DAY_MINUTES): number {
  for (const item of openings) if (item.begins === ends && ends - time < within) ends = item.ends
  return ends
}
