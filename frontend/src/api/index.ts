/** Every call the pages make. Failures are ProblemError, always. */
import type { FeatureCollection, MultiPolygon, Point, Polygon } from 'geojson'
import { http } from './http'
import type {
  Availability, Booking, BookingList, CancellationPreview, City, Payment, Per, ResourceKind, Space, SpaceList, Token, User,
} from './types'

export interface SpaceQuery {
  city?: string
  district?: string
  amenities?: string[]
  kind?: ResourceKind
  price_min?: string
  price_max?: string
  per?: Per
  sort?: string
  cursor?: string
  limit?: number
}
export interface NewBooking { resource_id: string; start: string; end: string; seats: number }
export interface Registration { email: string; password: string; name: string; phone?: string; role: 'renter' | 'owner' }
export type Districts = FeatureCollection<Polygon | MultiPolygon, { slug: string; name: string }>
export type Stops = FeatureCollection<Point, { name: string; line?: string | null; color?: string | null }>

async function get<T>(url: string, params?: object, signal?: AbortSignal): Promise<T> {
  return (await http.get<T>(url, { params, signal })).data
}
async function post<T>(url: string, body?: unknown, headers?: Record<string, string>): Promise<T> {
  return (await http.post<T>(url, body, { headers })).data
}

export const auth = {
  register: (body: Registration) => post<User>('/api/auth/register', body),
  login: (email: string, password: string) => post<Token>('/api/auth/login', { email, password }),
  logout: () => post<unknown>('/api/auth/logout'),
  me: () => get<User>('/api/auth/me'),
}

export const catalog = {
  spaces: (query: SpaceQuery, signal?: AbortSignal) => get<SpaceList>('/api/catalog/spaces', query, signal),
  space: (slug: string, signal?: AbortSignal) => get<Space>(`/api/catalog/spaces/${encodeURIComponent(slug)}`, undefined, signal),
}

export const booking = {
  /** Slots between two instants (RFC 3339) for so many seats. */
  availability: (resource: string, from: string, to: string, seats: number, signal?: AbortSignal) =>
    get<Availability>(`/api/booking/resources/${resource}/availability`, { from, to, seats }, signal),
  /** `key` makes a repeated call answer the first booking instead of making another. */
  hold: (body: NewBooking, key: string) => post<Booking>('/api/booking/bookings', body, { 'Idempotency-Key': key }),
  pay: (id: string) => post<Payment>(`/api/booking/bookings/${id}/payments`, { provider: 'sandbox' }),
  /** The sandbox provider's own page: what the bank would decide. */
  settle: (redirect: string, outcome: 'succeeded' | 'failed') => post<unknown>(redirect, { outcome }),
  cancel: (id: string) => post<Booking>(`/api/booking/bookings/${id}/cancel`),
  cancellation: (id: string) => get<CancellationPreview>(`/api/booking/bookings/${id}/cancellation`),
  list: (cursor?: string) => get<BookingList>('/api/booking/bookings', { cursor, limit: 50 }),
  one: (id: string, signal?: AbortSignal) => get<Booking>(`/api/booking/bookings/${id}`, undefined, signal),
}

export const geo = {
  cities: async () => (await get<{ items: City[] }>('/api/geo/cities')).items,
  districts: (city: string) => get<Districts>('/api/geo/districts', { city }),
  stops: (city: string) => get<Stops>('/api/geo/stops', { city }),
}
