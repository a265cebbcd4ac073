//! Sets and maps of the standard library with less code.

/// Collects into a set or a map, one entry after the other. `collect` would sort them first: 7 KB of code for each type.
pub fn insert_all<C: Default + Extend<T>, T>(entries: impl IntoIterator<Item = T>) -> C {
    let mut all = C::default();
    all.extend(entries);
    all
}
