// A second click is no second order.

/** The same action, which does nothing while it is still at it. */
export function alone(action) {
  let busy = false;
  return async (...args) => {
    if (busy) return;
    busy = true;
    try {
      await action(...args);
    } finally {
      busy = false;
    }
  };
}
