//! Names that only the operator may give away, all of them looked for at once.
//!
//! The automaton is that of Aho and Corasick: a tree of the beginnings of all reserved names. Reading a name takes one
//! step per letter, whatever was reserved: where no reserved name goes on with that letter, the `fallback` is the
//! longest end of what was read with which another one begins.

use std::cell::OnceCell;
use std::collections::VecDeque;
use std::ops::Range;

use serde::Deserialize;

use super::names::{Decompose, Skeleton, has_letters};
use super::policy_lists::ReservedName;
use super::setting::List;

/// The longest reserved name that can be set, in characters.
pub(super) const LONGEST: usize = 64;

/// Reserved names, as the operator wrote them and as they are looked for.
#[derive(Debug, Default, Deserialize)]
#[serde(from = "List<ReservedName>")]
pub struct ReservedNames {
    names: Vec<String>,
    /// Made at the first use: only then is there a runtime that decomposes.
    automaton: OnceCell<Automaton>,
}

impl From<List<ReservedName>> for ReservedNames {
    fn from(list: List<ReservedName>) -> Self {
        Self::new(list.0.into_iter().map(|name| name.0).collect())
    }
}

impl ReservedNames {
    /// Takes the names of a policy; each must have a letter or a digit.
    #[must_use]
    pub fn new(names: Vec<String>) -> Self {
        Self { names, automaton: OnceCell::new() }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Whether a reader could take `name` for one of these: some of its words, however they are spaced, are made of
    /// the same letters.
    #[must_use]
    pub fn are_in(&self, name: &Skeleton, decompose: Decompose<'_>) -> bool {
        let make = || Automaton::new(self.names.iter().map(|name| Skeleton::of(name, decompose)));
        self.automaton.get_or_init(make).finds(name)
    }
}

/// Whether there is something in `name` to look for.
pub(super) fn is_reservable(name: &str) -> bool {
    has_letters(name)
}

/// One beginning of reserved names.
#[derive(Debug, Clone, Copy, Default)]
struct Node {
    /// Its last letter.
    letter: char,
    /// The first of the beginnings that are one letter longer; they are next to each other, by their letters.
    children: usize,
    /// The number of these.
    count: usize,
    /// A [`bit`] for the letter of each.
    letters: u32,
    /// The longest other beginning that this one ends with.
    fallback: usize,
    /// The number of its letters if it is a whole name, else 0.
    length: usize,
    /// The longest whole name that this beginning ends with, itself not counted; 0 for none.
    ending: usize,
}

/// One of 32 bits for each letter, which rules out most letters that are not there.
fn bit(letter: char) -> u32 {
    1_u32.checked_shl(u32::from(letter) & 0x1f).unwrap_or(0)
}

#[derive(Debug)]
struct Automaton {
    /// The shorter ones first; the empty one is the first.
    nodes: Vec<Node>,
    /// The node that each letter of ASCII leads to from the empty one.
    first: [usize; 128],
    /// A bit for each other letter that leads anywhere from there, by its last seven bits.
    others: u128,
}

impl Automaton {
    fn new(names: impl Iterator<Item = Skeleton>) -> Self {
        let mut sorted: Vec<Vec<char>> = Vec::new();
        for Skeleton { letters } in names {
            let name: Vec<char> = letters.into_iter().map(|(letter, _)| letter).collect();
            if let (Err(place), false) = (sorted.binary_search(&name), name.is_empty()) {
                sorted.insert(place, name);
            }
        }
        let mut automaton = Self { nodes: vec![Node::default()], first: [0; 128], others: 0 };
        // Beginnings that still want their children, with the names that have them and their length.
        let mut waiting = VecDeque::from([(0, 0..sorted.len(), 0)]);
        while let Some((parent, names, depth)) = waiting.pop_front() {
            automaton.grow(parent, names, depth, &sorted, &mut waiting);
        }
        let root = automaton.node(0);
        for at in root.children..root.children.saturating_add(root.count) {
            let letter = u32::from(automaton.node(at).letter);
            match usize::try_from(letter).ok().and_then(|letter| automaton.first.get_mut(letter)) {
                Some(first) => *first = at,
                None => automaton.others |= 1_u128.checked_shl(letter & 0x7f).unwrap_or(0),
            }
        }
        automaton
    }

    /// Adds the children of `parent`: all that `names` have behind their first `depth` letters.
    fn grow(
        &mut self,
        parent: usize,
        names: Range<usize>,
        depth: usize,
        sorted: &[Vec<char>],
        waiting: &mut VecDeque<(usize, Range<usize>, usize)>,
    ) {
        let first = self.nodes.len();
        for at in names {
            let Some(name) = sorted.get(at) else { continue };
            let Some(&letter) = name.get(depth) else {
                // It comes before all that go on.
                if let Some(node) = self.nodes.get_mut(parent) {
                    node.length = depth;
                }
                continue;
            };
            match waiting.back_mut() {
                Some((child, names, _))
                    if *child >= first && self.node(*child).letter == letter =>
                {
                    names.end = at.saturating_add(1);
                }
                _ => {
                    let own = self.node(parent);
                    let fallback = if parent == 0 { 0 } else { self.step(own.fallback, letter) };
                    waiting.push_back((
                        self.nodes.len(),
                        at..at.saturating_add(1),
                        depth.saturating_add(1),
                    ));
                    self.nodes.push(Node { letter, fallback, ..Node::default() });
                }
            }
        }
        let count = self.nodes.len().saturating_sub(first);
        let children = self.nodes.get(first..).unwrap_or_default();
        let letters = children.iter().fold(0, |letters, child| letters | bit(child.letter));
        // The fallback is shorter, so it is finished.
        let fallback = self.node(self.node(parent).fallback);
        let ending = if fallback.length > 0 { self.node(parent).fallback } else { fallback.ending };
        if let Some(node) = self.nodes.get_mut(parent) {
            (node.children, node.count, node.ending) = (first, count, ending);
            node.letters = letters;
        }
    }

    fn node(&self, at: usize) -> Node {
        self.nodes.get(at).copied().unwrap_or_default()
    }

    /// The node that `letter` leads to from the beginning `at`.
    fn step(&self, mut at: usize, letter: char) -> usize {
        while let Some(node) = self.nodes.get(at) {
            if node.count > 1 && node.letters & bit(letter) != 0 {
                let end = node.children.saturating_add(node.count);
                let children = self.nodes.get(node.children..end).unwrap_or_default();
                if let Ok(place) = children.binary_search_by(|child| child.letter.cmp(&letter)) {
                    return node.children.saturating_add(place);
                }
            } else if node.count == 1
                && self.nodes.get(node.children).is_some_and(|child| child.letter == letter)
            {
                return node.children;
            }
            if at == 0 {
                break;
            }
            at = node.fallback;
            if at == 0 {
                return self.start(letter);
            }
        }
        0
    }

    /// The same from the empty beginning, where most names are most of the time.
    fn start(&self, letter: char) -> usize {
        let code = u32::from(letter);
        match usize::try_from(code).ok().and_then(|code| self.first.get(code)) {
            Some(first) => *first,
            None if self.others.checked_shr(code & 0x7f).unwrap_or(0) & 1 == 0 => 0,
            None => self.step(0, letter),
        }
    }

    fn finds(&self, name: &Skeleton) -> bool {
        let mut at = 0;
        let mut rest = name.letters.as_slice();
        while let [(letter, _), ahead @ ..] = rest {
            at = if at == 0 { self.start(*letter) } else { self.step(at, *letter) };
            let ends = ahead.first().is_none_or(|(_, begins)| *begins);
            if at > 0
                && ends
                && self.ends_in(name, name.letters.len().saturating_sub(ahead.len()), at)
            {
                return true;
            }
            rest = ahead;
        }
        false
    }

    /// Whether some whole name, whose last word ends behind `read` letters, begins where a word begins.
    fn ends_in(&self, name: &Skeleton, read: usize, at: usize) -> bool {
        let mut ending = if self.node(at).length > 0 { at } else { self.node(at).ending };
        while ending != 0 {
            let node = self.node(ending);
            let start = read.checked_sub(node.length).and_then(|start| name.letters.get(start));
            if start.is_some_and(|(_, begins)| *begins) {
                return true;
            }
            ending = node.ending;
        }
        false
    }
}
