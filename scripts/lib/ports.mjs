// TCP ports of this machine.

import { createServer } from "node:net";

const listen = (port, host) =>
  new Promise((resolve, reject) => {
    const server = createServer().on("error", reject);
    server.listen({ port, host }, () => {
      const taken = server.address().port;
      server.close(() => resolve(taken));
    });
  });

/** A port that nobody listens on at the moment. */
export const freePort = () => listen(0, "127.0.0.1");

/** Whether `port` can be had on both loopback addresses; a machine without IPv6 has only one. */
export async function isFree(port) {
  const taken = (host) =>
    listen(port, host).then(
      () => false,
      (error) => error.code === "EADDRINUSE",
    );
  return !(await taken("127.0.0.1")) && !(await taken("::1"));
}
