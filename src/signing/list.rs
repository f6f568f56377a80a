//! [`List`]: a short list that lives on the stack and moves to the heap only when it grows long.

use alloc::vec::Vec;

/// Up to `N` items in place; all of them in a `Vec` beyond that.
#[derive(Clone)]
pub(crate) struct List<T, const N: usize> {
    inline: [T; N],
    length: usize,
    spilled: Vec<T>,
}

impl<T: Copy + Default, const N: usize> List<T, N> {
    pub(crate) fn new() -> Self {
        Self { inline: [T::default(); N], length: 0, spilled: Vec::new() }
    }

    pub(crate) fn push(&mut self, item: T) {
        if self.spilled.is_empty() {
            if let Some(place) = self.inline.get_mut(self.length) {
                *place = item;
                self.length += 1;
                return;
            }
            self.spilled.extend_from_slice(&self.inline);
        }
        self.spilled.push(item);
    }

    pub(crate) fn extend(&mut self, items: &[T]) {
        let end = self.length + items.len();
        match self.inline.get_mut(self.length..end) {
            Some(places) if self.spilled.is_empty() => {
                places.copy_from_slice(items);
                self.length = end;
            }
            _ => items.iter().for_each(|&item| self.push(item)),
        }
    }

    pub(crate) fn as_slice(&self) -> &[T] {
        if self.spilled.is_empty() { self.inline.get(..self.length).unwrap_or_default() } else { &self.spilled }
    }

    pub(crate) fn as_mut_slice(&mut self) -> &mut [T] {
        if self.spilled.is_empty() { self.inline.get_mut(..self.length).unwrap_or_default() } else { &mut self.spilled }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_keep_their_order_when_the_list_spills() {
        let mut list = List::<u8, 2>::new();
        for item in 0..5 {
            list.push(item);
            assert_eq!(list.as_slice(), (0..=item).collect::<Vec<_>>());
        }
        list.as_mut_slice().reverse();
        assert_eq!(list.as_slice(), [4, 3, 2, 1, 0]);
    }

    #[test]
    fn items_come_in_bulk_too() {
        let mut list = List::<u8, 4>::new();
        list.extend(&[1, 2]);
        list.extend(&[3, 4]);
        list.extend(&[]);
        assert_eq!(list.as_slice(), [1, 2, 3, 4]);
        list.extend(&[5, 6]);
        list.extend(&[7]);
        assert_eq!(list.as_slice(), [1, 2, 3, 4, 5, 6, 7]);
    }
}
