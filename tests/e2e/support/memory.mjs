// The memory of the module that is started after this was imported.

const { Instance } = WebAssembly;
let exported;

WebAssembly.Instance = function (...args) {
  const instance = new Instance(...args);
  exported = instance.exports;
  return instance;
};

export const memory = () => exported.memory;
