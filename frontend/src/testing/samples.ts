import type {
  Availability,
  BookingView,
  CancellationView,
  City,
  PlatformText,
  Resource,
  Slot,
  Space,
  SpaceCard,
  TextSummary,
  User,
} from '@/api'

const START = '2026-11-24T10:00:00Z'
const END = '2026-11-24T12:00:00Z'

/** An answer of a service as a whole, but for what a test is about. */
export function aUser(changes: Partial<User> = {}): User {
  const created_at = '2026-01-01T00:00:00Z'
  const roles = ['renter']
  const person = {
    id: 'u',
    email: 'anna@example.org',
    name: 'Anna',
    phone: null,
    email_verified: true,
    pending_email: null,
  }
  return { ...person, created_at, locale: 'en', role: 'renter', roles, ...changes }
}

/** An access token of an account, as far as the app reads it. */
export function aToken(sub: string): string {
  return `e30.${btoa(JSON.stringify({ sub }))}.x`
}

export function aBooking(changes: Partial<BookingView> = {}): BookingView {
  return {
    id: 'b',
    status: 'confirmed',
    space_id: 's',
    space_slug: '',
    space_title: '',
    resource_id: 'r',
    resource_title: '',
    address: '',
    moved_to: null,
    start: START,
    end: END,
    time_zone: 'Europe/Moscow',
    seats: 1,
    total: { amount: '500.00', currency: 'RUB' },
    price_per: 'hour',
    approval: 'instant',
    cancellation: [],
    refund: null,
    expires_at: null,
    created_at: '',
    revision: 1,
    ...changes,
  }
}

export function aCancellation(changes: Partial<CancellationView> = {}): CancellationView {
  const paid = { amount: '1500.00', currency: 'RUB' }
  return { cancellable: true, paid, refund: paid, refund_percent: 100, tiers: [], ...changes }
}

export function aResource(changes: Partial<Resource> = {}): Resource {
  return {
    id: 'r1',
    name: 'open-space',
    kind: 'hot_desk',
    title: 'Open space',
    seats: 3,
    capacity: null,
    prices: [{ per: 'hour', amount: '250.00', currency: 'RUB' }],
    slot_minutes: 60,
    min_duration_minutes: null,
    max_duration_minutes: null,
    min_notice_minutes: 0,
    max_advance_days: 30,
    buffer_minutes: 0,
    ...changes,
  }
}

export function aCard(changes: Partial<SpaceCard> = {}): SpaceCard {
  return {
    id: 's',
    slug: 'loft',
    title: 'Loft',
    city: { slug: 'moscow', name: 'Moscow' },
    district: null,
    address: 'Street 1',
    location: { latitude: 55, longitude: 37 },
    amenities: [],
    amenity_labels: [],
    rating: { average: null, count: 0 },
    price_from: null,
    photo_url: null,
    distance_m: null,
    nearest_transit: null,
    ...changes,
  }
}

export function aSpace(changes: Partial<Space> = {}): Space {
  return {
    ...aCard(),
    description: null,
    time_zone: 'Europe/Moscow',
    opening_hours: [],
    exceptions: [],
    transit: [],
    photos: [],
    contacts: null,
    booking: { approval: 'instant', hold_minutes: 15, cancellation: [] },
    bookable: { status: true, reason: 'Bookable' },
    resources: [],
    ...changes,
  }
}

export function aSlot(changes: Partial<Slot> = {}): Slot {
  const start = changes.start ?? START
  return { date: start.slice(0, 10), start, end: END, seats_free: 3, bookable: true, reason: null, ...changes }
}

export function anAvailability(slots: Slot[]): Availability {
  return { resource_id: 'r1', seats: 1, time_zone: 'Europe/Moscow', slots }
}

export function aTextSummary(changes: Partial<TextSummary> = {}): TextSummary {
  return {
    name: 'terms',
    title: 'Terms of use',
    language: 'en',
    version: '0123456789ab',
    since: START,
    agreed: true,
    required_to_register: false,
    ...changes,
  }
}

export function aText(changes: Partial<PlatformText> = {}): PlatformText {
  return {
    name: 'terms',
    version: '0123456789ab',
    language: 'en',
    fallback: false,
    title: 'Terms of use',
    html: '<h1 id="terms-of-use">Terms of use</h1>\n<p>Be kind.</p>\n',
    current: true,
    updated_at: START,
    ...changes,
  }
}

export function aCity(changes: Partial<City> = {}): City {
  const center = { latitude: 55, longitude: 37 }
  const names = { en: 'Moscow', ru: 'Москва' }
  return {
    slug: 'moscow',
    name: 'Moscow',
    names,
    time_zone: 'Europe/Moscow',
    currency: 'RUB',
    center,
    zoom: 10,
    ...changes,
  }
}
