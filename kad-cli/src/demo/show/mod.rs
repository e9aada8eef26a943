//! The demo for eyes, for machines, and as a picture.

mod boxes;
mod client_lane;
mod json;
mod lanes;
mod look;
mod paint;
mod sentences;
mod shapes;
mod spans;
mod svg;
mod table;
mod text;

pub(super) use json::{Json, error as json_error};
pub(super) use svg::draw as svg;
pub(super) use text::Text;
