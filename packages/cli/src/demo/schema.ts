/** What the demo's server serves. Its operations are generated from this: see `codegen.ts`. */
export const typeDefs = /* GraphQL */ `
  type Query {
    "How many milliseconds lie between two events."
    pace: Int!
  }
  type Subscription {
    "Events as they happen: the first so many, or for ever."
    events(first: Int): Event!
    "Events as they are published, since before anybody came: those after this number, or from now on."
    journal(after: Int): Event!
  }
  type Event {
    number: Int!
    "When it happened."
    at: Moment!
  }
  "A number: milliseconds since 1970."
  scalar Moment
`
