//! Characters of names and other texts for people: which are hidden, marks or letters, of which alphabet, and what a name
//! with them is read as.
//!
//! The tables are made from Unicode. `tests/characters.rs` compares them with those of ICU, character by character.

pub use super::alphabets::{Alphabet, alphabet, mixes_alphabets};
pub use super::categories::is_mark;
pub use super::hidden::{Fault, fault, is_blank, is_hidden, is_ignorable, is_plain};
pub use super::letters::is_letter;
pub use super::names::Skeleton;
pub use super::reserved::ReservedNames;
