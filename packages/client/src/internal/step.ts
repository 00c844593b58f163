/**
 * What is there already, or takes a fiber to get. An `Either` is an `Effect`, so that what needs no
 * fiber runs in none.
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"

export type Step<A, E, R = unknown> = Either.Either<A, E> | Effect.Effect<A, E, R>

/** `Either.isEither`, with the type parameters kept. */
export const isEither = <A, E, R>(self: Step<A, E, R>): self is Either.Either<A, E> =>
  Either.isEither(self)

export const map = <A, B, E>(self: Step<A, E>, f: (a: A) => B): Step<B, E> =>
  isEither(self) ? Either.map(self, f) : Effect.map(self, f)

export const mapError = <A, E, E2>(self: Step<A, E>, f: (error: E) => E2): Step<A, E2> =>
  isEither(self) ? Either.mapLeft(self, f) : Effect.mapError(self, f)

export const flatMap = <A, B, E, E2>(
  self: Step<A, E>,
  f: (a: A) => Step<B, E2>
): Step<B, E | E2> => {
  if (!isEither(self)) return Effect.flatMap(self, f)
  return Either.isRight(self) ? f(self.right) : Either.left(self.left)
}
