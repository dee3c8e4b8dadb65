export default {
  texts: {
    others: 'Texts of the platform',
    otherLanguage: 'This text is not there in English. It is shown in Russian.',
    past: 'This is an edition of the past. It began on {date}.',
    toCurrent: 'Read the one that counts now',
    edition: 'Edition of {date}',
    version: 'version {version}',
    failed: 'The text did not load.',
    notThere: 'There is no such text',
    notThereHint: 'The platform does not have it, or has it no more.',
    description: {
      help: 'How to find, book, pay for and cancel a place in a coworking space.',
      terms: 'The terms on which this platform can be used.',
      privacy: 'What this platform knows of its users, why, and for how long.',
      owner_terms: 'The terms for owners who show their coworking spaces here.',
      about: 'Who runs this platform, and where to write to.',
    },
  },
}
