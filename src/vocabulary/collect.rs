//! Fills sets and maps of the standard library with less code than `collect`.

/// Inserts `entries` into a new set or map, one after another; of two with the same key, the map keeps the later value.
/// `collect` would sort them first, which is 5 to 7 KB of code for each type.
pub fn insert_all<C: Default + Extend<T>, T>(entries: impl IntoIterator<Item = T>) -> C {
    let mut all = C::default();
    all.extend(entries);
    all
}
