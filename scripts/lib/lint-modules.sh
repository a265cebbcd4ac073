#!/bin/sh
# Cargo's RUSTC_WRAPPER: compiles our WebAssembly modules with $CLIPPY_DRIVER, which lints them, and everything else with
# rustc. Cargo does not notice the difference, so these modules share their libraries with the released bundle.
case " $* " in
  *" --crate-name rollcall_bundle "* | *" --crate-name rollcall_checkup "*) exec "$CLIPPY_DRIVER" "$@" ;;
  *) exec "$@" ;;
esac
