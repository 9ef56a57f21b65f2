//! Rows of several tables, put together: each is read in the order of whom its rows belong to.

use std::{collections::HashMap, hash::Hash};

use super::error::Failure;

/// Gives each of `parts`, which come with their owners, to its owner among `owners`. Both are in
/// the order of owners.
///
/// # Errors
///
/// A part that belongs to none of them is damage.
pub(super) fn distribute<K: PartialEq, O, P>(
    owners: &mut [O],
    id: impl Fn(&O) -> K,
    parts: Vec<(K, P)>,
    mut give: impl FnMut(&mut O, P),
) -> Result<(), Failure> {
    let mut owners = owners.iter_mut();
    let mut current = owners.next();
    for (owner, part) in parts {
        while current.as_ref().is_some_and(|found| id(found) != owner) {
            current = owners.next();
        }
        match &mut current {
            Some(found) => give(found, part),
            None => return Err(Failure::damaged("a row belongs to nobody")),
        }
    }
    Ok(())
}

/// Parts that follow one another and have one owner, together.
pub(super) fn grouped<K: PartialEq, P>(parts: Vec<(K, P)>) -> Vec<(K, Vec<P>)> {
    let mut groups: Vec<(K, Vec<P>)> = Vec::new();
    for (owner, part) in parts {
        match groups.last_mut() {
            Some((last, group)) if *last == owner => group.push(part),
            _ => groups.push((owner, vec![part])),
        }
    }
    groups
}

/// What was found, in the order in which it was asked for.
pub(super) fn in_order_of<K: Copy + Eq + Hash, T>(
    ids: &[K],
    found: Vec<T>,
    id: impl Fn(&T) -> K,
) -> Vec<T> {
    let mut found: HashMap<K, T> = found.into_iter().map(|one| (id(&one), one)).collect();
    ids.iter().filter_map(|id| found.remove(id)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_goes_to_its_owner_in_order() {
        let mut owners = [(1, vec![]), (2, vec![]), (3, vec![])];
        let parts = vec![(1, "a"), (1, "b"), (3, "c")];
        distribute(&mut owners, |owner| owner.0, parts, |owner, part| owner.1.push(part)).unwrap();
        assert_eq!(owners, [(1, vec!["a", "b"]), (2, vec![]), (3, vec!["c"])]);
    }

    #[test]
    fn what_belongs_to_nobody_is_damage() {
        for stranger in [0, 2, 4] {
            let parts = vec![(1, ()), (stranger, ()), (3, ())];
            let given = distribute(&mut [1, 3], |owner| *owner, parts, |_, ()| {});
            assert!(matches!(given, Err(Failure::Damaged(_))), "row: {stranger}");
        }
    }

    #[test]
    fn what_has_one_owner_is_grouped() {
        let groups = grouped(vec![(1, "a"), (1, "b"), (3, "c")]);
        assert_eq!(groups, [(1, vec!["a", "b"]), (3, vec!["c"])]);
    }
}
