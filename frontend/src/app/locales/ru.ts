import type en from './en'

const ru: typeof en = {
  footer: { about: 'Коворкинги на час и на день', cities: 'Города', texts: 'О платформе' },
  nav: {
    hosting: 'Кабинет владельца',
    moderation: 'Модерация',
    city: 'Город',
    signIn: 'Войти',
    bookings: 'Мои брони',
    signOut: 'Выйти',
    account: 'Аккаунт',
    home: 'Mesto, все места',
    signedOut: 'Вы вышли.',
    notSignedOut: 'Вы ещё не вышли: Mesto не отвечает.',
    profile: 'Профиль',
    security: 'Безопасность',
    theme: 'Тема',
    themes: { system: 'Как в системе', light: 'Светлая', dark: 'Тёмная' },
  },
  consents: {
    label: 'Документы, которые стоит посмотреть ещё раз',
    changed: 'Документ «{title}» изменился с тех пор, как вы с ним согласились.',
    asked: 'Посмотрите, пожалуйста, документ «{title}» и согласитесь с ним.',
    read: 'Прочитать',
    agree: 'Согласиться',
    agreed: 'Спасибо. Согласие сохранено.',
  },
  news: {
    booking: '{title}: {status}',
  },
  notFound: {
    title: 'Такой страницы нет',
    hint: 'Возможно, в адресе опечатка.',
    back: 'Все места',
  },
}
export default ru
