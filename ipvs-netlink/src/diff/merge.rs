use std::cmp::Ordering;
use std::iter::Peekable;

/// Where something is: on one side, or on both.
pub(super) enum Side<T> {
    Left(T),
    Right(T),
    Both(T, T),
}

/// Pairs two sequences that are ordered by a key, without one that occurs twice, in linear time.
pub(super) fn merge<T: Copy, K: Ord>(
    left: impl Iterator<Item = T>,
    right: impl Iterator<Item = T>,
    key: impl Fn(T) -> K,
) -> impl Iterator<Item = Side<T>> {
    let (mut left, mut right) = (left.peekable(), right.peekable());
    std::iter::from_fn(move || next(&mut left, &mut right, &key))
}

fn next<T: Copy, K: Ord>(
    left: &mut Peekable<impl Iterator<Item = T>>,
    right: &mut Peekable<impl Iterator<Item = T>>,
    key: impl Fn(T) -> K,
) -> Option<Side<T>> {
    let order = match (left.peek(), right.peek()) {
        (Some(left), Some(right)) => key(*left).cmp(&key(*right)),
        (Some(_), None) => Ordering::Less,
        (None, _) => Ordering::Greater,
    };
    match order {
        Ordering::Less => left.next().map(Side::Left),
        Ordering::Greater => right.next().map(Side::Right),
        Ordering::Equal => left
            .next()
            .zip(right.next())
            .map(|(left, right)| Side::Both(left, right)),
    }
}
