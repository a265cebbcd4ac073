// How much is done: enough for figures to publish, for a look, or to see that the harness works.

/** `count` and `seconds` bound each single load, whichever comes first. */
export const PLANS = {
  full: {
    rounds: 8,
    count: 20_000,
    seconds: 0.2,
    warmUp: 4000,
    coldStarts: 7,
    registrations: 10_000,
    scaleRounds: 5,
    bodies: [200, 1024, 4096, 16_384],
    records: [1000, 10_000, 100_000],
  },
  quick: {
    rounds: 4,
    count: 20_000,
    seconds: 0.05,
    warmUp: 1000,
    coldStarts: 2,
    registrations: 1000,
    scaleRounds: 1,
    bodies: [200, 16_384],
    records: [1000, 100_000],
  },
  smoke: {
    rounds: 2,
    count: 20,
    seconds: 2,
    warmUp: 20,
    coldStarts: 1,
    unmeasuredStarts: 0,
    registrations: 20,
    scaleRounds: 1,
    bodies: [200, 16_384],
    records: [200],
  },
};
