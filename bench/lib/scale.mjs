// How the CPU time of a call grows with what a client sends, and with what is stored.

import { MAIN, costs } from "./load.mjs";
import { EXPENSIVE, REQUESTS, clientOfSize, register } from "./requests.mjs";

const SCALED = ["floor-js", "oauth-provider", "oidc-provider", "rollcall"];
const scaled = (servers) => servers.filter(({ contestant }) => SCALED.includes(contestant.name));

/** A registration, by the size of its body. */
export async function bodies(servers, { count, seconds, ...plan }) {
  const found = [];
  for (let round = 0; round < plan.scaleRounds; round += 1) {
    for (const wanted of plan.bodies) {
      const client = clientOfSize(wanted);
      const bytes = JSON.stringify(client).length;
      for (const server of scaled(servers)) {
        const { cpu } = await costs(server, register(client), { concurrency: MAIN, count, seconds });
        found.push({ bytes, contestant: server.contestant.name, cpu });
      }
    }
  }
  return found;
}

/** The bodies that cost most, without a policy and with one. */
export async function expensive(servers, { count, seconds, scaleRounds }) {
  const found = [];
  const own = servers.filter(({ contestant }) => ["rollcall", "rollcall-policy"].includes(contestant.name));
  for (let round = 0; round < scaleRounds; round += 1) {
    for (const [body, requests] of Object.entries(EXPENSIVE)) {
      for (const server of own) {
        const { cpu } = await costs(server, requests(), { concurrency: MAIN, count, seconds });
        found.push({ body, contestant: server.contestant.name, cpu });
      }
    }
  }
  return found;
}

/** A registration and reading one, by how many records there are. */
export async function records(servers, { count, seconds, ...plan }) {
  const found = [];
  for (const stored of plan.records) {
    for (const server of scaled(servers)) await server.stub(`/fill?records=${stored}`);
    for (let round = 0; round < plan.scaleRounds; round += 1) {
      for (const operation of ["register", "read"]) {
        for (const server of scaled(servers).filter(({ contestant }) => contestant.can.includes(operation))) {
          const requests = REQUESTS[operation](server.contestant, server.clients);
          const { cpu } = await costs(server, requests, { concurrency: MAIN, count, seconds });
          found.push({ records: stored, operation, contestant: server.contestant.name, cpu });
        }
      }
    }
  }
  return found;
}
