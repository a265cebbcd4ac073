// A second click, while the first one is still being carried out, does nothing.

/** The same action, which does nothing while a former call of it is under way. */
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
