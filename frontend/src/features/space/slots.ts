import type { Resource, Slot } from '@/api'
import { inZone, minutesBetween } from '@/lib/time'

export interface Range {
  start: string
  end: string
}

export function slotMinutes(resource: Resource, slots: Slot[]): number {
  const first = slots[0]
  return resource.slot_minutes ?? (first ? minutesBetween(first.start, first.end) : 30)
}

/** How many slots a booking takes at least. */
export function minSlots(resource: Resource, slots: Slot[]): number {
  const size = slotMinutes(resource, slots)
  return Math.max(1, Math.ceil((resource.min_duration_minutes ?? size) / size))
}

export function maxSlots(resource: Resource, slots: Slot[]): number {
  return resource.max_duration_minutes
    ? Math.floor(resource.max_duration_minutes / slotMinutes(resource, slots))
    : slots.length
}

/** Bookable slots from `first` that follow each other without a gap, `count` of them, else null. */
export function runFrom(slots: Slot[], first: number, count: number): Range | null {
  const run = slots.slice(first, first + count)
  const whole =
    run.length === count && run.every((slot, i) => slot.bookable && (i === 0 || same(run[i - 1]?.end, slot.start)))
  const [start, end] = [run[0], run[count - 1]]
  return whole && start && end ? { start: start.start, end: end.end } : null
}

function same(a: string | undefined, b: string): boolean {
  return a !== undefined && Date.parse(a) === Date.parse(b)
}

export function covers(range: Range | null, slot: Slot): boolean {
  return !!range && Date.parse(slot.start) >= Date.parse(range.start) && Date.parse(slot.end) <= Date.parse(range.end)
}

/** On how many dates' opening hours a stay lies: a night is one, hours of two dates that meet at midnight are two. */
export function datesIn(slots: Slot[], range: Range): number {
  return Math.max(1, new Set(slots.filter((slot) => covers(range, slot)).map((slot) => slot.date)).size)
}

/** Latest local hour until which a date's page goes on into the next date, where the opening hours of both meet. */
const NOON = 12

/**
 * The slots of a date's page: those of its opening hours, also past midnight, and where the next date's hours follow
 * without a gap its first ones too, so that a stay can lie across midnight: as far as the longest stay (`longest`
 * minutes) from the date's last slot reaches, till noon at most. Today's page has what is left of the night before as
 * well. `slots` begin with the date's midnight.
 */
export function slotsOf(slots: Slot[], date: string, zone: string, today: string, longest?: number | null): Slot[] {
  const shown: Slot[] = []
  let lastOwn: Slot | undefined
  const reaches = (slot: Slot) =>
    inZone(slot.start, zone, 'en').hour < NOON &&
    (!longest || !lastOwn || minutesBetween(lastOwn.start, slot.end) <= longest)
  for (const slot of slots) {
    const of = slot.date ?? date
    const goesOn = of > date && same(shown[shown.length - 1]?.end, slot.start) && reaches(slot)
    if (of > date && !goesOn) break
    if (of < date && date !== today) continue
    shown.push(slot)
    if (of === date) lastOwn = slot
  }
  return shown
}

/**
 * All that is still to be had of a date's own hours (not of the night before, nor of the next date), as one stay, and
 * whether that is all of the date. Null when it is too short, too long, or partly taken.
 */
export function wholeDay(
  slots: Slot[],
  shown: Slot[],
  date: string,
  least: number,
  most: number,
): { range: Range; all: boolean } | null {
  const own = (slot: Slot) => (slot.date ?? date) === date
  const today = shown.filter(own)
  // What is over, or too soon to be booked, is no longer a part of the day.
  const left = today.slice(
    Math.max(
      0,
      today.findIndex((slot) => slot.bookable || !['past', 'notice'].includes(slot.reason ?? '')),
    ),
  )
  if (left.length <= least || left.length > most) return null
  const range = runFrom(left, 0, left.length)
  return range && { range, all: left.length === slots.filter(own).length }
}

/** Whether pressing a slot asks for a stay that is longer than can be booked at once, though all of it is free. */
export function isTooLong(slots: Slot[], index: number, current: Range | null, most: number): boolean {
  const first = current ? slots.findIndex((item) => same(item.start, current.start)) : -1
  const count = index - first + 1
  return first >= 0 && count > most && runFrom(slots, first, count) !== null
}

/** The first slot of a stay that cannot be had any more; null if all of it can. */
export function firstLost(slots: Slot[], range: Range): Slot | null {
  return slots.find((slot) => covers(range, slot) && !slot.bookable) ?? null
}

/**
 * The choice after a slot is pressed. The first press takes the shortest bookable stay from there; a later slot
 * stretches the stay to its end if everything between is free; an earlier one, or one past a gap, starts anew; one that
 * makes it too long changes nothing;
 * pressing the start of the stay again clears it. Null: nothing chosen (also when the stay does not fit there).
 */
export function press(slots: Slot[], index: number, current: Range | null, least: number, most: number): Range | null {
  const slot = slots[index]
  if (!slot?.bookable) return current
  const fresh = runFrom(slots, index, least)
  if (!current) return fresh
  if (same(current.start, slot.start)) return null
  if (isTooLong(slots, index, current, most)) return current
  const startIndex = slots.findIndex((item) => same(item.start, current.start))
  const count = index - startIndex + 1
  if (startIndex < 0 || count < 1 || count > most) return fresh ?? current
  // A press inside the stay shortens it, but never below the minimum.
  return runFrom(slots, startIndex, Math.max(count, least)) ?? fresh ?? current
}

/** The earliest stay of the same length that is still free, preferring what comes after `lost`. */
export function alternative(slots: Slot[], lost: Range): Range | null {
  const first = slots[0]
  if (!first) return null
  const count = Math.max(1, Math.round(minutesBetween(lost.start, lost.end) / minutesBetween(first.start, first.end)))
  const runs = slots.map((_, i) => runFrom(slots, i, count)).filter((run): run is Range => run !== null)
  return runs.find((run) => Date.parse(run.start) > Date.parse(lost.start)) ?? runs[0] ?? null
}
