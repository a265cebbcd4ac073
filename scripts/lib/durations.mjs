// A reporter for Node's test runner: the name and the milliseconds of each top-level test, one JSON object per line.

export default async function* durations(events) {
  for await (const { type, data } of events) {
    if (data.nesting !== 0 || (type !== "test:pass" && type !== "test:fail")) continue;
    yield `${JSON.stringify({ name: data.name, ms: data.details.duration_ms })}\n`;
  }
}
