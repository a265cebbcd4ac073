//! The kept corpus, on any toolchain.

use std::fs;
use std::path::Path;

#[test]
fn every_kept_input_holds() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for (name, check) in rollcall_fuzz::TARGETS {
        let files = fs::read_dir(corpus.join(name)).unwrap();
        let inputs: Vec<Vec<u8>> = files.map(|file| fs::read(file.unwrap().path()).unwrap()).collect();
        assert!(inputs.len() >= 10, "the corpus of {name} is missing");
        inputs.iter().for_each(|input| check(input));
    }
}
