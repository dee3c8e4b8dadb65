/**
 * Every call the pages make, over the client generated from the services' OpenAPI (`make gen`), and the types of what
 * they answer. Failures are ProblemError, always.
 */
import type {
  BookingUpdated,
  BookingView,
  ConsentIn,
  Hours,
  ListSpacesData,
  Price,
  ResourceView,
  SpaceFacets,
  Text as BothLanguages,
} from './generated'
import { client } from './generated/client.gen'
import * as sdk from './generated/sdk.gen'
import { http } from './http'

export type {
  AvailabilityView as Availability,
  BookingPage,
  BookingView,
  CancellationTier,
  CancellationView,
  CityOut as City,
  Consents,
  DistrictsOut as Districts,
  FacetValue,
  HoursException,
  Location,
  Money,
  Hours as OpeningHours,
  PhotoView as Photo,
  Price,
  RefundTier,
  Registration,
  ResourceView as Resource,
  SessionView as DeviceSession,
  SlotView as Slot,
  SpaceCard,
  SpaceList,
  SpaceProfile as Space,
  StopNear as Stop,
  StopsOut as Stops,
  Profile as User,
  TextPage as PlatformText,
  TextSummary,
  Tokens,
} from './generated'
/** How many places each choice would leave; none is known before the first answer. */
export type Facets = Partial<SpaceFacets>
export type Per = Price['per']
export type ResourceKind = ResourceView['kind']
export type Weekday = Hours['days'][number]
/** What the platform says of itself, and what people agree to. */
export type TextName = ConsentIn['text']
export type BookingStatus = BookingView['status']
/** A text in the asked language, or in both where the reader chooses (live events go to every language). */
export type Text = string | BothLanguages
/** A booking as lists, actions and live events tell it. The last do not say whether it is the reader's own. */
export type Booking = (Omit<BookingView, 'mine'> | BookingUpdated) & Pick<BookingView, 'mine'>
export type SpaceQuery = Omit<NonNullable<ListSpacesData['query']>, 'amenities'> & { amenities?: string[] }

client.setConfig({ axios: http, baseURL: '' })

const throwOnError = true

async function of<T>(call: Promise<{ data: T }>): Promise<T> {
  return (await call).data
}

export const auth = {
  register: (body: Parameters<typeof sdk.register>[0]['body']) => of(sdk.register({ throwOnError, body })),
  /** `remember`: the session outlives the browser. */
  login: (email: string, password: string, remember: boolean) =>
    of(sdk.login({ throwOnError, body: { email, password, remember } })),
  logout: () => of(sdk.logout({ throwOnError })),
  /** `token` is what the mailed link carries. */
  verify: (token: string) => of(sdk.verify({ throwOnError, body: { token } })),
  resendVerification: (email: string) => of(sdk.resendVerification({ throwOnError, body: { email } })),
  /** Have a link mailed that sets a new password, if the address has an account. */
  recover: (email: string) => of(sdk.recover({ throwOnError, body: { email } })),
  confirmRecovery: (token: string, password: string) =>
    of(sdk.confirmRecovery({ throwOnError, body: { token, password } })),
  me: () => of(sdk.me({ throwOnError })),
  /** Change what is named; a phone of null is removed. */
  edit: (body: Parameters<typeof sdk.editMe>[0]['body']) => of(sdk.editMe({ throwOnError, body })),
  /** All other sessions end by it. */
  changePassword: (current: string, next: string) =>
    of(sdk.changePassword({ throwOnError, body: { current, new: next } })),
  /** Have a link mailed to another address; once it is opened, the account has that address. */
  changeEmail: (email: string) => of(sdk.changeEmail({ throwOnError, body: { email } })),
  withdrawEmailChange: () => of(sdk.withdrawEmailChange({ throwOnError })),
  confirmEmailChange: (token: string) => of(sdk.confirmEmailChange({ throwOnError, body: { token } })),
  /** All sessions end by it, and the password works no more. */
  undoEmailChange: (token: string) => of(sdk.undoEmailChange({ throwOnError, body: { token } })),
  /** For a while after it, operations that want a fresh sign-in are done. */
  stepUp: (password: string) => of(sdk.stepUp({ throwOnError, body: { password } })),
  sessions: async (signal?: AbortSignal) => (await of(sdk.listSessions({ throwOnError, signal }))).items,
  endSession: (id: string) => of(sdk.endSession({ throwOnError, path: { session_id: id } })),
  endOtherSessions: () => of(sdk.endOtherSessions({ throwOnError })),
}

export const texts = {
  list: async (signal?: AbortSignal) => (await of(sdk.listTexts({ throwOnError, signal }))).items,
  /** `version`: an edition of the past. */
  get: (name: TextName, version?: string, signal?: AbortSignal) =>
    of(sdk.getText({ throwOnError, path: { name }, query: { version }, signal })),
}

/** What the reader has agreed to, and what has changed since. */
export const consents = {
  list: (signal?: AbortSignal) => of(sdk.listConsents({ throwOnError, signal })),
  give: (body: ConsentIn) => of(sdk.giveConsent({ throwOnError, body })),
}

export const catalog = {
  spaces: ({ amenities, ...query }: SpaceQuery, signal?: AbortSignal) =>
    of(
      sdk.listSpaces({
        throwOnError,
        query: { ...query, amenities: amenities?.length ? amenities.join(',') : undefined },
        signal,
      }),
    ),
  space: (slug: string, signal?: AbortSignal) => of(sdk.getSpace({ throwOnError, path: { id_or_slug: slug }, signal })),
}

export const booking = {
  /** Slots between two instants (RFC 3339) for so many seats. */
  availability: (resource: string, from: string, to: string, seats: number, signal?: AbortSignal) =>
    of(sdk.getAvailability({ throwOnError, path: { resource_id: resource }, query: { from, to, seats }, signal })),
  /** `key` makes a repeated call answer the first booking instead of making another. */
  hold: (body: Parameters<typeof sdk.createBooking>[0]['body'], key: string) =>
    of(sdk.createBooking({ throwOnError, body, headers: { 'Idempotency-Key': key } })),
  pay: (id: string) => of(sdk.startPayment({ throwOnError, path: { booking_id: id }, body: { provider: 'sandbox' } })),
  /** The sandbox provider's own page, at the address the service gave: what the bank would decide. */
  settle: (redirect: string, outcome: 'succeeded' | 'failed') => of(http.post<unknown>(redirect, { outcome })),
  cancel: (id: string) => of(sdk.cancelBooking({ throwOnError, path: { booking_id: id } })),
  cancellation: (id: string, signal?: AbortSignal) =>
    of(sdk.previewCancellation({ throwOnError, path: { booking_id: id }, signal })),
  list: (cursor?: string, signal?: AbortSignal) =>
    of(sdk.listBookings({ throwOnError, query: { cursor, limit: 50 }, signal })),
  one: (id: string, signal?: AbortSignal) => of(sdk.getBooking({ throwOnError, path: { booking_id: id }, signal })),
}

export const geo = {
  cities: async (signal?: AbortSignal) => (await of(sdk.listCities({ throwOnError, signal }))).items,
  districts: (city: string, signal?: AbortSignal) => of(sdk.listDistricts({ throwOnError, query: { city }, signal })),
  stops: (city: string, signal?: AbortSignal) => of(sdk.listStops({ throwOnError, query: { city }, signal })),
}
