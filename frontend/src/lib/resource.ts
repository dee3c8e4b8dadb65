import type { Per, Resource, ResourceKind } from '@/api'

export const KINDS: readonly ResourceKind[] = ['hot_desk', 'dedicated_desk', 'meeting_room', 'office', 'event_space']
/** Units that prices are asked for by: what the app cannot book, a month, is not offered. */
export const PERS: readonly Per[] = ['hour', 'day']

const ROOMS: readonly ResourceKind[] = ['meeting_room', 'office', 'event_space']

/** A room is booked as a whole: how many people fit is its size, and its one seat says nothing. */
export function bookedWhole(resource: Resource | undefined): boolean {
  return !!resource && resource.seats === 1 && ROOMS.includes(resource.kind)
}
