import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Booking, BookingStatus } from '@/api'
import { aBooking } from '@/testing/samples'
import { useBookings } from './bookings.store'

const made = (id: string, status: BookingStatus, start: string, revision = 1): Booking =>
  aBooking({ id, status, start, end: start.replace('T10', 'T12'), revision })

describe('bookings', () => {
  beforeEach(() => setActivePinia(createPinia()))

  it('ignores late news', () => {
    const bookings = useBookings()
    bookings.upsert(made('a', 'confirmed', '2099-01-01T10:00:00Z', 2))
    bookings.upsert(made('a', 'held', '2099-01-01T10:00:00Z', 1))
    expect(bookings.byId.get('a')?.status).toBe('confirmed')
  })

  it('puts each where the reader looks for it', () => {
    const bookings = useBookings()
    bookings.upsert(made('later', 'confirmed', '2099-02-01T10:00:00Z'))
    bookings.upsert(made('soon', 'held', '2099-01-01T10:00:00Z'))
    bookings.upsert(made('gone', 'cancelled', '2099-01-01T10:00:00Z'))
    bookings.upsert(made('was', 'confirmed', '2020-01-01T10:00:00Z'))
    bookings.upsert(made('done', 'completed', '2021-01-01T10:00:00Z'))
    const ids = (list: Booking[]) => list.map((item) => item.id)
    expect(ids(bookings.upcoming)).toEqual(['soon', 'later'])
    expect(ids(bookings.past)).toEqual(['done', 'was'])
    expect(ids(bookings.cancelled)).toEqual(['gone'])
  })
})
