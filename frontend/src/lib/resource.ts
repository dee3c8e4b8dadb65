import type { Resource, ResourceKind } from '@/api/types'

const ROOMS: readonly ResourceKind[] = ['meeting_room', 'office', 'event_space']

/** A room is booked as a whole: how many people fit is its size, and its one seat says nothing. */
export function bookedWhole(resource: Resource | undefined): boolean {
  return !!resource && resource.seats === 1 && ROOMS.includes(resource.kind)
}
