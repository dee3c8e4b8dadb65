/**
 * The answers of the public API as the pages read them (contract: responses.md).
 * Kept by hand and narrow: pages depend on these names, and index.ts proves the generated types fit them.
 */
export type Locale = 'ru' | 'en'
export type Currency = string
export type Per = 'hour' | 'day' | 'month'
export type ResourceKind = 'hot_desk' | 'dedicated_desk' | 'meeting_room' | 'office' | 'event_space'
export type Weekday = 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun'
export type BookingStatus =
  | 'held'
  | 'awaiting_approval'
  | 'confirmed'
  | 'checked_in'
  | 'completed'
  | 'cancelled'
  | 'expired'
  | 'declined'
  | 'no_show'

/** Amount is a decimal string: money never passes through a float. */
export interface Money {
  amount: string
  currency: Currency
}
export interface Price extends Money {
  per: Per
}
/** A text in the asked language, or both languages where the service leaves the choice to the reader. */
export type Text = string | { ru?: string | null; en?: string | null }
export interface Named {
  slug: string
  name: Text
}
export interface Location {
  latitude: number
  longitude: number
}
export interface Stop {
  name: string
  line?: string | null
  latin_name?: string
  latin_line?: string | null
  color?: string | null
  metres: number
}

export interface SpaceCard {
  id: string
  slug: string
  title: Text
  city: Named
  district: Named | null
  address: string
  location: Location
  amenities: string[]
  rating: { average: number | string | null; count: number } | null
  price_from: Price | null
  distance_m?: number | null
  nearest_transit?: Stop | null
  photo_url?: string | null
}

export interface FacetValue {
  value: string
  label?: string | null
  count: number
}
export type Facets = Partial<Record<'city' | 'district' | 'amenities' | 'kind' | 'price' | 'rating', FacetValue[]>>
export interface SpaceList {
  items: SpaceCard[]
  next_cursor: string | null
  total: number
  facets: Facets
}

export interface OpeningHours {
  days: Weekday[]
  open: string
  close: string
}
export interface HoursException {
  date: string
  closed?: boolean
  open?: string | null
  close?: string | null
}
export interface Resource {
  id: string
  name: string
  kind: ResourceKind
  title: Text | null
  seats: number
  /** People who fit. */
  capacity?: number | null
  prices: Price[]
  slot_minutes?: number | null
  min_duration_minutes?: number | null
  max_duration_minutes?: number | null
  max_advance_days?: number | null
  min_notice_minutes?: number | null
}
export interface Photo {
  url: string
  caption?: Text | null
}
export interface CancellationTier {
  before_minutes: number
  refund_percent: number
}
/** A tier of one booking: what cancelling gives back until an instant. */
export interface RefundStep {
  until: string
  refund_percent: number
}

export interface Space extends Omit<SpaceCard, 'photo_url'> {
  photo_url?: string | null
  description: Text | null
  time_zone: string
  opening_hours: OpeningHours[]
  exceptions: HoursException[]
  resources: Resource[]
  transit: Stop[]
  photos?: Photo[]
  contacts?: { phone?: string | null; email?: string | null; website?: string | null } | null
  booking?: {
    approval?: 'instant' | 'owner'
    hold_minutes?: number | null
    cancellation?: CancellationTier[] | null
  } | null
  bookable?: { status: boolean; reason?: string | null; message?: string | null } | null
}

/** `date` is the one whose opening hours it is a part of: past midnight the one before its start's. */
export interface Slot {
  date?: string
  start: string
  end: string
  seats_free: number
  bookable: boolean
  reason?: string | null
}
export interface Availability {
  resource_id: string
  seats?: number
  slots: Slot[]
}

export interface Booking {
  id: string
  status: BookingStatus
  space_id: string
  resource_id: string
  start: string
  end: string
  seats: number
  total: Money
  price_per: Per
  expires_at: string | null
  space_slug?: string
  space_title?: Text
  resource_title?: Text
  address?: string
  moved_to?: string | null
  approval?: 'instant' | 'owner'
  cancellation?: RefundStep[]
  time_zone?: string
  created_at?: string
  refund?: Money | null
  revision?: number
  /** Who brought it to its end; `time`: its hold or the time to answer was over. */
  ended_by?: 'renter' | 'owner' | 'time' | null
  /** False for the owner of its space, who is not its renter. Live news do not say it. */
  mine?: boolean
}
export interface BookingList {
  items: Booking[]
  next_cursor: string | null
}
export interface CancellationPreview {
  cancellable?: boolean
  refund_percent: number
  paid?: Money | null
  refund: Money | null
}
export interface Payment {
  payment_id: string
  redirect_url: string
}

export interface User {
  id: string
  email: string
  email_verified?: boolean
  name: string
  phone?: string | null
  role?: string
  roles?: string[]
  locale?: Locale
}
export interface Token {
  access_token: string
  token_type?: string
  expires_in: number
}

export interface City {
  slug: string
  name: Text
  time_zone: string
  currency: Currency
  center: Location
  zoom: number
}
