// From rounds to figures.

import { MAIN } from "./load.mjs";

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The least, the two between which the middle half lies, and the most. */
export function spread(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (part) => sorted[Math.round((sorted.length - 1) * part)];
  return { least: at(0), low: at(0.25), high: at(0.75), most: at(1) };
}

// What the floor does not have is held against what comes nearest: one read of KV, one answer.
const BASIS = { "look-up": "read", "look-up-secret": "read", authenticate: "read" };
// The empty Worker refuses nothing: there a fixed answer without KV stands for it.
const EMPTY = { ...BASIS, refuse: "discover" };

const roundsOf = (costs, operation, name) => costs[operation]?.[name];
const cpu = (round) => round[MAIN].cpu;

/** Ratios to another contestant's, round by round; undefined where that was not measured. */
function ratios(rounds, others) {
  return others && rounds.map((round, n) => cpu(round) / cpu(others[n]));
}

/** CPU microseconds of a request: median, range, ratio to the floor, and what is above an empty Worker. */
export function cpuOf(costs, operation, name) {
  const rounds = roundsOf(costs, operation, name);
  if (!rounds) return undefined;
  const floor = ratios(rounds, roundsOf(costs, BASIS[operation] ?? operation, "floor-js"));
  const empty = roundsOf(costs, EMPTY[operation] ?? operation, "empty");
  return {
    micros: median(rounds.map(cpu)),
    ratio: floor && median(floor),
    spread: floor && spread(floor),
    aboveEmpty: empty && median(rounds.map((round, n) => cpu(round) - cpu(empty[n]))),
  };
}

/** The ratio of one thing to another, each an operation of a contestant: its median over the rounds, and its range. */
export function ratioOf(costs, [operation, name], [otherOperation, otherName]) {
  const [rounds, others] = [roundsOf(costs, operation, name), roundsOf(costs, otherOperation, otherName)];
  const found = rounds && ratios(rounds, others);
  return found && { ratio: median(found), spread: spread(found) };
}

/** Requests a second and latencies: the medians of all rounds. */
export function speedOf(costs, operation, name, concurrency) {
  const rounds = roundsOf(costs, operation, name)?.map((round) => round[concurrency]);
  if (!rounds) return undefined;
  const of = (member) => median(rounds.map((round) => round[member]));
  return { perSecond: of("perSecond"), p50: of("p50"), p99: of("p99") };
}

/** The largest part of a core that the client took, in any load whose CPU time counts. */
export function clientBusy(costs) {
  const rounds = Object.values(costs).flatMap((found) => Object.values(found).flat());
  return Math.max(...rounds.map((round) => round[MAIN].clientBusy));
}

/** How far apart two measurements of the same thing were: the floor against itself, in every round. */
export function noise(costs) {
  const all = Object.values(costs).flatMap(({ again, "floor-js": floor }) => (again ? ratios(again, floor) : []));
  return all.length > 0 ? spread(all) : undefined;
}

// Cloudflare's list prices, November 2026: dollars per million, beyond what the plan includes.
export const PRICES = { request: 0.3, get: 0.5, put: 5, delete: 5, list: 5, object: 0.15 };

/** Dollars for a million calls with these KV operations. */
export const dollars = (operations) =>
  Object.entries(operations).reduce((sum, [name, count]) => sum + PRICES[name] * count, PRICES.request);
