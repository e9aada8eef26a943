//! Colours and letters of the picture.

use super::shapes::Font;

pub(super) const PAPER: &str = "#ffffff";
pub(super) const EDGE: &str = "#d5dbe1";
pub(super) const GRID: &str = "#e8ecf0";
pub(super) const INK: &str = "#1f2933";
pub(super) const FAINT: &str = "#6b7785";
pub(super) const GREEN: &str = "#2b9a5b";
pub(super) const BLUE: &str = "#bcd4ec";
pub(super) const RED: &str = "#d64545";
pub(super) const YELLOW: &str = "#e8a300";

pub(super) const TITLE: Font = Font::new(18.0, INK, true);
pub(super) const NAME: Font = Font::new(14.0, INK, true);
pub(super) const LABEL: Font = Font::new(12.0, INK, true);
pub(super) const INKED: Font = Font::new(12.0, INK, false);
pub(super) const SMALL: Font = Font::new(12.0, FAINT, false);
