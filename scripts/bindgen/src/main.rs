//! The command of wasm-bindgen, with the options that are used here and by worker-build. The published one has a test
//! runner with an HTTP server and client, so it takes more than twice the time to build.

use std::error::Error;

use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<(), Box<dyn Error>> {
    let mut bindgen = Bindgen::new();
    // As in the published command; the default of the library differs.
    bindgen.omit_default_module_path(false);
    let mut folder = None;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| format!("{argument} needs a value"));
        match argument.as_str() {
            "--target" => match value()?.as_str() {
                "module" => bindgen.module(true)?,
                "web" => bindgen.web(true)?,
                other => return Err(format!("unknown target {other}").into()),
            },
            "--out-dir" => {
                folder = Some(value()?);
                &mut bindgen
            }
            "--out-name" => bindgen.out_name(&value()?),
            "--no-typescript" => bindgen.typescript(false),
            "--remove-name-section" => bindgen.remove_name_section(true),
            "--remove-producers-section" => bindgen.remove_producers_section(true),
            "--experimental-reset-state-function" => bindgen.reset_state_function(true),
            "--force-enable-abort-handler" => bindgen.force_enable_abort_handler(true),
            option if option.starts_with('-') => {
                return Err(format!("unknown option {option}").into());
            }
            input => bindgen.input_path(input),
        };
    }
    bindgen.generate(folder.ok_or("--out-dir is missing")?)?;
    Ok(())
}
