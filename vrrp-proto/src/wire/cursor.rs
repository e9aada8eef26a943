//! Reading and writing octets in order.

/// Reads octets from the front of a slice.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) const fn new(octets: &'a [u8]) -> Self {
        Self { rest: octets }
    }

    /// The next `N` octets, if there are as many.
    pub(super) fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(*taken)
    }

    /// The next two octets as a number.
    pub(super) fn take_u16(&mut self) -> Option<u16> {
        self.take().map(u16::from_be_bytes)
    }

    /// The next `len` octets, if there are as many.
    pub(super) fn take_slice(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(len)?;
        self.rest = rest;
        Some(taken)
    }
}

/// Writes octets to the front of a slice.
pub(super) struct Writer<'a> {
    rest: &'a mut [u8],
}

impl<'a> Writer<'a> {
    pub(super) const fn new(buffer: &'a mut [u8]) -> Self {
        Self { rest: buffer }
    }

    /// Writes `octets`.
    ///
    /// # Panics
    ///
    /// If the buffer has fewer left. The messages written here have fixed lengths, which their callers check.
    pub(super) fn put(self, octets: &[u8]) -> Self {
        let (to, rest) = self.rest.split_at_mut(octets.len());
        to.copy_from_slice(octets);
        Self { rest }
    }

    /// Writes a number of two octets.
    pub(super) fn put_u16(self, number: u16) -> Self {
        self.put(&number.to_be_bytes())
    }
}
