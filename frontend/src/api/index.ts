/**
 * Every call the pages make, over the clients generated from the services' OpenAPI (`npm run gen`).
 * The answers are declared as the narrow types of types.ts: a service that changes its shape fails the type check here.
 * Failures are ProblemError, always.
 */
import type { FeatureCollection, MultiPolygon, Point, Polygon } from 'geojson'
import { client as authClient } from './generated/auth/client.gen'
import * as authApi from './generated/auth/sdk.gen'
import { client as bookingClient } from './generated/booking/client.gen'
import * as bookingApi from './generated/booking/sdk.gen'
import { client as catalogClient } from './generated/catalog/client.gen'
import * as catalogApi from './generated/catalog/sdk.gen'
import { client as geoClient } from './generated/geo/client.gen'
import * as geoApi from './generated/geo/sdk.gen'
import { http } from './http'
import type {
  Availability,
  Booking,
  BookingList,
  CancellationPreview,
  City,
  Payment,
  Per,
  ResourceKind,
  Space,
  SpaceList,
  Token,
  User,
} from './types'

for (const client of [authClient, catalogClient, bookingClient, geoClient])
  client.setConfig({ axios: http, baseURL: '' })

export interface SpaceQuery {
  city?: string
  district?: string
  amenities?: string[]
  kind?: ResourceKind
  price_min?: string
  price_max?: string
  per?: Per
  sort?: 'newest' | 'price' | '-price' | 'title'
  cursor?: string
  limit?: number
}
export interface NewBooking {
  resource_id: string
  start: string
  end: string
  seats: number
}
export interface Registration {
  email: string
  password: string
  name: string
  phone?: string
  role: 'renter' | 'owner'
}
export type Districts = FeatureCollection<Polygon | MultiPolygon, { slug: string; name: string }>
export type Stops = FeatureCollection<Point, { name: string; line?: string | null; color?: string | null }>

const throwOnError = true

async function of<T>(call: Promise<{ data: T }>): Promise<T> {
  return (await call).data
}

export const auth = {
  register: (body: Registration): Promise<User> => of(authApi.register({ throwOnError, body })),
  login: (email: string, password: string): Promise<Token> =>
    of(authApi.login({ throwOnError, body: { email, password } })),
  logout: (): Promise<unknown> => of(authApi.logout({ throwOnError })),
  /** `token` is what the mailed link carries. */
  verify: (token: string): Promise<unknown> => of(authApi.verify({ throwOnError, body: { token } })),
  resendVerification: (email: string): Promise<unknown> =>
    of(authApi.resendVerification({ throwOnError, body: { email } })),
  me: (): Promise<User> => of(authApi.me({ throwOnError })),
}

export const catalog = {
  spaces: ({ amenities, ...query }: SpaceQuery, signal?: AbortSignal): Promise<SpaceList> =>
    of(
      catalogApi.listSpaces({
        throwOnError,
        query: { ...query, amenities: amenities?.length ? amenities.join(',') : undefined },
        signal,
      }),
    ),
  space: (slug: string, signal?: AbortSignal): Promise<Space> =>
    of(catalogApi.getSpace({ throwOnError, path: { id_or_slug: slug }, signal })),
}

export const booking = {
  /** Slots between two instants (RFC 3339) for so many seats. */
  availability: (
    resource: string,
    from: string,
    to: string,
    seats: number,
    signal?: AbortSignal,
  ): Promise<Availability> =>
    of(
      bookingApi.getAvailability({ throwOnError, path: { resource_id: resource }, query: { from, to, seats }, signal }),
    ),
  /** `key` makes a repeated call answer the first booking instead of making another. */
  hold: (body: NewBooking, key: string): Promise<Booking> =>
    of(bookingApi.createBooking({ throwOnError, body, headers: { 'Idempotency-Key': key } })),
  pay: (id: string): Promise<Payment> =>
    of(bookingApi.startPayment({ throwOnError, path: { booking_id: id }, body: { provider: 'sandbox' } })),
  /** The sandbox provider's own page, at the address the service gave: what the bank would decide. */
  settle: (redirect: string, outcome: 'succeeded' | 'failed'): Promise<unknown> => of(http.post(redirect, { outcome })),
  cancel: (id: string): Promise<Booking> => of(bookingApi.cancelBooking({ throwOnError, path: { booking_id: id } })),
  cancellation: (id: string): Promise<CancellationPreview> =>
    of(bookingApi.previewCancellation({ throwOnError, path: { booking_id: id } })),
  list: (cursor?: string): Promise<BookingList> =>
    of(bookingApi.listBookings({ throwOnError, query: { cursor, limit: 50 } })),
  one: (id: string, signal?: AbortSignal): Promise<Booking> =>
    of(bookingApi.getBooking({ throwOnError, path: { booking_id: id }, signal })),
}

export const geo = {
  cities: async (): Promise<City[]> => (await of(geoApi.listCities({ throwOnError }))).items,
  // GeoJSON's geometry is wider in the OpenAPI than what the service draws: districts are areas, stops are points.
  districts: async (city: string): Promise<Districts> =>
    (await of(geoApi.listDistricts({ throwOnError, query: { city } }))) as unknown as Districts,
  stops: async (city: string): Promise<Stops> =>
    (await of(geoApi.listStops({ throwOnError, query: { city } }))) as unknown as Stops,
}
