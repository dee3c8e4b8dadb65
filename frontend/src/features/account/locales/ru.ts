import type en from './en'

const ru: typeof en = {
  bookings: {
    title: 'Мои брони',
    next: 'Ближайшая',
    upcoming: 'Будущие',
    past: 'Прошедшие',
    cancelled: 'Отменённые',
    empty: 'Броней пока нет',
    emptyHint: 'Найдите место, выберите время, и бронь появится здесь.',
    find: 'Найти место',
    emptyTab: 'Здесь пусто',
    failed: 'Брони не загрузились',
    startsIn: 'начнётся {when}',
    running: 'идёт сейчас',
    live: 'Изменения появляются здесь сами',
    offline: 'Нет живой связи: обновите страницу, чтобы увидеть изменения.',
    toPay: 'Оплатить',
    details: 'Подробнее',
    more: 'Показать ещё',
  },
}
export default ru
