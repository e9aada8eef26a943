//! kad as a library.
