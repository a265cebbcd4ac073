//! The native tests: every file is a module of this one program, so that a change is linked once and all tests share the
//! cores. `cargo test --test native gate::` runs one file.

mod support;

mod checkup;
mod choices;
mod clients;
mod compat;
mod configuration;
mod conformance;
mod credentials;
mod discovery;
mod docs;
mod faults;
mod finality;
mod flood;
mod gate;
mod hardening;
mod hosts;
mod house;
mod http;
mod import;
mod issuers;
mod keys;
mod kinds;
mod layers;
mod lifecycle;
mod limits;
mod look_up;
mod manage;
mod members;
mod openapi;
mod origins;
mod overlap;
mod policy;
mod properties;
mod read;
mod redirect_uris;
mod register;
mod registry;
mod rules;
mod tokens;
mod upstream;
mod usage;
mod values;
mod vectors;
mod webhook;
